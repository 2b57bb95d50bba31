"""What the book says of cases (saldo): charged, paid and left of each component."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from saas.kernel.bulk import id_list
from saas.kernel.db import driver, tenant_of
from saas.ledger.models import COLLECTION_FEE, COMPENSATION, FEE_INTEREST, INTEREST, NOTICE_FEE, PRINCIPAL
from saas.rules.money import NO_MONEY, Ore

WRITTEN_OFF = "written_off"
"""The kind of an entry that gives up a remainder: less is left, though no less was charged."""
ADJUSTED = "principal_adjusted"
"""The kind of an entry that puts a principal right: it was never owed, so nothing was paid either (law E4)."""

_QUERY = f"""
select case_id, component, claim_id, moved_on, paid, gone, sum(amount_ore)::bigint
from (
  select case_id, component, claim_id,
         case when component = 'collection_fee' or 'unplaced' in (debit, credit) or kind = '{WRITTEN_OFF}'
                or (component = 'principal' and (credit = 'receivable' or corrects is not null)
                  and kind <> '{ADJUSTED}')
              then value_on end as moved_on,
         'unplaced' in (debit, credit) as paid, 'unplaced' in (debit, credit) or kind = '{WRITTEN_OFF}' as gone,
         case when debit = 'receivable' then amount_ore else -amount_ore end as amount_ore
  from transfer
  where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) and 'receivable' in (debit, credit)
    and (%(on)s::date is null or value_on <= %(on)s)
) moves
group by 1, 2, 3, 4, 5, 6
order by moved_on nulls first
"""  # noqa: S608 - every value in it is a constant of ours


@dataclass(slots=True)
class CaseBalance:
    """The book of one case, in øre. Keys are claim ids. A claim paid in full stays in, with nothing left.

    *Charged* is what was put on the case, less what was taken back; *left* is that less what was paid or written off.
    Interest is what has been booked, not what runs.
    """

    principal_left: dict[UUID, Ore] = field(default_factory=dict)
    principal_moves: dict[UUID, tuple[tuple[date, Ore], ...]] = field(default_factory=dict)  # (value date, +gone)
    interest_booked: dict[UUID, Ore] = field(default_factory=dict)
    interest_left: dict[UUID, Ore] = field(default_factory=dict)
    booked_interest_ore: Ore = NO_MONEY
    interest_left_ore: Ore = NO_MONEY
    notice_fee_charged_ore: Ore = NO_MONEY
    notice_fee_left_ore: Ore = NO_MONEY
    collection_fee_charged_ore: Ore = NO_MONEY
    collection_fee_left_ore: Ore = NO_MONEY
    collection_fee_charges: tuple[tuple[date, Ore], ...] = ()  # (day, +charged or -taken back)
    collection_fee_payments: tuple[tuple[date, Ore], ...] = ()  # (value date, +gone)
    compensation_charged_ore: Ore = NO_MONEY
    compensation_left_ore: Ore = NO_MONEY
    fee_interest_booked_ore: Ore = NO_MONEY
    fee_interest_left_ore: Ore = NO_MONEY
    paid_ore: Ore = NO_MONEY
    payments: tuple[tuple[date, Ore], ...] = ()  # (value date, øre that went to the case), a day at most once

    @classmethod
    def empty(cls) -> "CaseBalance":
        """A case with nothing booked."""
        return cls()

    def principal_of(self, claim_id: UUID) -> Ore:
        """A claim's principal as it was rightly owed from the start: what is left, and what is gone of it."""
        gone = sum(ore for _, ore in self.principal_moves.get(claim_id, ()))
        return Ore(self.principal_left.get(claim_id, 0) + gone)

    @property
    def left_ore(self) -> Ore:
        """All that is booked and not paid."""
        principal = sum(self.principal_left.values())
        fees = self.notice_fee_left_ore + self.collection_fee_left_ore + self.compensation_left_ore
        return Ore(principal + self.interest_left_ore + fees + self.fee_interest_left_ore)


def balances(session: Session, case_ids: Sequence[UUID], on: date | None = None) -> dict[UUID, CaseBalance]:
    """The balance of each case asked for, counting value dates up to and including `on`. One query for any number."""
    found = {case_id: CaseBalance() for case_id in case_ids}
    asked = {"tenant": tenant_of(session), "cases": id_list(case_ids), "on": on}
    for case_id, component, claim_id, moved_on, paid, gone, amount_ore in driver(session).execute(_QUERY, asked):
        book = found[case_id]
        if component == PRINCIPAL:
            _principal(book, claim_id, moved_on, amount_ore)
        elif component == INTEREST:
            _interest(book, claim_id, moved_on, amount_ore)
        else:
            _fee(book, component, moved_on, gone, amount_ore)
        if paid:
            book.paid_ore = Ore(book.paid_ore - amount_ore)
            book.payments = _with_day(book.payments, moved_on, -amount_ore)
    return found


def merged(parts: Iterable[CaseBalance]) -> CaseBalance:
    """Several cases' books as one: that of a case and of those joined into it (law B16)."""
    one = CaseBalance()
    for part in parts:
        for mine, theirs in (
            (one.principal_left, part.principal_left),
            (one.interest_booked, part.interest_booked),
            (one.interest_left, part.interest_left),
        ):
            for claim_id, ore in theirs.items():
                mine[claim_id] = Ore(mine.get(claim_id, 0) + ore)
        for claim_id, moves in part.principal_moves.items():
            one.principal_moves[claim_id] = _by_day((*one.principal_moves.get(claim_id, ()), *moves))
        one.payments = _by_day((*one.payments, *part.payments))
        if part.collection_fee_charges:
            one.collection_fee_charges = _by_day((*one.collection_fee_charges, *part.collection_fee_charges))
            one.collection_fee_payments = _by_day((*one.collection_fee_payments, *part.collection_fee_payments))
        for name in _SUMS:
            setattr(one, name, getattr(one, name) + getattr(part, name))
    return one


_SUMS = (
    "booked_interest_ore", "interest_left_ore", "notice_fee_charged_ore", "notice_fee_left_ore",
    "collection_fee_charged_ore", "collection_fee_left_ore", "compensation_charged_ore", "compensation_left_ore",
    "fee_interest_booked_ore", "fee_interest_left_ore", "paid_ore",
)  # fmt: skip


def _principal(book: CaseBalance, claim_id: UUID, moved_on: date | None, ore: int) -> None:
    book.principal_left[claim_id] = Ore(book.principal_left.get(claim_id, 0) + ore)
    if moved_on is not None:
        moves = _with_day(book.principal_moves.get(claim_id, ()), moved_on, -ore)
        if moves:
            book.principal_moves[claim_id] = moves
        else:
            book.principal_moves.pop(claim_id, None)


def _interest(book: CaseBalance, claim_id: UUID, moved_on: date | None, ore: int) -> None:
    book.interest_left[claim_id] = Ore(book.interest_left.get(claim_id, 0) + ore)
    book.interest_left_ore = Ore(book.interest_left_ore + ore)
    if moved_on is None:
        book.interest_booked[claim_id] = Ore(book.interest_booked.get(claim_id, 0) + ore)
        book.booked_interest_ore = Ore(book.booked_interest_ore + ore)


def _fee(book: CaseBalance, component: str, moved_on: date | None, gone: bool, ore: int) -> None:
    charged_ore = 0 if gone else ore
    if component == NOTICE_FEE:
        book.notice_fee_left_ore = Ore(book.notice_fee_left_ore + ore)
        book.notice_fee_charged_ore = Ore(book.notice_fee_charged_ore + charged_ore)
    elif component == COLLECTION_FEE:
        book.collection_fee_left_ore = Ore(book.collection_fee_left_ore + ore)
        book.collection_fee_charged_ore = Ore(book.collection_fee_charged_ore + charged_ore)
        if moved_on is None:
            return
        if gone:
            book.collection_fee_payments = _with_day(book.collection_fee_payments, moved_on, -ore)
        else:
            book.collection_fee_charges = _with_day(book.collection_fee_charges, moved_on, ore)
    elif component == COMPENSATION:
        book.compensation_left_ore = Ore(book.compensation_left_ore + ore)
        book.compensation_charged_ore = Ore(book.compensation_charged_ore + charged_ore)
    elif component == FEE_INTEREST:
        book.fee_interest_left_ore = Ore(book.fee_interest_left_ore + ore)
        book.fee_interest_booked_ore = Ore(book.fee_interest_booked_ore + charged_ore)


def _with_day(days: tuple[tuple[date, Ore], ...], on: date, ore: int) -> tuple[tuple[date, Ore], ...]:
    """`days` with an amount added; rows come in date order, so it can only meet the last one. Nothing is left out."""
    if days and days[-1][0] == on:
        ore += days[-1][1]
        days = days[:-1]
    return (*days, (on, Ore(ore))) if ore else days


def _by_day(days: Iterable[tuple[date, Ore]]) -> tuple[tuple[date, Ore], ...]:
    sums: dict[date, int] = {}
    for on, ore in days:
        sums[on] = sums.get(on, 0) + ore
    return tuple((on, Ore(ore)) for on, ore in sorted(sums.items()) if ore)
