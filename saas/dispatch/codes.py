"""What channels' codes mean in plain words: each channel's own (`Channel.codes`), and what any line may suffer."""

import re
from collections.abc import Mapping

from saas.kernel.errors import NotFound
from saas.rules.words import say
from tenants.accounts import CHANNELS, party_named

_LINE = re.compile(r"\w*([Tt]imeout|Error|gaierror|Lost|Disconnected|Exception)")
_STATUS = re.compile(r"(?:HTTP_)?([345]\d\d)")
_ANSWERS = {  # the first digit of a status; and those that mean something of their own
    "401": say("Brukernavn eller passord er feil"),
    "403": say("Vi har ikke lov"),
    "404": say("Adressen til tjenesten er feil"),
    "429": say("For mange om gangen"),
    "3": say("Tjenesten har flyttet"),
    "4": say("Tjenesten godtok ikke forespørselen"),
    "5": say("Tjenesten har problemer"),
}


def words_of(channel: str, code: str) -> str:
    """A code of this channel in plain words, which can be said in other languages; '' when nobody knows it."""
    try:
        codes: Mapping[str, str] = getattr(party_named(channel, CHANNELS), "codes", {})
    except NotFound:
        codes = {}
    return words_of_code(codes, code)


def words_of_code(codes: Mapping[str, str], code: str) -> str:
    """The whole code, else one of its words, a finer one (`5.1.1`) also by what it is a kind of (`5.1`)."""
    parts = [code, *re.split(r"[ :]+", code)]
    wider = [part.rsplit(".", depth)[0] for depth in (1, 2) for part in parts if re.fullmatch(r"\d(\.\d+){2}", part)]
    known = next((codes[part] for part in (*parts, *wider) if part in codes), "")
    if known:
        return known
    if any(_LINE.fullmatch(part) for part in parts):
        return say("Ingen forbindelse")
    status = next((found[1] for part in parts if (found := _STATUS.fullmatch(part))), "")
    return _ANSWERS.get(status, _ANSWERS.get(status[:1], ""))
