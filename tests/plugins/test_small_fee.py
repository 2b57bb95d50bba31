"""A house charges less than the law allows (`limit_fee`), and never more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugins.small_fee import SmallFee
from saas.rules.facts import CostKind, Step
from saas.testing.facts import a_case, a_fee


def limit(fee, case=None, **settings):
    return SmallFee(SmallFee.Settings().load(settings)).limit_fee(fee, case or a_case())


def test_limit_fee_is_a_share_rounded_down_to_whole_kroner():
    assert limit(a_fee(ore=3_900)) == 1_900
    assert limit(a_fee(ore=3_900), notice_fee_percent=0) == 0


def test_the_two_fees_have_shares_of_their_own():
    demand = a_fee(Step.PAYMENT_DEMAND, CostKind.COLLECTION_FEE, 35_000)
    assert limit(demand, notice_fee_percent=10, collection_fee_percent=80) == 28_000


def test_a_hundred_percent_is_no_opinion():
    assert limit(a_fee(), notice_fee_percent=100) is None


def test_standard_compensation_is_the_creditors_by_law_and_left_alone():
    assert limit(a_fee(kind=CostKind.COMPENSATION, ore=48_000), free_below_kroner=1_000_000) is None


def test_a_small_claim_is_free_and_the_next_øre_is_not():
    assert limit(a_fee(), a_case(kroner="199.99"), free_below_kroner=200, notice_fee_percent=100) == 0
    assert limit(a_fee(), a_case(kroner=200), free_below_kroner=200, notice_fee_percent=100) is None


@given(ore=st.integers(0, 10**7), percent=st.integers(0, 100), free=st.integers(0, 10**6))
def test_it_is_never_above_what_was_proposed_nor_below_nothing(ore, percent, free):
    answer = limit(a_fee(ore=ore), notice_fee_percent=percent, free_below_kroner=free)
    assert answer is None or 0 <= answer <= ore


@pytest.mark.parametrize("percent", [-1, 101, "50", 49.5])
def test_settings_that_make_no_sense_are_refused(percent):
    with pytest.raises(ValidationError):
        SmallFee.Settings().load({"notice_fee_percent": percent})
