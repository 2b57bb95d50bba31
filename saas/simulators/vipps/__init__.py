"""A Vipps of our own on loopback, for tests and demos: see `README.md`. Start with `VippsSim`."""

from saas.simulators.vipps.payments import Payments
from saas.simulators.vipps.refusals import Refusal
from saas.simulators.vipps.server import Keys, VippsSim
from saas.simulators.vipps.webhooks import Event, Hook, sign

__all__ = ["Event", "Hook", "Keys", "Payments", "Refusal", "VippsSim", "sign"]
