"""Place payments on cases (plassere innbetalinger), in chunks that may crash and run again.

A chunk is one transaction: the money is booked in, matched, spread over what is owed, and cases it covers are closed.
Every entry has the payment in its source, so nothing is booked twice whoever runs this, and however often.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from saas.cases.books import book_of, family_of
from saas.cases.lifecycle import close_case, record_on_case
from saas.cases.models import Case
from saas.kernel import history
from saas.kernel.bulk import copy_rows
from saas.kernel.db import driver
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK, MONEY, UNPLACED
from saas.ledger.post import Entry, Leg, post
from saas.payments.back_dated import take_back_later
from saas.payments.matching import Incoming, Match, match
from saas.payments.settling import Debt, OwedClaim, Settled, StepFee, settle
from saas.rules.law import load_law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import UnknownLaw
from tenants.resolve import Tenant, open_tenant

CHUNK = 500
TRIES = 5  # a hand-over may hold a letter we want while it wants the case we hold: PostgreSQL then stops one of us

PLACED, UNMATCHED = "placed", "unmatched"

_NEW = """
select id, account, kid, amount_ore, value_on, text, matched_by, case_id from payment
where tenant_id = %s and state = 'new' order by id limit %s for update skip locked
"""
_CLAIMS = """
select case_id, id, invoice_number, principal_ore, due_on from claim
where tenant_id = %s and case_id = any(%s) order by due_on, id
"""
_FEES = """
select t.case_id, t.entry_id, t.component, t.amount_ore,
       case when d.id is null then t.value_on when d.state = 'sent' then d.sent_on end as charged_on, d.id
from transfer t
left join dispatch d on d.tenant_id = t.tenant_id and d.case_id = t.case_id and d.entry_id = t.entry_id
where t.tenant_id = %(tenant)s and t.case_id = any(%(family)s) and t.kind = 'fee_charged' and t.source like 'step:%%'
  and not exists (
    select from transfer c where c.tenant_id = t.tenant_id and c.case_id = t.case_id and c.corrects = t.entry_id)
"""
_INTEREST_ENTRIES = """
select distinct on (claim_id) claim_id, entry_id from transfer
where tenant_id = %(tenant)s and case_id = any(%(family)s) and kind = 'interest_booked' and corrects is null
order by claim_id, value_on desc, entry_id desc
"""
_RESULT = (("id", "uuid"), ("state", "text"), ("case_id", "uuid"), ("matched_by", "text"), ("why", "text"))
_APPLY_RESULTS = """
update payment p set state = r.state, case_id = r.case_id, matched_by = r.matched_by, why = r.why
from staged_results r where p.tenant_id = %s and p.id = r.id
"""


@dataclass(slots=True)
class PlacedReport:
    """What became of the payments that were new."""

    placed: int = 0
    unmatched: int = 0
    closed: int = 0
    placed_ore: Ore = NO_MONEY
    why_unmatched: dict[str, int] = field(default_factory=dict)  # code → how many

    def add(self, other: "PlacedReport") -> None:
        """Count another chunk in."""
        self.placed += other.placed
        self.unmatched += other.unmatched
        self.closed += other.closed
        self.placed_ore = Ore(self.placed_ore + other.placed_ore)
        for why, number in other.why_unmatched.items():
            self.why_unmatched[why] = self.why_unmatched.get(why, 0) + number


def place_payments(tenant_id: UUID, now: datetime, actor: str = "worker", chunk: int = CHUNK) -> PlacedReport:
    """Place every payment that is new, until none is left. Run twice, or by two at once, it places each once."""
    report = PlacedReport()
    while (placed := _place_chunk(tenant_id, now, actor, chunk)) is not None:
        report.add(placed)
    return report


def _place_chunk(tenant_id: UUID, now: datetime, actor: str, chunk: int) -> PlacedReport | None:
    for tries_left in reversed(range(TRIES)):
        try:
            with open_tenant(tenant_id) as tenant:
                rows = driver(tenant.session).execute(_NEW, (tenant.id, chunk)).fetchall()
                return _Chunk(tenant, [Incoming(*row) for row in rows], now, actor).place() if rows else None
        except (DeadlockDetected, OperationalError) as error:
            if not tries_left or not isinstance(getattr(error, "orig", error), DeadlockDetected):
                raise
    raise AssertionError("the last try returns or raises")


@dataclass(slots=True)
class _Turn:
    """A payment whose turn it is on a case; `again_for` when it was placed before and comes anew."""

    payment: Incoming
    again_for: UUID | None = None


class _Chunk:
    """One transaction's worth of payments."""

    def __init__(self, tenant: Tenant, payments: list[Incoming], now: datetime, actor: str) -> None:
        self.tenant, self.payments, self.now, self.actor = tenant, payments, now, actor
        self.report = PlacedReport()
        self._results: list[tuple[UUID, str, UUID | None, str, str]] = []

    def place(self) -> PlacedReport:
        """Book the money in, then place it case by case, the earliest value date of each first."""
        post(self.tenant.session, [_money_in(p) for p in self.payments if p.amount_ore], self.now)
        placeable = [p for p in self.payments if p.amount_ore > 0]
        found = match(self.tenant, placeable)
        cases, heads = lock_cases(self.tenant, {m.case_id for m in found.values()})
        turns: dict[UUID, list[_Turn]] = {}
        for payment in sorted(self.payments, key=_by_date):
            why = _why_not(payment, found.get(payment.id), cases, heads)
            if why is None:
                turns.setdefault(heads[found[payment.id].case_id], []).append(_Turn(payment))
            else:
                self._leave(payment, why)
        while turns:
            self._round(cases, turns, found)
            self.tenant.session.flush()
            turns = {case_id: waiting for case_id, waiting in turns.items() if waiting}
        self._write_results()
        return self.report

    def _round(self, cases: dict[UUID, Case], turns: dict[UUID, list[_Turn]], found: dict[UUID, Match]) -> None:
        """Place the next payment of each case, all of them set-wise."""
        tenant, law, policy = self.tenant, load_law(), self.tenant.policy
        batch = {case_id: waiting.pop(0) for case_id, waiting in turns.items()}
        debts = self._debts(cases, batch, turns)
        settled: list[tuple[Case, _Turn, Settled]] = []
        for case_id, turn in batch.items():
            try:
                done = settle(turn.payment, debts[case_id], law, policy, again_for=turn.again_for)
            except UnknownLaw:
                if turn.again_for:
                    raise  # it was placed once, so the law of its day is known
                self._leave(turn.payment, "unknown_law", case_id)
            else:
                settled.append((cases[case_id], turn, done))
        post(tenant.session, [entry for _, _, done in settled for entry in done.entries], self.now)
        with tenant.session.no_autoflush:  # nothing closing reads is pending; cases are updated together in the end
            for case, turn, done in settled:
                self._note(case, turn, done, turn.payment.matched_by or found[turn.payment.id].by)

    def _note(self, case: Case, turn: _Turn, done: Settled, matched_by: str) -> None:
        """Tell the case's history of a placement, and close the case it covers."""
        body = done.told | {"matched_by": matched_by}
        record_on_case(self.tenant, case, "payment.placed", body, now=self.now, actor=self.actor)
        if done.covered and case.closed_on is None:
            close_case(self.tenant, case, "paid", on=self.now.date(), now=self.now, actor=self.actor)
            self.report.closed += 1
        if not turn.again_for:
            self._results.append((turn.payment.id, PLACED, case.id, matched_by, ""))
            self.report.placed += 1
            self.report.placed_ore = Ore(self.report.placed_ore + turn.payment.amount_ore)

    def _debts(
        self, cases: dict[UUID, Case], batch: dict[UUID, _Turn], turns: dict[UUID, list[_Turn]]
    ) -> dict[UUID, Debt]:
        """Each case as it stood on its payment's value date; payments of later dates get a new turn after it."""
        tenant, ids = self.tenant, list(batch)
        family = family_of(tenant, ids)
        books = book_of(tenant, ids, family)
        late = {i: t.payment for i, t in batch.items() if any(on > t.payment.value_on for on, _ in books[i].payments)}
        if late:
            for case_id, again in take_back_later(tenant, late, family, self.now).items():
                turns[case_id] += [_Turn(payment, late[case_id].id) for payment in again]
                turns[case_id].sort(key=lambda turn: _by_date(turn.payment))
            books = book_of(tenant, ids, family)
        asked = {"tenant": tenant.id, "family": list(family)}
        connection = driver(tenant.session)
        claims, fees = _claims(tenant, ids), _fees(tenant, family, asked)
        has_interest = any(book.interest_booked for book in books.values())
        interest = dict(connection.execute(_INTEREST_ENTRIES, asked).fetchall()) if has_interest else {}
        return {
            i: Debt(i, cases[i].creditor_id, tuple(claims.get(i, ())), books[i], tuple(fees.get(i, ())), interest)
            for i in ids
        }

    def _leave(self, payment: Incoming, why: str, case_id: UUID | None = None) -> None:
        """Leave a payment to a person, and say why in the history."""
        body = {"payment": str(payment.id), "why": why}
        history.record(self.tenant.session, "payment.unmatched", at=self.now, actor=self.actor, body=body)
        self._results.append((payment.id, UNMATCHED, case_id, "", why))
        self.report.unmatched += 1
        self.report.why_unmatched[why] = self.report.why_unmatched.get(why, 0) + 1

    def _write_results(self) -> None:
        connection = driver(self.tenant.session)
        copy_rows(connection, "staged_results", _RESULT, self._results)
        connection.execute(_APPLY_RESULTS, (self.tenant.id,))
        connection.execute("delete from staged_results")


def lock_cases(tenant: Tenant, case_ids: Iterable[UUID]) -> tuple[dict[UUID, Case], dict[UUID, UUID]]:
    """Lock these cases and those they are joined into. Returns them, and each id → the case it counts with."""
    cases: dict[UUID, Case] = {}
    wanted = set(case_ids)
    while wanted:
        found = tenant.session.scalars(
            sa.select(Case)
            .where(Case.tenant_id == tenant.id, Case.id.in_(wanted))
            .order_by(Case.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
        cases |= {case.id: case for case in found}
        wanted = {case.joined_into for case in found if case.joined_into is not None} - cases.keys()
    return cases, {case_id: _head(cases, case_id) for case_id in cases}


def _head(cases: dict[UUID, Case], case_id: UUID) -> UUID:
    joined_into = cases[case_id].joined_into
    return case_id if joined_into is None else _head(cases, joined_into)


def _why_not(payment: Incoming, match: Match | None, cases: dict[UUID, Case], heads: dict[UUID, UUID]) -> str | None:
    """Why a payment is a person's to place, as a code; None when it is not."""
    if payment.amount_ore < 0:
        return "takes_money_back"
    if payment.amount_ore == 0:
        return "no_money"
    if match is None:
        return "no_case_found"
    return "case_anonymised" if cases[heads[match.case_id]].case_key is None else None


def _money_in(payment: Incoming) -> Entry:
    """The money on the client account; out of it when the bank takes it back."""
    leg = Leg(CLIENT_BANK, UNPLACED, MONEY, Ore(abs(payment.amount_ore)))
    return Entry(
        source=f"payment:{payment.id}",
        kind="payment_received",
        creditor_id=NIL,
        case_id=None,
        legs=(leg if payment.amount_ore > 0 else leg.opposite(),),
        value_on=payment.value_on,
    )


def _by_date(payment: Incoming) -> tuple[date, UUID]:
    return payment.value_on, payment.id


def _claims(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, list[OwedClaim]]:
    claims: dict[UUID, list[OwedClaim]] = {}
    for case_id, *claim in driver(tenant.session).execute(_CLAIMS, (tenant.id, list(case_ids))):
        claims.setdefault(case_id, []).append(OwedClaim(*claim))
    return claims


def _fees(tenant: Tenant, family: dict[UUID, UUID], asked: dict[str, Any]) -> dict[UUID, list[StepFee]]:
    fees: dict[UUID, list[StepFee]] = {}
    for case_id, *fee in driver(tenant.session).execute(_FEES, asked):
        fees.setdefault(family[case_id], []).append(StepFee(*fee))
    return fees
