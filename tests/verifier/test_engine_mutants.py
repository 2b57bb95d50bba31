"""Does the verifier notice when the engine is changed? Small changes, one at a time, on the same facts as ours.

What a mutant's certificates differ in decides what is asked of the verifier:

- *concerned*: on some facts it takes a step ours does not, acts or looks again earlier, gives less time, charges,
  allows or books more. Of these 95 in 100 must be refused at least once.
- *kinder*: it only ever waits longer, gives more time or asks for less. That is lawful though different, and no error.
- *same*: no certificate differs. *fell*: it raised or did not end before it made one that does.
"""

import ast
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from tests.verifier.histories import Engine, Look, a_policy, looks, near
from tests.verifier.mutants import RULES, Mutant, Outcome, mutants_of, outcomes

MODULES = ("steps", "fees", "costs", "deadlines", "days", "case", "interest", "limitation")


def material(seed: int, histories: int) -> list[Look]:
    """Looks to decide on: histories, and what lies beside the nights on which something was done."""
    engine, dice, seen = Engine.loaded(), random.Random(seed), []
    for _ in range(histories):
        for look in looks(dice, a_policy(dice), engine):
            seen.append(look)
            if look.decision.step is not None or dice.random() < 0.1:
                seen += near(dice, look, engine)
    return seen


def name_of(outcome: Outcome) -> str:
    if outcome.worse:
        return "refused" if outcome.refused else "not refused"
    return "fell" if outcome.fell else "kinder" if outcome.kinder else "same"


def judged(mutants: Sequence[Mutant], seen: Sequence[Look]) -> tuple[Counter[str], list[str]]:
    """How many of each, and those that were concerned and not refused."""
    counted, missed = Counter[str](), []
    for mutant, outcome in outcomes(mutants, seen):
        name = name_of(outcome)
        counted[name] += 1
        if name == "not refused":
            missed.append(f"{mutant}: {outcome.worse} times, first {outcome.example}")
    return counted, missed


def test_an_engine_loaded_anew_without_a_change_decides_as_ours() -> None:
    unchanged = Mutant("fees", 0, "nothing", lambda: ast.parse((RULES / "fees.py").read_text(encoding="utf-8")))
    [(_, outcome)] = outcomes([unchanged], material(seed=3, histories=5))
    assert outcome == Outcome()


def test_the_verifier_refuses_a_slice_of_the_engines_mutants() -> None:
    mutants = [mutant for module in MODULES for mutant in mutants_of(module)]
    counted, missed = judged(mutants[7::30], material(seed=1, histories=40))
    assert counted["refused"] >= 3, counted
    assert len(missed) <= 1, missed


@pytest.mark.long
def test_the_verifier_refuses_95_in_100_of_the_engines_mutants_that_harm_the_debtor() -> None:
    mutants = [mutant for module in MODULES for mutant in mutants_of(module)]
    counted, missed = judged(mutants, material(seed=1, histories=150))
    print(dict(counted), *missed, sep="\n")
    assert counted["refused"] > 100, counted
    assert counted["refused"] >= 0.95 * (counted["refused"] + len(missed)), (counted, missed)
