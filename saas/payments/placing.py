"""Place payments on cases (plassere innbetalinger), in chunks that may crash and run again.

A chunk is one transaction: the money is booked in, matched, spread over what is owed, and cases it covers are closed.
Every entry has the payment in its source, so nothing is booked twice whoever runs this, and however often.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import OperationalError

from saas.cases.books import book_of, family_of
from saas.cases.lifecycle import close_cases, record_on_case
from saas.cases.models import Case
from saas.kernel import history
from saas.kernel.bulk import copy_rows, many_objects
from saas.kernel.db import driver
from saas.kernel.errors import Refused
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK, IN_TRANSIT, MONEY, UNPLACED
from saas.ledger.post import Entry, Leg, post
from saas.payments.back_dated import take_back_later
from saas.payments.bank_payouts import IS_PAYOUT, naming_a_provider, take_payouts
from saas.payments.debt import Debt, InterestNotRead
from saas.payments.debts import debts_of, with_interest_entries
from saas.payments.matching import BY_CASE_NUMBER, BY_SUM_AND_PAYER, INCOMING, Incoming, Match, match
from saas.payments.overpaid import note_overpaid, repaid_beyond
from saas.payments.settling import Settled, settle
from saas.payments.suggestions import certain
from saas.payments.telling import tell_of_parts
from saas.payments.top_ups import take_top_ups
from saas.rules.law import load_law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.rates import UnknownLaw
from tenants.resolve import Tenant, open_tenant

CHUNK = 1_000
TRIES = 5  # a hand-over may hold a letter we want while it wants the case we hold: PostgreSQL then stops one of us

PLACED, UNMATCHED = "placed", "unmatched"
BANK = "bank"

_NEW = f"""
select {INCOMING} from payment
where tenant_id = %s and state = 'new' order by id limit %s for update skip locked
"""  # noqa: S608 - constants of ours
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
    taken_back: int = 0  # payments the bank took back, found and undone; among the unmatched too
    payouts: int = 0  # providers' payouts, met by what they told; among the unmatched too
    topped_up: int = 0  # the agency's own money; among the unmatched too
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
    from saas.payments.bounced import take_back_bounced  # both stand on placing
    from saas.payments.maybe_paid import hold_what_may_be_paid

    report = PlacedReport()
    while (placed := _place_chunk(tenant_id, now, actor, chunk)) is not None:
        report.add(placed)
    report.payouts = take_payouts(tenant_id, now, actor)
    report.topped_up = take_top_ups(tenant_id, now, actor)
    report.taken_back = take_back_bounced(tenant_id, now, actor)
    hold_what_may_be_paid(tenant_id, now, actor)
    return report


def _place_chunk(tenant_id: UUID, now: datetime, actor: str, chunk: int) -> PlacedReport | None:
    for tries_left in reversed(range(TRIES)):
        try:
            with many_objects(), open_tenant(tenant_id) as tenant:
                rows = driver(tenant.session).execute(_NEW, (tenant.id, chunk)).fetchall()
                return _Chunk(tenant, [Incoming(*row) for row in rows], now, actor).place() if rows else None
        except (DeadlockDetected, OperationalError) as error:
            if not tries_left or not isinstance(getattr(error, "orig", error), DeadlockDetected):
                raise
    raise AssertionError("the last try returns or raises")


def place_now(tenant: Tenant, case: Case, payment: Incoming, *, now: datetime, actor: str) -> None:
    """Place a payment just noted on a locked case, in the open transaction, as of its own value date.

    Raises Refused when a figure of the law is not known for it.
    """
    chunk = _Chunk(tenant, [], now, actor)
    turns = {case.id: [_Turn(payment)]}
    while turns[case.id]:
        chunk._round({case.id: case}, turns, {})
        tenant.session.flush()
        if chunk.report.unmatched:
            raise Refused("unknown_law", "En sats i loven er ikke kjent for datoen. Prøv igjen når den er lagt inn.")
    note_overpaid(tenant, [case], now=now, actor=actor)


def place_again(
    tenant: Tenant, case: Case, payments: Iterable[Incoming], *, cause: UUID, now: datetime, actor: str
) -> None:
    """Place payments that were taken back on a locked case anew, in date order. `cause` is what they were taken back
    for. A case they now cover is closed. Raises UnknownLaw."""
    chunk = _Chunk(tenant, [], now, actor)
    turns = {case.id: [_Turn(payment, cause) for payment in sorted(payments, key=_by_date)]}
    while turns[case.id]:
        chunk._round({case.id: case}, turns, {})
        tenant.session.flush()
    note_overpaid(tenant, [case], now=now, actor=actor)


@dataclass(slots=True)
class _Turn:
    """A payment whose turn it is on a case; `again_for` (why) when it was placed before and comes anew."""

    payment: Incoming
    again_for: UUID | None = None


class _Chunk:
    """One transaction's worth of payments."""

    def __init__(self, tenant: Tenant, payments: list[Incoming], now: datetime, actor: str) -> None:
        self.tenant, self.payments, self.now, self.actor = tenant, payments, now, actor
        self.report = PlacedReport()
        self._results: list[tuple[UUID, str, UUID | None, str, str]] = []
        self._maybe_overpaid: dict[UUID, Case] = {}
        self._in_part: list[tuple[Case, Incoming]] = []
        self._payouts: Mapping[UUID, str] = {}  # what is a provider's, and no debtor's

    def place(self) -> PlacedReport:
        """Book the money in, then place it case by case, the earliest value date of each first."""
        post(self.tenant.session, [_money_in(p) for p in self.payments if p.amount_ore], self.now)
        placeable = [p for p in self.payments if p.amount_ore > 0]
        found = match(self.tenant, placeable)
        self._payouts = naming_a_provider(self.tenant, self.payments)
        for payment_id in self._payouts:  # its text has numbers of the provider's own
            if payment_id in found and found[payment_id].by == BY_CASE_NUMBER:
                del found[payment_id]
        unknown = [p for p in placeable if p.id not in found and p.id not in self._payouts]
        found |= {p: Match(case_id, BY_SUM_AND_PAYER) for p, case_id in certain(self.tenant, unknown).items()}
        cases, heads = lock_cases(self.tenant, {m.case_id for m in found.values()})
        turns: dict[UUID, list[_Turn]] = {}
        for payment in sorted(self.payments, key=_by_date):
            why = self._why_not(payment, found.get(payment.id), cases, heads)
            if why is None:
                turns.setdefault(heads[found[payment.id].case_id], []).append(_Turn(payment))
            else:
                self._leave(payment, why)
        while turns:
            self._round(cases, turns, found)
            self.tenant.session.flush()
            turns = {case_id: waiting for case_id, waiting in turns.items() if waiting}
        self._write_results()
        note_overpaid(self.tenant, list(self._maybe_overpaid.values()), now=self.now, actor=self.actor)
        tell_of_parts(self.tenant, self._in_part, now=self.now, actor=self.actor)
        return self.report

    def _why_not(
        self, payment: Incoming, match: Match | None, cases: dict[UUID, Case], heads: dict[UUID, UUID]
    ) -> str | None:
        """Why a payment is not to be placed, as a code; None when it is."""
        if payment.amount_ore == 0:
            return "no_money"
        if match is None and payment.id in self._payouts:
            return IS_PAYOUT
        if payment.amount_ore < 0:
            return "takes_money_back"
        if match is None:
            return "no_case_found"
        return "case_anonymised" if cases[heads[match.case_id]].case_key is None else None

    def _round(self, cases: dict[UUID, Case], turns: dict[UUID, list[_Turn]], found: dict[UUID, Match]) -> None:
        """Place the next payment of each case, all of them set-wise."""
        tenant = self.tenant
        batch = {case_id: waiting.pop(0) for case_id, waiting in turns.items()}
        debts = self._debts(cases, batch, turns)
        short = repaid_beyond(tenant, [*batch])
        settled: list[tuple[Case, _Turn, Settled]] = []
        for case_id, turn in batch.items():
            try:
                payment = _less_repaid(turn, turns[case_id], short[case_id]) if case_id in short else turn.payment
                done = self._settle(payment, debts[case_id], turn.again_for)
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
            covered = [case for case, _, done in settled if done.covered and case.closed_on is None]
            closed = close_cases(tenant, covered, "paid", on=self.now.date(), now=self.now, actor=self.actor)
            self.report.closed += len(closed)

    def _settle(self, payment: Incoming, debt: Debt, again_for: UUID | None) -> Settled:
        law, policy = load_law(), self.tenant.policy
        try:
            return settle(payment, debt, law, policy, again_for=again_for)
        except InterestNotRead:
            whole = with_interest_entries(self.tenant, debt, family_of(self.tenant, [debt.case_id]))
            return settle(payment, whole, law, policy, again_for=again_for)

    def _note(self, case: Case, turn: _Turn, done: Settled, matched_by: str) -> None:
        """Tell the case's history of a placement."""
        body = done.told | {"matched_by": matched_by}
        record_on_case(self.tenant, case, "payment.placed", body, now=self.now, actor=self.actor)
        if done.told["overpaid_ore"] or turn.again_for:
            self._maybe_overpaid[case.id] = case
        if not turn.again_for:
            if not done.covered and case.closed_on is None:
                self._in_part.append((case, turn.payment))
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
                cause = batch[case_id].again_for or late[case_id].id  # a cause is never used twice
                turns[case_id] += [_Turn(payment, cause) for payment in again]
                turns[case_id].sort(key=lambda turn: _by_date(turn.payment))
            books = book_of(tenant, ids, family)
        creditors = {case_id: cases[case_id].creditor_id for case_id in ids}
        paid_on = {case_id: turn.payment.value_on for case_id, turn in batch.items()}
        return debts_of(tenant, creditors, paid_on, family, books, load_law())

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


def _money_in(payment: Incoming) -> Entry:
    """The money on the client account, or on its way there from a provider; out when the bank takes it back."""
    came_to = CLIENT_BANK if payment.provider == BANK else IN_TRANSIT
    leg = Leg(came_to, UNPLACED, MONEY, Ore(abs(payment.amount_ore)))
    return Entry(
        source=f"payment:{payment.id}",
        kind="payment_received",
        creditor_id=NIL,
        case_id=None,
        legs=(leg if payment.amount_ore > 0 else leg.opposite(),),
        value_on=payment.value_on,
    )


def _less_repaid(turn: _Turn, waiting: list[_Turn], short_ore: int) -> Incoming:
    """What the debtor has been paid back covers nothing: it is kept off the newest payments first."""
    later_ore = sum(each.payment.amount_ore for each in waiting)
    repaid_ore = max(0, min(short_ore - later_ore, turn.payment.amount_ore))
    return replace(turn.payment, repaid_ore=Ore(repaid_ore))


def _by_date(payment: Incoming) -> tuple[date, UUID]:
    return payment.value_on, payment.id
