"""The message as the gateway takes it, and why some texts are not sent at all."""

from plugins.sms.numbers import mobile
from plugins.sms.segments import segments
from saas.hooks import Account, OutgoingLetter
from saas.rules.discretion import what_it_reveals

_HOUR_MS = 3_600_000


def why_not(letter: OutgoingLetter, account: Account) -> str:
    """A code when this text may not be sent as it is; '' when it may."""
    text = letter.short_text
    if not text.strip():
        return "no_text"
    if reveals := what_it_reveals(text):
        return reveals
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return "unwritable_text"
    return "too_long" if segments(text) > account.public["max_segments"] else ""


def message_of(letter: OutgoingLetter, account: Account) -> dict[str, object]:
    """`POST /sms/send`. Our id comes back in reports; it does not keep the gateway from taking the same twice."""
    agreed = account.public
    return {
        "source": agreed["source"],
        "sourceTON": agreed["source_ton"],
        "destination": mobile(letter.recipient.phone),
        "destinationTON": "MSISDN",
        "dcs": "TEXT",
        "userData": letter.short_text,
        "useDeliveryReport": True,
        "deliveryReportGates": [agreed["gate"]],
        "refId": letter.dispatch_id,
        "relativeValidityTime": agreed["validity_hours"] * _HOUR_MS,
        "platformId": agreed["platform_id"],
        "platformPartnerId": agreed["platform_partner_id"],
        "ignoreResponse": False,
    }
