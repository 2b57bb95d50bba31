"""Whatever is paid, in whatever order: the book holds, and the order makes no difference."""

from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.cases.models import InterestPause
from saas.kernel.clock import OSLO
from saas.kernel.ids import new_id
from saas.payments.models import Payment
from saas.simulators.bank import SimPayment
from tenants.models import CreditorAgreement
from tenants.resolve import open_tenant
from tests.builders import creditor_of
from tests.payments.test_back_dated import standing

FIRST, END = date(2026, 2, 20), date(2026, 8, 31)
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)

paid = st.tuples(
    st.integers(0, 170).map(lambda days: FIRST + timedelta(days=days)),
    st.one_of(st.integers(1, 40_000), st.sampled_from([100_000, 103_800, 160_000, 500_000])),
)
fees = st.lists(
    st.tuples(
        st.sampled_from(["notice_fee", "collection_fee"]),
        st.integers(0, 100).map(lambda days: FIRST + timedelta(days=days)),
        st.sampled_from(["sent", "queued", "handed_over", "heavy"]),
    ),
    max_size=2,
    unique_by=lambda fee: "under_way" if fee[2] in ("queued", "handed_over") else fee,
)


def a_case(world, charged=()):
    case = world.case(amount="1 000,00", due_on="2026-02-02", invoiced_on="2026-01-10")
    for component, on, state in charged:
        if state == "heavy":
            world.heavy_fee(case, 30_000, on)
        else:
            world.letter(case, "reminder", component, 3_800, on, on, state)
    return case


@few
@given(payments=st.lists(paid, min_size=1, max_size=5), charged=fees)
def test_the_book_holds_after_every_payment(world, payments, charged):
    case = a_case(world, charged)
    for value_on, ore in payments:
        world.pay(case, ore, value_on, on=END)
        world.check()
    book = world.book(case)
    assert min([*book.principal_left.values(), book.interest_left_ore, book.notice_fee_left_ore]) >= 0
    assert book.collection_fee_left_ore >= 0
    assert book.paid_ore <= sum(ore for _, ore in payments)


@few
@given(payments=st.lists(paid, min_size=2, max_size=5), charged=fees, data=st.data())
def test_in_any_order_the_same_is_left(world, payments, charged, data):
    """Same-day payments are alike in the book, so the order within a day does not show either."""
    one, other = a_case(world, charged), a_case(world, charged)
    for value_on, ore in data.draw(st.permutations(payments)):
        world.pay(one, ore, value_on, on=END)
    world.take_in(*(SimPayment(other.kid, ore, value_on) for value_on, ore in sorted(payments)), on=END)
    world.place(END)
    assert standing(world, one)[:-1] == standing(world, other)[:-1]
    world.check()


# --- with agreements, choices, pauses and the other settings of the law ---------------------------------------------

ORDER_NAMES = st.sampled_from(["", "default", "customary", "principal_first"])
agreements = st.lists(st.tuples(st.integers(0, 150), ORDER_NAMES), max_size=3, unique_by=lambda a: a[0])
chosen = st.one_of(st.none(), st.tuples(ORDER_NAMES, st.booleans(), st.integers(-3, 2)))
settings_on = st.fixed_dictionaries({"fee_interest": st.booleans(), "write_off_below_ore": st.sampled_from([0, 500])})
pauses = st.lists(st.tuples(st.integers(0, 120), st.one_of(st.none(), st.integers(1, 60))), max_size=2)


def agreed(world, versions):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.delete(CreditorAgreement))
        for days, order in versions:
            tenant.session.add(
                CreditorAgreement(
                    tenant_id=world.tenant_id, id=new_id(), creditor_id=creditor_of(world.tenant_id),
                    valid_from=FIRST + timedelta(days=days), commission_bp=500, allocation_order=order,
                )
            )  # fmt: skip


def choose_all(world, case, choices):
    """Note each payment's choice, in the order the payments came."""
    payments = [p for p in world.payments() if p.state == "new" and p.kid == case.kid]
    [claim] = world.claims(case)
    with open_tenant(world.tenant_id) as tenant:
        for payment, choice in zip(payments, choices, strict=True):
            if choice is not None:
                order, named, days = choice
                row = tenant.session.get_one(Payment, (world.tenant_id, payment.id))
                row.chosen_order, row.chosen_claims = order, [claim.id] if named else []
                row.chosen_at = datetime.combine(payment.value_on + timedelta(days=days), time(12), OSLO)


def pay_as_chosen(world, case, payments):
    world.take_in(*(SimPayment(case.kid, ore, on) for (on, ore), _ in payments), on=END)
    choose_all(world, case, [choice for _, choice in payments])
    world.place(END)


def rich_case(world, charged, stops, consumer):
    kind = "person" if consumer else "sole_trader"
    case = world.case(amount="1 000,00", due_on="2026-02-02", invoiced_on="2026-01-10", debtor_kind=kind)
    for component, on, state in charged:
        if state == "heavy":
            world.heavy_fee(case, 30_000, on)
        elif consumer:
            world.letter(case, "payment_demand", component, 3_800, on, on, state)
        else:
            world.letter(case, "payment_demand", ("compensation", component), (43_000, 3_800), on, on, state)
    [claim] = world.claims(case)
    with open_tenant(world.tenant_id) as tenant:
        for start, length in stops:
            from_on = FIRST + timedelta(days=start)
            until_on = from_on + timedelta(days=length) if length else None
            tenant.session.add(
                InterestPause(
                    tenant_id=world.tenant_id, id=new_id(), creditor_id=case.creditor_id, case_id=case.id,
                    claim_id=claim.id, from_on=from_on, until_on=until_on, reason="creditor_delay", placed_by="cli",
                )
            )  # fmt: skip
    return case


whole_law = {
    "payments": st.lists(st.tuples(paid, chosen), min_size=1, max_size=4),
    "charged": fees,
    "versions": agreements,
    "policy": settings_on,
    "stops": pauses,
    "consumer": st.booleans(),
}


@few
@given(**whole_law)
def test_no_ore_is_made_or_lost_with_choices_agreements_and_pauses(
    world, payments, charged, versions, policy, stops, consumer
):
    """Each payment comes alone, whenever it is dated; every øre of it is on the case, or the debtor's."""
    world.policy(**policy)
    agreed(world, versions)
    case, before = rich_case(world, charged, stops, consumer), world.totals()
    for payment in payments:
        pay_as_chosen(world, case, [payment])
        world.check()
    after, book = world.totals(), world.book(case)
    gone = after.paid_ore - before.paid_ore + after.owed_to_debtors_ore - before.owed_to_debtors_ore
    assert gone == sum(ore for (_, ore), _ in payments)
    assert book.left_ore >= 0
    assert min(book.compensation_left_ore, book.fee_interest_left_ore, book.interest_left_ore, *left_of(book)) >= 0


def left_of(book):
    return [*book.principal_left.values(), book.notice_fee_left_ore, book.collection_fee_left_ore]


@few
@given(data=st.data(), **whole_law)
def test_in_any_order_the_same_is_left_with_choices_agreements_and_pauses(
    world, data, payments, charged, versions, policy, stops, consumer
):
    """D4: of several on one day the order shows when they choose differently, so each has a day of its own."""
    payments = list({on: ((on, ore), choice) for (on, ore), choice in payments}.values())
    world.policy(**policy)
    agreed(world, versions)
    one, other = (rich_case(world, charged, stops, consumer) for _ in range(2))
    for payment in data.draw(st.permutations(payments)):
        pay_as_chosen(world, one, [payment])
    for payment in sorted(payments, key=lambda p: p[0]):
        pay_as_chosen(world, other, [payment])
    assert standing(world, one)[:-1] == standing(world, other)[:-1]
    world.check()
