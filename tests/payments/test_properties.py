"""Whatever is paid, in whatever order: the book holds, and the order makes no difference."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saas.simulators.bank import SimPayment
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
