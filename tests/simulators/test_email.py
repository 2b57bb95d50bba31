"""The simulated mail server is strict about what it is given."""

import smtplib
import ssl
from collections.abc import Iterator

import pytest

from saas.kernel import clock
from saas.simulators.email import EmailSim

RIGHT = (
    b"From: Fjord <post@fjord.example>\r\nTo: kari@example.no\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"
    b"Message-ID: <1@fjord.example>\r\nSubject: Hei\r\n\r\nHei\r\n"
)


@pytest.fixture
def sim() -> Iterator[EmailSim]:
    with EmailSim(clock.wall_now, senders=("post@fjord.example",)) as started:
        yield started


def give(sim: EmailSim, raw: bytes) -> tuple[int, bytes]:
    """What the server says in the end. smtplib would mend the line ends, so the data goes as it is."""
    with smtplib.SMTP("127.0.0.1", sim.port, timeout=5) as smtp:
        smtp.ehlo("x.example")
        smtp.mail("post@fjord.example")
        smtp.rcpt("kari@example.no")
        smtp.docmd("DATA")
        smtp.send(raw + b".\r\n")
        return smtp.getreply()


def test_a_proper_message_is_taken(sim):
    assert give(sim, RIGHT)[0] == 250
    assert [(mail.message_id, mail.sender, mail.recipient) for mail in sim.mails] == [
        ("<1@fjord.example>", "post@fjord.example", "kari@example.no")
    ]


def test_the_same_message_twice_is_two_messages(sim):
    give(sim, RIGHT)
    give(sim, RIGHT)
    assert sim.copies("<1@fjord.example>") == 2


@pytest.mark.parametrize(
    "raw",
    [
        RIGHT.replace(b"Message-ID", b"X-ID"),
        RIGHT.replace(b"Subject: Hei\r\n", b""),
        RIGHT.replace(b"Subject", b"Subject: a\r\nSubject"),
        RIGHT.replace(b"Hei\r\n", "På\r\n".encode()),
        RIGHT.replace(b"\r\n\r\nHei", b"\r\n\r\nHei\nhei"),
        RIGHT.replace(b"\r\n\r\nHei", b"\r\n\r\nHei\rhei"),
        RIGHT.replace(b"post@fjord.example>", b"post@other.example>"),
        b"no headers at all\r\n",
    ],
)
def test_a_message_that_is_wrong_is_refused(sim, raw):
    code, text = give(sim, raw)
    assert (code, text[:5], sim.mails) == (554, b"5.6.0", [])


def test_a_line_that_is_too_long_is_refused(sim):
    assert give(sim, RIGHT + b"x" * 1_200 + b"\r\n")[0] == 500
    assert sim.mails == []


def test_logging_in_comes_after_tls_and_before_everything_else():
    server = EmailSim(clock.wall_now, user="fjord", password="hemmelig", tls=True)
    with server as sim, smtplib.SMTP("127.0.0.1", sim.port, timeout=5) as smtp:
        smtp.ehlo("x.example")
        assert not smtp.has_extn("auth")
        assert smtp.mail("post@fjord.example")[0] == 530
        smtp.starttls(context=ssl.create_default_context(cafile=str(sim.certificate)))
        smtp.ehlo("x.example")
        assert smtp.mail("post@fjord.example")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("fjord", "feil")
        smtp.login("fjord", "hemmelig")
        assert smtp.mail("post@fjord.example")[0] == 250
    with pytest.raises(ValueError, match="TLS"):
        EmailSim(clock.wall_now, user="fjord", password="hemmelig")
