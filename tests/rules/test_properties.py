"""What must hold for any case, whatever the numbers."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from saas.rules.allocation import ORDERS, Item, ItemKind, allocate
from saas.rules.case import decide
from saas.rules.deadlines import earliest_next_step, is_long_enough, printed_deadline
from saas.rules.facts import CostKind, DebtorKind, NoticeFacts, Policy, Stage, Step
from saas.rules.fees import agency_fee_cap, heavy_from, total_cost_cap
from saas.rules.interest import interest_sum, late_interest
from saas.rules.law import load_law
from saas.rules.money import Ore
from tests.rules.builders import PROOF, case, claim

LAW = load_law()
FEW = settings(max_examples=120, deadline=None)
principals = st.integers(1, 40_000_000).map(Ore)
days = st.dates(date(2019, 1, 1), date(2026, 12, 1))


def owed(ore: int, due_on: date, nth: int = 1):
    return claim(f"{ore // 100}.{ore % 100:02d}", due_on.isoformat(), nth=nth)


@FEW
@given(principals, days, st.integers(0, 900), st.integers(0, 900), st.sampled_from(["act/act", "fixed365"]))
def test_interest_is_additive_over_a_split_within_rounding_and_never_negative(principal, due_on, first, second, basis):
    middle = min(due_on + timedelta(days=first), date(2027, 1, 1))
    end = min(middle + timedelta(days=second), date(2027, 1, 1))
    whole = late_interest(principal, (), due_on, end, LAW, basis)
    parts = (*late_interest(principal, (), due_on, middle, LAW, basis),)
    parts += late_interest(principal, (), middle, end, LAW, basis)
    assert abs(interest_sum(whole) - interest_sum(parts)) <= 1
    assert all(line.interest_ore >= 0 and line.days > 0 for line in whole)
    assert sum(line.days for line in whole) == (end - due_on).days


@FEW
@given(principals, days, st.integers(1, 600), st.integers(1, 100))
def test_a_payment_never_raises_the_interest(principal, due_on, length, percent):
    end = min(due_on + timedelta(days=length), date(2027, 1, 1))
    paid = ((due_on + timedelta(days=length // 2), Ore(principal * percent // 100)),)
    without = interest_sum(late_interest(principal, (), due_on, end, LAW))
    assert interest_sum(late_interest(principal, paid, due_on, end, LAW)) <= without + 1


@FEW
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


@FEW
@given(st.lists(st.tuples(principals, days), min_size=1, max_size=4), st.booleans(), st.booleans(), st.booleans())
def test_a_joined_fee_is_never_more_than_the_single_fees_and_heavy_is_at_most_double(
    invoices, consumer, vat_added, late
):
    claims = [owed(ore, due_on, nth) for nth, (ore, due_on) in enumerate(invoices, start=1)]
    on = date(2026, 12, 1) if late else date(2025, 12, 1)

    def cap(some, heavy=False):
        return agency_fee_cap(some, on, heavy=heavy, consumer=consumer, vat_added=vat_added, law=LAW)

    assert 0 < cap(claims) <= sum(cap([c]) for c in claims)
    assert 2 * cap(claims) <= cap(claims, heavy=True) <= 2 * cap(claims) + len(claims)


@FEW
@given(days, st.integers(0, 10), st.integers(0, 6))
def test_a_printed_deadline_is_long_enough_and_nothing_comes_before_it(sent_on, slack, grace):
    deadline_on = printed_deadline(sent_on, slack)
    assert is_long_enough(sent_on + timedelta(days=slack), deadline_on)
    assert earliest_next_step(deadline_on, grace) > deadline_on


@settings(max_examples=60, deadline=None)
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
