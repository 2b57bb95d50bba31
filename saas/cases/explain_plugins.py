"""Which plugin says what of a case today, and why: each asked by itself, with nobody else's answer in the way."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from saas.cases.deciding import decide_with_plugins
from saas.cases.facts import Known, known_of
from saas.hooks import DeferralRequest
from saas.rules.facts import Because
from saas.rules.law import load_law
from tenants.hooks import Chosen, Hooks
from tenants.notes import gathered
from tenants.plugins import chosen_for
from tenants.resolve import Tenant

DAYS_ASKED = 14  # what a debtor may have asked for


class Said(NamedTuple):
    """One answer of one plugin, in a line."""

    slug: str
    hook: str
    said: str


def explain_plugins(tenant: Tenant, case_id: UUID, *, today: date) -> list[Said]:
    """What each plugin in force for the case's creditor answers, in order of slug. Writes nothing."""
    known = known_of(tenant, [case_id], today)[case_id]
    chosen = chosen_for(tenant.session, tenant.id, known.facts.creditor_id)
    return [said for one in sorted(chosen) for said in _said_by(one, known, tenant, today)]


def _said_by(one: Chosen, known: Known, tenant: Tenant, today: date) -> Iterator[Said]:
    hooks = Hooks([one], tenant.id, known.facts.creditor_id)
    with gathered(trial=True) as notes:
        decided = decide_with_plugins(known, hooks, today, load_law(), tenant.policy)
        request = DeferralRequest(today, today + timedelta(days=DAYS_ASKED))
        refusals = hooks.refuse_deferral(request, known.facts)
        panels = hooks.extend_portal(known.facts, "nb")
    for answer in decided.answers:
        yield Said(one.slug, str(answer["hook"]), _in_words(answer))
    for refusal in refusals:
        yield Said(one.slug, "refuse_deferral", f"{type(refusal).__name__}: {_why(refusal.because)}")
    for panel in panels:
        yield Said(one.slug, "extend_portal", f"{panel.heading}: {' '.join(panel.paragraphs)}")
    for shadow in notes.shadows:
        yield Said(one.slug, shadow.hook, f"{shadow.answer} (without effect: {one.mode})")
    for trouble in (*hooks.broken, *notes.troubles):
        yield Said(one.slug, trouble.hook or "start", f"in trouble: {trouble.error}")


def _in_words(answer: dict[str, Any]) -> str:
    told = {name: value for name, value in answer.items() if name not in ("hook", "plugin")}
    return ", ".join(f"{name} {'/'.join(v) if isinstance(v, list) else v}" for name, v in told.items())


def _why(because: Because) -> str:
    fact = because.fact
    said = f" [{fact.name} = {fact.value}, {fact.source}, {fact.reported_on.isoformat()}]" if fact else ""
    return f"{because.code}{said} {because.message}"
