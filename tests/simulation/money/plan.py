"""Who owes what, and what each does about it on which day: drawn from the seed, and nothing else."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from stdnum.no import kontonr

CREDITORS = ("nordlys-kraft", "bygda-bredband")
FIRST = date(2023, 7, 3)
NONSENSE = 0.03
HABITS = {
    "never": 12, "ocr": 14, "camt": 8, "named": 6, "numbered": 5, "card": 8, "vipps": 8, "direct": 5, "parts": 9,
    "over": 5, "twice": 5, "wrong_case": 4, "bounced": 5, "refunded": 4, "disputed": 4, "withdrawn": 2,
}  # fmt: skip
"""What debtors do, and how many of a hundred and four."""
SILLY = ("truncated", "wrong_sum", "wrong_count", "wrong_unit", "unknown_kid", "hyphen_kid", "euro", "bomb", "garbage",
         "same_file", "same_message", "forged", "stale", "replayed", "odd_news")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens on a day. `share` is the percentage of what is owed, of what came before, or none."""

    on: date
    what: str
    who: int  # the debtor's number
    share: int = 100
    then: str = ""  # more of the same: won or lost, card or vipps


@dataclass(frozen=True, slots=True)
class Debtor:
    """One debtor with one invoice, sometimes two."""

    number: int
    registered_on: date
    creditor: str
    rows: tuple[dict[str, Any], ...]
    account: str
    habit: str
    acts: tuple[Act, ...]


class Plan:
    """All of a run, by day."""

    def __init__(self, seed: int, debtors: int, days: int, nonsense: float = NONSENSE) -> None:
        self.seed, self.last, self.nonsense = seed, FIRST + timedelta(days=days), nonsense
        self.debtors = [_debtor(seed, number, days) for number in range(debtors)]
        self._registered: dict[date, list[Debtor]] = {}
        self._acts: dict[date, list[Act]] = {}
        for debtor in self.debtors:
            self._registered.setdefault(debtor.registered_on, []).append(debtor)
            for act in debtor.acts:
                self._acts.setdefault(act.on, []).append(act)

    def registered(self, on: date) -> list[Debtor]:
        """Whose claims come in on a day."""
        return self._registered.get(on, [])

    def acts(self, on: date) -> list[Act]:
        """What debtors do on a day, nonsense among it."""
        random, acts = Random(f"{self.seed} silly {on}"), []
        for act in self._acts.get(on, []):
            if random.random() < self.nonsense:
                acts.append(Act(on, random.choice(SILLY), act.who))
            acts.append(act)
        return acts


def account_of(number: int) -> str:
    """A payer's account: eleven digits that hold. Some numbers have no check digit; theirs is that of another."""
    tries = (
        f"8601{serial:06d}{check}" for serial in (number, number + 500_000, number + 700_000) for check in range(10)
    )
    return next(digits for digits in tries if kontonr.is_valid(digits))


def _debtor(seed: int, number: int, days: int) -> Debtor:
    random = Random(f"{seed} debtor {number}")
    registered_on = FIRST + timedelta(days=0 if number < 3 else random.randrange(days * 4 // 5 if days > 100 else 3))
    due_on = registered_on - timedelta(days=random.randint(15, 40))
    creditor = random.choice(CREDITORS)
    rows = tuple(_row(random, number, nth, due_on) for nth in range(1 + (random.random() < 0.1)))
    habit = random.choices([*HABITS], [*HABITS.values()])[0]
    if number < len(HABITS):  # each of them at least once
        habit = [*HABITS][number]
    longest = min(150, days // 3)  # most pay early, few late: what is paid needs no more letters
    first = registered_on + timedelta(days=1 + min(random.randrange(longest), random.randrange(longest)))
    acts = tuple(_acts(habit, number, first, random, pace=min(1.0, days / 100)))
    return Debtor(number, registered_on, creditor, rows, account_of(number), habit, acts)


def _row(random: Random, number: int, nth: int, due_on: date) -> dict[str, Any]:
    kroner = random.choice((random.randint(120, 900), random.randint(900, 6_000), random.randint(6_000, 60_000)))
    return {
        "debtor_kind": "person",
        "debtor_name": f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} Prøve {number}",
        "address": f"Storgata {number + 1}",
        "postcode": "0155",
        "city": "Oslo",
        "invoice_number": f"M{number:05d}-{nth}",
        "kind": random.choice(("electricity", "other")),
        "description": "Levering",
        "invoiced_on": (due_on - timedelta(days=21)).isoformat(),
        "due_on": due_on.isoformat(),
        "amount": f"{kroner},{random.randint(0, 99):02d}",
    }


_FIRST_NAMES = ("Kari", "Ola", "Nora", "Emil", "Ingrid", "Jakob", "Sofie", "Lars", "Åse", "Mikkel")


def _acts(habit: str, who: int, on: date, random: Random, pace: float) -> list[Act]:
    """`pace` below one: what follows a payment follows sooner."""

    def later(least: int, most: int) -> date:
        return on + timedelta(days=round(pace * random.randint(least, most)))

    way = random.choice(("card", "vipps"))
    match habit:
        case "never":
            return []
        case "parts":
            days = sorted({on, later(1, 40), later(20, 80), later(60, 120)})
            ways = ("ocr", "camt", "card", "vipps", "direct")
            shares = [random.randint(10, 60) for _ in days[1:]] + [100]
            return [Act(day, random.choice(ways), who, share) for day, share in zip(days, shares, strict=True)]
        case "over":
            return [Act(on, random.choice(("ocr", "camt")), who, random.randint(101, 160))]
        case "twice":
            return [Act(on, "ocr", who), Act(later(0, 4), random.choice(("again", "again_camt")), who)]
        case "wrong_case":
            return [Act(on, "wrong_case", who), Act(later(2, 9), "put_right", who)]
        case "bounced":
            again = [Act(later(20, 60), "ocr", who)] if random.random() < 0.5 else []
            return [Act(on, random.choice(("ocr", "camt")), who), Act(later(1, 9), "bounce", who), *again]
        case "refunded":
            return [Act(on, way, who), Act(later(1, 20), "refund", who, random.choice((100, 40)), way)]
        case "disputed":
            told = random.choice(("won", "lost"))
            return [
                Act(on, "card", who),
                Act(later(3, 20), "dispute", who),
                Act(later(21, 60), "verdict", who, 0, told),
            ]
        case "withdrawn":
            return [Act(on, "direct", who), Act(later(1, 9), "withdraw", who)]
        case _:
            return [Act(on, habit, who)]
