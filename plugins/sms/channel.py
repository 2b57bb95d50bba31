"""The channel to the gateway: one message, one call, never a second one for the same."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from marshmallow import Schema

from plugins.sms import reports
from plugins.sms.agreement import Agreement
from plugins.sms.client import Answer, NotTaken, SmsClient, Unknown
from plugins.sms.codes import ERRORS, meaning_of, told
from plugins.sms.message import message_of, why_not
from plugins.sms.numbers import mobile
from plugins.sms.segments import segments
from plugins.sms.words import CODES
from saas.hooks import (
    Account,
    ChannelDown,
    DeliveryReceipt,
    Medium,
    Outcome,
    OutcomeKind,
    OutgoingBatch,
    OutgoingLetter,
    Party,
    ReceiptPage,
)
from saas.rules.money import Ore


class SmsChannel:
    """See `saas.hooks.Channel`. Keeps nothing."""

    slug = "sms"
    name = "SMS"
    medium = Medium.SMS
    idempotent = False
    at_once = False
    settings_schema: type[Schema] = Agreement
    codes: Mapping[str, str] = CODES

    def expected_sending(self, handed_over_at: datetime) -> date:
        """The same day."""
        return handed_over_at.date()

    def can_try(self, letter_to: Party) -> bool:
        """A Norwegian mobile number."""
        return bool(mobile(letter_to.phone))

    def hand_over(self, account: Account, batch: OutgoingBatch, wall_now: datetime) -> Iterator[Outcome]:
        """One call a letter. After one that got no proper answer the rest waits. Raises ChannelDown."""
        with SmsClient(account) as gateway:
            for letter in batch.letters:
                try:
                    outcome = _hand_over(gateway, letter, account)
                except NotTaken as problem:
                    raise ChannelDown(str(problem)) from None
                except Unknown as problem:
                    yield Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, str(problem))
                    raise ChannelDown(str(problem)) from None
                yield outcome
                if outcome.kind is OutcomeKind.STOPPED:
                    return

    def look_up(self, account: Account, letter: OutgoingLetter, wall_now: datetime) -> Outcome | None:
        """The gateway cannot be asked about a message: a report comes, or nobody knows."""
        return None

    def receipts(self, account: Account, since: datetime, wall_now: datetime) -> Iterator[ReceiptPage]:
        """Reports are pushed (`read_report`), none is fetched."""
        return iter(())

    def take_receipts(self, account: Account, name: str) -> None:
        """Nothing to do."""

    def receipt_problems(self, account: Account) -> Sequence[str]:
        """None."""
        return ()

    def read_report(self, account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
        """What a delivery report says. The same may come twice. Raises ForgedEvent."""
        return reports.read(account, raw, headers)


def _hand_over(gateway: SmsClient, letter: OutgoingLetter, account: Account) -> Outcome:
    """Raises NotTaken or Unknown."""
    if not mobile(letter.recipient.phone):
        return Outcome(letter.dispatch_id, OutcomeKind.UNREACHABLE, "no_mobile_number")
    if why := why_not(letter, account):
        return Outcome(letter.dispatch_id, OutcomeKind.REFUSED, why)
    answer = gateway.send(message_of(letter, account))
    if answer.status == 200:
        return _answered(letter, account, answer)
    if answer.status == 204:
        return Outcome(letter.dispatch_id, OutcomeKind.TAKEN, cost_ore=_cost(letter, account, None))
    return _refused(letter, answer)


def _answered(letter: OutgoingLetter, account: Account, answer: Answer) -> Outcome:
    """Raises Unknown when the answer is not as documented."""
    code, message_id = answer.told.get("resultCode"), answer.told.get("messageId", "")
    if type(code) is not int or not isinstance(message_id, str):
        raise Unknown("unreadable_answer")
    kind = meaning_of(code).answered
    is_paid_for = kind in (OutcomeKind.TAKEN, OutcomeKind.UNKNOWN)
    return Outcome(
        letter.dispatch_id,
        kind,
        told(code),
        external_id=message_id[:100],
        evidence=answer.body,
        cost_ore=_cost(letter, account, answer.told.get("smsCount")) if is_paid_for else Ore(0),
    )


def _refused(letter: OutgoingLetter, answer: Answer) -> Outcome:
    """Anything but a yes. Raises ChannelDown when it is not about us, Unknown when it may have been taken."""
    code = answer.told.get("status")
    shown = f"{answer.status} {code}" if type(code) is int else str(answer.status)
    if answer.status == 429:
        raise NotTaken(shown)
    if answer.status >= 500 or answer.status < 300:
        raise Unknown(shown)
    kind = ERRORS.get(code) if type(code) is int else None
    if kind is None:  # wrong keys and a wrong address are the agreement's, the rest is the letter's
        kind = OutcomeKind.REFUSED if answer.status in (400, 413, 422) else OutcomeKind.STOPPED
    return Outcome(letter.dispatch_id, kind, shown)


def _cost(letter: OutgoingLetter, account: Account, counted: object) -> Ore:
    """By the gateway's own count of parts; by ours when it tells none."""
    parts = counted if type(counted) is int and 0 < counted < 100 else segments(letter.short_text)
    return Ore(parts * account.public["segment_cost_ore"])


__all__ = ["SmsChannel"]
