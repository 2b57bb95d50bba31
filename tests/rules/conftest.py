"""The law, and how hard the properties are tried (`FRIST_HYPOTHESIS`).

quick: a slice in every run. long: `make test-long`. mutants: few, the same each time, and no search for the smallest
example, for runs that only ask whether anything fails.
"""

import os

import pytest
from hypothesis import Phase, settings

from saas.rules.law import Law, load_law

settings.register_profile("quick", max_examples=100, deadline=None, print_blob=True)
settings.register_profile("long", max_examples=4_000, deadline=None, print_blob=True)
settings.register_profile(
    "mutants", max_examples=30, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile(os.environ.get("FRIST_HYPOTHESIS", "quick"))


@pytest.fixture(scope="session")
def law() -> Law:
    return load_law()
