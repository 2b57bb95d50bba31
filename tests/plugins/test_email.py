"""E-mail: what is written, what nobody sees from outside, what becomes of it for everything a server can do."""

import json
from collections.abc import Iterator
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugins.email import Email, client
from plugins.email.agreement import Agreement
from plugins.email.message import LEADS, SUBJECTS, message_of
from saas.hooks import Account, ForgedEvent, OutcomeKind
from saas.kernel import clock
from saas.rules.discretion import what_it_reveals
from saas.simulators.email import EmailSim
from tests.plugins.letters import NOW, ONE, PDF, TWO, agreed, batch, letter, outcomes, to

CHANNEL = Email({}).provide_channels()[0]
GIVEN = {"from_address": "post@fjord.example", "from_name": "Fjord"}
ID = f"<{ONE}@fjord.example>"


def account(sim: EmailSim | None = None, **changes: Any) -> Account:
    where = {"host": "127.0.0.1", "port": sim.port if sim else 1, "security": "none"}
    return agreed(CHANNEL, **{**where, **GIVEN, **changes})


@pytest.fixture
def sim() -> Iterator[EmailSim]:
    with EmailSim(clock.wall_now, senders=("post@fjord.example",)) as started:
        yield started


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long."""
    monkeypatch.setattr(client, "ALL_SECONDS", 1.2)


def sent(sim: EmailSim, number: int = 0) -> EmailMessage:
    return message_from_bytes(sim.mails[number].raw, policy=default)


def bodies(message: EmailMessage) -> tuple[str, str]:
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_notice_tells_that_there_is_a_letter_and_where_and_nothing_else(sim):
    [outcome], down = outcomes(CHANNEL, account(sim), letter())
    assert (outcome.kind, outcome.sent_on, outcome.external_id, down) == (
        OutcomeKind.SENT,
        date(2026, 11, 21),
        ID,
        None,
    )
    text, html = bodies(sent(sim))
    assert text == (
        "Hei. Du har fått et brev fra Fjord. Logg inn på fjord.example for å lese det.\n\nhttps://fjord.example/brev/x7Qa\n"
    )
    assert '<a href="https://fjord.example/brev/x7Qa">Les brevet her</a>' in html
    seen = sim.mails[0].raw.decode() + text + html
    for private in ("Kari", "Storgata", "Inkasso", "1 568,72", "Betalingsoppfordring", "application/pdf"):
        assert private not in seen


def test_its_headers(sim):
    outcomes(CHANNEL, account(sim), letter())
    message = sent(sim)
    assert {name: str(message[name]) for name in message} == {
        "From": "Fjord <post@fjord.example>",
        "To": "kari@example.no",
        "Reply-To": "post@fjord.example",
        "Subject": "Du har fått et brev",
        "Date": "Fri, 20 Nov 2026 23:30:00 +0000",
        "Message-ID": ID,
        "Auto-Submitted": "auto-generated",
        "Content-Language": "nb",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert message.get_content_type() == "multipart/alternative"


def test_a_full_letter_is_text_and_html_and_when_agreed_the_pdf(sim):
    full = {"mode": "full", "attach_pdf": True}
    assert outcomes(CHANNEL, account(sim, **full), letter())[0][0].kind is OutcomeKind.SENT
    message = sent(sim)
    text, html = bodies(message)
    assert text.endswith("Betalingsoppfordring: betal 1 568,72 innen 8. desember\n")
    assert "<h1>Betalingsoppfordring</h1>" in html
    [attached] = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "brev.pdf", "application/pdf", PDF,
    )  # fmt: skip
    outcomes(CHANNEL, account(sim, mode="full"), letter())
    assert list(sent(sim, 1).iter_attachments()) == []


def test_what_only_tells_of_a_letter_is_a_notice_whatever_is_agreed(sim):
    notice = letter(pdf=b"", sha256="", pages=0, html="", text="x", link="")
    [outcome], _ = outcomes(CHANNEL, account(sim, mode="full", attach_pdf=True), notice)
    assert outcome.kind is OutcomeKind.SENT
    assert bodies(sent(sim))[0] == notice.short_text + "\n"
    assert list(sent(sim).iter_attachments()) == []


@pytest.mark.parametrize("language", ["nb", "nn", "en", "xx"])
@pytest.mark.parametrize("mode", ["notice", "full"])
def test_what_a_locked_screen_shows_tells_nothing(language, mode):
    made = message_of(letter(recipient=to(language=language)), account(mode=mode), NOW)
    text, html = bodies(made)
    assert str(made["Subject"]) == SUBJECTS.get(language, SUBJECTS["nb"])
    assert what_it_reveals(f"{made['Subject']} {made['From']} {text[:200]}") == ""
    assert what_it_reveals(html.partition("<body>")[2][:200]) == ""


def test_the_lines_in_front_of_a_letter_fill_what_is_shown():
    assert all(len(lead) >= 200 and what_it_reveals(lead) == "" for lead in LEADS.values())


def test_a_full_letter_whose_html_has_no_body_begins_with_the_lead_too():
    _, html = bodies(message_of(letter(html="<h1>Betalingsoppfordring</h1>"), account(mode="full"), NOW))
    assert html.startswith(f"<p>{LEADS['nb']}</p>")


def test_a_link_that_stands_in_the_text_is_not_written_twice(sim):
    outcomes(CHANNEL, account(sim), letter(short_text="Les brevet på https://fjord.example/brev/x7Qa"))
    assert bodies(sent(sim))[0].count("https://") == 1


def test_without_a_link_there_is_none(sim):
    outcomes(CHANNEL, account(sim), letter(link=""))
    assert "href" not in bodies(sent(sim))[1]


def test_markup_in_a_notice_is_text(sim):
    outcomes(CHANNEL, account(sim), letter(short_text="Hei <script>alert(1)</script> & 'x'", link='https://x.no/"><b>'))
    html = bodies(sent(sim))[1]
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html


def test_answers_go_where_the_agreement_says_and_returns_to_the_return_address(sim):
    outcomes(CHANNEL, account(sim, reply_to="hjelp@fjord.example", bounce_address="retur@fjord.example"), letter())
    assert sent(sim)["Reply-To"] == "hjelp@fjord.example"
    assert sim.mails[0].sender == "retur@fjord.example"


def test_the_same_letter_is_the_same_bytes():
    for mode in ("notice", "full"):
        one, other = (message_of(letter(), account(mode=mode), NOW).as_bytes() for _ in range(2))
        assert one == other


def test_the_evidence_is_what_the_server_said_and_what_it_was_given(sim):
    [outcome], _ = outcomes(CHANNEL, account(sim), letter())
    told = json.loads(outcome.evidence)
    assert told["reply"] == "250 2.0.0 OK: queued as 1"
    assert told["message_sha256"] == sha256(message_of(letter(), account(sim), NOW).as_bytes()).hexdigest()
    assert (told["mode"], told["message_id"], told["accepted_at"]) == ("notice", ID, "2026-11-20T23:30:00+00:00")


@pytest.mark.parametrize(
    ("changes", "mode", "code"),
    [
        ({"short_text": ""}, "notice", "no_text"),
        ({"short_text": "Brev fra Fjord Inkasso"}, "notice", "names_collection"),
        ({"short_text": "Betal kr 500"}, "notice", "names_sum"),
        ({"link": "https://fjord-inkasso.no/x"}, "notice", "names_collection"),
        ({"text": " "}, "full", "no_text"),
        ({"html": ""}, "full", "no_text"),
        ({"text": "\ud800"}, "full", "unwritable_text"),
    ],
)
def test_what_may_not_be_written_never_leaves_and_the_next_does(sim, changes, mode, code):
    refused, gone = outcomes(CHANNEL, account(sim, mode=mode), letter(1, **changes), letter(2))[0]
    assert (refused.kind, refused.code, gone.kind) == (OutcomeKind.REFUSED, code, OutcomeKind.SENT)
    assert len(sim.mails) == 1


# --- addresses and headers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["kari@example.no", "Kari.Prove+x@Example.NO", "kari@prøve.no"])
def test_an_address_that_can_be_written_to(email):
    assert CHANNEL.can_try(to(email=email))


@pytest.mark.parametrize(
    "email",
    ["", "kari", "kari@", "@x.no", "kari@x", "a@x.no, b@x.no", "a@x.no\r\nBcc: b@x.no", "a@x.no>\r\nRCPT TO:<b@x.no",
     "Kari <kari@x.no>", "kåri@x.no", "kari@x.no ", "\ud800@x.no", "a" * 250 + "@x.no", '"a b"@x.no',
     "kari@[127.0.0.1]"],
)  # fmt: skip
def test_an_address_that_cannot_is_never_tried(sim, email):
    assert not CHANNEL.can_try(to(email=email))
    [outcome], _ = outcomes(CHANNEL, account(sim), letter(recipient=to(email=email)))
    assert (outcome.kind, outcome.code) == (OutcomeKind.UNREACHABLE, "no_address")
    assert sim.tried == []


_NASTY = st.text(max_size=60) | st.sampled_from(
    [
        "x\r\nBcc: ole@example.no",
        "x\nSubject: y",
        "x\r\n\r\n.\r\nMAIL FROM:<a@x.no>",
        "\r",
        "\n.\n",
        "\r\n.\r\n",
        "=?utf-8?q?a?=",
    ]
)


@settings(database=None, deadline=None, max_examples=150)
@given(_NASTY, _NASTY, _NASTY)
def test_nothing_anybody_wrote_becomes_a_header_or_a_command(name, subject, text):
    made = letter(
        subject=subject, short_text=text, text=text, html=f"<p>{text}", link="",
        recipient=to(name=name, language=name), sender=to(name=name, email=name),
    )  # fmt: skip
    for mode in ("notice", "full"):
        message = message_of(made, account(mode=mode, reply_to="hjelp@fjord.example"), NOW)
        raw = message.as_bytes()
        again = message_from_bytes(raw, policy=default)
        assert set(again.keys()) == set(message.keys())
        assert len(again.keys()) == 10
        assert again["Subject"] == "Du har fått et brev"
        assert raw.isascii()
        assert b"\r" not in raw.replace(b"\r\n", b"")
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_text_with_dots_comes_through_whole_and_is_one_message(sim):
    nasty = "Hei\r\n.\r\nMAIL FROM:<a@x.no>\n.\n..to"
    outcomes(CHANNEL, account(sim), letter(short_text=nasty, link=""))
    assert bodies(sent(sim))[0] == "Hei\n.\nMAIL FROM:<a@x.no>\n.\n..to\n"
    assert len(sim.mails) == 1


# --- every fault ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("nobody", OutcomeKind.UNREACHABLE, "550 5.1.1"),
        ("late_nobody", OutcomeKind.UNREACHABLE, "550 5.1.1"),
        ("moved", OutcomeKind.UNREACHABLE, "551"),
        ("policy", OutcomeKind.REFUSED, "550 5.7.1"),
        ("spam", OutcomeKind.REFUSED, "554 5.7.1"),
        ("full", OutcomeKind.TRY_LATER, "452 4.2.2"),
        ("greylist", OutcomeKind.TRY_LATER, "451 4.7.1"),
        ("busy", OutcomeKind.TRY_LATER, "451 4.3.0"),
    ],
)
def test_what_is_about_one_letter_leaves_the_next_alone(sim, fault, kind, code):
    sim.faults += [fault]
    (first, second), down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert (first.kind, first.code, second.kind, down) == (kind, code, OutcomeKind.SENT, None)
    assert (sim.copies(ID), len(sim.mails)) == (0, 1)


def test_a_sender_that_is_not_allowed_stops_the_channel(sim):
    sim.faults += ["sender"]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind, one.code) for one in found] == [(ONE, OutcomeKind.STOPPED, "550 5.7.1")]
    assert (down, sim.mails) == (None, [])


def test_a_sender_of_another_house_is_refused_by_the_server(sim):
    [outcome], _ = outcomes(CHANNEL, account(sim, from_address="post@other.example"), letter())
    assert (outcome.kind, outcome.code) == (OutcomeKind.REFUSED, "554 5.6.0")


@pytest.mark.parametrize(("fault", "code"), [("closing", "421 4.3.2"), ("late_closing", "421 4.3.2")])
def test_a_server_that_is_going_down_has_not_taken_it_and_the_rest_waits(sim, fault, code):
    sim.faults += [fault]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert [(one.kind, one.code) for one in found] == [(OutcomeKind.TRY_LATER, code)]
    assert (down, sim.mails) == (code, [])


def test_a_connection_lost_before_the_data_has_taken_nothing(sim):
    sim.faults += ["drop_early"]
    assert outcomes(CHANNEL, account(sim), letter(1), letter(2)) == ([], "SMTPServerDisconnected")
    assert sim.mails == []


@pytest.mark.parametrize(("fault", "taken"), [("drop", 0), ("lost", 1), ("timeout", 1)])
@pytest.mark.usefixtures("hasty")
def test_a_connection_lost_after_the_data_leaves_it_unknown_and_nothing_is_tried_twice(sim, fault, taken):
    sim.faults += [fault]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind, one.external_id) for one in found] == [(ONE, OutcomeKind.UNKNOWN, ID)]
    assert down == found[0].code
    assert (sim.copies(ID), len(sim.mails)) == (taken, taken)
    assert CHANNEL.look_up(account(sim), letter(), NOW) is None
    assert not CHANNEL.idempotent


def test_a_slow_server_is_waited_for(sim):
    sim.faults += ["slow:0.2"]
    assert [one.kind for one in outcomes(CHANNEL, account(sim), letter())[0]] == [OutcomeKind.SENT]


def test_a_greylisting_server_takes_the_letter_the_second_time():
    with EmailSim(clock.wall_now, greylist=True) as sim:
        assert outcomes(CHANNEL, account(sim), letter())[0][0].kind is OutcomeKind.TRY_LATER
        assert outcomes(CHANNEL, account(sim), letter())[0][0].kind is OutcomeKind.SENT
        assert sim.copies(ID) == 1


def test_a_server_that_takes_few_messages_a_session_gets_them_in_several_each_once():
    with EmailSim(clock.wall_now, a_session=2) as sim:
        found, down = outcomes(CHANNEL, account(sim), *(letter(number) for number in range(1, 6)))
        assert ([one.kind for one in found], down) == ([OutcomeKind.SENT] * 5, None)
        assert len({mail.message_id for mail in sim.mails}) == len(sim.mails) == 5


def test_a_connection_lost_between_two_letters_is_made_anew_and_lost_again_it_is_down(sim):
    sim.faults += ["slow:0", "drop_early"]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert ([one.kind for one in found], down) == ([OutcomeKind.SENT] * 2, None)
    sim.faults += ["slow:0", "drop_early", "drop_early"]
    found, down = outcomes(CHANNEL, account(sim), letter(1), letter(2))
    assert ([one.dispatch_id for one in found], down) == ([ONE], "SMTPServerDisconnected")
    assert len(sim.mails) == 3


def test_a_session_made_anew_that_is_no_longer_let_in_stops_the_channel_at_the_letter_whose_turn_it_was(monkeypatch):
    with EmailSim(clock.wall_now, user="fjord", password="hemmelig", tls=True, a_session=1) as sim:
        monkeypatch.setenv("SSL_CERT_FILE", str(sim.certificate))
        found = []
        for outcome in CHANNEL.hand_over(account(sim, **KEYS), batch(letter(1), letter(2), letter(3)), NOW):
            found.append((outcome.dispatch_id, outcome.kind))
            sim.password = "byttet"
        assert found == [(ONE, OutcomeKind.SENT), (TWO, OutcomeKind.STOPPED)]


def test_nobody_there_means_that_nothing_was_tried():
    assert outcomes(CHANNEL, account(), letter()) == ([], "ConnectionRefusedError")


# --- safely, and logged in ------------------------------------------------------------------------------------------


@pytest.fixture
def safe(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmailSim]:
    """A server with TLS and login, whose certificate this machine trusts."""
    with EmailSim(clock.wall_now, user="fjord", password="hemmelig", tls=True) as started:
        monkeypatch.setenv("SSL_CERT_FILE", str(started.certificate))
        yield started


KEYS = {"security": "starttls", "user": "fjord", "password": "hemmelig"}


def test_a_letter_goes_out_over_tls_with_a_login(safe):
    [outcome], down = outcomes(CHANNEL, account(safe, **KEYS), letter())
    assert (outcome.kind, down) == (OutcomeKind.SENT, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"password": "feil"}, "535"), ({"user": "", "password": ""}, "530"), ({"security": "none"}, "no_login_offered")],
)
def test_wrong_keys_stop_the_channel(safe, changes, code):
    found, down = outcomes(CHANNEL, account(safe, **(KEYS | changes)), letter(1), letter(2))
    assert [(one.dispatch_id, one.kind) for one in found] == [(ONE, OutcomeKind.STOPPED)]
    assert found[0].code.startswith(code)
    assert (down, safe.mails) == (None, [])
    assert "hemmelig" not in repr(found)


def test_a_certificate_nobody_vouches_for_stops_the_channel(safe, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    [outcome], _ = outcomes(CHANNEL, account(safe, **KEYS), letter())
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "untrusted_certificate")


def test_a_server_that_offers_no_tls_is_told_nothing(sim):
    [outcome], _ = outcomes(CHANNEL, account(sim, **KEYS), letter())
    assert (outcome.kind, outcome.code) == (OutcomeKind.STOPPED, "no_starttls")
    assert sim.tried == []


def test_tls_from_the_first_byte_with_a_server_that_does_not_speak_it_is_down(sim):
    found, down = outcomes(CHANNEL, account(sim, security="tls"), letter())
    assert (found, bool(down)) == ([], True)


def test_nobody_pushes_reports():
    with pytest.raises(ForgedEvent):
        CHANNEL.read_report(account(), b"{}", {})


# --- the agreement --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"host": "smtp.x.no", "security": "none"}, {"from_name": "Fjord Inkasso"}, {"from_name": "F\r\nBcc: x@x.no"},
     {"from_name": ""}, {"from_address": "inkasso@fjord.example"}, {"from_address": "post@fjordinkasso.no"},
     {"from_address": "post"}, {"reply_to": "x"}, {"bounce_address": "a@x.no\r\n"}, {"user": "fjord"},
     {"attach_pdf": True}, {"mode": "all"}, {"port": 0}, {"host": "a b"}],
)  # fmt: skip
def test_an_agreement_that_cannot_be(changes):
    with pytest.raises(ValidationError):
        Agreement().load({"host": "127.0.0.1", **GIVEN, **changes})


def test_two_letters_of_a_batch_go_in_one_session_and_are_two_messages(sim):
    assert len(outcomes(CHANNEL, account(sim), letter(1), letter(2))[0]) == 2
    assert [mail.message_id for mail in sim.mails] == [ID, f"<{TWO}@fjord.example>"]
