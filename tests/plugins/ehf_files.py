"""EHF documents as a creditor's system writes them, with one thing changed at a time."""

import io
import zipfile
from typing import Any

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
PROFILE = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
CUSTOMER = """<cac:Party><cbc:EndpointID schemeID="0192">{orgnr}</cbc:EndpointID>
 <cac:PartyIdentification><cbc:ID>K-55</cbc:ID></cac:PartyIdentification>
 <cac:PostalAddress><cbc:StreetName>Storgata 1</cbc:StreetName>
  <cbc:AdditionalStreetName>c/o Prøve</cbc:AdditionalStreetName>
  <cbc:CityName>Oslo</cbc:CityName><cbc:PostalZone>0155</cbc:PostalZone>
  <cac:Country><cbc:IdentificationCode>NO</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
 <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>{company}</cac:PartyLegalEntity>
 <cac:Contact><cbc:Telephone>{phone}</cbc:Telephone><cbc:ElectronicMail>{email}</cbc:ElectronicMail></cac:Contact></cac:Party>"""
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="{ubl}:{root}-2" xmlns:cac="{ubl}:CommonAggregateComponents-2" xmlns:cbc="{ubl}:CommonBasicComponents-2">
 <cbc:CustomizationID>{profile}</cbc:CustomizationID>
 <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
 <cbc:ID>{number}</cbc:ID><cbc:IssueDate>{issued_on}</cbc:IssueDate>{due}
 <cbc:{root}TypeCode>{type_code}</cbc:{root}TypeCode><cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
 <cac:InvoicePeriod><cbc:StartDate>2026-08-01</cbc:StartDate><cbc:EndDate>2026-08-31</cbc:EndDate></cac:InvoicePeriod>
 {about}{extra}
 <cac:AccountingSupplierParty><cac:Party><cbc:EndpointID schemeID="0192">{supplier}</cbc:EndpointID>
  <cac:PartyLegalEntity><cbc:RegistrationName>Kraftselskapet AS</cbc:RegistrationName>
   <cbc:CompanyID schemeID="0192">{supplier}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>
 </cac:AccountingSupplierParty>
 <cac:AccountingCustomerParty>{customer}</cac:AccountingCustomerParty>{payee}
 <cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>{kid}</cbc:PaymentID>
  <cac:PayeeFinancialAccount><cbc:ID>12345678903</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
 <cac:LegalMonetaryTotal><cbc:TaxInclusiveAmount currencyID="NOK">2543.34</cbc:TaxInclusiveAmount>
  <cbc:PrepaidAmount currencyID="NOK">1000.00</cbc:PrepaidAmount>
  <cbc:PayableAmount currencyID="NOK">{payable}</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:{line}Line><cbc:ID>1</cbc:ID><cac:Item><cbc:Name>{item}</cbc:Name></cac:Item></cac:{line}Line>
</{root}>"""


def invoice(**changes: Any) -> bytes:
    """An unpaid invoice to a person: 1 543.34 kroner left after a prepayment."""
    about_customer = {"orgnr": "", "name": "Kari Prøve", "company": "", "phone": "+47 99 99 99 99",
                      "email": "kari@example.no"}  # fmt: skip
    customer = CUSTOMER.format(**{k: changes.pop(k, v) for k, v in about_customer.items()})
    root = changes.pop("root", "Invoice")
    values = {
        "root": root, "ubl": UBL, "profile": PROFILE, "number": "F-1001", "issued_on": "2026-09-01",
        "due": "<cbc:DueDate>2026-09-15</cbc:DueDate>", "type_code": "380", "currency": "NOK", "supplier": "987654325",
        "customer": customer, "payee": "", "kid": "00001230", "payable": "1543.34", "item": "Strøm", "about": "",
        "extra": "", "line": "Invoice",
    }  # fmt: skip
    return DOCUMENT.format(**(values | changes)).encode()


def payee(orgnr: str) -> str:
    """Somebody else to be paid than the seller."""
    company = f"<cac:PartyLegalEntity><cbc:CompanyID>{orgnr}</cbc:CompanyID></cac:PartyLegalEntity>"
    return f"<cac:PayeeParty>{company}</cac:PayeeParty>"


def meter(number: str) -> str:
    """A reference to a metering point."""
    return (
        f'<cac:AdditionalDocumentReference><cbc:ID schemeID="AVE">{number}</cbc:ID></cac:AdditionalDocumentReference>'
    )


def credit_note(*about: str, **changes: Any) -> bytes:
    """A credit note that takes back 500 kroner of the invoices named."""
    reference = "".join(
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{number}</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>" for number in about
    )  # fmt: skip
    values = {
        "root": "CreditNote",
        "number": "K-1",
        "type_code": "381",
        "line": "CreditNote",
        "due": "",
        "payable": "500.00",
    }
    return invoice(about=reference, **(values | changes))


def packed(*documents: bytes, beside: dict[str, bytes] | None = None) -> bytes:
    """Documents in a zip file, and what lies beside them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, document in enumerate(documents, start=1):
            archive.writestr(f"faktura{number}.xml", document)
        for name, content in (beside or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def enveloped(document: bytes) -> bytes:
    """A document in a Peppol envelope."""
    inner = document.partition(b"?>")[2]
    head = b"<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion></StandardBusinessDocumentHeader>"
    space = b"http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    return b'<StandardBusinessDocument xmlns="' + space + b'">' + head + inner + b"</StandardBusinessDocument>"
