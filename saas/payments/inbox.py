"""Bank files in: kept as they came, each payment noted once. Nothing is booked here; placing does that."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.hooks import BankVerdict
from saas.kernel import files, history
from saas.kernel.db import driver
from saas.kernel.ids import new_id
from saas.payments.bank_files import (
    MOST_VERDICTS,
    PAYMENT,
    STAGED,
    FileRefused,
    Findings,
    Progress,
    Staged,
    opened,
    plain_name,
    stage,
)
from saas.payments.models import BankFileRow
from saas.rules.money import NO_MONEY, Ore, kroner
from tenants.resolve import Tenant, open_tenant

_NAMES = ", ".join(name for name, _ in PAYMENT)
_INSERT_NEW = f"""
with new as (
  insert into payment ({_NAMES}) select {_NAMES} from {STAGED} order by id
  on conflict (tenant_id, key) do nothing returning key, amount_ore),
gone as (delete from {STAGED} s using new where s.key = new.key)
select count(*), coalesce(sum(amount_ore), 0) from new
"""  # noqa: S608 - constants of ours; what stays behind was known
_STAGED = f"select s.record, s.amount_ore, count(*) over (), sum(s.amount_ore) over () from {STAGED} s"  # noqa: S608
_FIRST = f"order by s.record limit {MOST_VERDICTS + 1}"
# Looked up key by key: PostgreSQL keeps no statistics of a fresh table, and would compare each with each.
_KNOWN = "cross join lateral (select from payment p where p.tenant_id = s.tenant_id and p.key = s.key limit 1) known"
_ABOUT = f"""
select count(*) filter (where kid = ''), count(*) filter (where amount_ore < 0), min(value_on), max(value_on)
from {STAGED}
"""  # noqa: S608
_FORGET = f"delete from {STAGED}"  # noqa: S608


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. With `already` the file was known and nothing was taken in."""

    file_id: UUID
    format: str
    already: bool
    payments: int  # to the client account, each once
    sum_ore: Ore  # of these
    taken_in: int
    skipped: int = 0  # another file had brought them
    verdicts: tuple[BankVerdict, ...] = ()  # warnings: what was left out, or is odd
    skipped_ore: Ore = NO_MONEY  # the sum of what another file had brought


def import_bank_file(
    tenant_id: UUID,
    source: bytes | Path,
    name: str,
    now: datetime,
    actor: str = "cli",
    progress: Progress | None = None,
) -> ImportReport:
    """Take in a bank file (innbetalingsfil): all of it in one transaction, or nothing.

    A file on disk may be of any size. `name` is only what people call it. Raises FileRefused, a BadInput, when no
    plugin reads it or anything in it is wrong, and ChangedMeanwhile when somebody still writes to it.
    """
    with open_tenant(tenant_id) as tenant, opened(source) as file:
        known = _taken_in_before(tenant, BankFileRow.sha256 == file.sha256)
        if known is not None:
            return _nothing_new(known, Findings())
        findings, file_id = Findings(), new_id()
        staged = stage(tenant, file, file_id, findings, progress)
        if findings.errors:
            raise FileRefused(findings)
        path = f"tenants/{tenant.id}/bank/{file.sha256.hex()}"
        if not _note_file(tenant, staged, file_id, plain_name(name), path, file.sha256, now):
            return _known_number(tenant, staged, findings)
        files.put_pieces_once(path, file.pieces())
        report = _note_payments(tenant, staged, file_id, findings)
        body = {
            "file": str(file_id),
            "name": plain_name(name),
            "sha256": file.sha256.hex(),
            "payments": report.payments,
            "sum_ore": report.sum_ore,
            "skipped": report.skipped,
            "skipped_ore": report.skipped_ore,
            "warnings": dict(findings.codes),
        }
        history.record(tenant.session, "bank_file.imported", at=now, actor=actor, body=body)
        return report


def check_bank_file(tenant: Tenant, source: bytes | Path, progress: Progress | None = None) -> dict[str, Any]:
    """What is in a bank file, as JSON, without taking it in.

    `payments` and `sum_ore` are of the whole file, as far as it could be read. `refused` says whether an import would
    refuse it; each verdict has `record` (0: the whole file), `level` (error, warning), `code` and `message`.
    """
    findings = Findings()
    with opened(source) as file:
        staged = stage(tenant, file, new_id(), findings, progress)
        known = _taken_in_before(tenant, BankFileRow.sha256 == file.sha256)
    if not findings.errors and known is None:
        known = _taken_in_before(tenant, BankFileRow.format == staged.format, BankFileRow.key == staged.key)
        if known is not None:
            _judge_known_number(tenant, staged, findings)
        else:
            _tell_held(tenant, f"{_STAGED} {_KNOWN} {_FIRST}", findings)
    connection = driver(tenant.session)
    without_kid, takes_back, first_on, last_on = connection.execute(_ABOUT).fetchone() or (0, 0, None, None)
    connection.execute(_FORGET)
    return {
        "format": staged.format or None,
        "payments": staged.payments,
        "sum_ore": staged.sum_ore,
        "without_kid": without_kid,
        "takes_back": takes_back,
        "first_value_on": first_on.isoformat() if first_on else None,
        "last_value_on": last_on.isoformat() if last_on else None,
        "already": known is not None,
        "refused": findings.errors > 0,
        "verdicts": findings.as_json(),
    }


def _taken_in_before(tenant: Tenant, *where: sa.ColumnElement[bool]) -> BankFileRow | None:
    return tenant.session.scalars(sa.select(BankFileRow).where(BankFileRow.tenant_id == tenant.id, *where)).first()


def _nothing_new(row: BankFileRow, findings: Findings) -> ImportReport:
    verdicts = tuple(findings.kept)
    return ImportReport(row.id, row.format, True, row.payments, Ore(row.sum_ore), 0, 0, verdicts)


def _note_file(
    tenant: Tenant, staged: Staged, file_id: UUID, name: str, path: str, sha256: bytes, now: datetime
) -> bool:
    """Whether the file is new; it is not when it was taken in before, also by somebody at this very moment."""
    row = {
        "tenant_id": tenant.id,
        "id": file_id,
        "format": staged.format,
        "key": staged.key,
        "name": name,
        "sha256": sha256,
        "path": path,
        "payments": staged.ours,
        "sum_ore": staged.ours_ore,
        "imported_at": now,
    }
    statement = insert(BankFileRow).values(row).on_conflict_do_nothing().returning(BankFileRow.id)
    return tenant.session.scalar(statement) is not None


def _known_number(tenant: Tenant, staged: Staged, findings: Findings) -> ImportReport:
    """The report of a file whose number is known, though not its bytes. Raises FileRefused when it brings news."""
    _judge_known_number(tenant, staged, findings)
    if findings.errors:
        raise FileRefused(findings)
    known = _taken_in_before(tenant, BankFileRow.format == staged.format, BankFileRow.key == staged.key)
    assert known is not None, "it was in the way a moment ago, and files are never deleted"
    driver(tenant.session).execute(_FORGET)
    return _nothing_new(known, findings)


def _judge_known_number(tenant: Tenant, staged: Staged, findings: Findings) -> None:
    held = driver(tenant.session).execute(f"{_STAGED} {_KNOWN} limit 1").fetchone()
    new = staged.ours - (held[2] if held else 0)
    if new:
        message = f"En annen fil med samme nummer er tatt inn før. Denne har {new} betalinger den ikke hadde."
        findings.error("known_number", message)


def _tell_held(tenant: Tenant, query: str, findings: Findings) -> tuple[int, int]:
    """(number, sum in øre) of the staged payments `query` gives: another file has brought them, and each is told."""
    number = sum_ore = 0
    for record, amount_ore, number_held, sum_held in driver(tenant.session).execute(query):
        number, sum_ore = number_held, int(sum_held)
        message = f"Betalingen på {kroner(amount_ore)} kr i post {record} er tatt inn før, med en annen fil."
        findings.warning("taken_in_before", message, record)
    if number:
        findings.codes["taken_in_before"] = number
    return number, sum_ore


def _note_payments(tenant: Tenant, staged: Staged, file_id: UUID, findings: Findings) -> ImportReport:
    """Add a row for each payment not known yet; what was read, and what is in now, must come to the same."""
    connection = driver(tenant.session)
    new, new_ore = connection.execute(_INSERT_NEW).fetchone() or (0, 0)
    held, held_ore = _tell_held(tenant, f"{_STAGED} {_FIRST}", findings)
    assert (new + held, int(new_ore) + held_ore) == (staged.ours, staged.ours_ore), "a payment was lost or doubled"
    connection.execute(_FORGET)
    sum_ore, verdicts = Ore(staged.ours_ore), tuple(findings.kept)
    return ImportReport(file_id, staged.format, False, staged.ours, sum_ore, new, held, verdicts, Ore(held_ore))
