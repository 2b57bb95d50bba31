"""Worlds for the tests of money."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from saas.app import create_app
from saas.kernel import clock
from saas.kernel.servers import Servers
from saas.portals.shared.limits import limiter
from saas.simulators.stripe import StripeSim
from tests.payments.card import SECRET, Shop, install_stripe, web
from tests.payments.world import World


@pytest.fixture
def world(agency: UUID) -> World:
    """A licensed agency."""
    return World(agency)


@pytest.fixture
def own(power: UUID) -> World:
    """A power company that collects its own claims."""
    return World(power)


@pytest.fixture(scope="session")
def app(servers: Servers) -> Flask:
    """The whole application, with the plugin for cards installed."""
    install_stripe()
    return create_app(servers)


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """Where the application listens."""
    with web(app) as found:
        yield found


@pytest.fixture
def sim() -> Iterator[StripeSim]:
    """A Stripe nobody has used."""
    with StripeSim(clock.wall_now, connected={"acct_fjord": "acct_sim"}) as started:
        yield started


@pytest.fixture
def shop(app: Flask, agency: UUID, servers: Servers, sim: StripeSim, address: str) -> Shop:
    """An agency that takes cards; its events are held until the test sends them."""
    with app.app_context():
        limiter.reset()
    made = Shop(agency, servers, sim, address)
    made.agree()
    sim.listen(made.webhook, SECRET)
    sim.sender.held = True
    return made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Providers are waited for a second instead of several, where a test is about one that never answers."""
    for name in ("plugins.vipps.client", "plugins.stripe.provider"):
        monkeypatch.setattr(f"{name}.READ_SECONDS", 1.2)
