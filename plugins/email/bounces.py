"""What comes back: delivery reports (RFC 3464) in a Maildir into which the return address is delivered.

The folder is written by others. A message that is no delivery report, or of no letter of ours, stays until a person has
looked at it; an automatic answer is put away.
"""

import email
import os
from collections.abc import Iterator, Sequence
from datetime import date
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.email.replies import nobody_there
from saas.hooks import DeliveryReceipt, ReceiptState
from saas.rules.contact import OSLO

MAX_BYTES = 10_000_000
TAKEN = "taken"
_OSLO = ZoneInfo(OSLO)
_EVIDENCE = 4_000
_STATES = {"failed": ReceiptState.FAILED, "delayed": ReceiptState.NOTED, "relayed": ReceiptState.NOTED,
           "expanded": ReceiptState.NOTED, "delivered": ReceiptState.NOTED}  # fmt: skip


class NotOurs(Exception):
    """A person must look. The text says why, in bokmål, and repeats nothing of the message."""


def waiting(maildir: Path) -> Iterator[tuple[str, tuple[DeliveryReceipt, ...] | NotOurs]]:
    """Each message by name, oldest name first, with what it says or why it stays."""
    for file in _files(maildir):
        try:
            yield name_of(file), read(file)
        except NotOurs as problem:
            yield name_of(file), problem


def take(maildir: Path, name: str) -> None:
    """Put a message away. Harmless when it is away. Raises OSError."""
    for file in _files(maildir):
        if name_of(file) == name:
            (maildir / TAKEN).mkdir(exist_ok=True)
            file.rename(maildir / TAKEN / name)


def name_of(file: Path) -> str:
    """A message's name in a Maildir, without the flags a mail reader appends."""
    return file.name.partition(":")[0]


def _files(maildir: Path) -> list[Path]:
    found: list[Path] = []
    for place in ("new", "cur"):  # never `tmp`: there they are half written
        try:
            with os.scandir(maildir / place) as entries:
                found += [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
        except FileNotFoundError:
            continue
    return sorted(found, key=name_of)


def read(file: Path) -> tuple[DeliveryReceipt, ...]:
    """The receipts of one message. Raises NotOurs."""
    if file.is_symlink() or not file.is_file():
        raise NotOurs("er ikke en vanlig fil")
    if file.stat().st_size > MAX_BYTES:
        raise NotOurs(f"er større enn {MAX_BYTES // 1_000_000} MB")
    message = email.message_from_bytes(file.read_bytes(), policy=default)
    try:
        return _receipts(message)
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # the parser on what nobody foresaw
        raise NotOurs(f"kan ikke leses ({type(error).__name__})") from None


def _receipts(message: EmailMessage) -> tuple[DeliveryReceipt, ...]:
    """Raises NotOurs."""
    report = _part(message, "message/delivery-status")
    if message.get_content_type() != "multipart/report" or report is None:
        if _is_automatic_answer(message):
            return ()
        raise NotOurs("er ikke en melding om levering")
    dispatch_id = _dispatch_id(message)
    if not dispatch_id:
        raise NotOurs("gjelder ikke noe brev vi kjenner")
    on, evidence = _day(message), _text(report)
    recipients = [block for block in _blocks(report) if block.get("Action")]
    if not recipients:
        raise NotOurs("sier ikke hva som skjedde")
    return tuple(_receipt(dispatch_id, block, on, evidence) for block in recipients)


def _is_automatic_answer(message: EmailMessage) -> bool:
    """Somebody is away. A mail server's own words in a form of their own may tell of a failure, and are not."""
    if not str(message.get("Auto-Submitted", "no")).strip().casefold().startswith("auto-replied"):
        return False
    author = parseaddr(str(message.get("From", "")))[1].partition("@")[0].casefold()
    return message.get_content_type() != "multipart/report" and author not in ("", "mailer-daemon", "postmaster")


def _receipt(dispatch_id: str, block: Message, on: date | None, evidence: str) -> DeliveryReceipt:
    """Raises NotOurs."""
    action = str(block["Action"]).strip().casefold()
    if action not in _STATES:
        raise NotOurs("sier noe om leveringen vi ikke kjenner")
    status = str(block.get("Status", "")).strip().partition(" ")[0]
    code = f"{action} {status}" if status.replace(".", "").isdecimal() and len(status) < 12 else action
    nobody = action == "failed" and nobody_there(status)
    return DeliveryReceipt(dispatch_id, ReceiptState.UNREACHABLE if nobody else _STATES[action], on, code, evidence)


def _part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _blocks(report: Message) -> Sequence[Message]:
    """The groups of fields of a delivery status: of the message, then of each recipient."""
    payload = report.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _text(report: Message) -> str:
    return "\n".join(block.as_string().strip() for block in _blocks(report))[:_EVIDENCE]


def _dispatch_id(message: EmailMessage) -> str:
    """From the Message-ID of what came back, whole or headers alone; '' when it is none of ours."""
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            returned = part.get_payload(0)
        elif part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            returned = email.message_from_bytes(headers if isinstance(headers, bytes) else b"", policy=default)
        else:
            continue
        if isinstance(returned, Message) and (ours := _ours(str(returned.get("Message-ID", "")))):
            return ours
    return ""


def _ours(message_id: str) -> str:
    text = message_id.strip().removeprefix("<").partition("@")[0]
    try:
        return text if str(UUID(text)) == text else ""
    except ValueError:
        return ""


def _day(message: EmailMessage) -> date | None:
    try:
        moment = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None
    return moment.astimezone(_OSLO).date() if moment.tzinfo else None
