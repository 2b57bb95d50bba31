"""SMS: what is sent, what becomes of it for everything a gateway can do, and who may report."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from marshmallow import ValidationError

from plugins.sms import Sms, client
from plugins.sms.agreement import Agreement
from plugins.sms.codes import RESULTS
from saas.hooks import Account, ForgedEvent, OutcomeKind, ReceiptState
from saas.kernel import clock
from saas.simulators.sms import Gate, SmsSim
from tests.plugins.letters import NOW, ONE, TWO, agreed, letter, outcomes, to

CHANNEL = Sms({}).provide_channels()[0]
SECRET = "Zk3v9Qp7Lr2Xw8Tb"
GIVEN = {"user": "sim", "password": "sim-password", "source": "Fjord", "gate": "gate1", "segment_cost_ore": 49,
         "report_secret": SECRET}  # fmt: skip


def account(sim: SmsSim | None = None, **changes: Any) -> Account:
    base = sim.base_url if sim else "http://127.0.0.1:1"
    return agreed(CHANNEL, **{"base_url": base, **GIVEN, **changes})


@pytest.fixture
def sim() -> Iterator[SmsSim]:
    with SmsSim(clock.wall_now, gates={"gate1": Gate("http://127.0.0.1:1/", "frist", SECRET)}) as started:
        yield started


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setattr(client, "SILENT_SECONDS", 1.2)
    monkeypatch.setattr(client, "ALL_SECONDS", 1.2)


# --- what is sent ---------------------------------------------------------------------------------------------------


def test_a_message_is_sent_field_by_field_as_documented(sim):
    [outcome], down = outcomes(CHANNEL, account(sim), letter())
    assert (outcome.kind, outcome.code, down) == (OutcomeKind.TAKEN, "1005 queued", None)
    assert outcome.external_id == sim.message(ONE).message_id
    assert json.loads(outcome.evidence)["messageId"] == outcome.external_id
    assert sim.asked == [
        {
            "source": "Fjord",
            "sourceTON": "ALPHANUMERIC",
            "destination": "+4799999999",
            "destinationTON": "MSISDN",
            "dcs": "TEXT",
            "userData": letter().short_text,
            "useDeliveryReport": True,
            "deliveryReportGates": ["gate1"],
            "refId": ONE,
            "relativeValidityTime": 172_800_000,
            "platformId": "0",
            "platformPartnerId": "0",
            "ignoreResponse": False,
        }
    ]


def test_nothing_of_the_letter_itself_is_sent(sim):
    outcomes(CHANNEL, account(sim), letter())
    sent = json.dumps(sim.asked, ensure_ascii=False)
    for private in ("Kari", "Storgata", "Inkasso", "1 568,72", "Betalingsoppfordring"):
        assert private not in sent


def test_the_cost_is_counted_by_the_part(sim):
    short, long = letter(), letter(2, short_text="a" * 200)
    assert [one.cost_ore for one in outcomes(CHANNEL, account(sim), short, long)[0]] == [49, 98]
    sim.faults += ["no_body"]
    assert [one.cost_ore for one in outcomes(CHANNEL, account(sim), long)[0]] == [98]


def test_a_message_refused_costs_nothing(sim):
    sim.faults += ["code:2104"]
    [outcome], _ = outcomes(CHANNEL, account(sim), letter())
    assert outcome.cost_ore == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_text"),
        (" \n", "no_text"),
        ("Brev fra Fjord Inkasso", "names_collection"),
        ("Se https://fjordinkasso.no", "names_collection"),
        ("Betal 1 568,72", "names_sum"),
        ("a" * 307, "too_long"),
        ("š" * 135, "too_long"),
        ("Hei \ud800", "unwritable_text"),
    ],
)
def test_a_text_that_may_not_be_sent_never_leaves_and_the_next_does(sim, text, code):
    refused, taken = outcomes(CHANNEL, account(sim), letter(1, short_text=text), letter(2))[0]
    assert (refused.kind, refused.code) == (OutcomeKind.REFUSED, code)
    assert taken.kind is OutcomeKind.TAKEN
    assert [message.ref_id for message in sim.messages] == [TWO]


def test_a_tenant_may_pay_for_longer_messages(sim):
    [outcome], _ = outcomes(CHANNEL, account(sim, max_segments=3), letter(short_text="a" * 307))
    assert (outcome.kind, outcome.cost_ore) == (OutcomeKind.TAKEN, 147)


def test_only_a_norwegian_mobile_number_can_be_tried(sim):
    assert CHANNEL.can_try(to(phone="99 99 99 99"))
    for phone in ("", "22 00 00 00", "+46 70 123 45 67"):
        assert not CHANNEL.can_try(to(phone=phone))
        [outcome], _ = outcomes(CHANNEL, account(sim), letter(recipient=to(phone=phone)))
        assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "no_mobile_number")
    assert sim.asked == []


def test_a_message_is_expected_to_be_sent_the_same_day():
    moment = datetime(2026, 11, 20, 20, 59, tzinfo=ZoneInfo("Europe/Oslo"))
    assert CHANNEL.expected_sending(moment) == date(2026, 11, 20)


# --- every fault ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("400", OutcomeKind.REFUSED, "400 106000"),
        ("code:2104", OutcomeKind.UNREACHABLE, "2104 bad_number_unknown"),
        ("code:2105", OutcomeKind.UNREACHABLE, "2105 bad_number_barred"),
        ("code:2106", OutcomeKind.UNREACHABLE, "2106 bad_number_wrong"),
        ("code:2107", OutcomeKind.REFUSED, "2107 barred_for_now"),
        ("code:3001", OutcomeKind.REFUSED, "3001 content_refused"),
        ("code:4007", OutcomeKind.REFUSED, "4007 content_refused"),
        ("code:104", OutcomeKind.TRY_LATER, "104 no_way_there"),
        ("code:0", OutcomeKind.TRY_LATER, "0 no_way_there"),
        ("code:4", OutcomeKind.UNKNOWN, "4 nobody_knows"),
        ("code:1010", OutcomeKind.UNKNOWN, "1010 nobody_knows"),
        ("code:9999", OutcomeKind.UNKNOWN, "9999 unheard_of"),
    ],
)
def test_what_is_about_one_message_leaves_the_next_alone(sim, fault, kind, code):
    sim.faults += [fault]
    first, second = outcomes(CHANNEL, account(sim), letter(1), letter(2))[0]
    assert (first.kind, first.code, second.kind) == (kind, code, OutcomeKind.TAKEN)
    assert (sim.copies(ONE), sim.copies(TWO)) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("401", "401 106100"), ("403", "403 106101"), ("platform", "400 106200"), ("partner", "400 106201"),
     ("gate_closed", "400 106301"), ("404", "404")],
)  # fmt: skip
def test_what_is_about_our_agreement_stops_the_channel(sim, fault, code):
    sim.faults += [fault]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind, one.code) for one in found] == [(ONE, OutcomeKind.STOPPED, code)]
    assert (down, sim.messages) == (None, [])


def test_wrong_keys_and_a_gate_nobody_made_stop_the_channel(sim):
    for changes, code in (({"password": "wrong"}, "401 106100"), ({"gate": "other"}, "400 106300")):
        [outcome], _ = outcomes(CHANNEL, account(sim, **changes), letter())
        assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, code)


@pytest.mark.parametrize(
    ("fault", "taken"),
    [("500", 0), ("503", 0), ("drop", 0), ("lost", 1), ("late500", 1), ("garbage", 1), ("timeout", 1), ("trickle", 1)],
)
@pytest.mark.usefixtures("hasty")
def test_when_no_proper_answer_came_it_is_unknown_and_nothing_more_is_tried(sim, fault, taken):
    sim.faults += [fault]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind) for one in found] == [(ONE, OutcomeKind.UNKNOWN)]
    assert down == found[0].code
    assert (sim.copies(ONE), sim.copies(TWO)) == (taken, 0), "never tried twice by the channel itself"


def test_what_became_of_it_cannot_be_asked():
    assert CHANNEL.look_up(account(), letter(), NOW) is None
    assert not CHANNEL.idempotent


def test_too_many_calls_and_nobody_there_mean_that_nothing_was_tried(sim):
    sim.faults += ["429"]
    assert outcomes(CHANNEL, account(sim), letter()) == ([], "429")
    gone = account(sim)
    sim.stop()
    assert outcomes(CHANNEL, gone, letter()) == ([], "ConnectError")


@pytest.mark.usefixtures("hasty")
def test_a_slow_answer_in_time_is_an_answer(sim):
    sim.faults += ["slow:0.1"]
    assert outcomes(CHANNEL, account(sim), letter())[0][0].kind is OutcomeKind.TAKEN


def test_an_answer_without_a_body_is_taken_without_an_id(sim):
    sim.faults += ["no_body"]
    [outcome], _ = outcomes(CHANNEL, account(sim), letter())
    assert (outcome.kind, outcome.external_id) == (OutcomeKind.TAKEN, "")


def test_no_secret_and_no_number_is_shown_in_an_outcome(sim):
    sim.faults += ["400", "lost"]
    for _ in range(3):
        found, _ = outcomes(CHANNEL, account(sim), letter())
        assert "sim-password" not in repr(found)
        assert "99999999" not in "".join(one.code + one.evidence for one in found)


# --- reports --------------------------------------------------------------------------------------------------------


def headers(user: str = "frist", secret: str = SECRET) -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{user}:{secret}".encode()).decode()}


def report(code: object = 1001, **changes: Any) -> bytes:
    """The documented one."""
    told = {"refId": ONE, "id": "Dcshuhod0PMAAAFQ", "operator": "no.telenor", "sentTimestamp": "2026-11-20T22:58:01Z",
            "timestamp": "2026-11-20T23:00:04Z", "resultCode": code, "operatorResultCode": "2", "segments": 1,
            "gateCustomParameters": {}, "customParameters": {}}  # fmt: skip
    return json.dumps(told | changes).encode()


@pytest.mark.parametrize(
    ("code", "state", "word"),
    [
        (1001, ReceiptState.SENT, "1001 delivered"),
        (1000, ReceiptState.NOTED, "1000 sent_on"),
        (1007, ReceiptState.NOTED, "1007 billed_later"),
        (1008, ReceiptState.NOTED, "1008 billed"),
        (1011, ReceiptState.NOTED, "1011 billed_and_sent_on"),
        (1012, ReceiptState.NOTED, "1012 delayed"),
        (1002, ReceiptState.FAILED, "1002 expired"),
        (1004, ReceiptState.FAILED, "1004 phone_full"),
        (1006, ReceiptState.FAILED, "1006 not_delivered"),
        (1010, ReceiptState.UNKNOWN, "1010 nobody_knows"),
        (4, ReceiptState.UNKNOWN, "4 nobody_knows"),
        (5, ReceiptState.UNKNOWN, "5 nobody_knows"),
        (2104, ReceiptState.UNREACHABLE, "2104 bad_number_unknown"),
        (2105, ReceiptState.UNREACHABLE, "2105 bad_number_barred"),
        (2106, ReceiptState.UNREACHABLE, "2106 bad_number_wrong"),
        (2107, ReceiptState.FAILED, "2107 barred_for_now"),
        (105, ReceiptState.FAILED, "105 no_way_there"),
        (3002, ReceiptState.FAILED, "3002 content_refused"),
        (4000, ReceiptState.FAILED, "4000 content_refused"),
        (7777, ReceiptState.NOTED, "7777 unheard_of"),
    ],
)
def test_every_result_code_of_a_report_has_its_meaning(code, state, word):
    [receipt] = CHANNEL.read_report(account(), report(code), headers())
    assert (receipt.dispatch_id, receipt.state, receipt.code) == (ONE, state, word)


def test_every_documented_code_is_in_the_table():
    documented = {1000, 1001, 1002, 1004, 1005, 1006, 1007, 1008, 1010, 1011, 1012, 0, 1, 2, 3, 4, 5, 6, 104, 105,
                  *range(2104, 2108), *range(3000, 3003), *range(4000, 4008)}  # fmt: skip
    assert set(RESULTS) == documented


def test_the_day_is_the_day_in_oslo_of_the_later_time():
    [receipt] = CHANNEL.read_report(account(), report(), headers())
    assert receipt.on == date(2026, 11, 21)
    [receipt] = CHANNEL.read_report(account(), report(timestamp="2026-11-20T22:59:59Z"), headers())
    assert receipt.on == date(2026, 11, 20)


def test_the_evidence_is_the_report_without_what_we_do_not_know():
    [receipt] = CHANNEL.read_report(account(), report(unheardOf="x"), headers())
    assert json.loads(receipt.evidence)["id"] == "Dcshuhod0PMAAAFQ"
    assert "unheardOf" not in receipt.evidence


def test_a_report_that_comes_twice_says_the_same_twice(sim):
    outcomes(CHANNEL, account(sim), letter())
    read = [CHANNEL.read_report(account(sim), report(), headers()) for _ in range(2)]
    assert read[0] == read[1]


def test_a_report_of_somebody_elses_message_is_no_receipt():
    for ref_id in ("", "sms-000123", ONE.upper() + "x", "urn:uuid:" + ONE):
        assert CHANNEL.read_report(account(), report(refId=ref_id), headers()) == ()


@pytest.mark.parametrize(
    "given",
    [{}, {"authorization": ""}, headers(secret="other"), headers(user="other"), {"authorization": "Bearer " + SECRET},
     {"authorization": "Basic \udcff"}],
)  # fmt: skip
def test_nobody_reports_without_the_password(given):
    with pytest.raises(ForgedEvent, match="wrong secret"):
        CHANNEL.read_report(account(), report(), given)


def test_without_a_password_agreed_nothing_is_taken_in():
    with pytest.raises(ForgedEvent, match="no secret is set"):
        CHANNEL.read_report(account(report_secret=""), report(), headers(secret=""))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"\xff", report("1001"), report(True), report(None), report(timestamp="yesterday"),
     report(timestamp="2026-11-20T23:00:04"), report(timestamp=5), report(refId=7), report(refId=None), b" " * 70_000],
)  # fmt: skip
def test_what_is_no_report_is_not_taken_for_one(raw):
    with pytest.raises(ForgedEvent):
        CHANNEL.read_report(account(), raw, headers())


def test_reports_are_pushed_and_none_is_fetched():
    assert list(CHANNEL.receipts(account(), NOW, NOW)) == []
    assert CHANNEL.receipt_problems(account()) == ()
    CHANNEL.take_receipts(account(), "x")


# --- the agreement --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ton", "source"),
    [("ALPHANUMERIC", "Fjord"), ("ALPHANUMERIC", "Ab"), ("ALPHANUMERIC", "Abcdefghij1"), ("SHORTNUMBER", "26123"),
     ("MSISDN", "+4799999999")],
)  # fmt: skip
def test_a_sender_of_each_kind(ton, source):
    assert Agreement().load({"base_url": "https://x.no", **GIVEN, "source": source, "source_ton": ton})


@pytest.mark.parametrize(
    ("ton", "source"),
    [("ALPHANUMERIC", "A"), ("ALPHANUMERIC", "Abcdefghij12"), ("ALPHANUMERIC", "1Fjord"), ("ALPHANUMERIC", "Fjørd"),
     ("ALPHANUMERIC", "Fjord AS"), ("ALPHANUMERIC", "EksInkasso"), ("ALPHANUMERIC", "Fjord\n"),
     ("SHORTNUMBER", "Fjord"), ("SHORTNUMBER", "1" * 15), ("MSISDN", "4799999999"), ("SHORTCODE", "26123")],
)  # fmt: skip
def test_a_sender_the_gateway_or_the_law_does_not_take(ton, source):
    with pytest.raises(ValidationError):
        Agreement().load({"base_url": "https://x.no", **GIVEN, "source": source, "source_ton": ton})


@pytest.mark.parametrize(
    "changes",
    [{"base_url": "http://no.linkmobility.io"}, {"base_url": "https://x.no/sms"}, {"base_url": "https://u:p@x.no"},
     {"user": "a:b"}, {"report_secret": "short"}, {"validity_hours": 49}, {"validity_hours": 0}, {"max_segments": 0},
     {"segment_cost_ore": -1}, {"segment_cost_ore": 0.5}, {"gate": ""}],
)  # fmt: skip
def test_an_agreement_that_cannot_be(changes):
    with pytest.raises(ValidationError):
        Agreement().load({"base_url": "https://x.no", **GIVEN, **changes})
