"""How many parts a text message is sent in: it is billed by the part.

GSM-7 when every character is in its alphabet, else UCS-2 for the whole text. A message of several parts gives up some
room in each to number them, and neither an escaped GSM character nor a surrogate pair is split between two.
"""

from dataclasses import dataclass

# 3GPP TS 23.038. The second table needs an escape in front: such a character takes the room of two.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Coding:
    """An alphabet, and how many of its units go into a message of one part, and into each part of several."""

    name: str
    single: int
    joined: int


GSM7, UCS2 = Coding("GSM", 160, 153), Coding("UCS2", 70, 67)


def coding_of(text: str) -> Coding:
    """The narrowest alphabet that has every character of `text`."""
    return GSM7 if set(text) <= BASIC | ESCAPED else UCS2


def segments(text: str) -> int:
    """How many parts `text` is sent in; 0 when it is empty."""
    coding = coding_of(text)
    sizes = [_units(character, coding) for character in text]
    if sum(sizes) <= coding.single:
        return 1 if text else 0
    parts, room = 1, coding.joined
    for size in sizes:
        if size > room:
            parts, room = parts + 1, coding.joined
        room -= size
    return parts


def _units(character: str, coding: Coding) -> int:
    if coding is GSM7:
        return 2 if character in ESCAPED else 1
    return 2 if ord(character) > 0xFFFF else 1
