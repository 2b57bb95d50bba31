"""Plugins ask the outside world about open cases (`collect_facts`): once a day, in a worker, kept as dated facts.

Nothing is held open while a plugin asks. One that fails is asked again later and later; its facts only grow old.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.cases.facts import facts_of
from saas.cases.lifecycle import get_case
from saas.cases.models import Case
from saas.cases.reported import report_facts
from saas.hooks import CaseToAsk, CollectedFact
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.rules.facts import Fact, Stage
from tenants.asking import Asked, WrongAnswer, note_trouble
from tenants.models import Creditor, PluginReach
from tenants.reach import begin, is_open, reach_of, succeed
from tenants.resolve import Tenant, open_tenant

HOOK = "collect_facts"
CASES_A_CALL = 100
_Ask = Callable[[tuple[CaseToAsk, ...], date], Sequence[CollectedFact]]


def due(tenant: Tenant, wall_now: datetime) -> list[tuple[UUID, str]]:
    """(creditor, plugin) that have not been asked today and may be asked now."""
    found = []
    for creditor_id in tenant.session.scalars(sa.select(Creditor.id).where(Creditor.tenant_id == tenant.id)):
        for slug in tenant.hooks_for(creditor_id).collectors():
            row = tenant.session.get(PluginReach, (tenant.id, creditor_id, slug, HOOK))
            if is_open(row, wall_now) and (row is None or row.done_on != clock.today(tenant)):
                found.append((creditor_id, slug))
    return found


def collect(tenant_id: UUID, creditor_id: UUID, slug: str) -> int:
    """Ask one plugin about a creditor's open cases, and keep what it tells. Returns how many facts were new.

    What it throws is noted as trouble, and it is asked again later.
    """
    with open_tenant(tenant_id) as tenant:
        ask = tenant.hooks_for(creditor_id).collectors().get(slug)
        row = reach_of(tenant, creditor_id, slug, HOOK)
        today = clock.today(tenant)
        if ask is None or row.done_on == today or not is_open(row, clock.wall_now()):
            return 0
        begin(row, clock.wall_now())
    added, after = 0, UUID(int=0)
    while True:
        with open_tenant(tenant_id) as tenant:
            cases = _open_cases(tenant, creditor_id, after, today)
        if not cases:
            break
        told = _told(tenant_id, slug, ask, cases, today)
        if told is None:
            return added
        added += _keep(tenant_id, slug, cases, told, today)
        after = cases[-1].case_id
    with open_tenant(tenant_id) as tenant:
        row = reach_of(tenant, creditor_id, slug, HOOK)
        succeed(row)
        row.done_on = today
    return added


def _open_cases(tenant: Tenant, creditor_id: UUID, after: UUID, today: date) -> tuple[CaseToAsk, ...]:
    ids = tenant.session.scalars(
        sa.select(Case.id)
        .where(
            Case.tenant_id == tenant.id, Case.creditor_id == creditor_id, Case.stage != Stage.CLOSED, Case.id > after
        )
        .where(Case.joined_into.is_(None))
        .order_by(Case.id)
        .limit(CASES_A_CALL)
    ).all()
    facts = facts_of(tenant, ids, today)
    return tuple(
        CaseToAsk(
            case_id,
            facts[case_id].case_number,
            facts[case_id].creditor_slug,
            tuple((claim.invoice_number, claim.extra) for claim in facts[case_id].claims),
        )
        for case_id in ids
    )


def _told(
    tenant_id: UUID, slug: str, ask: _Ask, cases: tuple[CaseToAsk, ...], today: date
) -> list[CollectedFact] | None:
    """What the plugin tells; None when it failed, which is noted."""
    try:
        told = list(ask(cases, today))
        asked = {case.case_id for case in cases}
        if not all(isinstance(one, CollectedFact) and one.case_id in asked for one in told):
            raise WrongAnswer(HOOK)
    except Exception as error:
        with open_tenant(tenant_id):
            note_trouble(Asked(slug, HOOK, ask), error)
        return None
    return told


def _keep(tenant_id: UUID, slug: str, cases: Iterable[CaseToAsk], told: Sequence[CollectedFact], today: date) -> int:
    """Keep what was told, case by case; a fact that may not be kept (from the future, say) is left out, and noted."""
    added = 0
    for case in cases:
        facts = [dated(one.fact, one.max_age_days) for one in told if one.case_id == case.case_id]
        if not facts:
            continue
        with open_tenant(tenant_id) as tenant:
            row = get_case(tenant, case.case_id, lock=True)
            try:
                added += len(
                    report_facts(tenant, row, facts, today=today, now=clock.now(tenant), actor=f"plugin:{slug}")
                )
            except BadInput as wrong:
                note_trouble(Asked(slug, HOOK, len), wrong)
    return added


def dated(fact: Fact, max_age_days: int | None) -> Fact:
    """The fact with the last day it can be relied on."""
    if max_age_days is None:
        return fact
    return replace(fact, good_until=fact.reported_on + timedelta(days=max_age_days))
