"""The channel to the tenant's mail server, and from the mailbox of what comes back."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from marshmallow import Schema

from plugins.email import bounces
from plugins.email.addresses import plain
from plugins.email.agreement import Agreement
from plugins.email.client import Down, Mailer, Refused, Stopped, Unknown, is_closing
from plugins.email.message import message_id, message_of, why_not
from plugins.email.replies import refused_recipient, refused_sender
from plugins.email.words import CODES
from saas.hooks import (
    Account,
    ChannelDown,
    DeliveryReceipt,
    ForgedEvent,
    Medium,
    Outcome,
    OutcomeKind,
    OutgoingBatch,
    OutgoingLetter,
    Party,
    ReceiptPage,
)
from saas.rules.contact import OSLO

BOUNCES = "bounces"


class EmailChannel:
    """See `saas.hooks.Channel`. Keeps nothing."""

    slug = "email"
    name = "E-post"
    medium = Medium.EMAIL
    idempotent = False
    at_once = False
    settings_schema: type[Schema] = Agreement
    codes: Mapping[str, str] = CODES

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The same day."""
        return handed_over_at.date()

    def can_try(self, letter_to: Party) -> bool:
        """An address that can be written to."""
        return bool(plain(letter_to.email))

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """One session for the batch. Raises ChannelDown when the server is away; what was not tried has no outcome."""
        try:
            with Mailer(account) as mailer:
                for letter in batch.letters:
                    outcome, goes_on = _hand_over(mailer, letter, account, wall_now)
                    yield outcome
                    if not goes_on:
                        if outcome.kind is OutcomeKind.STOPPED:
                            return
                        raise ChannelDown(outcome.code)
        except Stopped as problem:
            yield Outcome(batch.letters[0].dispatch_id, OutcomeKind.STOPPED, str(problem))
        except Down as problem:
            raise ChannelDown(str(problem)) from None

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """A mail server cannot be asked about a message."""
        return None

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """Delivery reports in the mailbox, one a page. Raises ChannelDown when it cannot be read."""
        for name, told in _waiting(account):
            if not isinstance(told, bounces.NotOurs):
                yield ReceiptPage(name, told)

    def take_receipts(self, account: Account, name: str) -> None:
        """Put a report away once what it says is kept. Raises ChannelDown when it cannot be moved."""
        try:
            bounces.take(_maildir(account), name)
        except OSError as error:
            raise ChannelDown(type(error).__name__) from None

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """Messages in the mailbox that a person must read."""
        return [
            f"Meldingen {name!r} i returpostkassen {told}."
            for name, told in _waiting(account)
            if isinstance(told, bounces.NotOurs)
        ]

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Nobody pushes reports of e-mail."""
        raise ForgedEvent("no reports are pushed")


def _maildir(account: Account) -> Path:
    return (account.folder or Path("/nonexistent")) / BOUNCES


def _waiting(account: Account) -> Iterator[tuple[str, tuple[DeliveryReceipt, ...] | bounces.NotOurs]]:
    """Raises ChannelDown."""
    if account.folder is None:
        return
    try:
        yield from bounces.waiting(_maildir(account))
    except OSError as error:
        raise ChannelDown(type(error).__name__) from None


def _hand_over(mailer: Mailer, letter: OutgoingLetter, account: Account, wall_now: datetime) -> tuple[Outcome, bool]:
    """What became of one letter, and whether the next may be tried. Raises Down when this one was not taken."""
    recipient = plain(letter.recipient.email)
    if not recipient:
        return Outcome(letter.dispatch_id, OutcomeKind.UNREACHABLE, "no_address"), True
    if why := why_not(letter, account):
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, why), True
    message = message_of(letter, account, wall_now)
    agreed = account.public
    sender = plain(agreed["bounce_address"] or agreed["from_address"])
    try:
        reply = mailer.send(message, sender, recipient)
    except Unknown as problem:
        return Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, str(problem), message_id(letter, account)), False
    except Stopped as problem:  # a session opened anew, and no longer let in
        return Outcome(letter.dispatch_id, OutcomeKind.STOPPED, str(problem)), False
    except Refused as refused:
        kind = (refused_sender if refused.about_sender else refused_recipient)(refused.reply)
        outcome = Outcome(letter.dispatch_id, kind, refused.reply.shown)
        return outcome, kind is not OutcomeKind.STOPPED and not is_closing(refused.reply)
    evidence = json.dumps(
        {
            "message_id": message_id(letter, account),
            "mode": agreed["mode"],
            "message_sha256": hashlib.sha256(message.as_bytes()).hexdigest(),
            "pdf_sha256": letter.sha256,
            "accepted_at": wall_now.isoformat(),
            "server": agreed["host"],
            "reply": f"{reply.code} {reply.text}"[:500],
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    sent_on = wall_now.astimezone(ZoneInfo(OSLO)).date()
    return Outcome(
        letter.dispatch_id, OutcomeKind.SENT, reply.shown, message_id(letter, account), sent_on, evidence
    ), True


__all__ = ["EmailChannel"]
