"""A Digipost with people in it, and the channel to it."""

from collections.abc import Iterator

import pytest

from plugins.digipost.channel import DigipostChannel
from saas.simulators.digipost import DigipostSim
from tests.plugins.digipost.world import sim_with_people


@pytest.fixture
def sim() -> Iterator[DigipostSim]:
    with sim_with_people() as started:
        yield started


@pytest.fixture
def channel() -> DigipostChannel:
    return DigipostChannel()
