"""What a rule hook may not do, and what becomes of it: the case stands, the others go on."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from saas.hooks import LawfulStep, Medium, ProposedFee, SoftContact, Wait
from saas.rules.facts import CostKind, Fact, HoldReason, Step
from saas.rules.money import Ore
from tenants.hooks import ChannelOrder
from tests.tenants.conftest import Install
from tests.tenants.test_hooks import CASE, FRIDAY, REQUEST, in_force

HOLD = "@hookimpl\ndef hold_case(self, case, today):\n    "
FEE = ProposedFee(Step.REMINDER, CostKind.NOTICE_FEE, Ore(3800), FRIDAY)
REMINDER, NOTICE = LawfulStep(Step.REMINDER, Ore(3800)), LawfulStep(Step.COLLECTION_NOTICE, Ore(3800))


@pytest.mark.parametrize(
    "body",
    [
        "import socket; socket.create_connection(('127.0.0.1', 1))",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('/etc/passwd').read()",
        "open('/var/tmp/frist-evil', 'w')",
        "import os; os.remove('/var/tmp/frist-evil')",
        "import gc; gc.get_objects()",
    ],
)
def test_a_pure_hook_that_reaches_out_is_trouble(install: Install, body: str) -> None:
    install("reaching", HOLD + body)
    assert in_force("reaching").hold_case(CASE, FRIDAY)[0].note == "reaching: NotPure"
    assert not Path("/var/tmp/frist-evil").exists()


def test_a_library_may_read_its_own_data_when_first_needed(install: Install) -> None:
    install("localised", HOLD + "from babel import Locale; Locale.parse('fi').territories['FI']")
    assert in_force("localised").hold_case(CASE, FRIDAY) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return self.hold_case(case, today)", "RecursionError"),
        ("raise SystemExit", "SystemExit"),
        ("object.__setattr__(case, 'vulnerable', True)", "ChangedFacts"),
        ("object.__setattr__(case.outstanding, 'principal_ore', 1)", "ChangedFacts"),
        ("object.__setattr__(case, 'claims', (1,))", "ChangedFacts"),
        ("case.vulnerable = True", "FrozenInstanceError"),
    ],
)
def test_a_pure_hook_that_runs_away_or_changes_its_facts_is_trouble(install: Install, body: str, error: str) -> None:
    install("wild", HOLD + body)
    case = replace(CASE)
    assert in_force("wild").hold_case(case, FRIDAY)[0].note == f"wild: {error}"
    assert case == CASE


# --- limit_fee ------------------------------------------------------------------------------------------------------


def test_the_lowest_fee_anybody_asks_for_counts_and_none_is_raised(install: Install) -> None:
    for slug, amount in (("less", 2000), ("least", 1000), ("more", 99_000)):
        install(slug, f"@hookimpl\ndef limit_fee(self, fee, case):\n    return {amount}")
    found = in_force("less", "least", "more").limit_fee(FEE, CASE)
    assert (found.amount_ore, found.by, found.holds) == (1000, "least", ())
    assert in_force("more").limit_fee(FEE, CASE).amount_ore == 3800


@pytest.mark.parametrize("answer", ["-1", "12.5", "True", "'0'"])
def test_an_amount_that_is_none_holds_the_case(install: Install, answer: str) -> None:
    install("odd", f"@hookimpl\ndef limit_fee(self, fee, case):\n    return {answer}")
    found = in_force("odd").limit_fee(FEE, CASE)
    assert found.amount_ore == 3800
    assert [hold.note for hold in found.holds] == ["odd: WrongAnswer"]


# --- choose_step ----------------------------------------------------------------------------------------------------

WAIT = "Wait(today + timedelta(days={}), Because('later', 'Vi venter litt.'))"


def choosing(install: Install, slug: str, answer: str) -> None:
    install(slug, f"@hookimpl\ndef choose_step(self, offer, case, today):\n    return {answer}")


def test_the_latest_choice_counts(install: Install) -> None:
    choosing(install, "first", "offer[0].step")
    choosing(install, "kind", "SoftContact(today + timedelta(days=60))")
    choosing(install, "short", WAIT.format(3))
    choosing(install, "long", WAIT.format(9))
    offer = (REMINDER, NOTICE)
    assert in_force("first").choose_step(offer, CASE, FRIDAY).choice is Step.REMINDER
    assert isinstance(in_force("first", "kind").choose_step(offer, CASE, FRIDAY).choice, SoftContact)
    found = in_force("first", "kind", "short", "long").choose_step(offer, CASE, FRIDAY)
    assert isinstance(found.choice, Wait)
    assert (found.choice.look_again_on, found.by) == (date(2026, 3, 15), "long")


@pytest.mark.parametrize(
    "answer", ["'payment_demand'", "2", WAIT.format(0), WAIT.format(93), "SoftContact(date(2030, 1, 1))"]
)
def test_a_choice_that_is_not_offered_or_waits_too_long_is_overreach(install: Install, answer: str) -> None:
    choosing(install, "odd", answer)
    found = in_force("odd").choose_step((REMINDER,), CASE, FRIDAY)
    assert found.choice is None
    assert [hold.note for hold in found.holds] == ["odd: WrongAnswer"]


def test_a_step_that_is_not_lawful_today_cannot_be_chosen(install: Install) -> None:
    install(
        "eager",
        "from saas.rules.facts import Step\n@hookimpl\ndef choose_step(self, offer, case, today):\n"
        "    from saas.rules.facts import Step\n    return Step.PAYMENT_DEMAND",
    )
    assert in_force("eager").choose_step((REMINDER,), CASE, FRIDAY).holds


# --- choose_channel and what is added --------------------------------------------------------------------------------


def test_a_channel_left_out_comes_last_and_one_that_is_not_lawful_is_not_heard(install: Install) -> None:
    channel = "@hookimpl\ndef choose_channel(self, offer, letter_kind, case):\n    return "
    install("sms_first", channel + "[Medium.SMS]")
    install("faxes", channel + "['fax']")
    offer = (Medium.PAPER, Medium.SMS)
    sms_first, faxes = in_force("sms_first"), in_force("faxes").choose_channel(offer, "reminder", CASE, FRIDAY)
    assert sms_first.choose_channel(offer, "reminder", CASE, FRIDAY) == ChannelOrder((Medium.SMS, Medium.PAPER))
    for wrong in (faxes, sms_first.choose_channel((Medium.PAPER,), "reminder", CASE, FRIDAY)):
        assert Medium.PAPER in wrong.media
        assert [hold.reason for hold in wrong.holds] == [HoldReason.PLUGIN_TROUBLE]


@pytest.mark.parametrize("answer", ["'text'", "['']", "['a\\nb']", "['x' * 601]", "['x'] * 6", "[1]"])
def test_paragraphs_that_are_not_plain_text_are_left_out(install: Install, answer: str) -> None:
    install("wordy", f"@hookimpl\ndef extend_letter(self, kind, language, case):\n    return {answer}")
    assert in_force("wordy").extend_letter("reminder", "nb", CASE) == ()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "http://evil.example"])
def test_a_panel_that_links_elsewhere_than_https_is_left_out(install: Install, url: str) -> None:
    panel = f"[Panel('Heading', ('Text.',), PanelLink('Link', {url!r}))]"
    install("linking", f"@hookimpl\ndef extend_portal(self, case, language):\n    return {panel}")
    assert in_force("linking").extend_portal(CASE, "nb") == ()


# --- facts in doubt -------------------------------------------------------------------------------------------------

REFUSES = (
    "@hookimpl\ndef refuse_deferral(self, request, case):\n"
    "    return Refusal(Because('no', 'Nei.', fact=case.facts[0]))"
)
FACT = Fact("power.active_contract", True, "Nordlys Kraft", date(2026, 3, 2))


@pytest.mark.parametrize(
    "facts",
    [
        (replace(FACT, good_until=date(2026, 3, 5)),),
        (FACT, replace(FACT, value=False, source="Kari")),
        (FACT, replace(FACT, value=False, reported_on=date(2026, 3, 4))),
        (replace(FACT, reported_on=date(2026, 3, 9)),),
    ],
    ids=["stale", "contradicted", "outdated", "from the future"],
)
def test_a_refusal_on_a_fact_in_doubt_asks_a_person(install: Install, facts: tuple[Fact, ...]) -> None:
    install("stern", REFUSES)
    (answer,) = in_force("stern").refuse_deferral(REQUEST, replace(CASE, facts=facts))
    assert type(answer).__name__ == "AskPerson"
