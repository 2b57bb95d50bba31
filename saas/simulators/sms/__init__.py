"""A text-message gateway of our own on loopback, for tests and demos: see `README.md`. Start with `SmsSim`."""

from saas.simulators.sms.gateway import Refusal, Taken
from saas.simulators.sms.reports import Gate
from saas.simulators.sms.server import SmsSim

__all__ = ["Gate", "Refusal", "SmsSim", "Taken"]
