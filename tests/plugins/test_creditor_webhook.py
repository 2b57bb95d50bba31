"""A creditor's own system is told what happens, signed, and told again until it takes it (`on_case_event`)."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from marshmallow import ValidationError
from standardwebhooks.webhooks import Webhook
from structlog.testing import capture_logs

from plugins.creditor_webhook import CreditorWebhook, NotTaken
from plugins.creditor_webhook.message import KINDS
from saas.outgoing import LOOPBACK_SETTING, CallFailed, NotCalled
from saas.rules.facts import DebtorKind
from saas.testing.facts import a_case, a_fact, an_event
from tests.plugins.outside import outside

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def party(monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside() as found:
        yield found


def tell(party, event=None, case=None, **settings):
    chosen = {"url": f"{party.address}/frist", "secret": SECRET, **settings}
    event = event or an_event(told_at=datetime.now(UTC))
    CreditorWebhook(CreditorWebhook.Settings().load(chosen)).on_case_event(event, case or a_case())


def test_on_case_event_sends_a_message_anybody_with_the_secret_can_verify(party):
    tell(party)
    ((path, headers, body),) = party.heard
    told = Webhook(SECRET).verify(body, headers)
    assert path == "/frist"
    assert headers["webhook-id"] == told["id"] == str(UUID(int=0xE))
    assert told["type"] == "letter.sent"
    assert told["data"] == {
        "tenant": "fjord", "creditor": "nordlys-kraft", "case_number": 100_001, "invoice_numbers": ["F-1001"],
        "stage": "noticed", "on_hold": False, "principal_left_ore": 124_000, "costs_left_ore": 7_600,
        "letters_sent": [{"kind": "reminder", "sent_on": "2026-09-24"},
                         {"kind": "collection_notice", "sent_on": "2026-10-24"}],
    }  # fmt: skip


def test_nothing_of_the_debtor_and_no_words_of_anybody_are_told(party):
    private = a_case(a_fact("power.active_contract", True, "Kari Nordmann"), vulnerable=True,
                     debtor_kind=DebtorKind.SOLE_TRADER)  # fmt: skip
    tell(party, an_event(told_at=datetime.now(UTC), body={"text": "Jeg er syk"}), private)
    body = party.heard[0][2].decode()
    for word in ("Kari", "syk", "vulnerable", "sole_trader"):
        assert word not in body


def test_told_again_it_is_the_same_message_with_the_same_id(party):
    party.answers = [(503, b""), (200, b"")]
    event = an_event(told_at=datetime.now(UTC))
    with pytest.raises(NotTaken, match="503"):
        tell(party, event)
    tell(party, event)
    first, again = party.heard
    assert first[2] == again[2]
    assert first[1]["webhook-id"] == again[1]["webhook-id"]


@pytest.mark.parametrize("status", [300, 302, 400, 401, 404, 410, 429, 500])
def test_any_answer_but_yes_is_told_again_later(party, status):
    party.answers = [(status, b"")]
    with pytest.raises(NotTaken):
        tell(party)


def test_nobody_there_is_told_again_later_and_noted_without_the_address(monkeypatch):
    monkeypatch.setenv(LOOPBACK_SETTING, "1")
    with outside() as gone:
        pass
    with capture_logs() as logs, pytest.raises(CallFailed):
        tell(gone)
    (noted,) = [entry for entry in logs if entry["event"] == "webhook_not_sent"]
    assert gone.address not in json.dumps(noted)


def test_what_the_creditor_did_not_ask_for_is_not_told(party):
    tell(party, events=["case.closed"])
    assert party.heard == []


def test_without_an_address_nothing_is_told(party):
    tell(party, url="", secret="")
    assert party.heard == []


def test_an_inner_address_is_never_called(party, monkeypatch):
    plugin = CreditorWebhook(CreditorWebhook.Settings().load({"url": f"{party.address}/x", "secret": SECRET}))
    monkeypatch.delenv(LOOPBACK_SETTING)
    with pytest.raises(NotCalled):
        plugin.on_case_event(an_event(told_at=datetime.now(UTC)), a_case())
    assert party.heard == []


@pytest.mark.parametrize(
    "settings",
    [{"url": "https://x.example"}, {"url": "http://x.example", "secret": SECRET}, {"url": "x", "secret": SECRET},
     {"secret": "hemmelig"}, {"events": []}, {"events": ["everything"]}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(settings, monkeypatch):
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    with pytest.raises(ValidationError):
        CreditorWebhook.Settings().load(settings)


def test_every_kind_of_event_that_can_be_chosen_is_one_the_service_writes():
    import re
    from pathlib import Path

    import saas

    source = "".join(file.read_text() for file in Path(saas.__file__).parent.rglob("*.py"))
    written = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', source))
    assert {kind for kind in KINDS if kind not in written} <= {"deferral.granted", "deferral.refused"}
    assert 'f"deferral.{' in source
