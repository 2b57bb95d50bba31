"""A Stripe of our own on loopback, for tests and demos: see `README.md`. Start with `StripeSim`."""

from saas.simulators.stripe.books import Books
from saas.simulators.stripe.refusals import Refusal
from saas.simulators.stripe.server import StripeSim
from saas.simulators.stripe.webhooks import Endpoint, Event, sign

__all__ = ["Books", "Endpoint", "Event", "Refusal", "StripeSim", "sign"]
