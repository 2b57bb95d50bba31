"""Change the arithmetic of the law line by line: the tests of money, days, interest, fees and deadlines must notice."""

import pytest

from tests.mutation.judged import EQUIVALENT
from tests.mutation.mutants import mutants

LEAST_SHARE = 0.95


@pytest.mark.long
def test_nearly_every_change_of_the_arithmetic_is_noticed_and_the_rest_is_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """mutmut over the five files, with their quick tests alone."""
    with capsys.disabled():
        tried = mutants()
        survivors = [mutant for mutant in tried if not mutant.noticed]
        share = 1 - len(survivors) / len(tried)
        print(f"{len(tried) - len(survivors)} of {len(tried)} mutants noticed: {share:.1%}")
        for mutant in survivors:
            why = EQUIVALENT.get((mutant.function, mutant.change), "NOT JUDGED")
            print(f"\n{mutant.function}: {why}\n{mutant.change}")
    assert share >= LEAST_SHARE
    assert [m for m in survivors if (m.function, m.change) not in EQUIVALENT] == []
