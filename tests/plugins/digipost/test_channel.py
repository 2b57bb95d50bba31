"""The Digipost channel from letter to event, against a Digipost as strict as the real one."""

import base64
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from plugins.digipost.agreement import Agreement
from plugins.digipost.channel import DigipostChannel
from plugins.digipost.ids import batch_id
from saas.hooks import (
    ChannelDown,
    DeliveryReceipt,
    ForgedEvent,
    Medium,
    Outcome,
    OutcomeKind,
    OutgoingLetter,
    Party,
    ReceiptState,
)
from saas.kernel import clock
from saas.simulators.digipost import Broker, DigipostSim
from tests.plugins.digipost.world import (
    KARI,
    NOBODY,
    OLA,
    PASSWORD,
    WRONG,
    account,
    certificate,
    hand_over,
    letter,
    only,
    sim_with_people,
)

ADDRESS = Party("Kari Prøve", ("Storgata 1",), "0155", "Oslo")


# --- a letter's way -------------------------------------------------------------------------------------------------


def test_a_letter_to_a_mailbox_is_sent_on_the_day_of_its_delivery_with_proof(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    one = letter()
    outcome = only(hand_over(channel, account(sim.base_url), one))
    assert (outcome.kind, outcome.external_id) == (OutcomeKind.SENT, one.dispatch_id)
    kept = sim.mail.letters[one.dispatch_id]
    assert kept.delivered is not None
    assert outcome.sent_on == kept.delivered.astimezone(clock.OSLO).date()
    assert (kept.channel, kept.sender, kept.data_type) == ("DIGIPOST", "900001", "inkasso")
    assert (kept.authentication, kept.sensitivity) == ("TWO_FACTOR", "SENSITIVE")
    evidence = json.loads(outcome.evidence)
    assert evidence["same_content"] is True
    assert evidence["content_hash"] == base64.b64encode(bytes.fromhex(one.sha256)).decode()
    assert KARI not in outcome.evidence


def test_the_day_is_oslos_and_not_londons(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.mail._now = lambda: datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert only(hand_over(channel, account(sim.base_url), letter())).sent_on == date(2026, 11, 23)


def test_the_same_letter_given_twice_leaves_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    one, to = letter(), account(sim.base_url)
    first, second = only(hand_over(channel, to, one)), only(hand_over(channel, to, one))
    assert (second.kind, second.code, second.sent_on) == (OutcomeKind.SENT, "DUPLICATE_MESSAGE", first.sent_on)
    assert sim.mail.takes == {one.dispatch_id: 1}
    assert sim.mail.tries == {one.dispatch_id: 2}


@pytest.mark.parametrize("number", [OLA, NOBODY])
def test_who_has_no_mailbox_cannot_be_reached_and_nothing_is_printed(
    sim: DigipostSim, channel: DigipostChannel, number: str
) -> None:
    outcome = only(hand_over(channel, account(sim.base_url), letter(number)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "UNKNOWN_RECIPIENT")
    assert not sim.mail.letters


def test_who_cannot_be_identified_with_what_the_agreement_allows_is_not_asked_for(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    assert channel.can_try(ADDRESS)
    outcome = only(hand_over(channel, account(sim.base_url), letter(ADDRESS)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "NOTHING_TO_IDENTIFY_BY")
    assert not sim.called("message")


def test_name_and_address_find_a_mailbox_when_the_agreement_says_so(sim: DigipostSim, channel: DigipostChannel) -> None:
    to = account(sim.base_url, identify_by=["name_and_address"])
    assert only(hand_over(channel, to, letter(ADDRESS))).kind is OutcomeKind.SENT


def test_an_organisation_is_found_with_its_number(sim: DigipostSim, channel: DigipostChannel) -> None:
    party = Party("Fjord AS", ("Kaia 1",), "0150", "Oslo", orgnr="999 888 777")
    assert only(hand_over(channel, account(sim.base_url), letter(party))).kind is OutcomeKind.SENT


class TestPrintFallback:
    """Only when the agreement says so, and only for somebody known to have no mailbox."""

    def test_a_known_person_without_mailbox_gets_paper_and_is_not_sent_before_it_is_posted(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter(OLA)
        to = account(sim.base_url, print_fallback=True)
        outcome = only(hand_over(channel, to, one))
        assert (outcome.kind, outcome.sent_on) == (OutcomeKind.TAKEN, None)
        assert sim.mail.letters[one.dispatch_id].channel == "PRINT"
        looked_up = channel.look_up(to, one, clock.wall_now())
        assert looked_up is not None
        assert looked_up.kind is OutcomeKind.TAKEN

    def test_who_has_a_mailbox_gets_no_paper(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = letter(KARI)
        assert only(hand_over(channel, account(sim.base_url, print_fallback=True), one)).kind is OutcomeKind.SENT
        assert [call.what for call in sim.calls] == ["entry", "identify", "message"]
        assert sim.mail.letters[one.dispatch_id].channel == "DIGIPOST"

    @pytest.mark.parametrize(
        ("number", "kind", "code"),
        [
            (NOBODY, OutcomeKind.UNREACHABLE, "NOT_FOUND"),
            (WRONG, OutcomeKind.REFUSED, "INVALID_PERSONAL_IDENTIFICATION_NUMBER"),
        ],
    )
    def test_whoever_is_not_surely_known_gets_nothing_this_way(
        self, sim: DigipostSim, channel: DigipostChannel, number: str, kind: OutcomeKind, code: str
    ) -> None:
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(number)))
        assert (outcome.kind, outcome.code) == (kind, code)
        assert not sim.called("message")

    @pytest.mark.parametrize("fault", ["lost", "SERVER_ERROR", "wrong_signature", "tampered", "gateway_502", "garbage"])
    def test_a_question_that_failed_is_no_answer_so_nothing_is_sent(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str
    ) -> None:
        sim.faults.add(fault, on="identify")
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(OLA)))
        assert outcome.kind is OutcomeKind.TRY_LATER
        assert not sim.called("message")

    def test_a_name_too_long_for_the_envelope_goes_another_way(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        party = replace(ADDRESS, name="Å" * 131, national_id=OLA)
        outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(party)))
        assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "NAME_TOO_LONG")

    def test_not_being_allowed_to_print_stops_the_channel(self, channel: DigipostChannel) -> None:
        with sim_with_people(brokers=[Broker("800001", {"900001"}, may_print=False)]) as sim:
            outcome = only(hand_over(channel, account(sim.base_url, print_fallback=True), letter(OLA)))
        assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "NOT_APPROVED_FOR_PRINT")


# --- batches --------------------------------------------------------------------------------------------------------


class TestBatches:
    """Nothing is delivered before all is taken."""

    def test_a_batch_is_begun_filled_and_completed(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(4)]
        outcomes = list(hand_over(channel, to, *letters, letter(NOBODY)))
        assert sorted(outcome.kind for outcome in outcomes) == [OutcomeKind.SENT] * 4 + [OutcomeKind.UNREACHABLE]
        (batch,) = sim.mail.batches.values()
        assert (batch.uuid, batch.status, batch.count("DIGIPOST")) == (batch_id("b-1", "fjord"), "DONE", 4)

    def test_paper_in_a_batch_is_taken_and_waits_for_its_postmark(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to = account(sim.base_url, batch=True, print_fallback=True)
        assert only(hand_over(channel, to, letter(OLA))).kind is OutcomeKind.TAKEN

    def test_when_it_goes_down_midway_the_batch_is_cancelled_and_nothing_is_delivered(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True, concurrency=1), [letter() for _ in range(4)]
        sim.faults.add("", "", "429", on="message")
        told: list[Outcome] = []
        with pytest.raises(ChannelDown):
            told.extend(hand_over(channel, to, *letters))
        assert not sim.mail.letters
        assert not sim.mail.batches
        assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}

    @pytest.mark.parametrize("fault", ["lost", "tampered", "SERVER_ERROR"])
    @pytest.mark.parametrize("place", [0, 1])
    def test_an_answer_lost_when_beginning_or_completing_is_made_good_the_next_time(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str, place: int
    ) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(3)]
        sim.faults.add(*[""] * place, fault, on="batch")
        outcomes: dict[str, Outcome] = {}
        for _ in range(3):
            try:
                outcomes |= {outcome.dispatch_id: outcome for outcome in hand_over(channel, to, *letters)}
            except ChannelDown:
                continue
        assert {outcome.kind for outcome in outcomes.values()} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}

    def test_a_letter_whose_answer_was_lost_lies_in_the_batch_once(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True, concurrency=1), [letter() for _ in range(3)]
        sim.faults.add("lost", on="message")
        assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}

    def test_a_batch_completed_and_forgotten_by_us_is_looked_up_and_not_filled_again(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        to, letters = account(sim.base_url, batch=True), [letter() for _ in range(3)]
        list(hand_over(channel, to, *letters))
        again = list(hand_over(channel, to, *letters, extra := letter()))
        assert {outcome.kind for outcome in again} == {OutcomeKind.SENT}
        assert sim.mail.takes == {one.dispatch_id: 1 for one in [*letters, extra]}

    def test_a_batch_with_nothing_in_it_is_not_left_behind(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        outcome = only(hand_over(channel, account(sim.base_url, batch=True), letter(NOBODY)))
        assert outcome.kind is OutcomeKind.UNREACHABLE
        assert not sim.mail.batches


# --- what happens later ---------------------------------------------------------------------------------------------


def receipts(channel: DigipostChannel, sim: DigipostSim, since: datetime | None = None) -> list[DeliveryReceipt]:
    now = clock.wall_now() + timedelta(seconds=1)
    pages = channel.receipts(account(sim.base_url), since or now, now)
    return [receipt for page in pages for receipt in page.receipts]


class TestEvents:
    """Polled, with a day's overlap."""

    def printed(self, sim: DigipostSim, channel: DigipostChannel) -> OutgoingLetter:
        one = letter(OLA)
        assert only(hand_over(channel, account(sim.base_url, print_fallback=True), one)).kind is OutcomeKind.TAKEN
        return one

    def test_a_postmark_is_the_proof_on_its_own_day(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = self.printed(sim, channel)
        sim.mail.postmark(one.dispatch_id, "2026-11-23")
        (receipt,) = receipts(channel, sim)
        assert (receipt.dispatch_id, receipt.state, receipt.on) == (
            one.dispatch_id, ReceiptState.SENT, date(2026, 11, 23),
        )  # fmt: skip
        assert json.loads(receipt.evidence)["type"] == "POSTMARKED"

    def test_print_that_failed_will_not_arrive(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = self.printed(sim, channel)
        sim.mail.fail_print(one.dispatch_id, "WRONG_MARGIN")
        sim.mail.shred(one.dispatch_id)
        told = [(receipt.state, receipt.code) for receipt in receipts(channel, sim)]
        assert told == [(ReceiptState.FAILED, "PRINT_FAILED WRONG_MARGIN"), (ReceiptState.FAILED, "SHREDDED")]

    def test_opened_is_noted_as_opened_and_a_notice_that_failed_tells_no_number(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        sim.mail.open(one.dispatch_id)
        sim.mail.fail_notice(one.dispatch_id, "+4791234567")
        opened, noted = receipts(channel, sim)
        assert (opened.state, noted.state) == (ReceiptState.OPENED, ReceiptState.NOTED)
        assert noted.code == "SMS_NOTIFICATION_FAILED INVALID_NUMBER"
        assert "91234567" not in repr(noted) + noted.evidence

    def test_an_event_that_came_late_is_found_by_the_overlap_and_an_older_one_is_not(
        self, sim: DigipostSim, channel: DigipostChannel
    ) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        sim.mail.open(one.dispatch_id)
        now = clock.wall_now()
        assert len(receipts(channel, sim, since=now)) == 1
        at = now + timedelta(hours=23)
        pages = channel.receipts(account(sim.base_url), at, now + timedelta(seconds=1))
        assert len(list(pages)) == 1
        later = now + timedelta(hours=25)
        sim.faults.waiting.clear()
        with pytest.raises(ChannelDown, match="INVALID_DATE_RANGE"):
            list(channel.receipts(account(sim.base_url), later, now))

    def test_many_events_come_page_by_page_each_once(self, sim: DigipostSim, channel: DigipostChannel) -> None:
        one = letter()
        list(hand_over(channel, account(sim.base_url), one))
        began = clock.wall_now() - timedelta(hours=1)
        for number in range(250):
            sim.mail._now = lambda number=number: began + timedelta(seconds=number)  # type: ignore[misc]
            sim.mail.fail_notice(one.dispatch_id, code=f"CODE_{number}")
        # the same event told twice by the other side counts once
        sim.mail.events.append(sim.mail.events[-1])
        now = clock.wall_now() + timedelta(seconds=1)
        pages = list(channel.receipts(account(sim.base_url), now, now))
        codes = [receipt.code for page in pages for receipt in page.receipts]
        assert len(codes) == len(set(codes)) == 250
        assert len({page.name for page in pages}) == len(pages) == 3
        again = list(channel.receipts(account(sim.base_url), now, now))
        assert [page.name for page in again] == [page.name for page in pages]

    def test_the_events_of_another_sender_are_not_ours(self, channel: DigipostChannel) -> None:
        with sim_with_people(brokers=[Broker("800001", {"900001", "900009"})]) as sim:
            one = letter()
            list(hand_over(channel, account(sim.base_url, sender_id="900009"), one))
            sim.mail.open(one.dispatch_id)
            assert receipts(channel, sim) == []

    @pytest.mark.parametrize("fault", ["lost", "wrong_signature", "tampered", "garbage", "429", "503", "SERVER_ERROR"])
    def test_what_cannot_be_believed_is_asked_again_later(
        self, sim: DigipostSim, channel: DigipostChannel, fault: str
    ) -> None:
        sim.faults.add(fault, on="events")
        with pytest.raises(ChannelDown):
            receipts(channel, sim)
        assert receipts(channel, sim) == []


# --- the channel and its agreement ----------------------------------------------------------------------------------


def test_digital_post_is_sent_the_day_it_is_handed_over_in_oslo(channel: DigipostChannel) -> None:
    assert channel.expected_sending(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == date(2026, 11, 23)
    assert (channel.medium, channel.idempotent, channel.at_once) == (Medium.DIGITAL_POST, True, False)


def test_nobody_pushes_reports_in_digiposts_name(channel: DigipostChannel) -> None:
    with pytest.raises(ForgedEvent):
        channel.read_report(account("http://127.0.0.1:1"), b"<event/>", {})


def test_there_are_no_files_to_mend_or_move(channel: DigipostChannel) -> None:
    to = account("http://127.0.0.1:1")
    assert list(channel.receipt_problems(to)) == []
    channel.take_receipts(to, "events-1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"broker_id": "999 888 777"}, "broker_id"),
        ({"base_url": "http://api.digipost.no"}, "base_url"),
        ({"base_url": "https://api.digipost.no/v8"}, "base_url"),
        ({"certificate": "æøå"}, "certificate"),
        ({"certificate": "bm90IGEga2V5"}, "certificate"),
        ({"password": "feil"}, "certificate"),
        ({"identify_by": []}, "identify_by"),
        ({"identify_by": ["phone"]}, "identify_by"),
        ({"concurrency": 0}, "concurrency"),
        ({"notification_hours": -1}, "notification_hours"),
    ],
)
def test_a_wrong_setting_is_named_when_it_is_kept_and_no_secret_repeated(changes: dict[str, Any], field: str) -> None:
    given = {"broker_id": "800001", "certificate": certificate(), "password": PASSWORD} | changes
    with pytest.raises(ValidationError) as problem:
        Agreement().load(given)
    assert field in problem.value.messages_dict
    shown = str(problem.value.messages)
    assert all(given[name] not in shown for name in ("certificate", "password"))


def test_every_setting_of_the_agreement_explains_itself() -> None:
    for name, setting in Agreement().fields.items():
        assert {"label", "help", "example"} <= set(setting.metadata), name
    assert {name for name, setting in Agreement().fields.items() if setting.metadata.get("secret")} == {
        "certificate", "password",
    }  # fmt: skip
