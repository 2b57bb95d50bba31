"""Builders for plugin tests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from saas.rules.facts import CaseFacts, DebtorKind, Fact, Outstanding, Stage
from saas.rules.money import Ore

collect_ignore = ["sample_package"]  # its tests run in its own environment

CASE = CaseFacts(
    case_id=UUID(int=1),
    case_number=4711,
    stage=Stage.NOTICED,
    debtor_kind=DebtorKind.PERSON,
    creditor_id=UUID(int=2),
    creditor_slug="nordlys",
    agency_licence=True,
    vat_deductible=True,
    vulnerable=False,
    postable=True,
    claims=(),
    notices=(),
    holds=(),
    outstanding=Outstanding(Ore(150_000), Ore(0), Ore(3500), Ore(0)),
    charged_notice_fees_ore=Ore(3500),
    charged_collection_fee_ore=Ore(0),
)


@pytest.fixture
def case_with() -> Callable[..., CaseFacts]:
    """A case with the given facts, otherwise an ordinary one."""

    def build(*facts: Fact, **changes: Any) -> CaseFacts:
        return replace(CASE, facts=facts, **changes)

    return build
