"""A mail server of our own on loopback, for tests and demos: see `README.md`. Start with `EmailSim`."""

from saas.simulators.email.bounces import drop, write_bounce
from saas.simulators.email.server import EmailSim, Mail

__all__ = ["EmailSim", "Mail", "drop", "write_bounce"]
