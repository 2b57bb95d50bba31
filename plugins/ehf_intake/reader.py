"""From a file to rows of claims: credit notes are set off, and what cannot be collected is told with the reason."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from plugins.ehf_intake.archive import LARGEST_IN_ALL, documents, is_archive
from plugins.ehf_intake.document import UBL, Document, NotEhf, Party, read_document
from saas.hooks import IntakeRow
from saas.rules.kid import is_valid_kid

_BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_FORWARD_BILLING = "forward-billing"
_TYPES = frozenset(("380", "384", "386", "393"))  # invoice, corrected, prepayment, factored
_HEAD = re.compile(rf"{UBL}(Invoice|CreditNote)-2|StandardBusinessDocumentHeader".encode())
_LOOKS_LIKE_A_COMPANY = re.compile(r"\b(AS|ASA|ANS|DA|SA|ENK|NUF|BA|KS|STI|BORETTSLAG|SAMEIE)\.?$", re.IGNORECASE)
_MAIL, _PHONE = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE), re.compile(r"\+?[0-9][0-9 ]{7,14}")
_NOT_NOK = "Fakturaen er i {currency}. Vi krever bare inn i norske kroner (NOK)."


@dataclass(slots=True)
class EhfFiles:
    """Reads EHF invoices and credit notes (UBL 2.1), single or packed."""

    suppliers: frozenset[str]  # organisation numbers; empty = all
    kind: str
    with_metering_point: bool
    format: str = "ehf"
    name: str = "EHF-faktura"
    suffixes: tuple[str, ...] = (".xml", ".zip")
    largest_bytes: int = LARGEST_IN_ALL

    def recognises(self, head: bytes) -> bool:
        """An UBL document, an envelope around one, or a zip file that begins with an XML document."""
        return is_archive(head) or _HEAD.search(head.replace(b"\x00", b"")) is not None

    def read(self, file: BinaryIO) -> Iterator[IntakeRow]:
        """A row for each invoice, and for each credit note that takes back none of them. Raises IntakeFileError."""
        found: list[Document | str] = []
        for content, problem in documents(file):
            try:
                found.append(problem or read_document(content))
            except NotEhf as wrong:
                found.append(str(wrong))
        credited = _credited(found)
        for number, document in enumerate(found, start=1):
            if isinstance(document, str):
                yield IntakeRow(number, {}, document)
            elif not document.is_credit_note:
                off = credited.get((document.supplier.orgnr, document.number), Decimal(0))
                yield IntakeRow(number, self._values(document, off), self._problem(document, off))
            elif problem := _problem_of_note(document, found):
                yield IntakeRow(number, {"invoice_number": document.number}, problem)

    def _problem(self, invoice: Document, off: Decimal) -> str:
        """Why an invoice is no claim, in bokmål; '' when it is one."""
        if _BILLING not in invoice.profile or _FORWARD_BILLING in invoice.profile:
            return "Dokumentet er ikke en vanlig EHF-faktura (Billing 3.0)."
        if invoice.type_code not in _TYPES:
            return f"Dokumenttypen {invoice.type_code or 'mangler'} er ikke en faktura vi kan kreve inn."
        if invoice.currency != "NOK":
            return _NOT_NOK.format(currency=invoice.currency or "ukjent valuta")
        if self.suppliers and invoice.supplier.orgnr not in self.suppliers:
            return f"Fakturaen er fra {invoice.supplier.name or 'en annen'}, som ikke er blant dem dere kan sende fra."
        if invoice.payee_orgnr not in ("", invoice.supplier.orgnr):
            return "Fakturaen skal betales til en annen enn selgeren. Den som eier kravet, må sende det inn."
        if not invoice.due_on:
            return "Fakturaen mangler forfallsdato. Registrer kravet for hånd."
        if invoice.payable is None:
            return "Beløpet å betale mangler på fakturaen."
        if invoice.payable != invoice.payable.quantize(Decimal("0.01")):
            return "Beløpet å betale har mer enn to desimaler."
        if invoice.payable <= 0:
            return "Fakturaen er betalt: det står ikke noe beløp å betale."
        if invoice.payable - off <= 0:
            return "Fakturaen er kreditert i sin helhet i den samme filen."
        if not invoice.customer.orgnr and _LOOKS_LIKE_A_COMPANY.search(invoice.customer.name):
            return "Kunden ser ut til å være et firma, men har ikke organisasjonsnummer. Registrer kravet for hånd."
        return ""

    def _values(self, invoice: Document, off: Decimal) -> dict[str, str]:
        buyer = invoice.customer
        left = (invoice.payable or Decimal(0)) - off
        values = {
            "debtor_kind": _kind_of(buyer),
            "debtor_name": buyer.name,
            "orgnr": buyer.orgnr,
            "address": "\n".join(buyer.address_lines),
            "postcode": buyer.postcode,
            "city": buyer.city,
            "country": buyer.country,
            "email": buyer.email if _MAIL.fullmatch(buyer.email) else "",
            "phone": buyer.phone if _PHONE.fullmatch(buyer.phone) else "",
            "invoice_number": invoice.number,
            "kind": self.kind,
            "description": _about(invoice),
            "invoiced_on": invoice.issued_on,
            "due_on": invoice.due_on,
            "amount": f"{left:f}".replace(".", ","),
            "kid": next((text for text in invoice.payment_ids if _is_kid(text)), ""),
        }
        if self.with_metering_point and len(invoice.metering_points) == 1:
            values["metering_point"] = invoice.metering_points[0]
        return {name: value for name, value in values.items() if value}


def _credited(found: list[Document | str]) -> dict[tuple[str, str], Decimal]:
    """(supplier, invoice) → what credit notes in the file take off it."""
    off: dict[tuple[str, str], Decimal] = {}
    for note in found:
        if isinstance(note, Document) and note.is_credit_note and not _problem_of_note(note, found):
            key = (note.supplier.orgnr, note.about[0])
            off[key] = off.get(key, Decimal(0)) + (note.payable or Decimal(0))
    return off


def _problem_of_note(note: Document, found: list[Document | str]) -> str:
    """Why a credit note cannot be set off here; '' when it can."""
    if len(note.about) != 1:
        return "Kreditnotaen sier ikke hvilken faktura den gjelder. Rett kravet for hånd."
    if note.currency != "NOK":
        return _NOT_NOK.format(currency=note.currency or "ukjent valuta")
    if note.payable is None or note.payable < 0:
        return "Beløpet på kreditnotaen kan ikke leses."
    invoices = {(d.supplier.orgnr, d.number) for d in found if isinstance(d, Document) and not d.is_credit_note}
    if (note.supplier.orgnr, note.about[0]) not in invoices:
        about = f"Kreditnotaen gjelder faktura {note.about[0]}, som ikke er i filen."
        return f"{about} Er kravet registrert, må det rettes der."
    return ""


def _kind_of(buyer: Party) -> str:
    if not buyer.orgnr:
        return "person"
    return "sole_trader" if buyer.legal_form.upper() in ("ENK", "ENKELTPERSONFORETAK") else "company"


def _is_kid(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 2 <= len(text) <= 25 and is_valid_kid(text)


def _about(invoice: Document) -> str:
    """What the invoice is for: its items, and the period when it tells one."""
    named = ", ".join(invoice.items)
    if len(named) > 120:
        named = named[:120].rsplit(" ", 1)[0].rstrip(",") + " …"
    start, end = invoice.period
    period = f"{_numeric(start)}–{_numeric(end)}" if start and end else ""
    return f"{named} ({period})" if named and period else named or period


def _numeric(day: str) -> str:
    year, month, of_month = (*day.split("-"), "", "")[:3]
    return f"{of_month}.{month}.{year}" if of_month else day
