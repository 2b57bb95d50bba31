"""Which ways out are lawful for which letter, in which order they are tried (ladder.csv), and which is next.

E-mail and SMS are no rung: they only tell that a letter lies in the portal. A tenant may reorder among the lawful.
"""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from saas.hooks import Channel, Medium, Party

TABLE = Path(__file__).parent / "ladder.csv"
PERSON, OTHER, ANY = "person", "other", "any"
CONSENTS, RESERVED, NOBODY_THERE = "consents", "reserved", "unreachable"
NOTICES = (Medium.EMAIL, Medium.SMS)
"""How a debtor is told that a letter lies in the portal, the first that can be tried."""

UNREACHABLE_DAYS = 90
"""After so long a medium that could not reach a debtor is tried again: people get mailboxes."""


@dataclass(frozen=True, slots=True)
class Rung:
    """What the law lets a kind of letter travel by, in our order, and why."""

    media: tuple[Medium, ...]
    rule_ids: tuple[str, ...]
    why: str  # bokmål


@dataclass(frozen=True, slots=True)
class Choice:
    """What a debtor has chosen of a medium, or what a channel has told of them."""

    choice: str
    since: date


@cache
def lawful() -> Mapping[tuple[str, str], Rung]:
    """(kind, whom to: person | other) → what is lawful."""
    rows: dict[tuple[str, str], Rung] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rung = Rung(tuple(map(Medium, row["media"].split())), tuple(row["rule_ids"].split()), row["why"])
            for to in (PERSON, OTHER) if row["to"] == ANY else (row["to"],):
                rows[row["kind"], to] = rung
    return rows


@cache
def capped_kinds() -> frozenset[str]:
    """Letters the law does not demand and the debtor has not asked for: only so many a week (law G1)."""
    return frozenset(kind for (kind, _), rung in lawful().items() if Medium.PORTAL in rung.media)


def media_for(kind: str, *, private: bool, preferred: Sequence[str] = ()) -> tuple[Medium, ...]:
    """The lawful media for a letter in the order they are tried; `preferred` only reorders. Raises KeyError."""
    media = lawful()[kind, PERSON if private else OTHER].media
    places = {name: place for place, name in enumerate(preferred)}
    return tuple(sorted(media, key=lambda medium: (places.get(medium.value, len(places)), media.index(medium))))


def next_way(
    media: Iterable[Medium],
    channels: Sequence[Channel],
    to: Party,
    *,
    choices: Mapping[str, Choice],
    tried: Collection[str],
    today: date,
) -> Channel | None:
    """The first rung that is open: a channel of that medium the tenant has, that can reach them, and they allow.

    `tried`: slugs of channels that have told they cannot. None: nothing is left, and a person must look.
    """
    for medium in media:
        if medium is not Medium.PAPER and is_closed(choices.get(medium.value), today):
            continue  # paper cannot be reserved against: the law demands that some letters come
        for channel in channels:
            if channel.medium is medium and channel.slug not in tried and channel.can_try(to):
                return channel
    return None


def is_closed(choice: Choice | None, today: date) -> bool:
    """Whether a debtor is not to be written to by a medium: they have said no, or nobody was there a while ago."""
    if choice is None or choice.choice == CONSENTS:
        return False
    return choice.choice == RESERVED or today < choice.since + timedelta(days=UNREACHABLE_DAYS)
