"""What a creditor's claims look like: the fields of its own, those plugins add, and the files they may come in."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from io import BytesIO
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases.csv_file import FileRow, plain_heading, read_csv, template_csv
from saas.cases.schemas import AddedField, ClaimSchema
from saas.hooks import ClaimField, IntakeFileError, IntakeFormat
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from tenants.models import Creditor
from tenants.resolve import Tenant

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_HEAD = 4096
log = structlog.get_logger()


def claim_schema(tenant: Tenant, creditor_id: UUID, today: date) -> ClaimSchema:
    """The one schema of a claim, as of `today`, with what plugins add for this creditor (nil: for any)."""
    made = _schema_with(_added(tenant, creditor_id))
    return made(today=today, synthetic_ids=tenant.sandbox_on is not None)


def claim_template(tenant: Tenant, creditor_id: UUID) -> bytes:
    """An empty CSV file to fill in."""
    return template_csv(_schema_with(_added(tenant, creditor_id)))


def read_claims(tenant: Tenant, creditor_id: UUID, content: bytes) -> Iterator[FileRow]:
    """The rows of a file of claims, in whatever format is known for this creditor; CSV when no other claims it.

    Raises BadInput (`file`), at once or on the way.
    """
    claimed = [each for each in tenant.hooks_for(creditor_id).intake_formats() if _recognises(each, content)]
    if len(claimed) > 1:
        raise _wrong("To tillegg leser samme slags fil. Slå av det ene.")
    if claimed:
        return _rows(claimed[0], content)
    headings: dict[str, str] = {}
    for field in _added(tenant, creditor_id):
        headings |= {plain_heading(name): field.name for name in (field.name, field.label, *field.synonyms)}
    return read_csv(content, headings)


def _added(tenant: Tenant, creditor_id: UUID) -> tuple[ClaimField, ...]:
    """The fields plugins add, each name once. One that hides a field of ours is left out, and logged."""
    whose: Sequence[UUID] = [creditor_id]
    if creditor_id == NIL:
        whose = [NIL, *tenant.session.scalars(sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id))]
    found: dict[str, ClaimField] = {}
    for each in whose:
        for field in tenant.hooks_for(each).claim_fields():
            if not _NAME.fullmatch(field.name) or field.name in ClaimSchema._declared_fields:
                log.error("plugin_field_refused", field=field.name)
            else:
                found.setdefault(field.name, field)
    return tuple(found.values())


@lru_cache(maxsize=256)
def _schema_with(added: tuple[ClaimField, ...]) -> type[ClaimSchema]:
    if not added:
        return ClaimSchema
    fields = {field.name: AddedField(field) for field in added}
    return type("ClaimSchema", (ClaimSchema,), {**fields, "added": tuple(fields)})


def _recognises(each: IntakeFormat, content: bytes) -> bool:
    try:
        return bool(each.recognises(content[:_HEAD]))
    except Exception as error:
        log.error("intake_format_failed", format=each.format, error=type(error).__name__)
        return False


def _rows(reader: IntakeFormat, content: bytes) -> Iterator[FileRow]:
    if len(content) > reader.largest_bytes:
        raise _wrong(f"Filen er større enn {reader.largest_bytes // 1024**2} MB. Del den i flere.")
    try:
        for row in reader.read(BytesIO(content)):
            yield FileRow(row.row, dict(row.values), row.problem)
    except IntakeFileError as wrong:
        raise _wrong(str(wrong)) from None
    except Exception as error:
        log.error("intake_format_failed", format=reader.format, error=type(error).__name__)
        raise _wrong(f"Filen kunne ikke leses som {reader.name}.") from None


def _wrong(message: str) -> BadInput:
    return BadInput({"file": [message]}, message)
