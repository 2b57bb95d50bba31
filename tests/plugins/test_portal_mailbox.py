"""The portal as a mailbox: there at once, for those who have been there before."""

import json
from datetime import date, timedelta
from hashlib import sha256

import pytest

from plugins.portal_mailbox import PortalMailbox
from saas.hooks import ForgedEvent, OutcomeKind
from tests.plugins.letters import NOW, ONE, PDF, agreed, letter, outcomes, to

CHANNEL = PortalMailbox({}).provide_channels()[0]
ACCOUNT = agreed(CHANNEL)


def test_a_letter_is_sent_the_moment_it_is_handed_over_on_the_day_in_oslo():
    [outcome], down = outcomes(CHANNEL, ACCOUNT, letter())
    assert (outcome.dispatch_id, outcome.kind, outcome.sent_on, down) == (
        ONE,
        OutcomeKind.SENT,
        date(2026, 11, 21),
        None,
    )


def test_the_evidence_says_what_was_made_available_and_when():
    [outcome], _ = outcomes(CHANNEL, ACCOUNT, letter())
    assert json.loads(outcome.evidence) == {
        "available_at": "2026-11-20T23:30:00+00:00",
        "kind": "payment_demand",
        "pages": 1,
        "pdf_sha256": sha256(PDF).hexdigest(),
        "html_sha256": sha256(letter().html.encode()).hexdigest(),
    }


def test_only_somebody_who_has_been_there_before_can_be_tried():
    assert CHANNEL.can_try(to(has_portal=True))
    assert not CHANNEL.can_try(to(has_portal=False))
    [outcome], _ = outcomes(CHANNEL, ACCOUNT, letter(recipient=to(has_portal=False)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "never_logged_in")


@pytest.mark.parametrize(("changes", "code"), [({"html": " "}, "no_text"), ({"sha256": "0" * 64}, "other_bytes")])
def test_a_letter_that_is_not_whole_is_refused_and_the_next_is_not(changes, code):
    refused, sent = outcomes(CHANNEL, ACCOUNT, letter(1, **changes), letter(2))[0]
    assert (refused.kind, refused.code, sent.kind) == (OutcomeKind.REFUSED, code, OutcomeKind.SENT)


def test_giving_it_again_or_asking_later_never_makes_it_earlier():
    assert CHANNEL.idempotent
    later = CHANNEL.look_up(ACCOUNT, letter(), NOW + timedelta(days=1))
    assert later is not None
    assert (later.kind, later.sent_on) == (OutcomeKind.SENT, date(2026, 11, 22))


def test_nobody_reports_on_it():
    with pytest.raises(ForgedEvent):
        CHANNEL.read_report(ACCOUNT, b"{}", {})
    assert list(CHANNEL.receipts(ACCOUNT, NOW, NOW)) == []
