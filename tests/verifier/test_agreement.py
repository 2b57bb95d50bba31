"""Engine and verifier, written apart, must agree: histories walked at random, every certificate checked."""

import os
import random

import pytest

from saas.verifier import verify
from tests.verifier.histories import Engine, a_policy, looks

ENGINE = Engine.loaded()
SHARD = 1_000


def _disagreements(seed: int, histories: int) -> tuple[int, list[str]]:
    dice, checked, found = random.Random(seed), 0, []
    for _ in range(histories):
        for facts, today, policy, decision, _ in looks(dice, a_policy(dice), ENGINE):
            if decision.step is None:
                continue
            checked += 1
            for finding in verify(ENGINE.record(facts, decision, today, policy)).findings:
                found.append(f"seed {seed}, {decision.step} on {today}: {finding.rule_id}: {finding.message}")
    return checked, found


def test_engine_and_verifier_agree_on_histories_walked_at_random() -> None:
    checked, found = _disagreements(seed=20260302, histories=300)
    assert found == []
    assert checked > 500


SHARDS = int(os.environ.get("AGREEMENT_SHARDS", "100"))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SHARDS))
def test_engine_and_verifier_agree_on_a_hundred_thousand_histories(seed: int) -> None:
    checked, found = _disagreements(seed, SHARD)
    assert found[:20] == []
    assert checked > SHARD
