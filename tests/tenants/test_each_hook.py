"""One test named after each hook: a plugin that answers it is heard, and is silent in shadow and when it is off."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from saas.hooks import (
    CaseEvent,
    CaseToAsk,
    ClaimOffer,
    CreditorFacts,
    LawfulStep,
    Medium,
    ProposedFee,
    SoftContact,
)
from saas.rules.facts import CostKind, DebtorKind, Step
from saas.rules.money import Ore
from tenants.hooks import Chosen, Hooks
from tenants.models import Mode
from tests.tenants.conftest import Install
from tests.tenants.test_hooks import CASE, FRIDAY, REQUEST

OFFER = ClaimOffer(DebtorKind.PERSON, "other", Ore(5_000), FRIDAY, FRIDAY, FRIDAY, vulnerable=False)
CREDITOR = CreditorFacts("nordlys-kraft", "Nordlys Kraft AS", "923609016", agency_licence=True)
FEE = ProposedFee(Step.REMINDER, CostKind.NOTICE_FEE, Ore(3_800), FRIDAY)
STEP = (LawfulStep(Step.REMINDER, Ore(3_800)),)
Answer = Callable[[Hooks], Any]


def heard(install: Install, signature: str, answer: str, asked: Answer) -> tuple[Any, Any, Any]:
    """What the caller gives with the plugin on, in shadow, and not chosen."""
    install("one", f"@hookimpl\ndef {signature}:\n    return {answer}")
    return tuple(  # type: ignore[return-value]
        asked(Hooks(chosen)) for chosen in ([Chosen("one", {})], [Chosen("one", {}, Mode.SHADOW)], [])
    )


def test_refuse_claim_rejects_the_row(install: Install) -> None:
    answer = "Refusal(Because('small', 'For lite.'))"
    on, *silent = heard(
        install, "refuse_claim(self, claim, creditor)", answer, lambda h: h.refuse_claim(OFFER, CREDITOR)
    )
    assert [a.because.code for a in on] == ["small"]
    assert silent == [[], []]


def test_refuse_deferral_denies_more_time(install: Install) -> None:
    answer = "Refusal(Because('no', 'Nei.'))"
    on, *silent = heard(
        install, "refuse_deferral(self, request, case)", answer, lambda h: h.refuse_deferral(REQUEST, CASE)
    )
    assert [a.because.code for a in on] == ["no"]
    assert silent == [[], []]


def test_limit_fee_charges_less(install: Install) -> None:
    on, *silent = heard(install, "limit_fee(self, fee, case)", "1000", lambda h: h.limit_fee(FEE, CASE).amount_ore)
    assert (on, silent) == (1_000, [3_800, 3_800])


def test_hold_case_holds(install: Install) -> None:
    answer = "PlaceHold(HoldReason.QUIET, today + timedelta(days=1))"
    on, *silent = heard(install, "hold_case(self, case, today)", answer, lambda h: h.hold_case(CASE, FRIDAY))
    assert len(on) == 1
    assert silent == [[], []]


def test_choose_step_puts_off(install: Install) -> None:
    answer = "SoftContact(today + timedelta(days=7))"
    asked = lambda h: h.choose_step(STEP, CASE, FRIDAY).choice  # noqa: E731
    on, *silent = heard(install, "choose_step(self, offer, case, today)", answer, asked)
    assert (on, silent) == (SoftContact(date(2026, 3, 13)), [None, None])


def test_choose_channel_orders(install: Install) -> None:
    offer = (Medium.PAPER, Medium.SMS)
    asked = lambda h: h.choose_channel(offer, "reminder", CASE, FRIDAY).media  # noqa: E731
    on, *silent = heard(install, "choose_channel(self, offer)", "tuple(reversed(offer))", asked)
    assert (on, silent) == ((Medium.SMS, Medium.PAPER), [offer, offer])


def test_extend_claim_fields_adds(install: Install) -> None:
    answer = "[ClaimField('meter', 'Måler', '', '1')]"
    on, *silent = heard(install, "extend_claim_fields(self)", answer, lambda h: h.claim_fields())
    assert [field.name for field in on] == ["meter"]
    assert silent == [(), ()]


def test_extend_letter_adds(install: Install) -> None:
    asked = lambda h: h.extend_letter("reminder", "nb", CASE)  # noqa: E731
    on, *silent = heard(install, "extend_letter(self, kind, language, case)", "[kind + language]", asked)
    assert (on, silent) == (("remindernb",), [(), ()])


def test_extend_portal_adds(install: Install) -> None:
    answer = "[Panel('Strøm', ('Avtalen løper.',))]"
    on, *silent = heard(install, "extend_portal(self, case, language)", answer, lambda h: h.extend_portal(CASE, "nb"))
    assert [panel.heading for panel in on] == ["Strøm"]
    assert silent == [(), ()]


@pytest.mark.parametrize(
    ("hook", "asked"),
    [
        ("provide_bank_files", Hooks.bank_file_readers),
        ("provide_channels", Hooks.channels),
        ("provide_payment_methods", Hooks.payment_providers),
        ("provide_intake_formats", Hooks.intake_formats),
    ],
)
def test_what_is_provided_is_there_when_it_is_on(install: Install, hook: str, asked: Answer) -> None:
    """test_provide_bank_files, test_provide_channels, test_provide_payment_methods, test_provide_intake_formats"""
    on, *silent = heard(install, f"{hook}(self)", "['a thing']", asked)
    assert (on, silent) == (("a thing",), [(), ()])


def test_provide_routes_are_found_by_the_plugins_slug(install: Install) -> None:
    answer = "[Route('contracts', ('POST',), print)]"
    on, *silent = heard(install, "provide_routes(self)", answer, lambda h: h.routes_of("one"))
    assert [route.path for route in on] == ["contracts"]
    assert silent == [(), ()]


def test_collect_facts_is_asked_in_a_worker(install: Install) -> None:
    cases = (CaseToAsk(UUID(int=1), 1, "nordlys-kraft", ()),)
    asked = lambda h: {slug: ask(cases, FRIDAY) for slug, ask in h.collectors().items()}  # noqa: E731
    on, *silent = heard(install, "collect_facts(self, cases, today)", "len(cases)", asked)
    assert (on, silent) == ({"one": 1}, [{}, {}])


def test_on_case_event_is_told_in_a_worker(install: Install) -> None:
    now = datetime(2026, 3, 6, tzinfo=UTC)
    event = CaseEvent(UUID(int=1), "case.closed", now, now, "fjord", "nordlys-kraft", 1, {})
    asked = lambda h: {slug: tell(event, CASE) for slug, tell in h.listeners().items()}  # noqa: E731
    on, *silent = heard(install, "on_case_event(self, event, case)", "event.kind", asked)
    assert (on, silent) == ({"one": "case.closed"}, [{}, {}])
