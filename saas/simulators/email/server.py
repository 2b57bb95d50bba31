"""The SMTP of the simulator: a submission server with TLS and login that is strict about what it is given."""

import asyncio
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from saas.simulators.email.bounces import write_bounce

HANG_SECONDS = 30
MAX_BYTES = 25_000_000
_ONCE = ("From", "To", "Date", "Message-ID", "Subject")
_AT_MAIL = {"sender": "550 5.7.1 Sender not allowed", "closing": "421 4.3.2 Going down"}
_AT_RCPT = {
    "nobody": "550 5.1.1 No such user",
    "moved": "551 User not local",
    "policy": "550 5.7.1 Rejected by policy",
    "full": "452 4.2.2 Mailbox full",
    "greylist": "451 4.7.1 Greylisted, come again",
}
_AT_DATA = {
    "spam": "554 5.7.1 Looks like spam",
    "late_nobody": "550 5.1.1 No such user",
    "busy": "451 4.3.0 Try again",
    "late_closing": "421 4.3.2 Going down",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that was taken."""

    message_id: str
    sender: str  # of the envelope
    recipient: str
    raw: bytes = field(repr=False)


class EmailSim:
    """A mail server. With a `user` one must log in, which goes over TLS only; `senders` are whose messages it takes.

    `faults` happen to the next messages, in order. Nothing is taken with `sender closing nobody moved policy full
    greylist spam late_nobody busy late_closing drop` (the connection breaks after the data) and `drop_early` (before
    them); the message is taken and this not told with `lost` and `timeout`; `slow:2` answers late. With `greylist`
    every message is refused for now the first time. Messages to an address in `returns` (address → status) are taken
    and come back into `bounces`. With `keep` every message taken is also a file in that folder. A session takes no more
    than `a_session` messages; 0 is as many as there are.
    """

    def __init__(
        self,
        wall_now: Callable[[], datetime],
        *,
        user: str = "",
        password: str = "",
        senders: tuple[str, ...] = (),
        tls: bool = False,
        bounces: Path | None = None,
        keep: Path | None = None,
        greylist: bool = False,
        a_session: int = 0,
        port: int = 0,
    ) -> None:
        if user and not tls:
            raise ValueError("logging in goes over TLS only")
        self._wall_now, self.user, self.password, self.senders = wall_now, user, password, senders
        self.bounces, self.keep, self.greylist = bounces, keep, greylist
        self.a_session, self._in_session = a_session, dict[str, int]()
        self.returns: dict[str, str] = {}
        self.faults: list[str] = []
        self.mails: list[Mail] = []
        self.tried: list[str] = []  # what every message tried was, by recipient
        self._seen: set[tuple[str, str]] = set()
        self._home = tempfile.TemporaryDirectory(prefix="frist-sim-email-")
        self.certificate = Path(self._home.name) / "certificate.pem"
        context = _context(self.certificate) if tls else None
        self._controller = _Controller(self, context, port)

    # life

    def start(self) -> "EmailSim":
        """Listen on loopback."""
        self._controller.start()
        return self

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop(no_assert=True)
        self._home.cleanup()

    def __enter__(self) -> "EmailSim":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Where on 127.0.0.1 it listens."""
        assert isinstance(self._controller.server, asyncio.Server), "start comes first"
        return int(self._controller.server.sockets[0].getsockname()[1])

    def copies(self, message_id: str) -> int:
        """How many times a message was taken."""
        return sum(mail.message_id == message_id for mail in self.mails)

    def bounce(self, mail: Mail, *, action: str = "failed", status: str = "5.1.1", whole: bool = False) -> Path:
        """Report on a message taken before."""
        assert self.bounces is not None, "told where"
        return write_bounce(
            self.bounces, mail.raw, mail.recipient, action=action, status=status, at=self._wall_now(), whole=whole
        )

    def log_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        """Whether the user and the password are right."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        right = (data.login.decode(), data.password.decode()) == (self.user, self.password)
        return AuthResult(success=right, handled=False)

    # what the server calls as a message comes in

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The envelope's sender."""
        if self.a_session and self._in_session.get(str(session.peer), 0) >= self.a_session:
            asyncio.get_running_loop().call_later(0.05, _break, server)
            return _AT_MAIL["closing"]
        if self.faults and self.faults[0] in _AT_MAIL:
            reply = _AT_MAIL[self.faults.pop(0)]
            if reply.startswith("421"):
                asyncio.get_running_loop().call_later(0.05, _break, server)
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The envelope's recipient."""
        self.tried.append(address)
        if self.faults and self.faults[0] in _AT_RCPT:
            return _AT_RCPT[self.faults.pop(0)]
        if self.faults and self.faults[0] == "drop_early":
            self.faults.pop(0)
            _break(server)
        if self.greylist and (key := (envelope.mail_from or "", address)) not in self._seen:
            self._seen.add(key)
            return _AT_RCPT["greylist"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The message: refused when it is not one as RFC 5322 has it."""
        raw = envelope.original_content or b""
        fault = self.faults.pop(0) if self.faults else ""
        if fault in _AT_DATA:
            return _AT_DATA[fault]
        if fault == "drop":
            _break(server)
            return "451 4.3.0 Gone"
        if why := _wrong(raw, self.senders):
            return f"554 5.6.0 {why}"
        self._take(raw, envelope)
        self._in_session[str(session.peer)] = self._in_session.get(str(session.peer), 0) + 1
        if fault == "lost":
            _break(server)
        elif fault == "timeout":
            await asyncio.sleep(HANG_SECONDS)
        elif fault.startswith("slow:"):
            await asyncio.sleep(float(fault.removeprefix("slow:")))
        return f"250 2.0.0 OK: queued as {len(self.mails)}"

    def _take(self, raw: bytes, envelope: Envelope) -> None:
        message_id = str(BytesParser(policy=default).parsebytes(raw, headersonly=True)["Message-ID"])
        for recipient in envelope.rcpt_tos:
            mail = Mail(message_id, envelope.mail_from or "", recipient, raw)
            self.mails.append(mail)
            if self.keep is not None:
                self.keep.mkdir(parents=True, exist_ok=True)
                (self.keep / f"{len(self.mails):06}.eml").write_bytes(raw)
            if recipient in self.returns and self.bounces is not None:
                self.bounce(mail, status=self.returns[recipient])


class _Controller(Controller):
    """aiosmtpd's own thread and loop, with this server's demands."""

    def __init__(self, sim: EmailSim, context: ssl.SSLContext | None, port: int) -> None:
        self._sim, self._tls = sim, context
        super().__init__(sim, hostname="127.0.0.1", port=port)

    def factory(self) -> SMTP:
        """One session."""
        must_log_in = bool(self._sim.user)
        return SMTP(
            self._sim,
            hostname="sim.example",
            ident="Frist simulator",
            data_size_limit=MAX_BYTES,
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            auth_required=must_log_in,
            authenticator=self._sim.log_in if must_log_in else None,
        )

    def _trigger_server(self) -> None:
        """Wait until it answers, on whatever port it was given."""
        self.port = self._sim.port
        super()._trigger_server()


def _break(server: SMTP) -> None:
    """Close the connection, without a word more."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def _wrong(raw: bytes, senders: tuple[str, ...]) -> str:
    """What is wrong with a message, '' when nothing is."""
    if b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b""):
        return "bare CR or LF"
    if not raw.isascii():
        return "8-bit without being asked"
    message = BytesParser(policy=default).parsebytes(raw)
    if any(len(message.get_all(name, [])) != 1 for name in _ONCE):
        return f"each of {', '.join(_ONCE)} once"
    if any(part.defects for part in message.walk()) or any(header.defects for header in message.values()):
        return "malformed"
    authors = {address.addr_spec for address in message["From"].addresses}
    if senders and not authors <= set(senders):
        return "From is not the account's"
    return ""


def _context(certificate: Path) -> ssl.SSLContext:
    """A key and a certificate of its own for 127.0.0.1, made now; whoever trusts the file can verify it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both = certificate.with_name("key.pem")
    both.write_bytes(private + made.public_bytes(encoding))
    certificate.write_bytes(made.public_bytes(encoding))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)
    return context
