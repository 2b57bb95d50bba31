"""Delivery reports: pushed to us, not signed, so the caller shows the password of our own that the gate was given."""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from plugins.sms.codes import meaning_of, told
from saas.hooks import Account, DeliveryReceipt, ForgedEvent
from saas.rules.contact import OSLO

MAX_BYTES = 65_536
_OSLO = ZoneInfo(OSLO)
_KEPT = ("refId", "id", "operator", "sentTimestamp", "timestamp", "resultCode", "operatorResultCode", "segments")


def read(account: Account, raw: bytes, headers: Mapping[str, str]) -> Sequence[DeliveryReceipt]:
    """What the report says; nothing when it is of a message that is not ours. Raises ForgedEvent."""
    _check_caller(account, headers.get("authorization", ""))
    if len(raw) > MAX_BYTES:
        raise ForgedEvent("too long")
    try:
        report = json.loads(raw)
        ours = _dispatch_id(report["refId"])
        code = report["resultCode"]
        if type(code) is not int:
            raise TypeError("resultCode")
        on = _day(report.get("timestamp") or report.get("sentTimestamp"))
        kept = {name: report[name] for name in _KEPT if name in report}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ForgedEvent(f"unreadable: {type(error).__name__}") from None
    if not ours:
        return ()
    evidence = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    return (DeliveryReceipt(ours, meaning_of(code).reported, on, told(code), evidence),)


def _check_caller(account: Account, authorization: str) -> None:
    """Raises ForgedEvent. An empty secret means that nothing is taken in, never that all is."""
    secret = account.secrets["report_secret"]
    if not secret:
        raise ForgedEvent("no secret is set")
    pair = base64.b64encode(f"{account.public['report_user']}:{secret}".encode())
    if not hmac.compare_digest(b"Basic " + pair, authorization.encode("utf-8", "surrogateescape")):
        raise ForgedEvent("wrong secret")


def _dispatch_id(ref_id: str) -> str:
    """`ref_id` when it is one of ours, else ''; other systems may share the gate."""
    try:
        return ref_id if str(UUID(ref_id)) == ref_id else ""
    except ValueError:
        return ""


def _day(timestamp: str | None) -> date | None:
    """The day in Oslo. The later of the two times counts: the debtor had it no sooner. Raises ValueError."""
    if not timestamp:
        return None
    moment = datetime.fromisoformat(timestamp)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(_OSLO).date()
