"""What must hold for any case, whatever the numbers.

A slice of examples in every run, many more in `make test-long` (tests/mutation/test_properties_long.py).
"""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from saas.rules.allocation import ORDERS, Item, ItemKind, allocate
from saas.rules.case import decide
from saas.rules.deadlines import earliest_next_step, is_long_enough, printed_deadline
from saas.rules.facts import CostKind, DebtorKind, NoticeFacts, Policy, Stage, Step
from saas.rules.fees import (
    agency_fee_cap,
    collection_fee_room,
    heavy_from,
    notice_fee,
    notice_fee_amount,
    total_cost_cap,
    within_cap,
)
from saas.rules.interest import interest_on_claims, interest_sum, late_interest
from saas.rules.law import load_law
from saas.rules.money import Ore
from saas.rules.steps import heavy_gate
from tests.rules.builders import PROOF, case, claim

LAW = load_law()

FEWER = settings(max_examples=max(20, settings().max_examples // 2))  # a whole case day by day takes its time
UNKNOWN_FROM = date(2027, 1, 1)
principals = st.integers(1, 40_000_000).map(Ore)
days = st.dates(date(2019, 1, 1), date(2026, 12, 1))
bases = st.sampled_from(["act/act", "fixed365"])
payments = st.lists(st.tuples(st.integers(-40, 900), st.integers(1, 9_000_000).map(Ore)), max_size=6)


def owed(ore: int, due_on: date, nth: int = 1):
    return claim(f"{ore // 100}.{ore % 100:02d}", due_on.isoformat(), nth=nth)


def dated(due_on: date, paid: list[tuple[int, Ore]]) -> tuple[tuple[date, Ore], ...]:
    return tuple(sorted((due_on + timedelta(days=after), ore) for after, ore in paid))


@given(principals, days, payments, st.integers(0, 900), st.integers(0, 900), bases)
def test_interest_is_additive_over_a_split_within_rounding_and_never_negative(
    principal, due_on, paid, first, second, basis
):
    """C4, C8: asked in two stretches, the second on what was left then, it is the same but for the cut line's øre."""
    middle = min(due_on + timedelta(days=first), UNKNOWN_FROM)
    end = min(middle + timedelta(days=second), UNKNOWN_FROM)
    moves = dated(due_on, paid)
    whole = late_interest(principal, moves, due_on, end, LAW, basis)
    left = principal - sum(ore for on, ore in moves if on < middle)
    since = tuple((on, ore) for on, ore in moves if on >= middle)
    parts = (
        *late_interest(principal, moves, due_on, middle, LAW, basis),
        *late_interest(left, since, middle, end, LAW, basis),
    )
    assert abs(interest_sum(whole) - interest_sum(parts)) <= 1
    assert all(line.interest_ore >= 0 and line.days > 0 and line.balance_ore > 0 for line in whole)
    assert sum(line.days for line in whole) == sum(line.days for line in parts) <= (end - due_on).days
    if not paid:
        assert sum(line.days for line in whole) == (end - due_on).days
    if middle in {line.from_on for line in whole}:
        assert interest_sum(whole) == interest_sum(parts)


@given(principals, days, payments, st.integers(0, 900), bases)
def test_interest_never_falls_from_one_day_to_the_next(principal, due_on, paid, after, basis):
    """C2, C4."""
    today = min(due_on + timedelta(days=after), UNKNOWN_FROM - timedelta(days=1))
    moves = dated(due_on, paid)
    now, tomorrow = (
        interest_sum(late_interest(principal, moves, due_on, on, LAW, basis))
        for on in (today, today + timedelta(days=1))
    )
    assert now <= tomorrow


@given(principals, days, payments, st.integers(0, 20_000), bases)
def test_there_is_no_interest_on_or_before_the_due_date(principal, due_on, paid, before, basis):
    """C3: however far before, even where no rate is known."""
    assert late_interest(principal, dated(due_on, paid), due_on, due_on - timedelta(days=before), LAW, basis) == ()


@given(st.lists(st.tuples(principals, days, payments), min_size=1, max_size=5), days, bases)
def test_interest_of_a_case_is_that_of_its_claims_line_by_line(invoices, to_on, basis):
    """B18, C8."""
    claims = [
        replace(owed(ore, due_on, nth), principal_moves=dated(due_on, paid))
        for nth, (ore, due_on, paid) in enumerate(invoices, start=1)
    ]
    lines = interest_on_claims(claims, to_on, LAW, basis)
    apart = [late_interest(c.principal_ore, c.principal_moves, c.due_on, to_on, LAW, basis, c.id) for c in claims]
    assert interest_sum(lines) == sum(interest_sum(each) for each in apart) == sum(x.interest_ore for x in lines)
    for c in claims:
        of_claim = [line for line in lines if line.claim_id == c.id]
        assert all(a.to_on <= b.from_on for a, b in pairwise(of_claim))
        assert all(c.due_on <= line.from_on < line.to_on <= to_on for line in of_claim)


@given(principals, days, st.integers(1, 600), st.integers(1, 100))
def test_a_payment_never_raises_the_interest(principal, due_on, length, percent):
    end = min(due_on + timedelta(days=length), date(2027, 1, 1))
    paid = ((due_on + timedelta(days=length // 2), Ore(principal * percent // 100)),)
    without = interest_sum(late_interest(principal, (), due_on, end, LAW))
    assert interest_sum(late_interest(principal, paid, due_on, end, LAW)) <= without + 1


@given(
    st.integers(0, 2_000_000),
    st.lists(st.tuples(st.sampled_from(ItemKind), st.integers(0, 900_000)), max_size=8),
    st.sampled_from(sorted(ORDERS)),
)
def test_allocation_never_creates_or_loses_an_ore(amount, wanted, order):
    items = [Item(kind, Ore(ore), str(n)) for n, (kind, ore) in enumerate(wanted)]
    allocation = allocate(amount, items, ORDERS[order])
    paid = sum(line.paid_ore for line in allocation.lines)
    assert paid + allocation.left_ore == amount
    assert all(0 < line.paid_ore <= line.item.amount_ore for line in allocation.lines)
    assert allocation.left_ore == max(0, amount - sum(i.amount_ore for i in items))


@given(
    st.lists(st.integers(0, 900_000), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(ItemKind), st.integers(0, 900_000)), max_size=8),
    st.sampled_from(sorted(ORDERS)),
    st.randoms(use_true_random=False),
)
def test_payments_cover_the_same_in_whatever_order_they_arrive(amounts, wanted, order, chance):
    """D3, D6: one after another or shuffled, each item ends with the same øre and the debtor gets the same back."""

    def after(arriving):
        left, back = [Item(kind, Ore(ore), str(n)) for n, (kind, ore) in enumerate(wanted)], 0
        for amount in arriving:
            spread = allocate(amount, left, ORDERS[order])
            got = {line.item.ref: line.paid_ore for line in spread.lines}
            left = [replace(item, amount_ore=Ore(item.amount_ore - got.get(item.ref, 0))) for item in left]
            back += spread.left_ore
        return left, back

    shuffled = chance.sample(amounts, len(amounts))
    assert after(shuffled) == after(amounts) == after([sum(amounts)])
    left, back = after(amounts)
    assert sum(ore for _, ore in wanted) - sum(item.amount_ore for item in left) == sum(amounts) - back


@given(principals, principals, days, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_larger_principal_never_has_a_lower_cap(less, more, due_on, consumer, vat_added, heavy, late):
    """B8, B11, B13."""
    on = date(2026, 12, 1) if late else date(2025, 12, 1)
    low, high = (
        agency_fee_cap([owed(ore, due_on)], on, heavy=heavy, consumer=consumer, vat_added=vat_added, law=LAW)
        for ore in sorted((less, more))
    )
    assert 0 < low <= high


@given(principals, days, st.booleans(), st.booleans())
def test_a_business_pays_at_least_what_a_consumer_pays_and_heavy_at_least_light(principal, due_on, vat_added, heavy):
    """B8, B10, B12."""

    def cap(*, consumer=True, vat=vat_added, doubled=heavy):
        return agency_fee_cap(
            [owed(principal, due_on)], date(2026, 12, 1), heavy=doubled, consumer=consumer, vat_added=vat, law=LAW
        )

    assert cap() < cap(consumer=False)
    assert cap(vat=False) < cap(vat=True)
    assert cap(doubled=False) < cap(doubled=True)


@given(st.lists(st.integers(0, 1_200_000), max_size=8), st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_notice_fees_and_agency_fee_never_come_to_more_than_the_cap_whatever_is_asked_for(wanted, cap, later_cap):
    """B23: also when the cap falls on the way; then nothing more is charged."""
    charged = 0
    for nth, cost in enumerate(wanted):
        limit = cap if nth < len(wanted) // 2 else min(cap, later_cap)
        granted = within_cap(cost, limit, charged)
        assert 0 <= granted <= cost
        assert granted == 0 or charged + granted <= limit
        charged += granted
    assert charged <= cap
    assert 0 <= collection_fee_room(cap, charged) == cap - charged


@given(principals, days, st.integers(0, 6))
def test_a_notice_fee_is_whole_kroner_and_the_creditors_own_demand_two_to_three_times_it(principal, due_on, wait):
    """B1, B4."""
    assume(due_on < date(2026, 11, 1))
    sent_on = min(due_on + timedelta(days=14 + 30 * wait), date(2026, 12, 31))
    fee = notice_fee(Step.REMINDER, (), [owed(principal, due_on)], sent_on, LAW)
    own = notice_fee_amount(due_on, sent_on, LAW, by_creditor_own_demand=True)
    assert fee % 100 == own % 100 == 0
    assert 0 < 2 * fee < own <= 3 * fee


@given(st.lists(st.tuples(principals, days), min_size=1, max_size=4), st.booleans(), st.booleans(), st.booleans())
def test_a_joined_fee_is_never_more_than_the_single_fees_and_heavy_is_at_most_double(
    invoices, consumer, vat_added, late
):
    claims = [owed(ore, due_on, nth) for nth, (ore, due_on) in enumerate(invoices, start=1)]
    on = date(2026, 12, 1) if late else date(2025, 12, 1)

    def cap(some, heavy=False):
        return agency_fee_cap(some, on, heavy=heavy, consumer=consumer, vat_added=vat_added, law=LAW)

    assert 0 < cap(claims) <= sum(cap([c]) for c in claims)
    assert cap(claims, heavy=True) <= sum(cap([c], heavy=True) for c in claims)
    assert 2 * cap(claims) <= cap(claims, heavy=True) <= 2 * cap(claims) + len(claims)


@given(days, st.integers(0, 10), st.integers(0, 6))
def test_a_printed_deadline_is_long_enough_and_nothing_comes_before_it(sent_on, slack, grace):
    """A1, A2, A3, B10."""
    deadline_on = printed_deadline(sent_on, slack)
    assert is_long_enough(sent_on + timedelta(days=slack), deadline_on)
    assert earliest_next_step(deadline_on, grace) > deadline_on
    assert earliest_next_step(deadline_on, grace) <= earliest_next_step(deadline_on, grace + 1)
    assert heavy_gate(deadline_on, 0, grace) >= heavy_from(deadline_on) == deadline_on + timedelta(days=29)


@FEWER
@given(
    principals,
    st.lists(principals, max_size=2),
    st.dates(date(2025, 1, 2), date(2026, 3, 1)),
    st.sampled_from(DebtorKind),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 4),
    st.integers(0, 6),
)
def test_any_case_walked_day_by_day_keeps_every_deadline_and_never_costs_more_than_the_cap(
    principal, others, due_on, kind, licence, vat_deductible, send_reminder, grace, late_days
):
    """Each letter leaves up to its slack late; then no step before a printed deadline, heavy last, within the cap."""
    policy = Policy(send_reminder=send_reminder, grace_banking_days=grace, slack_days=6)
    claims = tuple(owed(ore, due_on, nth) for nth, ore in enumerate([principal, *others], start=1))
    stage, notices, fees, salary, steps = Stage.REGISTERED, (), 0, 0, []
    today = due_on - timedelta(days=2)
    for _ in range(12):
        facts = case(
            *claims,
            stage=stage,
            notices=notices,
            debtor_kind=kind,
            agency_licence=licence,
            vat_deductible=vat_deductible,
            charged_notice_fees_ore=fees,
            charged_collection_fee_ore=Ore(salary),
        )
        decision = decide(facts, today, LAW, policy)
        if decision.step is None:
            if decision.next_action_on is None:
                break
            assert decision.next_action_on > today
            assert decide(facts, decision.next_action_on - timedelta(days=1), LAW, policy).step is None
            today = decision.next_action_on
            continue
        assert all(today > n.deadline_on for n in notices)
        assert decision.step is not Step.HEAVY_FEE or Step.PAYMENT_DEMAND in steps
        assert today >= due_on + timedelta(days=14)
        steps.append(decision.step)
        for cost in decision.costs:
            assert cost.amount_ore > 0
            fees += cost.amount_ore if cost.kind is CostKind.NOTICE_FEE else 0
            salary += cost.amount_ore if cost.kind is CostKind.COLLECTION_FEE else 0
        heavy = decision.step is Step.HEAVY_FEE
        assert fees + salary <= total_cost_cap(facts, today, LAW, heavy=heavy).cap_ore
        assert licence or salary == 0
        if heavy:
            assert today >= heavy_from(notices[-1].deadline_on)
        stage = decision.stage_after
        if decision.is_letter:
            sent_on = decision.expected_sending_on + timedelta(days=late_days)
            fee = sum(c.amount_ore for c in decision.costs if c.kind is CostKind.NOTICE_FEE)
            notices += (NoticeFacts(decision.step, sent_on, decision.deadline_on, Ore(fee), False, PROOF),)
            today = max(sent_on, decision.next_action_on or sent_on)
    ladder = [Step.REMINDER] if send_reminder else []
    ladder += [Step.COLLECTION_NOTICE, Step.PAYMENT_DEMAND] + ([Step.HEAVY_FEE] if licence else [])
    assert steps == ladder
