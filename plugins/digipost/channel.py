"""The channel to Digipost."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from marshmallow import Schema

from plugins.digipost.agreement import NAME_AND_ADDRESS, NATIONAL_ID, ORGNR, Agreement, terms_of
from plugins.digipost.batches import hand_over_batch
from plugins.digipost.client import DigipostClient, Doors
from plugins.digipost.errors import Trouble
from plugins.digipost.events import pages
from plugins.digipost.messages import identity_of
from plugins.digipost.sending import look_up, send
from plugins.digipost.several import send_each
from plugins.digipost.words import CODES
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


class DigipostChannel:
    """See `saas.hooks.Channel`. The same letter given twice leaves once: its ids at Digipost follow from its own."""

    slug = "digipost"
    name = "Digipost"
    medium = Medium.DIGITAL_POST
    idempotent = True
    at_once = False
    settings_schema: type[Schema] = Agreement
    codes: Mapping[str, str] = CODES

    def __init__(self) -> None:
        self._doors = Doors()

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The same day: digital post is delivered when it is taken."""
        return handed_over_at.astimezone(ZoneInfo(OSLO)).date()

    def can_try(self, letter_to: Party) -> bool:
        """Whether there is anything somebody could be found with. Which of it may be used, the agreement says."""
        return identity_of(letter_to, (NATIONAL_ID, ORGNR, NAME_AND_ADDRESS)) is not None

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """Send each letter, several at a time. Raises ChannelDown with letters not tried."""
        told = set()
        try:
            with self._client(account, wall_now) as digipost:
                digipost.open()
                with closing(_sent(digipost, batch)) as outcomes:  # left midway, it waits for what is under way
                    for outcome in outcomes:
                        told.add(outcome.dispatch_id)
                        yield outcome
        except Trouble as trouble:
            if trouble.kind is not OutcomeKind.STOPPED:
                raise ChannelDown(trouble.code) from None
            for letter in batch.letters:
                if letter.dispatch_id not in told:
                    yield Outcome(letter.dispatch_id, OutcomeKind.STOPPED, trouble.code)

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """What Digipost says of it now; None when it will not say. Raises ChannelDown when it does not answer."""
        try:
            with self._client(account, wall_now) as digipost:
                return look_up(digipost, letter)
        except Trouble as trouble:
            if trouble.kind is OutcomeKind.STOPPED:
                return Outcome(letter.dispatch_id, trouble.kind, trouble.code)
            if trouble.kind is OutcomeKind.REFUSED:
                return None
            raise ChannelDown(trouble.code) from None

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """What has happened since a day before `since`. Raises ChannelDown."""
        try:
            with self._client(account, wall_now) as digipost:
                yield from pages(digipost, since, wall_now)
        except Trouble as trouble:
            raise ChannelDown(trouble.code) from None

    def take_receipts(self, account: Account, name: str) -> None:
        """Nothing to do: events stay where they are."""

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """None: events are no files."""
        return ()

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """Digipost pushes nothing, so whatever comes is not from there. Raises ForgedEvent."""
        raise ForgedEvent("digipost sends no reports")

    def _client(self, account: Account, wall_now: datetime) -> DigipostClient:
        return DigipostClient(account, terms_of(account), self._doors, wall_now)


def _sent(digipost: DigipostClient, batch: OutgoingBatch) -> Generator[Outcome]:
    if digipost.terms.batch:
        return hand_over_batch(digipost, batch)
    return send_each(batch.letters, partial(send, digipost), digipost.terms.concurrency)


__all__ = ["DigipostChannel"]
