"""What the inkassolov of 2026 would change for a case, and for all open cases of today (M14)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.cases.models import Case
from saas.kernel.errors import NotFound
from saas.rules.coming_act import Change, changes, what_would_change
from saas.rules.facts import Stage
from saas.rules.law import load_law
from tenants.resolve import Tenant

_CHUNK = 1_000
_NEXT_STEP = "next_step"


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How many open cases there are, and for how many of them each change says something."""

    cases: int
    other_step: int  # the next step today would be another under the act
    touched: tuple[tuple[Change, int], ...]


def changes_for(tenant: Tenant, case_id: UUID, today: date) -> tuple[Change, ...]:
    """What the act would change for this case, were it in force today (law m1). Raises NotFound."""
    facts = facts_of(tenant, [case_id], today).get(case_id)
    if facts is None:
        raise NotFound("Vi finner ikke saken.")
    return what_would_change(facts, today, load_law(), tenant.policy)


def changes_for_all(tenant: Tenant, today: date) -> Portfolio:
    """The same for every open case, counted. Reads in chunks, so that memory does not grow with the number."""
    law, counted, number = load_law(), Counter[str](), 0
    case_ids = _open_cases(tenant)
    for first in range(0, len(case_ids), _CHUNK):
        for facts in facts_of(tenant, case_ids[first : first + _CHUNK], today).values():
            number += 1
            counted.update(c.code for c in what_would_change(facts, today, law, tenant.policy) if c.touches)
    return Portfolio(number, counted[_NEXT_STEP], tuple((change, counted[change.code]) for change in changes()))


def _open_cases(tenant: Tenant) -> list[UUID]:
    is_open = Case.stage != Stage.CLOSED, Case.joined_into.is_(None)
    return list(tenant.session.scalars(sa.select(Case.id).where(Case.tenant_id == tenant.id, *is_open)))
