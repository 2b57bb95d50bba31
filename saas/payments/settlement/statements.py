"""A creditor's statement of a period (oppgjør): every movement of what was held for it, as the book has it.

A statement is of what was *booked* in the period, so that one that has been given never changes, and the next begins
where it ended. Money that came with an older value day stands in it with that day.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.kernel.clock import OSLO
from saas.kernel.db import driver
from saas.kernel.errors import BadInput, NotFound
from saas.ledger.models import COLLECTION_FEE, COMPENSATION, FEE_INTEREST, INTEREST, MONEY, NOTICE_FEE, PRINCIPAL
from saas.payments.settlement.completions import Completion, completions
from saas.rules.money import Ore
from tenants.models import Creditor
from tenants.resolve import Tenant

COMPONENTS = (PRINCIPAL, INTEREST, NOTICE_FEE, COMPENSATION, COLLECTION_FEE, MONEY)
AGENCYS = (COLLECTION_FEE, FEE_INTEREST)
LONGEST = timedelta(days=366)

_LINES = """
select t.entry_id, t.kind, t.value_on, t.booked_at, t.corrects, c.number as case_number, c.debtor_name, t.component,
       bool_or('at_creditor' in (t.debit, t.credit)) over (partition by t.entry_id) as direct,
       sum(case when t.credit = 'owed_creditor' then t.amount_ore when t.debit = 'owed_creditor' then -t.amount_ore
                else 0 end) over (partition by t.entry_id, t.component)::bigint as held,
       sum(case when t.credit = 'earned' and t.debit = 'claims_held' then t.amount_ore
                when t.debit = 'earned' and t.credit = 'claims_held' then -t.amount_ore else 0 end)
         over (partition by t.entry_id, t.component)::bigint as fee
from transfer t
left join collection_case c on c.tenant_id = t.tenant_id and c.id = t.case_id
where t.tenant_id = %(tenant)s and t.creditor_id = %(creditor)s
  and t.booked_at >= %(from)s and t.booked_at < %(to)s
  and ('owed_creditor' in (t.debit, t.credit) or 'earned' in (t.debit, t.credit))
order by t.booked_at, t.entry_id, t.leg
"""
_HELD = """
select coalesce(sum(case when credit = 'owed_creditor' then amount_ore else -amount_ore end), 0)::bigint
from transfer
where tenant_id = %(tenant)s and creditor_id = %(creditor)s and booked_at < %(at)s
  and 'owed_creditor' in (debit, credit)
"""
_FIRST = """
select min(booked_at) from transfer
where tenant_id = %s and creditor_id = %s and 'owed_creditor' in (debit, credit)
"""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of the book. `held` says per component what it did to what is held for the creditor, in øre."""

    entry_id: UUID
    what: str
    booked_on: date
    value_on: date
    case_number: int | None
    debtor_name: str
    held: Mapping[str, int]
    fee_ore: Ore  # collection fee (and interest on it) the debtor paid: the agency's

    @property
    def held_ore(self) -> Ore:
        """The movement, all components together."""
        return Ore(sum(self.held.values()))


@dataclass(frozen=True, slots=True)
class Statement:
    """A creditor's statement. What is added up here is what the book has: `opening` + lines = `closing`."""

    creditor_name: str
    creditor_orgnr: str
    first: date
    last: date
    opening_ore: Ore
    closing_ore: Ore
    lines: tuple[StatementLine, ...]
    completions: tuple[Completion, ...]  # cases that ended in the period (INKL § 15)

    def sum_of(self, *what: str) -> Ore:
        """What lines of these kinds did to what is held."""
        return Ore(sum(line.held_ore for line in self.lines if line.what in what))

    @property
    def sums(self) -> dict[str, Ore]:
        """The movements by kind, in the order they are shown."""
        counted = Counter({what: 0 for what in WORDS})
        for line in self.lines:
            counted[line.what] += line.held_ore
        return {what: Ore(ore) for what, ore in counted.items() if ore}

    @property
    def collected(self) -> dict[str, Ore]:
        """What came in for the creditor by component, less what was taken back."""
        counted: Counter[str] = Counter()
        for line in self.lines:
            if line.what in (PAID, TAKEN_BACK, CORRECTED):
                counted.update(line.held)
        return {component: Ore(counted[component]) for component in COMPONENTS if counted[component]}

    @property
    def fees_ore(self) -> Ore:
        """Collection fees paid by debtors, the agency's."""
        return Ore(sum(line.fee_ore for line in self.lines))


PAID, TAKEN_BACK, DIRECT, CORRECTED = "paid", "taken_back", "direct", "corrected"
COMMISSION, FEE_SHARE, VAT_SET_OFF, PAID_OUT, RETURNED, PROVIDER_FEE = (
    "commission",
    "fee_share",
    "vat_set_off",
    "paid_out",
    "returned",
    "provider_fee",
)
WORDS = {
    PAID: "Innbetalt",
    TAKEN_BACK: "Innbetaling tatt tilbake",
    DIRECT: "Betalt rett til dere",
    CORRECTED: "Rettet",
    FEE_SHARE: "Deres andel av salær",
    COMMISSION: "Provisjon",
    VAT_SET_OFF: "Merverdiavgift trukket",
    PAID_OUT: "Utbetalt",
    RETURNED: "Utbetaling avvist av banken",
    PROVIDER_FEE: "Gebyr til betalingsleverandør",
}
_KINDS = {
    "commission": COMMISSION,
    "fee_share": FEE_SHARE,
    "vat_set_off": VAT_SET_OFF,
    "paid_out": PAID_OUT,
    "payout_rejected": RETURNED,
    "provider_fee": PROVIDER_FEE,
}


def statement_of(tenant: Tenant, creditor_id: UUID, first: date, last: date) -> Statement:
    """What was booked for a creditor from `first` to `last`, both included. Raises BadInput, NotFound."""
    if not timedelta(0) <= last - first <= LONGEST:
        raise BadInput({"to": ["Velg en periode på høyst ett år, som slutter etter at den begynner."]})
    creditor = tenant.session.get(Creditor, (tenant.id, creditor_id))
    if creditor is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    begins, ends = _midnight(first), _midnight(last + timedelta(days=1))
    lines = tuple(_lines(_rows(tenant, creditor_id, begins, ends)))
    opening_ore, closing_ore = (_held_at(tenant, creditor_id, at) for at in (begins, ends))
    if opening_ore + sum(line.held_ore for line in lines) != closing_ore:
        raise AssertionError(f"statement of {creditor.slug}: the lines are not the difference of what is held")
    ended = tuple(completions(tenant, creditor_id, first, last))
    return Statement(creditor.name, creditor.orgnr, first, last, opening_ore, closing_ore, lines, ended)


def statement_months(tenant: Tenant, creditor_id: UUID, today: date) -> list[tuple[date, date]]:
    """The months there is a statement of, the newest first; the running one ends today."""
    row = driver(tenant.session).execute(_FIRST, (tenant.id, creditor_id)).fetchone()
    if row is None or row[0] is None:
        return []
    months, first = [], row[0].astimezone(OSLO).date().replace(day=1)
    while first <= today:
        following = (first + timedelta(days=32)).replace(day=1)
        months.append((first, min(today, following - timedelta(days=1))))
        first = following
    return months[::-1]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OSLO)


def _held_at(tenant: Tenant, creditor_id: UUID, at: datetime) -> Ore:
    asked = {"tenant": tenant.id, "creditor": creditor_id, "at": at}
    row = driver(tenant.session).execute(_HELD, asked).fetchone()
    return Ore(row[0] if row else 0)


def _rows(tenant: Tenant, creditor_id: UUID, begins: datetime, ends: datetime) -> list[Any]:
    asked = {"tenant": tenant.id, "creditor": creditor_id, "from": begins, "to": ends}
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(_LINES, asked).fetchall()


def _lines(rows: Iterable[Any]) -> Iterable[StatementLine]:
    entries: dict[UUID, list[Any]] = {}
    for row in rows:
        entries.setdefault(row.entry_id, []).append(row)
    for legs in entries.values():
        held = {row.component: row.held for row in legs if row.held}
        fee_ore = sum({row.component: row.fee for row in legs}.values())
        if held or fee_ore or legs[0].direct:
            yield _line(legs[0], held, Ore(fee_ore))


def _line(row: Any, held: Mapping[str, int], fee_ore: Ore) -> StatementLine:
    return StatementLine(
        row.entry_id,
        _what(row),
        row.booked_at.astimezone(OSLO).date(),
        row.value_on,
        row.case_number,
        row.debtor_name or "",
        held,
        fee_ore,
    )


def _what(row: Any) -> str:
    if row.kind in _KINDS:
        return _KINDS[row.kind]
    if row.direct:
        return DIRECT
    if row.kind == "payment_placed":
        return TAKEN_BACK if row.corrects else PAID
    return CORRECTED
