"""Python imports this when it starts, in every process of a simulation: its folder stands on their PYTHONPATH."""

from tests.simulation.traps import set_up

set_up()
