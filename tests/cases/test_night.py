"""The night, the hand-over and the receipts, together with the real print channel."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

import workers.jobs
from saas.cases.books import book_of
from saas.cases.hand_over import prepare
from saas.cases.lifecycle import cipher_of, get_case, lift_hold, place_hold
from saas.cases.models import CertificateRow, Debtor
from saas.cases.night import plan_night
from saas.documents.render import render
from saas.documents.store import open_letter
from saas.kernel import clock, crypto, history
from saas.kernel.config import settings
from saas.ledger.audit import audit
from saas.rules.facts import HoldReason, Stage
from saas.simulators.print_house import PrintHouse
from tenants.resolve import open_tenant
from tests.builders import MONDAY, a_claim, at, register
from tests.cases.world import World


def test_an_unpaid_invoice_goes_from_reminder_to_heavy_fee_each_on_its_first_lawful_banking_day(agency: UUID) -> None:
    register(agency, a_claim(due_on="2026-02-10", amount="1 240,00"))
    nights = World(agency).until(date(2026, 6, 12))
    assert nights == {
        date(2026, 3, 2): {"reminder": 1},  # printed deadline 20 March: posted 3 March + 14 + 3
        date(2026, 3, 26): {"collection_notice": 1},  # three banking days after it
        date(2026, 4, 17): {"payment_demand": 1},
        date(2026, 6, 10): {"heavy_fee": 1},
    }
    world = World(agency)
    [case] = world.cases()
    assert case.stage == Stage.DEMANDED
    assert [(x.step, x.state, x.fee_ore) for x in world.letters()] == [
        ("reminder", "sent", 3_800),
        ("collection_notice", "sent", 3_800),
        ("payment_demand", "sent", 22_400),  # the light cap of 300.00 less two notice fees
    ]
    with open_tenant(agency) as tenant:
        book = book_of(tenant, [case.id])[case.id]
        assert book.notice_fee_charged_ore + book.collection_fee_charged_ore == 60_000  # the heavy cap, in all
        assert audit(tenant) == []
        assert history.check_chain(tenant.session) == []
    assert world.unlawful() == []


def test_a_company_that_collects_its_own_claims_never_charges_an_agency_fee(power: UUID) -> None:
    register(power, a_claim(due_on="2026-02-10"))
    world = World(power)
    world.until(date(2026, 6, 12))
    [case] = world.cases()
    assert [(x.step, x.fee_ore) for x in world.letters()][-1] == ("payment_demand", 11_300)
    with open_tenant(power) as tenant:
        assert book_of(tenant, [case.id])[case.id].collection_fee_charged_ore == 0
    assert world.unlawful() == []


def test_every_step_has_a_certificate_that_its_own_case_key_opens(agency: UUID) -> None:
    register(agency)
    World(agency).night()
    with open_tenant(agency) as tenant:
        row = tenant.session.scalars(sa.select(CertificateRow).where(CertificateRow.tenant_id == agency)).one()
        case = get_case(tenant, row.case_id)
        record = json.loads(crypto.decrypt(cipher_of(case), row.body, row.id))
    assert record["step"] == "reminder"
    assert {"B1", "A3", "A4", "B23"} <= {rule["rule"] for rule in record["rules"]}
    assert "Kari" not in json.dumps(record)


def test_the_night_run_twice_takes_nothing_twice(agency: UUID) -> None:
    register(agency, a_claim(), a_claim())
    world = World(agency)
    assert world.night().steps == {"reminder": 2}
    assert world.night().steps == {}
    assert len(world.letters()) == 2


def test_a_dry_run_says_what_the_night_then_does_and_writes_nothing(agency: UUID) -> None:
    register(agency, a_claim(), a_claim(due_on="2026-02-27", invoiced_on="2026-02-01"))
    plan = list(plan_night(agency))
    assert World(agency).letters() == []
    assert {p.step or p.why for p in plan} == {"reminder", "too_soon_after_due"}
    assert World(agency).night().steps == {"reminder": 1, "wait:too_soon_after_due": 1}


def test_a_case_on_hold_gets_no_letter_and_goes_on_when_the_hold_is_lifted(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        place_hold(tenant, get_case(tenant, case.id), HoldReason.OBJECTION, since=MONDAY, now=at(MONDAY), actor="cli")
    assert world.night().steps == {}
    with open_tenant(agency) as tenant:
        lift_hold(tenant, get_case(tenant, case.id), HoldReason.OBJECTION, on=MONDAY, now=at(MONDAY), actor="cli")
    assert world.night().steps == {"reminder": 1}


def test_a_hold_placed_after_the_night_stops_the_letter_that_waits_and_takes_back_its_fee(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night(hand_over=False)
    [case], [letter] = world.cases(), world.letters()
    with open_tenant(agency) as tenant:
        place_hold(
            tenant, get_case(tenant, case.id), HoldReason.OBJECTION, since=MONDAY, now=at(MONDAY), actor="debtor"
        )
    workers.jobs.hand_over(str(agency), [str(letter.id)])
    [letter], [case] = world.letters(), world.cases()
    assert (letter.state, letter.why, case.stage) == ("withdrawn", "hold:objection", Stage.REGISTERED)
    with open_tenant(agency) as tenant:
        assert book_of(tenant, [case.id])[case.id].notice_fee_charged_ore == 0
        assert audit(tenant) == []


def test_a_debtor_found_vulnerable_before_hand_over_gets_no_letter_but_a_person(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night(hand_over=False)
    with open_tenant(agency) as tenant:
        tenant.session.execute(sa.update(Debtor).where(Debtor.tenant_id == agency).values(vulnerable=True))
    [letter] = world.letters()
    workers.jobs.hand_over(str(agency), [str(letter.id)])
    [letter], [case] = world.letters(), world.cases()
    assert letter.state == "withdrawn"
    assert world.holds(case) == ["vulnerable"]


def test_a_letter_left_lying_until_its_deadline_is_too_short_is_written_anew_and_not_sent(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night(hand_over=False)
    [stale] = world.letters()
    for _ in range(7):
        world.next_day()
    workers.jobs.hand_over(str(agency), [str(stale.id)])
    stale, fresh = world.letters()
    assert (stale.state, stale.why) == ("withdrawn", "deadline_too_short")
    assert fresh.deadline_on >= fresh.expected_sending_on + timedelta(days=14)
    assert fresh.deadline_on > stale.deadline_on
    [case] = world.cases()
    with open_tenant(agency) as tenant:
        assert book_of(tenant, [case.id])[case.id].notice_fee_charged_ore == 3_800  # once


def test_handing_over_twice_hands_over_once(agency: UUID) -> None:
    register(agency, a_claim(), a_claim())
    world = World(agency)
    world.night(hand_over=False)
    ids = [str(x.id) for x in world.letters()]
    workers.jobs.hand_over(str(agency), ids)
    workers.jobs.hand_over(str(agency), ids)
    assert [x.state for x in world.letters()] == ["handed_over", "handed_over"]
    with open_tenant(agency) as tenant:
        outgoing = settings().print_folder / tenant.slug / "outgoing"
    assert len([p for p in outgoing.rglob("*.pdf")]) == 2


def test_a_batch_whose_hand_over_was_not_noted_is_finished_without_a_second_copy(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night(hand_over=False)
    ids = [x.id for x in world.letters()]
    with open_tenant(agency) as tenant:
        [batch_id] = prepare(tenant, ids, now=at(MONDAY)).batches
        slug = tenant.slug
    workers.jobs.finish_batches(str(agency), [batch_id])
    with open_tenant(agency) as tenant:  # as if the process had died before noting it
        left = "update dispatch set state = 'sending', sending_since = now() - interval '1 hour' where tenant_id = :t"
        tenant.session.execute(sa.text(left), {"t": agency})
    workers.jobs.finish_batches(str(agency), [batch_id])
    assert [x.state for x in world.letters()] == ["handed_over"]
    assert len(list((settings().print_folder / slug / "outgoing").rglob("*.pdf"))) == 1


def test_a_letter_rendered_again_from_its_stored_facts_is_the_stored_letter(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night()
    [letter] = world.letters()
    with open_tenant(agency) as tenant:
        stored = open_letter(tenant, letter.id)
    assert render(stored.letter) == stored.pdf


def test_a_letter_the_print_house_could_not_post_gives_its_fee_back_and_asks_a_person(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night()
    [letter] = world.letters()
    world.next_day(print_house=PrintHouse(settings().print_folder, fail={str(letter.id): "ADDRESS"}))
    [letter], [case] = world.letters(), world.cases()
    assert (letter.state, case.stage) == ("failed", Stage.REGISTERED)
    assert world.holds(case) == ["person"]
    with open_tenant(agency) as tenant:
        assert book_of(tenant, [case.id])[case.id].notice_fee_charged_ore == 0


def test_a_letter_posted_so_late_that_14_days_do_not_remain_does_not_count(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night()
    slow = PrintHouse(settings().print_folder, slow_days=9)
    for _ in range(14):
        world.next_day(print_house=slow)
    [letter], [case] = world.letters(), world.cases()
    assert (letter.state, letter.why) == ("failed", "posted_too_late")
    assert case.stage == Stage.REGISTERED
    assert world.night().steps == {"reminder": 1}
    assert world.letters()[-1].deadline_on >= world.today + timedelta(days=15)


def test_no_step_is_taken_while_the_last_letter_has_no_proof_of_sending(agency: UUID) -> None:
    register(agency)
    world = World(agency)
    world.night()
    with open_tenant(agency) as tenant:
        tenant.session.execute(
            sa.text("update collection_case set next_action_on = :d where tenant_id = :t"),
            {"d": clock.today(tenant), "t": agency},
        )
    assert world.night().steps == {"wait:letter_under_way": 1}


def test_quiet_weeks_keep_letters_back_and_the_case_goes_on_after_them(servers: object, agency: UUID) -> None:
    from tenants.plugins import switch_plugin

    with open_tenant(agency) as tenant:
        switch_plugin(
            tenant,
            "quiet_weeks",
            enabled=True,
            settings={"weeks": [10], "christmas": False},
            now=at(MONDAY),
            actor="cli",
        )
    register(agency)
    assert World(agency).until(date(2026, 3, 10)) == {
        date(2026, 3, 2): {"hold:quiet": 1},
        date(2026, 3, 9): {"reminder": 1},
    }


def test_a_debtor_without_an_address_is_held_and_written_to_when_one_is_found(agency: UUID) -> None:
    register(agency, a_claim(address="", postcode="", city=""))
    world = World(agency)
    assert world.night().steps == {"hold:no_address": 1}
    with open_tenant(agency) as tenant:
        tenant.session.execute(
            sa.update(Debtor)
            .where(Debtor.tenant_id == agency)
            .values(address_lines=["Storgata 1"], postcode="0155", city="Oslo")
        )
    nights = world.until(date(2026, 3, 11))
    assert list(nights.values()) == [{"reminder": 1}]


def test_past_the_known_rates_the_case_is_held_and_nothing_is_sent(servers: object) -> None:
    from tests.builders import make_agency

    late = make_agency(servers, sandbox_on=date(2027, 1, 4))  # type: ignore[arg-type]
    register(late, a_claim(invoiced_on="2026-10-01", due_on="2026-11-02"), on=date(2027, 1, 4))
    world = World(late)
    assert world.night().steps == {"hold:unknown_law": 1}
    assert world.letters() == []


def test_claims_of_one_pair_that_are_ready_are_joined_into_one_demand_with_one_fee(agency: UUID) -> None:
    who = {"debtor_name": "Ola Sammen", "address": "Bakken 3", "postcode": "5003", "city": "Bergen"}
    register(agency, a_claim(**who, amount="900,00"))
    world = World(agency)
    world.until(date(2026, 3, 3))  # the first claim has had its reminder: the second makes a case of its own
    register(agency, a_claim(**who, amount="1 200,00"), on=date(2026, 3, 3))
    world.until(date(2026, 4, 30))
    first, second = world.cases()
    assert second.joined_into == first.id
    demands = [x for x in world.letters() if x.step == "payment_demand"]
    assert len(demands) == 1
    with open_tenant(agency) as tenant:  # asked for together, the joined case's book is counted once
        books = book_of(tenant, [first.id, second.id])
        assert books[first.id] == book_of(tenant, [first.id])[first.id]
        assert books[second.id].left_ore == 0
    with open_tenant(agency) as tenant:
        book = book_of(tenant, [first.id])[first.id]
        assert sum(book.principal_left.values()) == 210_000
        assert book.notice_fee_charged_ore + book.collection_fee_charged_ore <= 30_000  # the cap of the joined sum
        letter = open_letter(tenant, demands[0].id).letter
    assert {c.principal_ore for c in letter.claims} == {90_000, 120_000}
    assert world.unlawful() == []


@pytest.mark.parametrize("other", ["state", "number"])
def test_another_tenants_case_cannot_be_found(agency: UUID, power: UUID, other: str) -> None:
    from saas.kernel.errors import NotFound

    register(agency)
    [case] = World(agency).cases()
    with open_tenant(power) as tenant, pytest.raises(NotFound):
        get_case(tenant, case.id) if other == "state" else get_case(tenant, number=case.number)
