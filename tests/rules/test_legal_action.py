"""Worked example W11; S5, S6, A5, A12, E14."""

from dataclasses import replace

import pytest

from saas.rules.facts import Because, HoldFacts, HoldReason, Policy
from saas.rules.legal_action import (
    Exception12,
    LegalFacts,
    LegalWindow,
    Route,
    is_direct_suit_allowed,
    legal_action_window,
    why_not_now,
)
from tests.rules.builders import case, claim, collection_notice, day, demand, demanded

NO_GRACE = Policy(grace_banking_days=0)
PETITION = LegalFacts(Route.ATTACHMENT, assessed_rightful_on=day("2026-10-14"), demand_gives_notice=True)
COMPLAINT = replace(PETITION, route=Route.CONCILIATION)
SUIT = replace(PETITION, route=Route.SUIT, creditor_consents=True, board_decided_merits=True, notice_on_paper=True)


def window(legal=PETITION, today="2026-11-02", facts=None, policy=NO_GRACE):
    return legal_action_window(facts or demanded(), legal, day(today), policy)


def test_w11_a_petition_may_go_the_day_after_the_demands_deadline_and_until_six_months_after_it_was_sent():
    """W11, S5, S6, A1."""
    found = window()
    assert (found.opens_on, found.closes_on) == (day("2026-10-29"), day("2027-04-14"))
    assert [c.rule_id for c in found.conclusions] == ["S5", "A1", "S6"]


@pytest.mark.parametrize(("today", "permitted"), [("2026-10-28", False), ("2026-10-29", True), ("2026-10-30", True)])
def test_w11_nothing_is_filed_on_the_deadlines_last_day(today, permitted):
    """W11, A1, S5, S6."""
    found = why_not_now(demanded(), PETITION, day(today), NO_GRACE)
    assert isinstance(found, LegalWindow) is permitted
    assert permitted or (found.code, found.from_day) == ("too_soon", day("2026-10-29"))


@pytest.mark.parametrize(("today", "permitted"), [("2027-04-13", True), ("2027-04-14", True), ("2027-04-15", False)])
def test_w11_after_six_months_a_new_demand_is_needed(today, permitted):
    """W11, S6: INKL § 11 second para."""
    found = why_not_now(demanded(), COMPLAINT, day(today), NO_GRACE)
    assert isinstance(found, LegalWindow) is permitted
    assert permitted or found.code == "demand_too_old"


def test_it_waits_until_somebody_has_assessed_the_claim():
    """S6: INKL § 11."""
    assert window(replace(PETITION, assessed_rightful_on=day("2026-11-16"))).opens_on == day("2026-11-16")


def test_payments_under_way_have_their_days_before_a_petition():
    """A2, S6: 28 October is a Wednesday."""
    assert window(policy=Policy()).opens_on == day("2026-11-03")
    assert window(policy=NO_GRACE).opens_on == day("2026-10-29")


def test_days_on_hold_do_not_lengthen_the_six_months():
    """E6, S6."""
    later = (collection_notice("2026-09-29", "2026-10-13"), demand("2026-10-20", "2026-11-03"))
    for facts, closes_on in ((demanded(), "2027-04-14"), (demanded(notices=later), "2027-04-20")):
        assert window(facts=facts).closes_on == day(closes_on)
        assert window(facts=replace(facts, held_days_since_demand=40)).closes_on == day(closes_on)


def test_a_separate_notice_has_a_deadline_of_its_own_and_the_six_months_still_run_from_the_demand():
    """S5, S6."""
    later = replace(PETITION, demand_gives_notice=False, separate_notice=(day("2026-11-16"), day("2026-11-30")))
    found = window(later)
    assert (found.opens_on, found.closes_on) == (day("2026-12-01"), day("2027-04-14"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"demand_gives_notice": False}, "no_legal_notice"),
        ({"separate_notice": (day("2026-11-16"), day("2026-11-29"))}, "deadline_too_short"),
        (
            {"demand_gives_notice": False, "separate_notice": (day("2026-10-13"), day("2026-10-30"))},
            "notice_before_demand",
        ),
        ({"assessed_rightful_on": None}, "not_assessed"),
        ({"disputed": True}, "disputed"),
    ],
    ids=["S5 none", "S5 short", "S5 early", "S6", "E3"],
)
def test_what_the_acts_ask_for_first(changes, code):
    """S5, S6, E3."""
    assert window(replace(PETITION, **changes)).code == code


def test_without_a_demand_that_gave_fourteen_days_there_is_no_window():
    """S4, S6, A1."""
    assert window(facts=case()).code == "no_demand"
    short = case(notices=(demand("2026-10-14", "2026-10-27"),))
    assert window(facts=short).code == "no_demand"


def test_a_self_collecting_creditors_own_demand_counts():
    """S6."""
    own = demand("2026-10-14", "2026-10-28", by_creditor=True)
    assert window(facts=case(notices=(own,), agency_licence=False)).opens_on == day("2026-10-29")
    assert window(facts=case(notices=(own,))).code == "no_demand"


def test_every_printed_deadline_is_waited_for():
    """A1, S6: a reminder with a longer deadline than the demand's."""
    letters = (collection_notice("2026-09-29", "2026-11-05"), demand("2026-10-14", "2026-10-28"))
    assert window(facts=case(notices=letters)).opens_on == day("2026-11-06")


# --- the enforcement act's notice -----------------------------------------------------------------------------------


def old_case(sent_on, deadline_on):
    return case(claim(3000, "2025-11-03"), notices=(demand(sent_on, deadline_on),))


def test_an_enforcement_notice_carries_until_a_year_after_the_due_date():
    """S5: TVFL § 4-19. The demand of 2 October 2026 would carry to April."""
    facts = old_case("2026-10-02", "2026-10-16")
    assert window(facts=facts, today="2026-10-20").closes_on == day("2026-11-03")
    assert window(facts=facts, today="2026-11-04").code == "enforcement_notice_too_old"
    assert window(COMPLAINT, facts=facts, today="2026-11-04").closes_on == day("2027-04-02")


def test_a_notice_sent_after_that_year_is_itself_the_fresh_one():
    """S5: TVFL § 4-19."""
    fresh = replace(PETITION, separate_notice=(day("2026-11-04"), day("2026-11-18")))
    found = window(fresh, facts=old_case("2026-10-02", "2026-10-16"), today="2026-11-20")
    assert (found.opens_on, found.closes_on) == (day("2026-11-19"), day("2027-04-02"))


def test_the_year_may_be_counted_from_a_later_day_when_enforcement_became_possible():
    """S5."""
    since = replace(PETITION, enforceable_since=day("2026-03-02"))
    found = window(since, facts=old_case("2026-10-02", "2026-10-16"), today="2026-11-20")
    assert found.closes_on == day("2027-03-02")


def test_two_full_weeks_pass_between_the_notice_and_a_petition_under_the_exception():
    """S5, A5: TVFL § 4-18 is not lifted by INKL § 12."""
    excepted = replace(
        PETITION, exception=Exception12.EVASION, exception_reason="Flytter.", exception_approved_by="leder"
    )
    assert window(excepted).code == "no_enforcement_notice"
    sent = replace(excepted, separate_notice=(day("2026-10-01"), day("2026-10-08")))
    assert window(sent, facts=case()).opens_on == day("2026-10-16")
    early = replace(excepted, separate_notice=(day("2026-09-14"), day("2026-09-28")))
    assert window(early, facts=case()).code == "notice_before_due"
    due_day = replace(excepted, separate_notice=(day("2026-09-15"), day("2026-09-29")))
    assert window(due_day, facts=case()).opens_on == day("2026-09-30")


# --- exceptions and routes ------------------------------------------------------------------------------------------


def test_a_disputed_claim_may_be_brought_to_be_decided_without_the_letters():
    """A5, E3: INKL § 12 third para."""
    found = window(replace(COMPLAINT, disputed=True, assessed_rightful_on=None), facts=case())
    assert (found.opens_on, found.closes_on) == (day("2026-09-16"), None)
    assert found.is_open(day("2029-01-01"))
    assert not found.is_open(day("2026-09-15"))


@pytest.mark.parametrize("exception", Exception12)
def test_an_exception_needs_a_reason_and_a_managers_approval(exception):
    """A5."""
    asked = replace(COMPLAINT, exception=exception, exception_reason="Selger alt.", exception_approved_by="leder")
    assert window(asked, facts=case()).opens_on == day("2026-09-16")
    assert isinstance(why_not_now(case(), asked, day("2026-09-16"), NO_GRACE), LegalWindow)
    assert why_not_now(case(), asked, day("2026-09-15"), NO_GRACE).code == "too_soon"
    for missing in ({"exception_reason": " "}, {"exception_approved_by": ""}):
        assert window(replace(asked, **missing), facts=case()).code == "exception_not_approved"


@pytest.mark.parametrize("route", [Route.SUIT, Route.FORCED_SALE, Route.BANKRUPTCY])
def test_other_routes_than_complaint_and_petition_need_the_creditors_consent(route):
    """A12: INKL § 14."""
    asked = replace(SUIT, route=route, creditor_consents=False)
    assert why_not_now(demanded(), asked, day("2026-11-02"), NO_GRACE).code == "no_consent"
    for consent in ({"creditor_consents": True}, {"urgent": True}):
        found = why_not_now(demanded(), replace(asked, **consent), day("2026-11-02"), NO_GRACE)
        assert isinstance(found, LegalWindow)


@pytest.mark.parametrize("route", [Route.ATTACHMENT, Route.CONCILIATION])
def test_complaint_and_petition_need_no_consent(route):
    """A12."""
    found = why_not_now(demanded(), replace(PETITION, route=route), day("2026-11-02"), NO_GRACE)
    assert isinstance(found, LegalWindow)


def test_a_suit_needs_a_paper_notice_and_forliksrad_first():
    """A7, E14: TVL §§ 5-2, 6-2."""
    assert isinstance(why_not_now(demanded(), SUIT, day("2026-11-02"), NO_GRACE), LegalWindow)
    for changes, code in (
        ({"board_decided_merits": False}, "conciliation_first"),
        ({"notice_on_paper": False}, "notice_not_on_paper"),
    ):
        found = why_not_now(demanded(), replace(SUIT, **changes), day("2026-11-02"), NO_GRACE)
        assert isinstance(found, Because)
        assert found.code == code


@pytest.mark.parametrize(
    ("kroner", "counsel", "board", "allowed"),
    [
        (199_999, True, False, False),
        (200_000, True, False, True),
        (200_000, False, False, False),
        (100, False, True, True),
    ],
)
def test_tingrett_takes_a_large_case_with_counsel_on_both_sides_or_one_the_board_decided(
    kroner, counsel, board, allowed
):
    """E14, A5: TVL § 6-2."""
    assert is_direct_suit_allowed(kroner * 100, counsel, board) is allowed


# --- what stops it whatever the route -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "route", "code"),
    [
        (HoldReason.OBJECTION, Route.ATTACHMENT, "hold.objection"),
        (HoldReason.OBJECTION, Route.CONCILIATION, None),  # to have it decided
        (HoldReason.DEFERRED, Route.CONCILIATION, "hold.deferred"),
        (HoldReason.VULNERABLE, Route.SUIT, "hold.vulnerable"),
        (HoldReason.BANKRUPT, Route.BANKRUPTCY, "hold.bankrupt"),
        (HoldReason.QUIET, Route.ATTACHMENT, None),
    ],
)
def test_a_hold_stops_the_routes_it_does_not_let_through(reason, route, code):
    """E3, E10, G6, S6."""
    asked = replace(SUIT, route=route)
    held = demanded(holds=(HoldFacts(reason, day("2026-10-20")),))
    found = why_not_now(held, asked, day("2026-11-02"), NO_GRACE)
    assert getattr(found, "code", None) == code


@pytest.mark.parametrize(
    ("known", "code"), [("deceased_on", "hold.deceased"), ("bankrupt_on", "hold.bankrupt")], ids=["G7", "bankrupt"]
)
def test_a_death_or_a_bankruptcy_stops_it_before_anybody_placed_a_hold(known, code):
    """G7: a person files with the estate."""
    found = why_not_now(demanded(**{known: day("2026-11-01")}), COMPLAINT, day("2026-11-02"), NO_GRACE)
    assert found.code == code


@pytest.mark.parametrize(
    ("paid", "approved_by", "code"),
    [(3000, "", "only_costs_left"), (3000, " ", "only_costs_left"), (3000, "leder", None), (2999, "", None)],
)
def test_a_remainder_of_costs_alone_takes_no_legal_step_without_a_person(paid, approved_by, code):
    """B19."""
    facts = demanded(claim(3000, "2026-09-15", paid=(("2026-10-20", paid),)))
    asked = replace(COMPLAINT, costs_alone_approved_by=approved_by)
    found = why_not_now(facts, asked, day("2026-11-02"), NO_GRACE)
    assert getattr(found, "code", None) == code


@pytest.mark.parametrize(("today", "code"), [("2026-11-30", None), ("2026-12-01", "time_barred")])
def test_w19_a_complaint_is_in_time_on_the_last_day_of_limitation_and_not_the_day_after(today, code):
    """W19, H1, H7, H8: due 30 November 2023."""
    found = why_not_now(demanded(claim(3000, "2023-11-30")), COMPLAINT, day(today), NO_GRACE)
    assert getattr(found, "code", None) == code
