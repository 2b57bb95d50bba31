"""`kill -9` of workers, the night, the web and both servers at seeded moments: what comes of it is what always does.

One seed again: `SIMULATION_SEEDS=17 pytest -m long tests/simulation`; any others likewise, with commas between.
"""

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.simulation.moments import KINDS, moment_of
from tests.simulation.stories import Stories, differences

SEEDS = [int(seed) for seed in os.environ.get("SIMULATION_SEEDS", "").split(",") if seed] or range(20)


class Story(NamedTuple):
    """How many claims, and the seeds of the moments at which something is killed."""

    claims: int
    seeds: tuple[int, ...]


QUICK = [Story(30, (1, 12, 14))]  # PostgreSQL, the workers' supervisor, the night: on three days of one story
LONG = [pytest.param(Story(90, (seed,)), marks=pytest.mark.long, id=f"seed-{seed}") for seed in SEEDS]


@pytest.fixture(scope="module")
def stories(request: pytest.FixtureRequest) -> Iterator[Stories]:
    """The runs that the chosen tests need: all are asked for at once, so that both cores have something to tell."""
    told = Stories()
    for item in request.session.items:
        if item.path == request.path and (story := _story_of(item)) is not None:
            told.ask(story.claims)
            told.ask(story.claims, *story.seeds)
    yield told
    told.end()


def _story_of(item: pytest.Item) -> Story | None:
    parameters = getattr(item, "callspec", None)
    story = parameters.params.get("story") if parameters else None
    return story if isinstance(story, Story) else None


@pytest.mark.parametrize("story", [*QUICK, *LONG])
def test_whatever_is_killed_the_end_is_the_same_and_each_letter_is_handed_over_once(
    stories: Stories, story: Story
) -> None:
    calm, disturbed = stories.told(story.claims), stories.told(story.claims, *story.seeds)
    moments = "\n".join(f"seed {seed}: {moment_of(seed)}" for seed in story.seeds)
    assert disturbed["still_to_come"] == 0, f"nothing was killed\n{moments}"
    different = list(differences(calm["state"], disturbed["state"]))
    assert different == [], "\n".join([moments, *different[:20]])
    _check_end(disturbed["state"], story.claims)


def _check_end(state: dict[str, Any], claims: int) -> None:
    """What must hold even if both runs were wrong in the same way."""
    letters = [letter for each in state["letters"].values() for letter in each]
    assert {letter["state"] for letter in letters} == {"sent"}
    assert {letter["copies"] for letter in letters} == {1}
    assert state["printed"] == {"letters": len(letters), "most_copies": 1, "unknown": 0}
    steps = {letter["step"] for letter in letters} - {""}  # messages are no step
    assert steps == {"reminder", "collection_notice", "payment_demand"}
    assert len(letters) > 2 * len(state["cases"]) > claims
    assert state["wrong"] == []


def test_every_kind_of_victim_is_among_the_seeds() -> None:
    assert {seed % len(KINDS) for seed in range(20)} == set(range(len(KINDS)))
    assert len({(moment.place, moment.victim) for moment in map(moment_of, range(20))}) >= 15


def test_the_moments_of_the_quick_story_are_on_days_of_their_own() -> None:
    days = [moment_of(seed).on for seed in QUICK[0].seeds]
    assert len(set(days)) == len(days) == 3
