"""One UBL document as we need it: from XML to values, nothing judged. Field paths: EHF Billing 3.0 / Peppol BIS 3."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_INVOICE, _CREDIT_NOTE = f"{{{UBL}Invoice-2}}Invoice", f"{{{UBL}CreditNote-2}}CreditNote"
_NS = {"a": f"{UBL}CommonAggregateComponents-2", "b": f"{UBL}CommonBasicComponents-2"}
_MOST_LINES = 500


class NotEhf(Exception):
    """No invoice or credit note, or not XML at all. The message is bokmål."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys."""

    name: str
    orgnr: str  # '' when none is told
    legal_form: str
    address_lines: tuple[str, ...]
    postcode: str
    city: str
    country: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice (faktura) or a credit note (kreditnota)."""

    is_credit_note: bool
    profile: str
    number: str
    type_code: str
    issued_on: str
    due_on: str
    currency: str
    supplier: Party
    payee_orgnr: str  # of who is to be paid, when it is somebody else
    customer: Party
    payment_ids: tuple[str, ...]
    payable: Decimal | None  # after what is prepaid, and rounding
    items: tuple[str, ...]
    period: tuple[str, str]
    about: tuple[str, ...]  # the invoices a credit note takes back
    metering_points: tuple[str, ...]


def read_document(content: bytes) -> Document:
    """The document, also inside a Peppol envelope. Raises NotEhf."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise NotEhf("Dokumentet er ikke gyldig XML.") from None
    if root.tag not in (_INVOICE, _CREDIT_NOTE):
        inside = [child for child in root if child.tag in (_INVOICE, _CREDIT_NOTE)]
        if len(inside) != 1:
            raise NotEhf("Dokumentet er ikke en EHF-faktura eller kreditnota.")
        root = inside[0]
    is_credit_note = root.tag == _CREDIT_NOTE
    means = root.findall("a:PaymentMeans", _NS)
    supplier = _party(root.find("a:AccountingSupplierParty/a:Party", _NS))
    payee = root.find("a:PayeeParty", _NS)
    lines = root.findall("a:CreditNoteLine" if is_credit_note else "a:InvoiceLine", _NS)[:_MOST_LINES]
    extra = root.findall("a:AdditionalDocumentReference/b:ID", _NS)
    return Document(
        is_credit_note=is_credit_note,
        profile=_text(root, "b:CustomizationID"),
        number=_text(root, "b:ID"),
        type_code=_text(root, "b:CreditNoteTypeCode" if is_credit_note else "b:InvoiceTypeCode"),
        issued_on=_text(root, "b:IssueDate"),
        due_on=_text(root, "b:DueDate") or next(filter(None, (_text(m, "b:PaymentDueDate") for m in means)), ""),
        currency=_text(root, "b:DocumentCurrencyCode"),
        supplier=supplier,
        payee_orgnr="" if payee is None else _digits(_text(payee, "a:PartyLegalEntity/b:CompanyID")),
        customer=_party(root.find("a:AccountingCustomerParty/a:Party", _NS)),
        payment_ids=tuple(filter(None, (_text(each, "b:PaymentID") for each in means))),
        payable=_amount(_text(root, "a:LegalMonetaryTotal/b:PayableAmount")),
        items=tuple(dict.fromkeys(filter(None, (_text(line, "a:Item/b:Name") for line in lines)))),
        period=(_text(root, "a:InvoicePeriod/b:StartDate"), _text(root, "a:InvoicePeriod/b:EndDate")),
        about=tuple(_plain(e) for e in root.findall("a:BillingReference/a:InvoiceDocumentReference/b:ID", _NS)),
        metering_points=tuple(_plain(each) for each in extra if each.get("schemeID") == "AVE"),
    )


def _party(party: Element | None) -> Party:
    if party is None:
        return Party("", "", "", (), "", "", "", "", "")
    entity, address = party.find("a:PartyLegalEntity", _NS), party.find("a:PostalAddress", _NS)
    company = None if entity is None else entity.find("b:CompanyID", _NS)
    orgnr = _digits(_plain(company)) if company is not None and company.get("schemeID") in _ORGNR_SCHEMES else ""
    street = ("b:StreetName", "b:AdditionalStreetName", "a:AddressLine/b:Line")
    return Party(
        name=(_text(entity, "b:RegistrationName") if entity is not None else "") or _text(party, "a:PartyName/b:Name"),
        orgnr=orgnr if len(orgnr) == 9 else "",
        legal_form=_text(entity, "b:CompanyLegalForm") if entity is not None else "",
        address_lines=() if address is None else tuple(filter(None, (_text(address, path) for path in street))),
        postcode="" if address is None else _text(address, "b:PostalZone"),
        city="" if address is None else _text(address, "b:CityName"),
        country="" if address is None else _text(address, "a:Country/b:IdentificationCode"),
        email=_text(party, "a:Contact/b:ElectronicMail"),
        phone=_text(party, "a:Contact/b:Telephone"),
    )


_ORGNR_SCHEMES = (None, "0192", "NO:ORGNR")


def _text(element: Element, path: str) -> str:
    found = element.find(path, _NS)
    return "" if found is None else _plain(found)


def _plain(element: Element) -> str:
    return " ".join((element.text or "").split())


def _digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < 10**10 else None
