"""K2-K6: forbrukerkjøpsloven § 48 a."""

from dataclasses import replace

import pytest

from saas.rules.disconnection import (
    CONTENT_NAMES,
    DisconnectionAllowed,
    DisconnectionCost,
    DisconnectionFacts,
    NoticeContent,
    costs_owed,
    disconnection_verdict,
    last_day_to_pay,
    missing_content,
)
from saas.rules.facts import Policy
from tests.rules.builders import day

NO_GRACE = Policy(grace_banking_days=0)
HOME = DisconnectionFacts(
    consumer=True,
    by_grid_company=True,
    material_breach=True,
    notice_sent_on=day("2026-10-01"),
    sent_personally_too=True,
)
SHOP = replace(HOME, consumer=False, sent_personally_too=False, notice_content=())


@pytest.mark.parametrize(("today", "allowed"), [("2026-10-28", False), ("2026-10-29", False), ("2026-10-30", True)])
def test_a_home_may_be_cut_the_day_after_four_weeks_and_not_on_the_last_day(today, allowed):
    """K3: 29 October still belongs to the customer."""
    found = disconnection_verdict(HOME, day(today), NO_GRACE)
    assert isinstance(found, DisconnectionAllowed) is allowed
    assert (found.from_on if allowed else found.from_day) == day("2026-10-30")


def test_payments_under_way_have_their_days():
    """K3, A2: three banking days after Thursday 29 October."""
    assert disconnection_verdict(HOME, day("2026-10-30")).from_day == day("2026-11-04")


def test_a_deadline_on_a_holiday_is_lengthened():
    """K3, A3: four weeks from 17 April 2026 is Friday 15 May; from 19 April it is Sunday 17 May."""
    assert last_day_to_pay(day("2026-04-17"), consumer=True) == day("2026-05-15")
    assert last_day_to_pay(day("2026-04-19"), consumer=True) == day("2026-05-18")


def test_a_business_has_two_weeks():
    """K6: 15 October is the last day."""
    assert last_day_to_pay(day("2026-10-01"), consumer=False) == day("2026-10-15")
    assert last_day_to_pay(day("2026-10-02"), consumer=False) == day("2026-10-16")
    assert disconnection_verdict(SHOP, day("2026-10-15"), NO_GRACE).from_day == day("2026-10-16")
    assert disconnection_verdict(SHOP, day("2026-10-16"), NO_GRACE).conclusions[0].rule_id == "K6"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"by_grid_company": False}, "not_grid_company"),
        ({"paid": True}, "paid"),
        ({"danger": True}, "danger"),
        ({"objection_open": True}, "objection"),
        ({"social_services_took_over": True}, "social_services"),
        ({"health_statement_unreviewed": True}, "health_statement"),
        ({"material_breach": False}, "not_material"),
        ({"notice_sent_on": None}, "no_notice"),
        ({"sent_personally_too": False}, "not_sent_personally"),
    ],
    ids=["K2", "K3 paid", "K5 danger", "K5 objection", "K5 social", "N5", "K3 material", "K3 notice", "K3 person"],
)
def test_it_is_forbidden_however_long_ago_the_notice_was(changes, code):
    """K2, K3, K5, N5."""
    assert disconnection_verdict(replace(HOME, **changes), day("2027-06-01")).code == code


@pytest.mark.parametrize("content", NoticeContent)
def test_a_notice_must_say_all_the_act_demands(content):
    """K4."""
    present = tuple(c for c in NoticeContent if c is not content)
    assert missing_content(present) == (content,)
    found = disconnection_verdict(replace(HOME, notice_content=present), day("2027-06-01"))
    assert (found.code, CONTENT_NAMES[content] in found.message) == ("notice_incomplete", True)


def test_a_broken_procedure_costs_the_customer_nothing():
    """K6."""
    assert costs_owed(procedure_followed=False, disconnected=True, reopened=True) == ()


def test_the_notice_is_paid_for_even_when_no_disconnection_follows():
    """K6."""
    assert costs_owed(procedure_followed=True, disconnected=False, reopened=True) == (DisconnectionCost.NOTICE,)
    assert costs_owed(procedure_followed=True, disconnected=True, reopened=False) == (
        DisconnectionCost.NOTICE,
        DisconnectionCost.DISCONNECTION,
    )
    assert len(costs_owed(procedure_followed=True, disconnected=True, reopened=True)) == 3
