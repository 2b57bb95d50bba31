"""Worked example W18; PR1-PR10."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saas.rules.facts import Because, DebtorKind
from saas.rules.plan_default import default_calendar
from saas.rules.remarks import (
    PlanBreach,
    RegisteredRemark,
    RemarkAllowed,
    RemarkFacts,
    deletion,
    first_use_on,
    one_month_after,
    remark_verdict,
)
from tests.rules.builders import day

LATER = day("2028-01-03")


def person(petition="2026-10-16", **changes):
    sent_on = day(petition) if petition else None
    return RemarkFacts(DebtorKind.PERSON, legal_step_sent_on=sent_on, demand_sent_on=day("2026-09-01"), **changes)


def company(**changes):
    return RemarkFacts(DebtorKind.COMPANY, demand_sent_on=day("2026-09-01"), **changes)


def why(facts, today=LATER):
    found = remark_verdict(facts, today)
    assert isinstance(found, Because)
    return found.code


@pytest.mark.parametrize(
    ("petition", "earliest"), [("2026-10-16", "2026-11-16"), ("2027-01-31", "2027-03-02"), ("2026-10-29", "2026-11-29")]
)
def test_w18_a_consumers_remark_waits_a_month_after_the_petition_and_never_less_than_thirty_days(petition, earliest):
    """W18, W11, PR1."""
    day_before = remark_verdict(person(petition), day(earliest) - timedelta(days=1))
    assert (day_before.code, day_before.from_day) == ("too_soon", day(earliest))
    assert remark_verdict(person(petition), day(earliest)).from_on == day(earliest)
    assert isinstance(remark_verdict(person(petition), day(earliest) + timedelta(days=1)), RemarkAllowed)


def test_w18_a_companys_remark_waits_a_month_after_the_demand():
    """W18, PR2."""
    assert remark_verdict(company(), day("2026-09-30")).from_day == day("2026-10-01")
    allowed = remark_verdict(company(), day("2026-10-01"))
    assert (allowed.from_on, allowed.copy_first) == (day("2026-10-01"), False)


@pytest.mark.parametrize("kind", [DebtorKind.PERSON, DebtorKind.SOLE_TRADER])
def test_w18_a_sole_trader_is_a_natural_person_so_a_demand_alone_gives_none(kind):
    """W18, PR4, PR1."""
    facts = RemarkFacts(kind, demand_sent_on=day("2026-09-01"))
    assert why(facts) == "no_legal_step"
    assert remark_verdict(replace(facts, debtor_kind=DebtorKind.COMPANY), LATER).from_on == day("2026-10-01")


def test_a_company_without_a_demand_has_none():
    """PR2."""
    assert why(RemarkFacts(DebtorKind.COMPANY, legal_step_sent_on=day("2026-10-16"))) == "no_demand"


def test_w18_none_while_disputed_and_one_already_made_goes_at_once():
    """W18, PR3, E3."""
    assert why(person(objection_open=True)) == "disputed"
    made = RegisteredRemark(day("2026-11-16"), disputed_on=day("2026-11-20"))
    assert deletion(made).on == day("2026-11-20")
    assert deletion(RegisteredRemark(day("2026-11-16"))).on == day("2030-11-16")


def test_a_judgment_ends_the_dispute_once_the_courts_time_limit_is_over():
    """PR3: kredittopplysningsloven § 11 second para."""
    decided = {"objection_open": True, "judgment_on": day("2027-02-10")}
    assert why(person(**decided)) == "court_time_limit_unknown"
    waiting = person(**decided, judgment_pay_by=day("2027-03-15"))
    assert remark_verdict(waiting, day("2027-03-15")).from_day == day("2027-03-16")
    assert remark_verdict(waiting, day("2027-03-16")).from_on == day("2027-03-16")
    same_day = person(**decided, judgment_pay_by=day("2026-11-16"))
    assert remark_verdict(same_day, LATER).from_on == day("2026-11-17")


def test_w18_a_paid_claim_is_deleted_the_same_day():
    """W18, PR6, PR7."""
    ended = deletion(RegisteredRemark(day("2026-11-16"), settled_on=day("2027-02-03")))
    assert (ended.on, ended.because.code) == (day("2027-02-03"), "settled")
    assert why(person(settled_on=day("2027-02-03"))) == "settled"
    assert deletion(RegisteredRemark(day("2026-11-16"), settled_on=day("2027-02-04"))).on == day("2027-02-04")


@pytest.mark.parametrize("field", ["withdrawn_on", "plan_resumed_on"])
def test_a_withdrawn_claim_or_a_resumed_plan_is_deleted_the_same_day(field):
    """PR7, PR1, E12."""
    assert deletion(RegisteredRemark(day("2026-11-16"), **{field: day("2027-02-03")})).on == day("2027-02-03")


def test_w18_four_years_is_the_longest():
    """W18, PR6: § 21."""
    assert deletion(RegisteredRemark(day("2026-11-16"))).on == day("2030-11-16")
    assert deletion(RegisteredRemark(day("2026-11-16"), settled_on=day("2031-01-05"))).on == day("2030-11-16")


@pytest.mark.parametrize(
    ("unenforceable", "step", "year"),
    [
        (True, "2030-11-16", 2034),
        (True, "2030-11-17", 2030),
        (True, None, 2030),
        (False, "2029-01-02", 2030),
        (True, "2026-11-16", 2030),
    ],
)
def test_four_more_years_only_for_a_claim_that_cannot_be_enforced_and_a_new_legal_step(unenforceable, step, year):
    """PR6: § 22."""
    remark = RegisteredRemark(
        day("2026-11-16"), unenforceable=unenforceable, new_legal_step_on=day(step) if step else None
    )
    assert deletion(remark).on == date(year, 11, 16)


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"held": True}, "held", "PR3"),
        ({"time_barred": True}, "time_barred", "H7"),
        ({"debt_relief": True}, "debt_relief", "PR7"),
        ({"vulnerable": True}, "vulnerable", "G6"),
        ({"already_registered": True}, "one_per_claim", "PR9"),
        ({"figures_current": False}, "not_current", "PR10"),
    ],
    ids=["held PR3", "H7", "PR7", "G6", "PR9", "PR10"],
)
def test_what_stands_in_the_way_whatever_the_day(changes, code, rule):
    """PR3, PR7, PR9, PR10, G6, H7."""
    found = remark_verdict(person(**changes), LATER)
    assert found.code == code
    assert rule in found.rule_ids


def breach(**changes):
    calendar = default_calendar(day("2026-10-15"))
    return PlanBreach(**({"with_agency": True, "material": True, "remark_from": calendar.remark_from} | changes))


def test_w17_a_breach_of_a_plan_with_the_agency_lifts_the_wait_of_a_month():
    """W17, E12, PR1."""
    facts = person(petition=None, plan_breach=breach())
    assert remark_verdict(facts, day("2026-11-15")).from_day == day("2026-11-16")
    assert remark_verdict(facts, day("2026-11-16")).from_on == day("2026-11-16")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"resumed": True}, "plan_resumed"),
        ({"with_agency": False}, "no_legal_step"),
        ({"material": False}, "no_legal_step"),
    ],
)
def test_a_resumed_plan_a_plan_with_the_creditor_and_a_trifle_give_none(changes, code):
    """E12, PR1."""
    assert why(person(petition=None, plan_breach=breach(**changes))) == code


def test_a_natural_person_has_fourteen_days_from_the_bureaus_copy():
    """PR5: §§ 19, 20."""
    allowed = remark_verdict(person(), day("2026-11-16"))
    assert allowed.copy_first
    assert first_use_on(allowed, None) is None
    assert first_use_on(allowed, day("2026-11-18")) == day("2026-12-03")
    assert first_use_on(allowed, day("2026-10-20")) == day("2026-11-16")
    assert first_use_on(remark_verdict(company(), LATER), None) == day("2026-10-01")


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_month_is_never_less_than_thirty_days_nor_more_than_thirty_one(sent_on):
    """PR1, PR2."""
    assert 30 <= (one_month_after(sent_on) - sent_on).days <= 31
