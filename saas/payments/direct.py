"""Paid straight to the creditor (betalt direkte): reported by it, placed on the case, and never on our account.

The principal is covered first, then interest, costs last: costs and interest remain due (law D5). Whether a cost was
owed at all follows from the day it was paid, as for any payment (B9, B26).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from marshmallow import ValidationError

from saas.cases.lifecycle import head_of
from saas.cases.models import Case, Claim
from saas.cases.named import case_named
from saas.cases.small_csv import CUT_OFF, MOST_ROWS, read_small_csv
from saas.kernel.errors import BadInput, FristError, Refused
from saas.kernel.ids import NIL, new_id
from saas.payments.direct_schemas import DirectPaymentRow
from saas.payments.matching import CREDITOR, Incoming
from saas.payments.models import Payment
from saas.payments.placing import PLACED, place_now
from saas.payments.reversals import lock_creditors
from saas.payments.suggestions import owed_on
from saas.rules.facts import Stage
from saas.rules.money import Ore, kroner
from tenants.resolve import Tenant

FIELDS = ("case_number", "invoice_number", "amount", "paid_on", "reference")
_SYNONYMS = {
    "saksnummer": "case_number", "sak": "case_number", "saksnr": "case_number",
    "fakturanummer": "invoice_number", "fakturanr": "invoice_number", "faktura": "invoice_number",
    "beløp": "amount", "belop": "amount", "innbetalt": "amount",
    "betalt_dato": "paid_on", "betalt": "paid_on", "dato": "paid_on", "innbetalingsdato": "paid_on",
    "referanse": "reference", "bilag": "reference", "deres_referanse": "reference",
}  # fmt: skip
_NEEDED = "Filen må ha kolonnene saksnummer eller fakturanummer, beløp og betalt dato, hver av dem én gang."


class Told(StrEnum):
    """What became of a report."""

    BOOKED = "booked"
    KNOWN = "known"  # told before
    WRONG = "wrong"


@dataclass(slots=True)
class RowVerdict:
    """The answer to one row; `row` counts from 1, for a file it is the line."""

    row: int
    outcome: Told
    case_number: int | None = None
    payment_id: UUID | None = None
    amount_ore: int = 0
    errors: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DirectReport:
    """A verdict per row. `booked` tells whether anything was written."""

    verdicts: list[RowVerdict]
    booked: bool = False

    @property
    def has_errors(self) -> bool:
        """Whether any row is wrong."""
        return any(verdict.outcome is Told.WRONG for verdict in self.verdicts)


def report_direct_payment(
    tenant: Tenant,
    case_id: UUID,
    *,
    amount_ore: int,
    paid_on: date,
    reference: str = "",
    today: date,
    now: datetime,
    actor: str,
) -> tuple[Payment, bool]:
    """The creditor has been paid by the debtor. Returns the payment, and False when it had been told before.

    Told again is the same reference; without one, the same sum on the same day of the same case. Raises BadInput
    (`amount`, `paid_on`, `reference`), NotFound, Refused when the case is closed.
    """
    case = head_of(tenant, case_id)
    key = f"{CREDITOR}:{case.creditor_id}:{reference or f'{case.id}:{paid_on.isoformat()}:{amount_ore}'}"
    known = tenant.session.scalar(sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.key == key))
    if known is not None:
        _same(known, amount_ore, paid_on)
        return known, False
    check_report(tenant, case, amount_ore, paid_on, today)
    lock_creditors(tenant, case)
    payment = Payment(
        tenant_id=tenant.id,
        id=new_id(),
        file_id=None,
        provider=CREDITOR,
        attempt_id=None,
        gone_ore=0,
        key=key,
        account="",
        kid=case.kid,
        amount_ore=amount_ore,
        value_on=paid_on,
        text=reference,
        debit_account="",
        state=PLACED,
        case_id=case.id,
        matched_by=CREDITOR,
        why="",
    )
    tenant.session.add(payment)
    tenant.session.flush()
    incoming = Incoming(
        payment.id, "", case.kid, Ore(amount_ore), paid_on, reference, CREDITOR, case.id, provider=CREDITOR
    )
    place_now(tenant, case, incoming, now=now, actor=actor)
    return payment, True


def report_direct_payments(
    tenant: Tenant,
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    creditor_id: UUID = NIL,
    today: date,
    now: datetime,
    actor: str,
    dry_run: bool = False,
) -> DirectReport:
    """Report the payments of a file: (line, values) each. All are booked, or with one wrong row none.

    `creditor_id` pins a creditor's own report to its cases. Raises BadInput when there is no row, or too many.
    """
    checked = [_check_row(tenant, line, values, creditor_id, today) for line, values in rows]
    if not 0 < len(checked) <= MOST_ROWS:
        raise BadInput({"file": [f"Filen må ha minst én rad, og høyst {MOST_ROWS}."]})
    _tell_repeats(checked)
    report = DirectReport([verdict for verdict, _, _ in checked])
    if dry_run or report.has_errors:
        return report
    for verdict, case, row in sorted(checked, key=lambda each: each[1].id if each[1] else NIL):
        if case is None or row is None:
            raise AssertionError("a row without a case is a wrong one")
        payment, is_new = report_direct_payment(
            tenant, case.id, amount_ore=row["amount"], paid_on=row["paid_on"], reference=row["reference"],
            today=today, now=now, actor=actor,
        )  # fmt: skip
        verdict.payment_id, verdict.outcome = payment.id, Told.BOOKED if is_new else Told.KNOWN
    report.booked = True
    return report


def read_direct_csv(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the line each stands on. Raises BadInput (`file`) when it cannot be read as one."""
    needed = ({"case_number", "invoice_number"}, {"amount"}, {"paid_on"})
    return read_small_csv(content, FIELDS, _SYNONYMS, needed, _NEEDED)


def check_report(tenant: Tenant, case: Case, amount_ore: int, paid_on: date, today: date) -> None:
    """Raises BadInput (`amount`, `paid_on`) or Refused when a creditor cannot have been paid this on the case."""
    if case.case_key is None:
        raise Refused("anonymised", "Saken er anonymisert.")
    if case.stage == Stage.CLOSED:
        raise Refused("closed", "Saken er avsluttet. Det dere har fått etterpå, skal tilbake til den som betalte.")
    if paid_on > today:
        raise BadInput({"paid_on": ["Datoen kan ikke være fram i tid."]})
    first = tenant.session.scalar(
        sa.select(sa.func.min(Claim.invoiced_on)).where(Claim.tenant_id == tenant.id, Claim.case_id == case.id)
    )
    if first is not None and paid_on < first:
        raise BadInput({"paid_on": ["Dagen er før fakturaen ble skrevet. Se over datoen."]})
    owed_ore = owed_on(tenant, [case.id], today).get(case.id)
    if owed_ore is not None and amount_ore > owed_ore:
        most = f"{kroner(max(0, owed_ore))}\N{NO-BREAK SPACE}kr"
        told = f"Det er mer enn det som er ubetalt, {most}. Meld så mye, og betal resten tilbake til den som betalte."
        raise BadInput({"amount": [told]})


# --- rows -------------------------------------------------------------------------------------------------------------

_Checked = tuple[RowVerdict, Case | None, dict[str, Any] | None]


def _check_row(tenant: Tenant, line: int, values: Mapping[str, Any], creditor_id: UUID, today: date) -> _Checked:
    if not values:
        return RowVerdict(line, Told.WRONG, errors={"row": [CUT_OFF]}), None, None
    try:
        row: dict[str, Any] = DirectPaymentRow(today=today).load({k: v for k, v in values.items() if v != ""})
    except ValidationError as wrong:
        return RowVerdict(line, Told.WRONG, errors=wrong.normalized_messages()), None, None
    verdict = RowVerdict(line, Told.BOOKED, row["case_number"], amount_ore=row["amount"])
    try:
        case = case_named(tenant, row["case_number"], row["invoice_number"], creditor_id)
        verdict.case_number = case.number
        if _known(tenant, case, row) is None:
            check_report(tenant, case, row["amount"], row["paid_on"], today)
        else:
            verdict.outcome = Told.KNOWN
    except BadInput as wrong_row:
        return RowVerdict(line, Told.WRONG, verdict.case_number, errors=dict(wrong_row.errors)), None, None
    except FristError as wrong_row:
        return RowVerdict(line, Told.WRONG, verdict.case_number, errors={"row": [str(wrong_row)]}), None, None
    return verdict, case, row


def _known(tenant: Tenant, case: Case, row: Mapping[str, Any]) -> Payment | None:
    """The payment reported before with this reference. Raises BadInput when it was another."""
    if not row["reference"]:
        return None
    key = f"{CREDITOR}:{case.creditor_id}:{row['reference']}"
    known = tenant.session.scalar(sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.key == key))
    if known is not None:
        _same(known, row["amount"], row["paid_on"])
    return known


def _same(known: Payment, amount_ore: int, paid_on: date) -> None:
    if known.state != PLACED:
        raise BadInput({"reference": ["Betalingen er meldt før og trukket. Bruk en ny referanse."]})
    if (known.amount_ore, known.value_on) != (amount_ore, paid_on):
        raise BadInput({"reference": ["En annen betaling er meldt med denne referansen. Se over, eller bruk en ny."]})


def _tell_repeats(checked: Sequence[_Checked]) -> None:
    """A row that stands twice in a file is told, so that nobody wonders why it counted once."""
    seen: set[tuple[Any, ...]] = set()
    for verdict, case, row in checked:
        if case is None or row is None:
            continue
        key = (case.creditor_id, row["reference"]) if row["reference"] else (case.id, row["paid_on"], row["amount"])
        if key in seen:
            verdict.outcome = Told.WRONG
            verdict.errors = {"reference": ["Denne betalingen står to ganger i filen. Gi hver sin egen referanse."]}
        seen.add(key)
