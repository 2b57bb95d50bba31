"""Which inkassolov an act is judged by: the one in force on the day the act is done (m1).

The act of 2026 is passed and has no day yet. `Policy.new_act_from` is that day once the King has decided it; until then
everything is judged by the act of 1988. The act has no transitional rules of its own (§ 55), so none are assumed.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from saas.rules.facts import DEFAULT_POLICY, Policy
from saas.rules.rates import UnknownLaw

NEW_COSTS = "collection_costs_2026"  # fees and compensation by regulation, NYINKL § 19: not published
_FILE = Path(__file__).parent / "regimes.csv"


class Regime(StrEnum):
    """An act on debt collection, as certificates and letters name it."""

    ACT_1988 = "inkassoloven-1988"
    ACT_2026 = "inkassoloven-2026"


@dataclass(frozen=True, slots=True)
class Act:
    """What is known of an act, and who says so."""

    regime: Regime
    lov: str  # its number
    title: str  # as a person reads it, bokmål
    in_force_from: date | None  # None: passed, and no day is set
    source: str
    checked_on: date
    confidence: str  # found, reading or memory


@cache
def acts() -> tuple[Act, ...]:
    """Every act we know, oldest first."""
    with _FILE.open(encoding="utf-8", newline="") as handle:
        return tuple(_act(row) for row in csv.DictReader(handle))


def _act(row: dict[str, str]) -> Act:
    starts = row["in_force_from"]
    return Act(
        Regime(row["regime"]),
        row["lov"],
        row["title"],
        date.fromisoformat(starts) if starts else None,
        row["source"],
        date.fromisoformat(row["checked_on"]),
        row["confidence"],
    )


def regime_on(day: date, policy: Policy = DEFAULT_POLICY) -> Regime:
    """The act that governs what is done on `day` (m1)."""
    starts = policy.new_act_from
    return Regime.ACT_1988 if starts is None or day < starts else Regime.ACT_2026


def strictest(days: Iterable[date], policy: Policy) -> Regime:
    """The act a step spanning several days must satisfy: the newer one as soon as one day falls under it (m1, A4)."""
    new = any(regime_on(day, policy) is Regime.ACT_2026 for day in days)
    return Regime.ACT_2026 if new else Regime.ACT_1988


def need_known_costs(policy: Policy, *days: date) -> None:
    """Nothing when what the debtor may be charged is known on all `days`; else raises UnknownLaw.

    Under the act of 2026 fees, caps and compensation come by a regulation that is not published (§ 19; m1). The
    figures of the act of 1988 say nothing about those days, also where they are still listed.
    """
    for day in days:
        if regime_on(day, policy) is Regime.ACT_2026:
            raise UnknownLaw(NEW_COSTS, day)
