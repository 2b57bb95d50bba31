"""SMTP submission, step by step, so that it is always known whether a message can have been taken.

Until the last dot is sent nothing is taken. After it, an answer that never came leaves it unknown.
"""

import smtplib
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage

from plugins.email.addresses import domain_of, plain
from plugins.email.agreement import STARTTLS, TLS
from plugins.email.replies import CLOSING, Reply
from saas.hooks import Account

CONNECT_SECONDS, ALL_SECONDS = 3.0, 9.0


class Stopped(Exception):
    """Wrong keys, or a server that will not speak safely. The text is a code."""


class Down(Exception):
    """No connection, or it broke before anything was taken. The text is a code."""


class Unknown(Exception):
    """It broke after the message was sent off. The text is a code."""


class Refused(Exception):
    """The server said no. `about_sender` when it was to our own address."""

    def __init__(self, reply: Reply, *, about_sender: bool = False) -> None:
        super().__init__(reply.shown)
        self.reply, self.about_sender = reply, about_sender


class Mailer:
    """One session. Use as a context manager; entering raises Stopped or Down."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._smtp: smtplib.SMTP | None = None
        self._ends = 0.0
        self._was_refused = False
        self._is_used = False  # something has been handed over in this session

    def __enter__(self) -> "Mailer":
        self._open()
        return self

    def _open(self) -> None:
        """Raises Stopped or Down."""
        self._was_refused = self._is_used = False
        self._ends = time.monotonic() + ALL_SECONDS
        try:
            self._connect()
            self._log_in()
        except BaseException as error:
            self.close()
            if (sorted_as := _sorted(error)) is not None:
                raise sorted_as from None
            raise

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None and self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.putcmd("QUIT")
        self.close()

    def close(self) -> None:
        """Hang up, without waiting for a goodbye."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def send(self, message: EmailMessage, sender: str, recipient: str) -> Reply:
        """Hand over one message. Returns the yes. Raises Refused, Stopped, Down (not taken) or Unknown.

        A session that ends before the message's turn, as servers let one take only so many, is opened anew, once.
        """
        raw = message.as_bytes()
        try:
            self._prepare(len(raw), sender, recipient)
        except (Down, Refused) as problem:
            if not self._is_used or (isinstance(problem, Refused) and problem.reply.code != CLOSING):
                raise
            self.close()
            self._open()
            self._prepare(len(raw), sender, recipient)
        assert self._smtp is not None, "open"
        try:
            self._time_left()
            self._smtp.send(_stuffed(raw))
            reply = self._reply()
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown(_code(error)) from None
        if not reply.is_yes:
            raise Refused(reply)
        self._was_refused, self._is_used = False, True
        return reply

    def _prepare(self, size: int, sender: str, recipient: str) -> None:
        """All that comes before the message itself. Raises Refused or Down; nothing is taken."""
        self._ends = time.monotonic() + ALL_SECONDS
        try:
            if self._was_refused:
                self._ask("RSET")
            self._was_refused = True
            self._ask(f"MAIL FROM:<{sender}>" + self._size(size), about_sender=True)
            self._ask(f"RCPT TO:<{recipient}>")
            self._ask("DATA", wanted=354)
        except (OSError, smtplib.SMTPException) as error:
            raise Down(_code(error)) from None

    def _connect(self) -> None:
        """Raises Stopped when the connection would not be safe; whatever smtplib raises."""
        agreed, context = self._account.public, ssl.create_default_context()
        where = agreed["host"], agreed["port"], domain_of(plain(agreed["from_address"]))
        if agreed["security"] == TLS:
            self._smtp = smtplib.SMTP_SSL(*where, timeout=CONNECT_SECONDS, context=context)
        else:
            self._smtp = smtplib.SMTP(*where, timeout=CONNECT_SECONDS)
        self._hello()
        if agreed["security"] == STARTTLS:
            if not self._smtp.has_extn("starttls"):
                raise Stopped("no_starttls")
            self._time_left()
            self._smtp.starttls(context=context)
            self._hello()

    def _hello(self) -> None:
        assert self._smtp is not None, "connected"
        self._time_left()
        code, text = self._smtp.ehlo()
        if code != 250:
            raise smtplib.SMTPHeloError(code, text)

    def _log_in(self) -> None:
        assert self._smtp is not None, "connected"
        if user := self._account.public["user"]:
            self._time_left()
            self._smtp.login(user, self._account.secrets["password"])

    def _ask(self, command: str, *, wanted: int = 250, about_sender: bool = False) -> None:
        assert self._smtp is not None, "entered"
        self._time_left()
        self._smtp.putcmd(command)
        reply = self._reply()
        if reply.code != wanted and not (wanted == 250 and reply.is_yes):
            raise Refused(reply, about_sender=about_sender)

    def _reply(self) -> Reply:
        assert self._smtp is not None, "entered"
        code, text = self._smtp.getreply()
        if code < 0:
            raise smtplib.SMTPServerDisconnected("no reply")
        return Reply(code, text.decode(errors="replace"))

    def _size(self, size: int) -> str:
        assert self._smtp is not None, "entered"
        return f" SIZE={size}" if self._smtp.has_extn("size") else ""

    def _time_left(self) -> None:
        """All of a message's steps share the seconds. Raises TimeoutError."""
        left = self._ends - time.monotonic()
        if left <= 0 or self._smtp is None or self._smtp.sock is None:
            raise TimeoutError
        self._smtp.sock.settimeout(left)


def is_closing(reply: Reply) -> bool:
    """Whether the server is going away."""
    return reply.code == CLOSING


def _stuffed(raw: bytes) -> bytes:
    """As it goes over the wire: a dot in front of a line that begins with one, and one alone at the end."""
    body = raw.replace(b"\r\n.", b"\r\n..")
    return (b"." if body.startswith(b".") else b"") + body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _sorted(error: BaseException) -> Stopped | Down | None:
    """What went wrong before anything could be sent: about our agreement, or for later. None is not of this kind."""
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            return Stopped(str(code)) if code >= 500 else Down(str(code))
        case smtplib.SMTPNotSupportedError():
            return Stopped("no_login_offered")
        case smtplib.SMTPResponseException(smtp_code=code):
            return Down(str(code))
        case ssl.SSLCertVerificationError():
            return Stopped("untrusted_certificate")
        case OSError() | smtplib.SMTPException():
            return Down(_code(error))
    return None


def _code(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else type(error).__name__
