"""Delivery reports (RFC 3464), dropped into a Maildir as a mail server does: written in `tmp`, then renamed."""

import secrets
from datetime import datetime
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesParser
from email.policy import default
from pathlib import Path


def write_bounce(
    maildir: Path, raw: bytes, recipient: str, *, action: str, status: str, at: datetime, whole: bool = False
) -> Path:
    """Report on the message `raw`; with `whole` it is sent back entire, else its headers. Returns the file."""
    return drop(maildir, _report(raw, recipient, action, status, at, whole).as_bytes())


def drop(maildir: Path, content: bytes) -> Path:
    """Deliver a message to a Maildir."""
    for place in ("tmp", "new", "cur"):
        (maildir / place).mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(8)}.sim"
    (maildir / "tmp" / name).write_bytes(content)
    return (maildir / "tmp" / name).rename(maildir / "new" / name)


def _report(raw: bytes, recipient: str, action: str, status: str, at: datetime, whole: bool) -> Message:
    original = BytesParser(policy=default).parsebytes(raw)
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = "Mail Delivery System <mailer-daemon@sim.example>"
    report["To"] = str(original["From"])
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = at.strftime("%a, %d %b %Y %H:%M:%S %z")
    report["Auto-Submitted"] = "auto-replied"
    report.attach(MIMEText("I'm sorry to have to inform you that your message could not be delivered.\n"))
    report.attach(_status(recipient, action, status))
    report.attach(MIMEMessage(original) if whole else _headers_of(raw))
    return report


def _status(recipient: str, action: str, status: str) -> Message:
    told, of_message, of_recipient = Message(), Message(), Message()
    of_message["Reporting-MTA"] = "dns; sim.example"
    of_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    of_recipient["Action"] = action
    of_recipient["Status"] = status
    of_recipient["Diagnostic-Code"] = f"smtp; 550 {status} said the other side"
    told["Content-Type"] = "message/delivery-status"
    told.set_payload([of_message, of_recipient])
    return told


def _headers_of(raw: bytes) -> Message:
    part = Message()
    part["Content-Type"] = "text/rfc822-headers"
    part.set_payload(raw.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n", "\n") + "\n")
    return part
