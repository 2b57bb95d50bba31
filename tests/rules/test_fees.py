"""Worked examples W7 to W10 and W12; B1-B23."""

from dataclasses import replace

import pytest

from saas.rules.facts import DebtorKind, Stage, Step
from saas.rules.fees import (
    agency_fee_cap,
    claims_in_demand,
    collection_fee_room,
    cost_cap,
    fee_round,
    heavy_from,
    last_demand,
    missed_deadline,
    notice_fee,
    notice_fee_amount,
    principal_at_due,
    total_cost_cap,
    within_cap,
)
from saas.rules.law import UnknownLaw
from saas.rules.money import ore_of_kroner
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded, reminder

OCTOBER = day("2026-10-01")

# principal, then light and heavy for: consumer, consumer + VAT, business, business + VAT
W7 = [
    (("0.01", "500.00"), "187.50 375.00 234.37 468.75 281.25 562.50 351.56 703.12"),
    (("500.01", "1000.00"), "262.50 525.00 328.12 656.25 393.75 787.50 492.18 984.37"),
    (("1000.01", "2500.00"), "300.00 600.00 375.00 750.00 450.00 900.00 562.50 1125.00"),
    (("2500.01", "10000.00"), "600.00 1200.00 750.00 1500.00 900.00 1800.00 1125.00 2250.00"),
    (("10000.01", "50000.00"), "1200.00 2400.00 1500.00 3000.00 1800.00 3600.00 2250.00 4500.00"),
    (("50000.01", "250000.00"), "2700.00 5400.00 3375.00 6750.00 4050.00 8100.00 5062.50 10125.00"),
    (("250000.01",), "5400.00 10800.00 6750.00 13500.00 8100.00 16200.00 10125.00 20250.00"),
]
ENDS = ["500", "1000", "2500", "10000", "50000", "250000", "250000.01"]
SERGEL_2025 = {
    True: "175/350 245/490 280/560 560/1120 1120/2240 2520/5040 5040/10080",
    False: "262.50/525 367.50/735 420/840 840/1680 1680/3360 3780/7560 7560/15120",
}
BEFORE_OCTOBER_2020 = [
    ("2500", "350/700"),
    ("10000", "700/1400"),
    ("50000", "1400/2800"),
    ("250000", "2800/5600"),
    ("250000.01", "5600/11200"),
]


def cap(law, *claims, on="2026-10-01", heavy=False, consumer=True, vat=False):
    return agency_fee_cap(claims, day(on), heavy=heavy, consumer=consumer, vat_added=vat, law=law)


@pytest.mark.parametrize(("principals", "row"), W7)
def test_w7_the_published_table_of_2026_comes_out_cell_by_cell(law, principals, row):
    """B8, B10, B11, B12."""
    cells = [ore_of_kroner(cell) for cell in row.split()]
    for principal in principals:
        owed = claim(principal, "2026-01-15")
        columns = [(c, v, h) for c in (True, False) for v in (False, True) for h in (False, True)]
        assert [cap(law, owed, consumer=c, vat=v, heavy=h) for c, v, h in columns] == cells


@pytest.mark.parametrize("consumer", [True, False])
def test_w7_the_published_table_of_2025_comes_out(law, consumer):
    """B8, B10, B11."""
    for principal, cells in zip(ENDS, SERGEL_2025[consumer].split(), strict=True):
        owed = claim(principal, "2025-03-01")
        light, heavy = (cap(law, owed, on="2025-12-31", consumer=consumer, heavy=h) for h in (False, True))
        assert [light, heavy] == [ore_of_kroner(cell) for cell in cells.split("/")]


@pytest.mark.parametrize(("principal", "cells"), BEFORE_OCTOBER_2020)
def test_w7_a_claim_due_before_october_2020_follows_the_old_table(law, principal, cells):
    """B8, B13."""
    owed = claim(principal, "2020-09-30")
    amounts = [cap(law, owed, on="2025-12-31", heavy=h) for h in (False, True)]
    assert amounts == [ore_of_kroner(cell) for cell in cells.split("/")]


def test_w7_after_one_notice_fee_the_agency_fee_is_what_is_left_of_the_cap(law):
    """B23."""
    assert collection_fee_room(cap(law, claim(500, "2026-01-15")), 3800) == ore_of_kroner("149.50")


@pytest.mark.parametrize(
    ("paid_on", "heavy", "cap_kroner", "room_kroner"),
    [("2025-12-30", False, 560, 525), ("2026-01-01", False, 600, 565), ("2026-01-02", True, 1200, 1165)],
)
def test_w8_the_rate_of_the_day_the_principal_is_paid_decides_the_cap(law, paid_on, heavy, cap_kroner, room_kroner):
    """B9, B10, B11, B23, B26."""
    owed = claim(3000, "2025-10-01")
    assert heavy == (day(paid_on) >= heavy_from(day("2025-12-04")))
    amount = cap(law, owed, on=paid_on, heavy=heavy)
    assert amount == ore_of_kroner(cap_kroner)
    assert collection_fee_room(amount, 3500) == ore_of_kroner(room_kroner)


def test_w20_a_creditor_who_cannot_deduct_vat_has_it_inside_the_cap_beside_the_notice_fee(law):
    """W20, B12, B23: 712.00 is 569.60 and 142.40 VAT."""
    room = collection_fee_room(cap(law, claim(5000, "2026-06-15"), vat=True, on="2026-08-01"), 3_800)
    assert room == ore_of_kroner("712.00") == ore_of_kroner("569.60") + ore_of_kroner("142.40")
    assert 4 * ore_of_kroner("142.40") == ore_of_kroner("569.60")


@pytest.mark.parametrize(
    ("deadline_on", "first_heavy_day"),
    [
        ("2026-09-15", "2026-10-14"),
        ("2026-04-03", "2026-05-02"),
        ("2026-09-22", "2026-10-21"),
        ("2026-04-07", "2026-05-06"),
    ],
)
def test_w9_the_fee_doubles_29_days_after_the_printed_deadline(deadline_on, first_heavy_day):
    """B10, N13."""
    assert heavy_from(day(deadline_on)) == day(first_heavy_day)


def test_w9_days_on_hold_do_not_count_towards_the_heavy_fee():
    """B10, E6."""
    assert heavy_from(day("2026-09-15"), held_days=10) == day("2026-10-24")


# --- notice fees ----------------------------------------------------------------------------------------------------

W10_CLAIM = (claim(3000, "2026-09-15"),)
W10_REMINDER = reminder("2026-09-29", "2026-10-13")
W10_NOTICE = collection_notice("2026-10-14", "2026-10-28")


def fee(law, step, sent_on, *notices, claims=W10_CLAIM, own=False):
    return notice_fee(step, notices, claims, day(sent_on), law, own)


def test_w10_a_reminder_on_day_13_bears_no_fee_and_on_day_14_it_bears_38(law):
    """W10, B1, B6, B28."""
    assert fee(law, Step.REMINDER, "2026-09-28") == 0
    assert fee(law, Step.REMINDER, "2026-09-29") == 3800


def test_w10_a_collection_notice_on_the_last_day_of_the_first_deadline_bears_no_fee_and_the_day_after_38(law):
    """B3."""
    assert fee(law, Step.COLLECTION_NOTICE, "2026-10-13", W10_REMINDER) == 0
    assert fee(law, Step.COLLECTION_NOTICE, "2026-10-14", W10_REMINDER) == 3800


def test_w10_a_third_reminder_bears_no_fee(law):
    """B2."""
    assert fee(law, Step.REMINDER, "2026-11-10", W10_REMINDER, W10_NOTICE) == 0


def test_w10_the_creditors_own_demand_bears_113_after_the_missed_deadline(law):
    """B2, B4."""
    sent = (W10_REMINDER, W10_NOTICE)
    assert fee(law, Step.PAYMENT_DEMAND, "2026-10-29", *sent, own=True) == 11_300
    assert ore_of_kroner(189) == 3800 + 3800 + 11_300


def test_the_creditors_own_demand_bears_no_fee_before_a_deadline_is_missed_nor_a_second_time(law):
    """B2, B4."""
    assert fee(law, Step.PAYMENT_DEMAND, "2026-10-13", W10_REMINDER, own=True) == 0
    charged = (W10_REMINDER, W10_NOTICE, demand("2026-10-29", "2026-11-12", 11_300))
    assert fee(law, Step.PAYMENT_DEMAND, "2026-11-20", *charged, own=True) == 0
    assert fee(law, Step.REMINDER, "2026-11-20", *charged) == 0


def test_a_deadline_set_before_the_due_date_is_not_one_the_debtor_has_missed(law):
    """B4."""
    early = reminder("2026-09-15", "2026-10-13", fee_ore=0)
    assert fee(law, Step.PAYMENT_DEMAND, "2026-10-29", early, own=True) == 0


def test_an_agencys_demand_bears_no_notice_fee(law):
    assert fee(law, Step.PAYMENT_DEMAND, "2026-10-29", W10_REMINDER, W10_NOTICE) == 0


def test_w10_a_reminder_sent_in_2025_costs_35(law):
    assert fee(law, Step.REMINDER, "2025-12-31", claims=(claim(3000, "2025-10-01"),)) == 3500
    assert fee(law, Step.REMINDER, "2026-01-01", claims=(claim(3000, "2025-10-01"),)) == 3800


@pytest.mark.parametrize(("sent_on", "fee_ore"), [("2026-09-30", 0), ("2026-10-01", 3800)])
def test_w10_new_fees_are_allowed_when_more_than_six_months_have_passed(law, sent_on, fee_ore):
    """W10, B5."""
    old = (reminder("2026-02-01", "2026-02-16"), collection_notice("2026-03-31", "2026-04-14"))
    assert fee(law, Step.REMINDER, sent_on, *old, claims=(claim(3000, "2026-01-02"),)) == fee_ore


def test_a_second_fee_needs_a_first_deadline_of_at_least_fourteen_days(law):
    """B3."""
    short = reminder("2026-09-29", "2026-10-12")
    assert fee(law, Step.COLLECTION_NOTICE, "2026-10-20", short) == 0


def test_a_reminder_after_a_collection_notice_with_fee_bears_none(law):
    """B2."""
    first = collection_notice("2026-09-29", "2026-10-13")
    assert fee(law, Step.REMINDER, "2026-10-20", first) == 0
    assert fee(law, Step.COLLECTION_NOTICE, "2026-10-20", first) == 0


def test_a_first_reminder_without_fee_does_not_use_up_the_first_fee(law):
    """B2, B6."""
    assert fee(law, Step.COLLECTION_NOTICE, "2026-10-01", reminder("2026-09-20", "2026-10-04", fee_ore=0)) == 3800


def test_with_several_claims_the_latest_due_date_decides_whether_a_fee_is_borne(law):
    """B1, B28."""
    claims = (claim(900, "2026-08-15", nth=1), claim(900, "2026-09-15", nth=2))
    assert fee(law, Step.REMINDER, "2026-09-28", claims=claims) == 0
    assert fee(law, Step.REMINDER, "2026-09-29", claims=claims) == 3800


@pytest.mark.parametrize(
    ("due_on", "notice_kroner", "own_demand_kroner"),
    [("2020-09-30", 70, 210), ("2020-10-01", 35, 105), ("2020-10-02", 35, 105)],
)
def test_the_fraction_halves_for_claims_due_from_1_october_2020(law, due_on, notice_kroner, own_demand_kroner):
    sent_on = day("2020-12-01")
    assert notice_fee_amount(day(due_on), sent_on, law) == ore_of_kroner(notice_kroner)
    own = notice_fee_amount(day(due_on), sent_on, law, by_creditor_own_demand=True)
    assert own == ore_of_kroner(own_demand_kroner)


def test_a_fee_for_a_year_without_a_known_rate_is_an_error(law):
    with pytest.raises(UnknownLaw):
        fee(law, Step.REMINDER, "2027-01-04")


# --- the cap is a total ---------------------------------------------------------------------------------------------


def test_w10_notice_fees_use_up_part_of_the_agencys_cap(law):
    """B23."""
    assert collection_fee_room(cap(law, claim(3000, "2026-09-15")), 18_900) == ore_of_kroner(411)


def test_w10_with_principal_400_the_notice_fees_themselves_stop_at_the_cap(law):
    """B23."""
    light = cap(law, claim(400, "2026-09-15"))
    assert light == ore_of_kroner("187.50")
    assert collection_fee_room(light, 18_900) == 0
    assert within_cap(11_300, light, 7600) == ore_of_kroner("111.50")


def test_w12_joined_claims_bear_one_fee_on_their_sum(law):
    """B16."""
    invoices = [claim(900, "2026-04-15"), claim(1200, "2026-05-15"), claim(700, "2026-06-15")]
    assert cap(law, *invoices) == ore_of_kroner(600)
    separate = sum(cap(law, invoice) for invoice in invoices)
    assert separate - cap(law, *invoices) == ore_of_kroner(225)


def test_w12_the_sum_is_compared_with_the_band_inclusively(law):
    """B8, B16."""
    assert cap(law, claim(1300, "2026-04-15"), claim(1200, "2026-05-15")) == ore_of_kroner(300)
    assert cap(law, claim(1300, "2026-04-15"), claim("1200.01", "2026-05-15")) == ore_of_kroner(600)


def test_w12_when_joining_costs_more_the_sum_of_single_fees_is_charged(law):
    """B16."""
    pair = (claim(900, "2026-04-15"), claim(1700, "2026-05-15"))
    joined = cost_cap(pair, OCTOBER, heavy=False, consumer=True, vat_added=False, law=law)
    assert joined.cap_ore == ore_of_kroner("562.50")
    assert not joined.joined
    assert [p.cap_ore for p in joined.parts] == [26_250, 30_000]


def test_claims_from_before_and_after_the_new_table_get_the_lower_of_both(law):
    """B13."""
    pair = (claim(200, "2020-09-30"), claim(200, "2020-10-01"))
    assert cap(law, *pair, on="2025-12-31") == ore_of_kroner(175)  # 0.25, not 0.5


def test_a_claim_of_nothing_gives_no_room(law):
    assert cap(law, claim(0, "2026-04-15")) == 0
    assert cap(law, claim(0, "2026-04-15"), claim(400, "2026-04-15")) == ore_of_kroner("187.50")


@pytest.mark.parametrize(
    ("wanted", "limit", "charged", "allowed"), [(100, 300, 0, 100), (100, 150, 100, 50), (100, 150, 200, 0)]
)
def test_a_cost_line_gets_what_room_is_left_and_never_less_than_nothing(wanted, limit, charged, allowed):
    """B23, N11."""
    assert within_cap(wanted, limit, charged) == allowed


# --- how a cap came about -------------------------------------------------------------------------------------------

SINGLE = (claim(3000, "2026-04-15"),)
JOINED = (claim(1300, "2026-04-15"), claim(1200, "2026-05-15"))
CHEAPER_APART = (claim(900, "2026-04-15"), claim(1700, "2026-05-15"))
NOTHING_OWED = (claim(0, "2026-04-15"),)


@pytest.mark.parametrize(
    ("claims", "joined", "bases"),
    [
        (SINGLE, True, [300_000]),
        (JOINED, True, [250_000]),
        (CHEAPER_APART, False, [90_000, 170_000]),
        (NOTHING_OWED, True, []),
    ],
)
@pytest.mark.parametrize("heavy", [False, True])
@pytest.mark.parametrize("vat_added", [False, True])
def test_a_cap_tells_from_which_principal_rate_and_band_it_came(law, claims, joined, bases, heavy, vat_added):
    """B11, B12, B16."""
    came = cost_cap(claims, OCTOBER, heavy=heavy, consumer=True, vat_added=vat_added, law=law)
    assert (came.on, came.heavy, came.joined) == (OCTOBER, heavy, joined)
    assert [part.base_ore for part in came.parts] == bases
    assert came.cap_ore == sum(part.cap_ore for part in came.parts)
    assert came.rate is law.collection_rate(OCTOBER)
    assert came.vat is (law.vat_rate(OCTOBER) if vat_added else None)


def test_claims_that_cost_the_same_apart_and_together_count_as_joined(law):
    """B16."""
    pair = (claim(2400, "2026-04-15"), claim(2400, "2026-05-15"))
    together = cost_cap(pair, OCTOBER, heavy=False, consumer=True, vat_added=False, law=law)
    assert together.cap_ore == sum(cap(law, owed) for owed in pair) == ore_of_kroner(600)
    assert together.joined


def test_the_band_base_is_what_was_left_on_the_due_date_and_later_payments_do_not_lower_it(law):
    """B8."""
    paid = claim(3000, "2026-04-15", paid=(("2026-04-14", 100), ("2026-04-15", 400), ("2026-04-16", 1000)))
    assert principal_at_due(paid) == 250_000
    assert principal_at_due(claim(3000, "2026-04-15")) == 300_000
    assert cap(law, paid) == ore_of_kroner(300)
    assert cap(law, claim(3000, "2026-04-15", paid=(("2026-04-16", 1000),))) == ore_of_kroner(600)


@pytest.mark.parametrize(
    ("kind", "vat_deductible", "kroner"),
    [
        (DebtorKind.PERSON, True, "600"),
        (DebtorKind.PERSON, False, "750"),
        (DebtorKind.COMPANY, True, "900"),
        (DebtorKind.SOLE_TRADER, False, "1125"),
    ],
)
def test_the_cases_cap_asks_who_owes_and_whether_the_creditor_deducts_vat(law, kind, vat_deductible, kroner):
    """B12, B23, N14."""
    facts = demanded(debtor_kind=kind, vat_deductible=vat_deductible)
    assert total_cost_cap(facts, OCTOBER, law).cap_ore == ore_of_kroner(kroner)
    assert total_cost_cap(facts, OCTOBER, law, heavy=True).cap_ore == 2 * ore_of_kroner(kroner)


# due 15 September, demanded 14 October
PAID_BEFORE = claim(900, "2026-09-15", paid=(("2026-10-13", 900),), nth=1)
PAID_ON_THE_DAY = claim(1000, "2026-09-15", paid=(("2026-10-14", 1000),), nth=2)
ONE_ORE_LEFT = claim(400, "2026-09-15", paid=(("2026-10-10", "399.99"),), nth=3)
UNPAID = claim(1200, "2026-09-15", nth=4)


def test_a_demand_is_about_the_claims_that_were_not_paid_before_the_day_it_was_sent(law):
    """B8."""
    facts = demanded(PAID_BEFORE, PAID_ON_THE_DAY, ONE_ORE_LEFT, UNPAID)
    assert claims_in_demand(facts) == [PAID_ON_THE_DAY, ONE_ORE_LEFT, UNPAID]
    assert total_cost_cap(facts, OCTOBER, law).parts[0].base_ore == 260_000


def test_the_heavy_cap_leaves_out_what_was_paid_since_the_demand_to_the_last_ore(law):
    """B10, B23."""
    facts = demanded(PAID_BEFORE, PAID_ON_THE_DAY, ONE_ORE_LEFT, UNPAID)
    heavy = total_cost_cap(facts, OCTOBER, law, heavy=True)
    assert [part.base_ore for part in heavy.parts] == [160_000]
    assert heavy.cap_ore == ore_of_kroner(600)


def test_before_a_demand_the_cap_is_for_the_claims_still_owed(law):
    """B8."""
    facts = case(PAID_BEFORE, ONE_ORE_LEFT, UNPAID, stage=Stage.NOTICED)
    assert claims_in_demand(facts) == [ONE_ORE_LEFT, UNPAID]


def test_the_creditors_own_demand_is_not_the_one_the_agencys_fee_rests_on():
    ours, theirs = demand("2026-10-14", "2026-10-28"), demand("2026-10-20", "2026-11-03", by_creditor=True)
    newer = demand("2026-11-10", "2026-11-24")
    assert last_demand((ours, theirs)) == ours
    assert last_demand((ours, theirs, newer)) == newer
    assert last_demand((theirs, collection_notice("2026-10-14", "2026-10-28"))) is None


# --- rounds of fees -------------------------------------------------------------------------------------------------


def test_letters_with_a_fee_are_one_round_until_more_than_six_months_pass_between_two():
    """B5."""
    first, free = reminder("2026-01-31", "2026-02-16"), reminder("2026-03-01", "2026-03-16", fee_ore=0)
    second = collection_notice("2026-07-31", "2026-08-14", fee_ore=1)
    assert fee_round((first, free, second), day("2026-08-01")) == [first, second]
    late = collection_notice("2026-08-01", "2026-08-17")
    assert fee_round((first, free, late), day("2026-08-20")) == [late]
    assert fee_round((first, second), day("2027-01-31")) == [first, second]
    assert fee_round((first, second), day("2027-02-01")) == []
    assert fee_round((free,), day("2026-03-10")) == []


@pytest.mark.parametrize(
    ("sent_on", "deadline_on", "on", "missed"),
    [
        ("2026-09-16", "2026-09-30", "2026-10-01", True),
        ("2026-09-16", "2026-09-30", "2026-09-30", False),
        ("2026-09-16", "2026-09-29", "2026-10-01", False),
        ("2026-09-15", "2026-09-30", "2026-10-01", False),
    ],
)
def test_a_deadline_is_missed_the_day_after_it_when_it_was_long_enough_and_set_after_the_due_date(
    sent_on, deadline_on, on, missed
):
    """B4, B10."""
    assert missed_deadline((reminder(sent_on, deadline_on),), day(on), [claim(1000, "2026-09-15")]) == missed
    assert not missed_deadline((demand(sent_on, deadline_on),), day(on), [claim(1000, "2026-09-15")])


def test_a_demand_bears_a_notice_fee_only_when_the_creditor_is_said_to_send_it(law):
    """B4."""
    assert notice_fee(Step.PAYMENT_DEMAND, (W10_REMINDER,), W10_CLAIM, day("2026-10-29"), law) == 0


def test_days_on_hold_are_refused_when_they_would_bring_the_heavy_fee_forward():
    """B10, E6."""
    assert heavy_from(day("2026-09-15"), 0) == day("2026-10-14")
    with pytest.raises(ValueError, match=r"^days on hold cannot bring the heavy fee forward$"):
        heavy_from(day("2026-09-15"), -1)


def test_a_letter_about_some_claims_sets_a_deadline_and_asks_for_a_fee_on_those_alone(law):
    """B4, B8, B10."""
    owed, other = claim(1200, "2026-09-15", nth=1), claim(900, "2026-09-15", nth=2)
    about_one = replace(reminder("2026-09-16", "2026-09-30"), claim_ids=(owed.id,))
    assert missed_deadline((about_one,), day("2026-10-01"), [owed])
    assert not missed_deadline((about_one,), day("2026-10-01"), [owed, other])
    asked = replace(demand("2026-10-14", "2026-10-28"), claim_ids=(owed.id,))
    assert claims_in_demand(demanded(owed, other, notices=(about_one, asked))) == [owed]
