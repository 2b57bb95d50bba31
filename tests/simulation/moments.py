"""The moments at which something is killed: each seed names one."""

from dataclasses import dataclass
from datetime import date
from random import Random

from tests.simulation.traps import ALL_WEB, ITSELF, NIGHT, PLACES, POSTGRES, REDIS, SUPERVISOR, WEB, WIPED, WORKER
from tests.simulation.world import LETTER_DAYS, REGISTRATION_DAYS

KINDS = ("worker", "postgres", "night", "redis", "web", "wiped")


@dataclass(frozen=True, slots=True)
class Moment:
    """From `on`, when `place` is passed for the n-th time, `victim` is killed (or Redis is emptied)."""

    on: date
    place: str
    nth: int
    victim: str

    def __str__(self) -> str:
        return f"{self.victim} when {self.place} for the {self.nth}. time from {self.on}"


def moment_of(seed: int) -> Moment:
    """The moment of a seed. Kinds of victims take turns, so any six seeds in a row have all of them."""
    random, kind = Random(seed), KINDS[seed % len(KINDS)]
    place = random.choice(_places(kind))
    days = REGISTRATION_DAYS if PLACES[place].role == WEB else LETTER_DAYS
    victim = {"worker": random.choice((ITSELF, SUPERVISOR)), "night": ITSELF, "postgres": POSTGRES, "redis": REDIS,
              "web": random.choice((ITSELF, ALL_WEB)), "wiped": WIPED}[kind]  # fmt: skip
    return Moment(random.choice(days), place, random.randint(1, PLACES[place].most), victim)


def _places(kind: str) -> list[str]:
    roles = {"worker": [WORKER], "night": [NIGHT], "web": [WEB]}.get(kind, [NIGHT, WORKER])
    return [name for name, place in PLACES.items() if place.role in roles]
