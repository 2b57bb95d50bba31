"""B19-B22 and the board's list N8: what is taken off, and what is paid back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.lost_costs import LOSSES, ChargedCosts, LostCostReason, Scope, refund_due, scope_of
from saas.rules.money import Ore
from saas.rules.regime import Regime

R = LostCostReason
UNPAID = ChargedCosts(Ore(7_600), Ore(52_400))
PAID = ChargedCosts(Ore(7_600), Ore(52_400), Ore(7_600), Ore(52_400))


@pytest.mark.parametrize(
    ("reason", "scope"),
    [
        (R.NOT_NECESSARY, Scope.ABOVE_LAWFUL),
        (R.OBJECTION_BEFORE, Scope.ALL),
        (R.PAID_WITHIN_NOTICE, Scope.AGENCY_FEE),
        (R.BAD_PRACTICE, Scope.ALL),
        (R.ORDER_IGNORED, Scope.ALL),
        (R.NOTICE_RULES_BROKEN, Scope.AGENCY_FEE),
        (R.FAULTY_NOTICE, Scope.ALL),
        (R.FIRST_BILL_FEE, Scope.ABOVE_LAWFUL),
        (R.MINOR, Scope.ALL),
        (R.OBJECTION_IGNORED, Scope.ALL),
        (R.REMARK_ON_DISPUTED, Scope.ALL),
        (R.NOT_DUE, Scope.ALL),
        (R.MISSING_NOTICE, Scope.AGENCY_FEE),
        (R.MISSING_DEMAND, Scope.AGENCY_FEE),
        (R.FEE_TOO_HIGH, Scope.ABOVE_LAWFUL),
        (R.NOT_JOINED, Scope.ABOVE_LAWFUL),
        (R.UNDUE_PRESSURE, Scope.ALL),
        (R.WRONG_HOURS, Scope.ALL),
        (R.VAT_WRONGLY_CHARGED, Scope.ABOVE_LAWFUL),
        (R.PLAN_COSTS_NOT_TOLD, Scope.ABOVE_LAWFUL),
        (R.DEBTOR_DEAD, Scope.ALL),
    ],
)
def test_each_reason_loses_what_the_act_says(reason, scope):
    """B19, B20, B21, B22, N2, N4, N8, N9, N10, N11, N13, N14, B14, B16, B17, G7."""
    assert LOSSES[reason].scope is scope
    assert scope_of(reason, Regime.ACT_1988) is scope
    assert LOSSES[reason].rule_ids
    assert LOSSES[reason].message.endswith(".")


def test_the_table_has_every_reason():
    """N8."""
    assert set(LOSSES) == set(LostCostReason)


def test_all_costs_fall_away_and_what_was_paid_comes_back():
    """B19: objections there was reason to have tried first."""
    refund = refund_due(PAID, R.OBJECTION_BEFORE)
    assert (refund.taken_off_ore, refund.repay_ore) == (60_000, 60_000)
    assert "600,00\u00a0kr skal tilbake" in refund.explanation


def test_unpaid_costs_are_taken_off_and_nothing_is_paid_back():
    """B19."""
    refund = refund_due(UNPAID, R.BAD_PRACTICE)
    assert (refund.taken_off_ore, refund.repay_ore) == (60_000, 0)


def test_payment_within_the_notice_costs_the_agency_its_fee_and_leaves_the_notice_fees():
    """B19, B9: INKL § 17 third para."""
    refund = refund_due(PAID, R.PAID_WITHIN_NOTICE)
    assert (refund.notice_fees_ore, refund.collection_fee_ore, refund.repay_ore) == (0, 52_400, 52_400)


def test_a_faulty_notice_gives_back_the_costs_of_its_round():
    """B20, N9."""
    assert refund_due(ChargedCosts(Ore(3_800), Ore(0), Ore(3_800)), R.FAULTY_NOTICE).repay_ore == 3_800


def test_claims_wrongly_kept_apart_give_back_the_difference():
    """N8, B16, W12: 825 charged, 600 lawful."""
    charged = ChargedCosts(Ore(0), Ore(82_500), Ore(0), Ore(70_000))
    refund = refund_due(charged, R.NOT_JOINED, lawful_ore=60_000)
    assert (refund.collection_fee_ore, refund.repay_ore) == (22_500, 10_000)


def test_the_excess_comes_off_the_collection_fee_first():
    """N8, B23."""
    refund = refund_due(UNPAID, R.FEE_TOO_HIGH, lawful_ore=5_000)
    assert (refund.collection_fee_ore, refund.notice_fees_ore) == (52_400, 2_600)


@pytest.mark.parametrize(("lawful", "taken"), [(59_999, 1), (60_000, 0), (60_001, 0)])
def test_costs_within_what_is_lawful_stay(lawful, taken):
    """N8, B23."""
    assert refund_due(UNPAID, R.FEE_TOO_HIGH, lawful).taken_off_ore == taken


@pytest.mark.parametrize(
    ("charged", "reason", "lawful"),
    [
        (UNPAID, R.FEE_TOO_HIGH, None),
        (UNPAID, R.FEE_TOO_HIGH, -1),
        (ChargedCosts(Ore(-1), Ore(0)), R.MINOR, None),
        (ChargedCosts(Ore(0), Ore(10), Ore(0), Ore(11)), R.MINOR, None),
        (ChargedCosts(Ore(10), Ore(0), Ore(11), Ore(0)), R.MINOR, None),
    ],
)
def test_what_cannot_be_is_an_error(charged, reason, lawful):
    """B19."""
    with pytest.raises(ValueError, match=r"."):
        refund_due(charged, reason, lawful)


amounts = st.integers(0, 500_000)


@given(amounts, amounts, amounts, amounts, amounts, st.sampled_from(LostCostReason))
def test_a_refund_is_never_more_than_was_charged_nor_repaid_more_than_was_paid(notice, fee, a, b, lawful, reason):
    """B19, N8."""
    charged = ChargedCosts(Ore(notice), Ore(fee), Ore(min(a, notice)), Ore(min(b, fee)))
    refund = refund_due(charged, reason, lawful)
    left = charged.total_ore - refund.taken_off_ore
    paid = charged.paid_notice_fees_ore + charged.paid_collection_fee_ore
    assert 0 <= refund.repay_ore <= min(refund.taken_off_ore, paid)
    assert 0 <= left <= charged.total_ore
    assert paid - refund.repay_ore <= left
    if LOSSES[reason].scope is Scope.ABOVE_LAWFUL:
        assert left == min(lawful, charged.total_ore)


@pytest.mark.parametrize(
    ("reason", "lawful", "repay"),
    [
        (R.FAULTY_NOTICE, None, 60_000),
        (R.MINOR, None, 60_000),
        (R.NOT_DUE, None, 60_000),
        (R.OBJECTION_BEFORE, None, 60_000),
        (R.FIRST_BILL_FEE, 56_000, 4_000),
        (R.NOT_NECESSARY, 60_000, 0),
    ],
    ids=["B20", "B22", "N2", "N4", "B21", "B19"],
)
def test_what_was_paid_of_costs_that_are_lost_comes_back_and_what_was_not_paid_does_not(reason, lawful, repay):
    """B19, B20, B21, B22, N2, N4, N9."""
    assert refund_due(PAID, reason, lawful).repay_ore == repay
    unpaid = refund_due(UNPAID, reason, lawful)
    assert (unpaid.taken_off_ore, unpaid.repay_ore) == (repay, 0)
