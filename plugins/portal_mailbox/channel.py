"""The channel into the portal. No other side: what is kept is shown, so handing over is noting what and when."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from marshmallow import Schema

from plugins.portal_mailbox.words import CODES
from saas.hooks import (
    Account,
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


class Agreement(Schema):
    """Nothing to agree on: the portal is our own."""


class PortalMailboxChannel:
    """See `saas.hooks.Channel`. Giving the same letter twice shows it once."""

    slug = "portal_mailbox"
    name = "Brev i portalen"
    medium = Medium.PORTAL
    idempotent = True
    at_once = False
    settings_schema: type[Schema] = Agreement
    codes: Mapping[str, str] = CODES

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The same day."""
        return handed_over_at.date()

    def can_try(self, letter_to: Party) -> bool:
        """Only who has been there before, or asked for it, will look there."""
        return letter_to.has_portal

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """Each letter is there at once. A letter that is not whole is refused: it must read as it was written."""
        for letter in batch.letters:
            yield _made_available(letter, wall_now)

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """The same again: it is there, from now at the latest."""
        return _made_available(letter, wall_now)

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """None: the portal itself notes who reads what."""
        return iter(())

    def take_receipts(self, account: Account, name: str) -> None:
        """Nothing to do."""

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """None."""
        return ()

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Nobody reports on our own portal."""
        raise ForgedEvent("no reports are pushed")


def _made_available(letter: OutgoingLetter, wall_now: datetime) -> Outcome:
    if not letter.recipient.has_portal:
        return Outcome(letter.dispatch_id, OutcomeKind.UNREACHABLE, "never_logged_in")
    if not letter.html.strip():
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "no_text")
    if hashlib.sha256(letter.pdf).hexdigest() != letter.sha256:
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, "other_bytes")
    evidence = {
        "available_at": wall_now.isoformat(),
        "kind": letter.kind,
        "pages": letter.pages,
        "pdf_sha256": letter.sha256,
        "html_sha256": hashlib.sha256(letter.html.encode("utf-8", "surrogatepass")).hexdigest(),
    }
    return Outcome(
        letter.dispatch_id,
        OutcomeKind.SENT,
        "available",
        external_id=letter.dispatch_id,
        sent_on=wall_now.astimezone(ZoneInfo(OSLO)).date(),
        evidence=json.dumps(evidence, sort_keys=True),
    )


__all__ = ["PortalMailboxChannel"]
