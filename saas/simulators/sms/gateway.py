"""What the gateway takes, field by field, and what it has taken. The same message twice is two messages."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Thing = dict[str, Any]
QUEUED = 1005
LONGEST_VALIDITY_MS = 172_800_000
_SOURCES = {"ALPHANUMERIC": r"[A-Za-z][A-Za-z0-9]{1,10}", "SHORTNUMBER": r"[0-9]{1,14}", "MSISDN": r"\+[0-9]{5,15}"}
_MSISDN = r"\+[1-9][0-9]{6,14}"
_NEEDED = ("source", "destination", "userData", "platformId", "platformPartnerId")
_TEXTS = (*_NEEDED, "sourceTON", "destinationTON", "dcs", "refId", "absoluteValidityTime")
_FIELDS = {*_TEXTS, "useDeliveryReport", "deliveryReportGates", "relativeValidityTime", "ignoreResponse",
           "customParameters"}  # fmt: skip
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = set("\f^{}\\[~]|€")


class Refusal(Exception):
    """A request is refused: the HTTP status, and one of the vendor's codes."""

    def __init__(self, http: int, status: int, description: str) -> None:
        super().__init__(f"{http} {status} {description}")
        self.http, self.status, self.description = http, status, description


@dataclass(frozen=True, slots=True)
class Taken:
    """One message in the gateway's hands."""

    message_id: str
    ref_id: str
    destination: str
    text: str
    source: str
    gates: tuple[str, ...]
    parts: int
    taken_at: datetime


def check(asked: Thing, gates: Mapping[str, Any], now: datetime) -> None:
    """Raises Refusal for what the vendor's text does not allow."""
    if unknown := sorted(set(asked) - _FIELDS):
        raise invalid(f"Unknown fields {unknown}")
    if missing := [name for name in _NEEDED if not asked.get(name)]:
        raise invalid(f"Missing {missing}")
    if wrong := [name for name in _TEXTS if not isinstance(asked.get(name, ""), str)]:
        raise invalid(f"Not a text: {wrong}")
    kind = asked.get("sourceTON", "ALPHANUMERIC")
    if kind not in _SOURCES or not re.fullmatch(_SOURCES[kind], asked["source"]):
        raise invalid("source does not fit sourceTON")
    if asked.get("destinationTON", "MSISDN") != "MSISDN" or not re.fullmatch(
        r"\+[1-9][0-9]{6,14}", asked["destination"]
    ):
        raise invalid("destination must be international with a leading +")
    if asked.get("dcs", "TEXT") not in ("TEXT", "GSM", "UCS2", "BINARY"):
        raise invalid("dcs")
    _check_times(asked, now)
    _check_gates(asked, gates)


def _check_times(asked: Thing, now: datetime) -> None:
    relative = asked.get("relativeValidityTime", LONGEST_VALIDITY_MS)
    if type(relative) is not int or not 0 < relative <= LONGEST_VALIDITY_MS:
        raise invalid("relativeValidityTime")
    if "absoluteValidityTime" in asked:
        ahead = _moment(asked["absoluteValidityTime"]) - now
        if not timedelta(minutes=15) <= ahead <= timedelta(hours=48):
            raise invalid("absoluteValidityTime")
    scheduled = asked.get("customParameters", {}).get("scheduledTime")
    if scheduled is not None and _moment(scheduled) > now + timedelta(days=92):
        raise invalid("scheduledTime")


def _check_gates(asked: Thing, gates: Mapping[str, Any]) -> None:
    named = asked.get("deliveryReportGates", [])
    if asked.get("useDeliveryReport", True) and not named:
        raise Refusal(400, 106300, "No delivery report gate")
    for name in named:
        if name not in gates:
            raise Refusal(400, 106300, f"No gate {name}")
        if not gates[name].is_open:
            raise Refusal(400, 106301, f"Gate {name} is not available")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("a time is not RFC 3339") from None
    if moment.tzinfo is None:
        raise invalid("a time without its zone")
    return moment


def invalid(why: str) -> Refusal:
    """400: a field is wrong."""
    return Refusal(400, 106000, why)


def parts_of(text: str, dcs: str) -> int:
    """How many parts the text is split in: what `smsCount` says."""
    if dcs == "UCS2" or not set(text) <= _GSM | _GSM_ESCAPED:
        units, single, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    else:
        units, single, joined = sum(1 + (character in _GSM_ESCAPED) for character in text), 160, 153
    return 1 if units <= single else -(-units // joined)


def taken(asked: Thing, now: datetime) -> Taken:
    """The message under an id of its own."""
    return Taken(
        message_id=secrets.token_urlsafe(12),
        ref_id=asked.get("refId", ""),
        destination=asked["destination"],
        text=asked["userData"],
        source=asked["source"],
        gates=tuple(asked.get("deliveryReportGates", ())),
        parts=parts_of(asked["userData"], asked.get("dcs", "TEXT")),
        taken_at=now,
    )
