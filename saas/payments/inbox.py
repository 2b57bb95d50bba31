"""Bank files in: kept as they came, each payment noted once. Nothing is booked here; placing does that."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from saas.hooks import BankFile, BankFileError, BankPayment
from saas.kernel import files, history
from saas.kernel.bulk import copy_rows
from saas.kernel.db import driver
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL, new_id
from saas.payments.models import BankFileRow, Payment
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant

HEAD_BYTES = 400  # what a reader is shown to recognise a format

_PAYMENT = (
    ("tenant_id", "uuid"), ("id", "uuid"), ("file_id", "uuid"), ("key", "text"), ("account", "text"), ("kid", "text"),
    ("amount_ore", "int8"), ("value_on", "date"), ("text", "text"), ("debit_account", "text"), ("state", "text"),
    ("matched_by", "text"), ("why", "text"),
)  # fmt: skip
_NAMES = ", ".join(name for name, _ in _PAYMENT)
_INSERT_NEW = f"""
insert into payment ({_NAMES}) select {_NAMES} from staged_payment order by id
on conflict (tenant_id, key) do nothing returning key
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. With `already` the file was known and nothing was taken in."""

    file_id: UUID
    format: str
    already: bool
    payments: int  # in the file
    sum_ore: Ore  # of the file
    taken_in: int
    skipped: tuple[str, ...] = ()  # keys of payments another file had brought
    notes: tuple[str, ...] = ()


def import_bank_file(tenant_id: UUID, content: bytes, name: str, now: datetime, actor: str = "cli") -> ImportReport:
    """Take in a bank file (innbetalingsfil): all of it in one transaction, or nothing.

    Raises BadInput when no plugin reads it, when anything in it is wrong, or when a payment is to another account.
    """
    with open_tenant(tenant_id) as tenant:
        file = _read(tenant, content)
        _check_accounts(tenant, file.payments)
        sha256 = hashlib.sha256(content)
        path = f"tenants/{tenant.id}/bank/{sha256.hexdigest()}"
        file_id = _note_file(tenant, file, name, path, sha256.digest(), now)
        if file_id is None:
            return _known(tenant, file)
        files.put_once(path, content)
        new = _note_payments(tenant, file_id, file.payments)
        skipped = tuple(payment.key for payment in file.payments if payment.key not in new)
        body = {"file": str(file_id), "name": name, "sha256": sha256.hexdigest(), "payments": len(file.payments),
                "sum_ore": file.sum_ore, "skipped": len(skipped)}  # fmt: skip
        history.record(tenant.session, "bank_file.imported", at=now, actor=actor, body=body)
        return ImportReport(
            file_id, file.format, False, len(file.payments), file.sum_ore, len(new), skipped, file.notes
        )


def check_bank_file(tenant: Tenant, content: bytes) -> dict[str, Any]:
    """What is in a bank file, as JSON, without taking it in. Raises BadInput as `import_bank_file` does."""
    file = _read(tenant, content)
    _check_accounts(tenant, file.payments)
    days = [payment.value_on for payment in file.payments]
    return {
        "format": file.format,
        "key": file.key,
        "payments": len(file.payments),
        "sum_ore": file.sum_ore,
        "without_kid": sum(not payment.kid for payment in file.payments),
        "takes_back": sum(payment.amount_ore < 0 for payment in file.payments),
        "first_value_on": min(days).isoformat() if days else None,
        "last_value_on": max(days).isoformat() if days else None,
        "notes": list(file.notes),
        "already": _id_of(tenant, file) is not None,
    }


def _read(tenant: Tenant, content: bytes) -> BankFile:
    for reader in tenant.hooks_for(NIL).bank_file_readers():
        if reader.recognises(content[:HEAD_BYTES]):
            try:
                return reader.read(content)
            except BankFileError as wrong:
                raise BadInput({f"row {wrong.row}" if wrong.row else "file": wrong.message}) from None
    raise BadInput({"file": "Ingen av tilleggene som er slått på, kjenner dette filformatet."})


def _check_accounts(tenant: Tenant, payments: Sequence[BankPayment]) -> None:
    """Only money on the tenant's own client account is ours to place (law I2)."""
    account = tenant.settings.client_account
    for payment in payments:
        if payment.account != account:
            message = f"Betalingen er til konto {payment.account}. Klientkontoen er {account}."
            raise BadInput({f"row {payment.row}": message})


def _note_file(tenant: Tenant, file: BankFile, name: str, path: str, sha256: bytes, now: datetime) -> UUID | None:
    """The new file's id; None when it was taken in before, also by somebody at this very moment."""
    row = {
        "tenant_id": tenant.id,
        "id": new_id(),
        "format": file.format,
        "key": file.key,
        "name": name,
        "sha256": sha256,
        "path": path,
        "payments": len(file.payments),
        "sum_ore": file.sum_ore,
        "imported_at": now,
    }
    statement = insert(BankFileRow).values(row).on_conflict_do_nothing().returning(BankFileRow.id)
    return tenant.session.scalar(statement)


def _id_of(tenant: Tenant, file: BankFile) -> UUID | None:
    return tenant.session.scalar(
        sa.select(BankFileRow.id).where(
            BankFileRow.tenant_id == tenant.id, BankFileRow.format == file.format, BankFileRow.key == file.key
        )
    )


def _known(tenant: Tenant, file: BankFile) -> ImportReport:
    """The report of a file taken in before. Raises BadInput when this one brings payments the first did not."""
    keys = [payment.key for payment in file.payments]
    held = sa.select(Payment.key).where(Payment.tenant_id == tenant.id, Payment.key.in_(keys))
    new = len(keys) - len(tenant.session.scalars(held).all())
    if new:
        message = (
            f"En annen fil med samme forsendelsesnummer er tatt inn før. Denne har {new} betalinger den ikke hadde."
        )
        raise BadInput({"file": message})
    file_id = cast(UUID, _id_of(tenant, file))
    return ImportReport(file_id, file.format, True, len(file.payments), file.sum_ore, 0, (), file.notes)


def _note_payments(tenant: Tenant, file_id: UUID, payments: Sequence[BankPayment]) -> set[str]:
    """Add a row for each payment not known yet. Returns their keys."""
    connection = driver(tenant.session)
    copy_rows(connection, "staged_payment", _PAYMENT, (
        (tenant.id, new_id(), file_id, p.key, p.account, p.kid, p.amount_ore, p.value_on, p.text, p.debit_account,
         "new", "", "")
        for p in payments
    ))  # fmt: skip
    taken = {row[0] for row in connection.execute(_INSERT_NEW)}
    connection.execute("delete from staged_payment")
    return taken
