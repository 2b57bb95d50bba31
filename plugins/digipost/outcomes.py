"""From what Digipost says to what became of a letter, with the evidence that is kept.

Digital post is sent when it is delivered, on the Oslo date of the delivery. Post on paper is only taken: it is sent
when it is postmarked. What hashes to something else than our PDF is not our letter: the channel stops, a person looks.
"""

import base64
import json
from datetime import datetime
from zoneinfo import ZoneInfo

from plugins.digipost.answers import Delivery, Hash, Status
from plugins.digipost.errors import Trouble
from plugins.digipost.signing import TOLERANCE
from saas.hooks import Outcome, OutcomeKind, OutgoingLetter
from saas.rules.contact import OSLO

HASH_DIFFERS = "CONTENT_HASH_DIFFERS"


def of_delivery(letter: OutgoingLetter, letter_id: str, told: Delivery, answered: str, now: datetime) -> Outcome:
    """What an accepted message means."""
    evidence = _evidence(
        letter, told.content, message_id=told.message_id, document=told.uuid, channel=told.method, status=told.status,
        delivered_at=_iso(told.delivered_at), answered=answered,
    )  # fmt: skip
    delivered_at = told.delivered_at if told.status == "DELIVERED" else None
    return _outcome(letter, letter_id, told.method, delivered_at, told.content, evidence, now)


def of_status(letter: OutgoingLetter, letter_id: str, told: Status, now: datetime, code: str = "") -> Outcome:
    """What the status of a document taken before means."""
    evidence = _evidence(
        letter, told.content, document=told.uuid, channel=told.channel, status=told.status,
        delivered_at=_iso(told.delivered_at), looked_up=_iso(now),
    )  # fmt: skip
    delivered_at = told.delivered_at if told.status == "DELIVERED" else None
    return _outcome(letter, letter_id, told.channel, delivered_at, told.content, evidence, now, code)


def of_trouble(dispatch_id: str, trouble: Trouble) -> Outcome:
    """What a call in trouble means for the letter it was about."""
    return Outcome(dispatch_id, trouble.kind, trouble.code)


def _outcome(
    letter: OutgoingLetter,
    letter_id: str,
    channel: str,
    delivered_at: datetime | None,
    content: Hash,
    evidence: str,
    now: datetime,
    code: str = "",
) -> Outcome:
    if _same(letter, content) is False:
        return Outcome(letter.dispatch_id, OutcomeKind.STOPPED, HASH_DIFFERS, letter_id, evidence=evidence)
    if channel == "PRINT":
        return Outcome(letter.dispatch_id, OutcomeKind.TAKEN, code, letter_id, evidence=evidence)
    if channel != "DIGIPOST" or delivered_at is None or delivered_at > now + TOLERANCE:
        # no event tells of a digital delivery, so it is looked up until it is there
        return Outcome(letter.dispatch_id, OutcomeKind.UNKNOWN, code or "NOT_DELIVERED_YET", letter_id, None, evidence)
    sent_on = delivered_at.astimezone(ZoneInfo(OSLO)).date()
    return Outcome(letter.dispatch_id, OutcomeKind.SENT, code, letter_id, sent_on, evidence)


def _same(letter: OutgoingLetter, content: Hash) -> bool | None:
    """Whether what was accepted is our PDF, byte for byte; None when Digipost does not say."""
    if content.algorithm.upper().replace("-", "") != "SHA256" or not content.value:
        return None
    return content.value == base64.b64encode(bytes.fromhex(letter.sha256)).decode()


def _evidence(letter: OutgoingLetter, content: Hash, **told: str) -> str:
    kept = {name: value for name, value in told.items() if value}
    kept |= {"content_hash": content.value, "hash_algorithm": content.algorithm, "our_sha256": letter.sha256}
    return json.dumps(kept | {"same_content": _same(letter, content)}, sort_keys=True)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
