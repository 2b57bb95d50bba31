"""A Digipost of our own on loopback, for tests and demos: see `README.md`. Start with `DigipostSim`."""

from saas.simulators.digipost.keys import Keys, throwaway_keys
from saas.simulators.digipost.mailroom import Broker, Letter, Mailroom, Person
from saas.simulators.digipost.refusals import Refusal
from saas.simulators.digipost.server import DigipostSim

__all__ = ["Broker", "DigipostSim", "Keys", "Letter", "Mailroom", "Person", "Refusal", "throwaway_keys"]
