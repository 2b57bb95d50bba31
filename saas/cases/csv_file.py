"""A bulk file of claims (CSV): from bytes to rows, one at a time. What a row means is for `ClaimSchema` to say."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, NamedTuple

from saas.cases.schemas import REQUIRED, ClaimSchema
from saas.kernel.errors import BadInput

MAX_BYTES = 200 * 1024 * 1024
FIELDS = tuple(ClaimSchema._declared_fields)
_HEAD = 64 * 1024


class FileRow(NamedTuple):
    """One data row. `line` is where it ends, the heading being line 1; `problem` is '' when it could be read."""

    line: int
    values: dict[str, str]
    problem: str = ""


SYNONYMS = {
    "type": "debtor_kind", "debtor_type": "debtor_kind", "type_skyldner": "debtor_kind", "skyldnertype": "debtor_kind",
    "kundetype": "debtor_kind",
    "name": "debtor_name", "navn": "debtor_name", "skyldner": "debtor_name", "kundenavn": "debtor_name",
    "navn_på_skyldner": "debtor_name",
    "fødselsnummer": "national_id", "fodselsnummer": "national_id", "fnr": "national_id",
    "personnummer": "national_id",
    "org_no": "orgnr", "org_nr": "orgnr", "organisasjonsnummer": "orgnr",
    "adresse": "address", "gateadresse": "address",
    "postnummer": "postcode", "postnr": "postcode", "postal_code": "postcode",
    "poststed": "city", "sted": "city",
    "land": "country", "epost": "email", "e_post": "email", "telefon": "phone", "mobil": "phone", "språk": "language",
    "fakturanummer": "invoice_number", "fakturanr": "invoice_number", "invoice_no": "invoice_number",
    "type_krav": "kind", "kravtype": "kind",
    "beskrivelse": "description", "hva_kravet_gjelder": "description", "tekst": "description",
    "fakturadato": "invoiced_on", "invoice_date": "invoiced_on",
    "forfall": "due_on", "forfallsdato": "due_on", "due_date": "due_on",
    "beløp": "amount", "belop": "amount", "restbeløp": "amount",
    "original_kid": "kid", "kid_på_fakturaen": "kid",
    "aktiv_avtale": "active_contract", "aktiv_kontrakt": "active_contract",
    "sårbar": "vulnerable", "sårbar_situasjon": "vulnerable",
    "purring_sendt": "reminder_sent_on", "purrefrist": "reminder_deadline_on",
    "frist_i_purringen": "reminder_deadline_on", "purregebyr": "reminder_fee", "gebyr_i_purringen": "reminder_fee",
    "purring_bevis": "reminder_proof", "bevis_for_purringen": "reminder_proof",
    "inkassovarsel_sendt": "notice_sent_on", "inkassovarsel_sent": "notice_sent_on",
    "inkassovarsel_frist": "notice_deadline_on", "inkassovarsel_due": "notice_deadline_on",
    "frist_i_inkassovarselet": "notice_deadline_on", "inkassovarsel_gebyr": "notice_fee",
    "gebyr_i_inkassovarselet": "notice_fee", "inkassovarsel_bevis": "notice_proof",
    "bevis_for_inkassovarselet": "notice_proof",
}  # fmt: skip
"""Headings people use → the field. The English field names always work."""


def read_csv(content: bytes, added: Mapping[str, str] | None = None) -> Iterator[FileRow]:
    """Every data row of a file, read as it is asked for. Blank lines are passed over.

    `added` are headings of fields that plugins added → the field.

    UTF-8 with or without mark, else Windows-1252; `;`, `,` or tab, told from the heading. Raises BadInput at once when
    the file as a whole is wrong, and on the way when it is cut off in the middle of a quoted field.
    """
    encoding = _encoding(content)
    reader = csv.reader(
        TextIOWrapper(BytesIO(content), encoding, newline=""), delimiter=_delimiter(content, encoding), strict=True
    )
    try:
        columns = _columns(next((cells for cells in reader if any(cells)), []), added or {})
    except csv.Error:
        raise _cut_off(reader.line_num) from None
    return _rows(reader, columns)


def _rows(reader: Any, columns: list[str]) -> Iterator[FileRow]:
    try:
        for cells in reader:
            if any(cells):
                yield _row(reader.line_num, columns, cells)
    except csv.Error:
        raise _cut_off(reader.line_num) from None


def template_csv(schema: type[ClaimSchema] = ClaimSchema) -> bytes:
    """An empty file to fill in, with the Norwegian letters a spreadsheet opens right, and one example row."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(schema._declared_fields)
    writer.writerow([field.metadata.get("example", "") for field in schema._declared_fields.values()])
    return out.getvalue().encode("utf-8-sig")


def _row(line: int, columns: list[str], cells: list[str]) -> FileRow:
    extra = len(cells) - len(columns)
    if extra > 0 and not any(cells[len(columns) :]):
        extra = 0
    if extra:
        many = "flere" if extra > 0 else "færre"
        problem = f"Raden har {len(cells)} kolonner, {many} enn overskriften, som har {len(columns)}. Er den kuttet?"
        return FileRow(line, {}, problem)
    return FileRow(line, dict(zip(columns, cells, strict=False)))


def _encoding(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _wrong(f"Filen er større enn {MAX_BYTES // 1024**2} MB. Del den i flere.")
    if not content.removeprefix(BOM_UTF8).strip():
        raise _wrong("Filen er tom.")
    if b"\x00" in content:
        raise _wrong("Filen er ikke ren tekst. Lagre den som «CSV UTF-8» og last opp på nytt.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _eight_bit(content)
    return "utf-8-sig"


def _eight_bit(content: bytes) -> str:
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _delimiter(content: bytes, encoding: str) -> str:
    heading = content[:_HEAD].decode(encoding, "replace").lstrip("\ufeff\r\n").splitlines()[0]
    return max(";,\t", key=heading.count)


def _columns(heading: list[str], added: Mapping[str, str]) -> list[str]:
    while heading and not heading[-1].strip():
        heading = heading[:-1]
    columns = [_field_of(name, added) for name in heading]
    known = {*FIELDS, *added.values()}
    unknown = [name for name, column in zip(heading, columns, strict=True) if column not in known]
    if unknown:
        names = ", ".join(f"«{name[:40]}»" for name in unknown[:5])
        raise _wrong(f"Disse kolonnene kjenner vi ikke: {names}. Rett navnet i første linje, eller ta bort kolonnen.")
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise _wrong(f"Disse kolonnene står to ganger: {', '.join(twice)}. Ta bort den ene.")
    missing = [column for column in REQUIRED if column not in columns]
    if missing:
        raise _wrong(f"Disse kolonnene mangler: {', '.join(missing)}. Bruk malen.")
    return columns


def _field_of(heading: str, added: Mapping[str, str]) -> str:
    name = plain_heading(heading)
    return SYNONYMS.get(name) or added.get(name, name)


def plain_heading(heading: str) -> str:
    """A heading as it is compared: small letters, words joined by `_`."""
    return "_".join(heading.strip().lower().replace("-", " ").replace("_", " ").split())


def _cut_off(line: int) -> BadInput:
    return _wrong(f"Linje {line}: et anførselstegn mangler sin make, eller filen er kuttet. Rett linjen.")


def _wrong(message: str) -> BadInput:
    return BadInput({"file": [message]}, message)
