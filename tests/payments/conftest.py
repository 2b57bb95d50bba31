"""Worlds for the tests of money."""

from uuid import UUID

import pytest

from tests.payments.world import World


@pytest.fixture
def world(agency: UUID) -> World:
    """A licensed agency."""
    return World(agency)


@pytest.fixture
def own(power: UUID) -> World:
    """A power company that collects its own claims."""
    return World(power)
