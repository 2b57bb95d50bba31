"""What the Digipost channel makes of troubles: whatever is lost, each letter leaves once."""

import contextlib
import json
import logging
from datetime import timedelta
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

import pytest

from plugins.digipost.channel import DigipostChannel
from saas.hooks import (
    Account,
    ChannelDown,
    Outcome,
    OutcomeKind,
    OutgoingLetter,
)
from saas.kernel import clock
from saas.simulators.digipost import DigipostSim
from tests.plugins.digipost.world import (
    KARI,
    NOBODY,
    PASSWORD,
    account,
    blank_pdf,
    certificate,
    hand_over,
    keys,
    letter,
    only,
    sim_with_people,
)

# --- troubles -------------------------------------------------------------------------------------------------------

TAKEN_AND_NOT_TOLD = ["lost", "wrong_signature", "no_signature", "wrong_hash", "no_hash", "wrong_date", "tampered",
                      "garbage", "gateway_500", "gateway_502"]  # fmt: skip


@pytest.mark.parametrize("fault", TAKEN_AND_NOT_TOLD)
def test_a_letter_taken_without_a_believable_answer_is_unknown_and_then_found(
    sim: DigipostSim, channel: DigipostChannel, fault: str
) -> None:
    one, to = letter(), account(sim.base_url)
    sim.faults.add(fault, on="message")
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.sent_on) == (OutcomeKind.UNKNOWN, None), outcome
    found = channel.look_up(to, one, clock.wall_now())
    assert found is not None
    assert found.kind is OutcomeKind.SENT
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.SENT
    assert sim.mail.takes == {one.dispatch_id: 1}


@pytest.mark.parametrize("fault", ["429", "API_UNAVAILABLE"])
def test_when_it_will_not_take_more_now_the_rest_waits(sim: DigipostSim, channel: DigipostChannel, fault: str) -> None:
    sim.faults.add(fault, on="message")
    to, letters = account(sim.base_url, concurrency=1), [letter() for _ in range(3)]
    outcomes = hand_over(channel, to, *letters)
    assert next(outcomes).kind is OutcomeKind.TRY_LATER
    with pytest.raises(ChannelDown, match=fault):
        next(outcomes)
    assert not sim.mail.letters


def test_a_503_from_something_in_front_promises_nothing(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.faults.add("503", on="message")
    outcomes = hand_over(channel, account(sim.base_url, concurrency=1), letter(), letter())
    assert next(outcomes).kind is OutcomeKind.UNKNOWN
    with pytest.raises(ChannelDown, match="HTTP_503"):
        next(outcomes)


def test_a_connection_dropped_before_anything_is_done_is_unknown_too(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    """Nobody can tell it from a lost answer."""
    one, to = letter(), account(sim.base_url)
    sim.faults.add("refuse_connection", on="message")
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.UNKNOWN
    looked_up = channel.look_up(to, one, clock.wall_now())
    assert looked_up is not None
    assert (looked_up.kind, looked_up.code) == (OutcomeKind.TRY_LATER, "DOCUMENT_NOT_FOUND")


def test_three_in_a_row_that_nobody_can_tell_of_and_the_rest_waits(sim: DigipostSim, channel: DigipostChannel) -> None:
    sim.faults.add(*["lost"] * 9, on="message")
    told: list[Outcome] = []
    with pytest.raises(ChannelDown):
        told.extend(hand_over(channel, account(sim.base_url, concurrency=1), *(letter() for _ in range(9))))
    assert len(sim.called("message")) == 3


def test_when_nobody_answers_nothing_is_tried(channel: DigipostChannel) -> None:
    sim = sim_with_people().start()
    to = account(sim.base_url)
    sim.stop()
    with pytest.raises(ChannelDown, match="ConnectError"):
        list(hand_over(channel, to, letter()))
    with pytest.raises(ChannelDown):
        channel.look_up(to, letter(), clock.wall_now())
    with pytest.raises(ChannelDown):
        list(channel.receipts(to, clock.wall_now(), clock.wall_now()))


@pytest.mark.parametrize("fault", ["429", "503", "SERVER_ERROR", "lost", "garbage"])
def test_without_an_entry_point_nothing_is_tried(sim: DigipostSim, channel: DigipostChannel, fault: str) -> None:
    sim.faults.add(fault, on="entry")
    with pytest.raises(ChannelDown):
        list(hand_over(channel, account(sim.base_url), letter()))
    assert not sim.called("message")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"broker_id": "800002"}, "UNKNOWN_USER_ID"),
        ({"sender_id": "900002"}, "UNKNOWN_SENDER"),
    ],
)
def test_a_wrong_agreement_stops_every_letter_and_tries_no_more(
    sim: DigipostSim, channel: DigipostChannel, changes: dict[str, str], code: str
) -> None:
    letters = [letter() for _ in range(5)]
    outcomes = list(hand_over(channel, account(sim.base_url, concurrency=1, **changes), *letters))
    assert {(outcome.kind, outcome.code) for outcome in outcomes} == {(OutcomeKind.STOPPED, code)}
    assert {outcome.dispatch_id for outcome in outcomes} == {one.dispatch_id for one in letters}
    assert len(sim.called("message")) <= 1


def test_another_companys_key_stops_the_channel_before_a_letter_is_tried(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to = account(sim.base_url, certificate=keys("another").pkcs12("x"), password="x")
    outcome = only(hand_over(channel, to, letter()))
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "INVALID_SIGNATURE")
    assert not sim.called("message")


def test_a_clock_that_is_wrong_stops_the_channel(sim: DigipostSim, channel: DigipostChannel) -> None:
    at = clock.wall_now() - timedelta(minutes=6)
    outcome = only(hand_over(channel, account(sim.base_url), letter(), at=at))
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "DATE_HEADER_OUTSIDE_ACCEPTED_INTERVAL")


@pytest.mark.parametrize("code", ["INVALID_PDF_CONTENT", "FILE_TOO_LARGE", "SCHEMA_VALIDATION_ERROR"])
def test_a_letter_it_will_not_take_is_refused_and_the_others_go(
    sim: DigipostSim, channel: DigipostChannel, code: str
) -> None:
    sim.faults.add(code, on="message")
    one, other = hand_over(channel, account(sim.base_url, concurrency=1), letter(), letter())
    assert (one.kind, one.code) == (OutcomeKind.REFUSED, code)
    assert other.kind is OutcomeKind.SENT


@pytest.mark.parametrize("code", ["UNKNOWN_RECIPIENT", "INVALID_PDF_CONTENT"])
def test_a_refusal_does_not_send_another_way_what_an_earlier_try_delivered(
    sim: DigipostSim, channel: DigipostChannel, code: str
) -> None:
    """The answer to the first try was lost, and the mailbox closed since."""
    one, to = letter(), account(sim.base_url)
    sim.faults.add("lost", code, on="message")
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.UNKNOWN
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.code) == (OutcomeKind.SENT, code)


@pytest.mark.parametrize("fault", ["lost", "SERVER_ERROR", "tampered", "429"])
def test_a_refusal_that_cannot_be_held_against_what_is_there_is_unknown(
    sim: DigipostSim, channel: DigipostChannel, fault: str
) -> None:
    sim.faults.add(fault, on="status")
    assert only(hand_over(channel, account(sim.base_url), letter(NOBODY))).kind is OutcomeKind.UNKNOWN
    assert only(hand_over(channel, account(sim.base_url), letter(NOBODY))).kind is OutcomeKind.UNREACHABLE


def test_a_pdf_that_is_none_is_refused_by_digipost_itself(sim: DigipostSim, channel: DigipostChannel) -> None:
    outcome = only(hand_over(channel, account(sim.base_url), letter(pdf=b"not a pdf" * 50)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "INVALID_PDF_CONTENT")


def test_other_bytes_under_our_ids_stop_the_channel_for_a_person_to_see(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    one, to = letter(), account(sim.base_url)
    assert only(hand_over(channel, to, one)).kind is OutcomeKind.SENT
    changed = letter(dispatch_id=one.dispatch_id, pdf=blank_pdf() + b"\n% other")
    outcome = only(hand_over(channel, to, changed))
    assert (outcome.kind, outcome.code, outcome.sent_on) == (OutcomeKind.STOPPED, "CONTENT_HASH_DIFFERS", None)


def test_a_second_answer_is_never_taken_for_that_of_the_next_letter(sim: DigipostSim, channel: DigipostChannel) -> None:
    """Answered twice, the second lies in wait on the line: signed, fresh, of the same path, about another letter."""
    sim.faults.add("twice", "twice", on="message")
    to, letters = account(sim.base_url, concurrency=1), [letter() for _ in range(4)]
    outcomes = {outcome.dispatch_id: outcome for outcome in hand_over(channel, to, *letters)}
    for one in letters:
        outcome = outcomes[one.dispatch_id]
        if outcome.kind is OutcomeKind.UNKNOWN:
            outcome = only(hand_over(channel, to, one))
        assert outcome.kind is OutcomeKind.SENT
        assert json.loads(outcome.evidence)["document"] == one.dispatch_id
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}


def test_a_slow_answer_is_given_up_and_the_letter_looked_up(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.digipost.client._TIMEOUT", 1.0)
    sim.faults.add("timeout", on="message")
    one, to = letter(), account(sim.base_url)
    outcome = only(hand_over(channel, to, one))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNKNOWN, "ReadTimeout")
    looked_up = channel.look_up(to, one, clock.wall_now())
    assert looked_up is not None
    assert looked_up.kind is OutcomeKind.SENT


def test_every_wait_is_shorter_than_ten_seconds() -> None:
    from plugins.digipost.client import _TIMEOUT, ALL_SECONDS

    waits = (_TIMEOUT.connect, _TIMEOUT.read, _TIMEOUT.write, _TIMEOUT.pool)
    assert all(wait is not None and wait < 10 for wait in waits)
    assert ALL_SECONDS < 10


def test_a_new_certificate_at_digipost_is_fetched_and_believed(sim: DigipostSim, channel: DigipostChannel) -> None:
    to = account(sim.base_url)
    assert only(hand_over(channel, to, letter())).kind is OutcomeKind.SENT
    sim.new_certificate()
    assert only(hand_over(channel, to, letter())).kind is OutcomeKind.SENT
    assert len(sim.called("entry")) == 2


def test_the_entry_point_is_fetched_once_for_many_letters_and_hand_overs(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to = account(sim.base_url)
    for _ in range(2):
        assert len(list(hand_over(channel, to, *(letter() for _ in range(5))))) == 5
    assert len(sim.called("entry")) == 1


def test_a_hand_over_that_lasts_longer_than_a_signature_is_good_for_signs_with_the_time_it_is(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = __import__("time").monotonic

    def ahead() -> timedelta:
        """Twenty minutes pass for both sides at one moment: when the first letter has been taken."""
        return timedelta(minutes=20) if sim.mail.takes else timedelta()

    sim._wall_now = lambda: clock.wall_now() + ahead()
    monkeypatch.setattr("plugins.digipost.client.time.monotonic", lambda: real() + ahead().total_seconds())
    outcomes = hand_over(channel, account(sim.base_url, concurrency=1), *(letter() for _ in range(3)))
    assert [outcome.kind for outcome in outcomes][1:] == [OutcomeKind.SENT, OutcomeKind.SENT]


def test_no_number_of_a_person_is_logged_or_shown(
    sim: DigipostSim, channel: DigipostChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sim.faults.add("UNKNOWN_RECIPIENT", "garbage", on="message")
    to = account(sim.base_url, concurrency=1)
    shown = repr([*hand_over(channel, to, letter(), letter(), letter())]) + repr(to) + repr(letter())
    assert KARI not in caplog.text + shown
    assert PASSWORD not in caplog.text + shown
    assert certificate()[:40] not in caplog.text + shown


# --- exactly once ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_lost_each_letter_is_taken_exactly_once(
    sim: DigipostSim, channel: DigipostChannel, seed: int
) -> None:
    sim.faults.at_random(seed, lost=0.15, refuse_connection=0.1, wrong_signature=0.05, tampered=0.05, twice=0.1,
                         gateway_502=0.05, SERVER_ERROR=0.05)  # fmt: skip
    to, letters = account(sim.base_url, concurrency=4), {one.dispatch_id: one for one in (letter() for _ in range(40))}
    waiting = dict(letters)
    for _ in range(100):
        if not waiting:
            break
        try:
            for outcome in hand_over(channel, to, *waiting.values(), batch_id=str(uuid4())):
                assert outcome.kind in (OutcomeKind.SENT, OutcomeKind.UNKNOWN, OutcomeKind.TRY_LATER), outcome
                if outcome.kind is OutcomeKind.SENT:
                    del waiting[outcome.dispatch_id]
        except ChannelDown:
            continue
    assert not waiting
    assert sim.mail.takes == dict.fromkeys(letters, 1)
    assert set(sim.mail.copies().values()) == {1}
    assert len(sim.mail.copies()) == 40
    assert sum(sim.mail.tries.values()) > 40, "something was lost and tried again"


def test_a_digipost_that_dies_and_comes_back_has_each_letter_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    to, letters = account(sim.base_url, concurrency=2), [letter() for _ in range(30)]
    sent: set[str] = set()
    for turn in range(20):
        rest = [one for one in letters if one.dispatch_id not in sent]
        outcomes = hand_over(channel, to, *rest)
        try:
            for number, outcome in enumerate(outcomes):
                if outcome.kind is OutcomeKind.SENT:
                    sent.add(outcome.dispatch_id)
                if number == 7 and turn < 3:
                    sim.stop()
        except ChannelDown:
            sim.start()
    assert sent == {one.dispatch_id for one in letters}
    assert sim.mail.takes == dict.fromkeys(sent, 1)


def test_a_hand_over_that_is_left_midway_loses_nothing_and_sends_nothing_twice(
    sim: DigipostSim, channel: DigipostChannel
) -> None:
    to, letters = account(sim.base_url), [letter() for _ in range(10)]
    outcomes = hand_over(channel, to, *letters)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert {outcome.kind for outcome in hand_over(channel, to, *letters)} == {OutcomeKind.SENT}
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}


# --- several hand-overs at a time -----------------------------------------------------------------------------------


def in_parts(channel: DigipostChannel, to: Account, letters: list[OutgoingLetter], number: int) -> list[Outcome]:
    """As the core gives a batch: in parts side by side, under one number."""
    told: list[Outcome] = []

    def give(part: list[OutgoingLetter]) -> None:
        with contextlib.suppress(ChannelDown):
            told.extend(hand_over(channel, to, *part))

    threads = [Thread(target=give, args=(letters[n::number],)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_however_many_hand_overs_there_are_only_so_many_calls_are_under_way(
    sim: DigipostSim, channel: DigipostChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way, most = 0, 0
    lock, answer = Lock(), sim.answer

    def counted(*asked: Any) -> tuple[bytes, str]:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            return answer(*asked)
        finally:
            with lock:
                under_way -= 1

    sim.faults.latency_ms = 5
    monkeypatch.setattr(sim, "answer", counted)
    letters = [letter() for _ in range(24)]
    told = in_parts(channel, account(sim.base_url, concurrency=2), letters, 4)
    assert {outcome.kind for outcome in told} == {OutcomeKind.SENT}
    assert len(told) == 24
    assert most == 2


def test_parts_of_one_batch_given_apart_still_send_each_letter_once(sim: DigipostSim, channel: DigipostChannel) -> None:
    to, letters = account(sim.base_url, batch=True), [letter() for _ in range(12)]
    waiting = {one.dispatch_id: one for one in letters}
    for turn in range(6):
        for outcome in in_parts(channel, to, list(waiting.values()), 3 if turn < 2 else 1):
            if outcome.kind is OutcomeKind.SENT:
                waiting.pop(outcome.dispatch_id)
    assert not waiting
    assert sim.mail.takes == {one.dispatch_id: 1 for one in letters}
    assert set(sim.mail.copies().values()) == {1}
