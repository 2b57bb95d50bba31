"""A trial worked out: the decisions of each case with the plugins as they are, and as they would be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.cases.contact import last_contacts, was_contacted
from saas.cases.deciding import Decided, decide_with_plugins
from saas.cases.facts import Known, facts_of, known_of
from saas.cases.models import Case, CertificateRow, Claim, DebtorRequest, ReportedFact
from saas.cases.replayed import facts_then, policy_then
from saas.cases.trials import BACKTEST, Difference, Outcome, batches, trial_of
from saas.hooks import ClaimOffer, CreditorFacts, DeferralRequest, Refusal
from saas.kernel import clock, crypto
from saas.kernel.ids import NIL
from saas.rules.certificate import certificate, encode
from saas.rules.facts import CaseFacts, Fact, Policy, Stage
from saas.rules.law import load_law
from saas.rules.plan import decide_deferral
from saas.verifier import verify
from tenants.hooks import Hooks
from tenants.models import Creditor, Mode, PluginTrial
from tenants.notes import gathered
from tenants.plugins import tried_for
from tenants.resolve import Tenant, open_tenant
from tenants.secrets import secrets_of

_BATCH = 200
_Pair = tuple[Hooks, Hooks]


def run_trial(tenant_id: UUID, trial_id: UUID) -> None:
    """Work a trial out, from the front, a batch at a time; the row tells how far it is. Harmless when run twice."""
    with gathered(trial=True) as notes:
        with open_tenant(tenant_id) as tenant:
            trial = trial_of(tenant, trial_id)
            if trial.state in ("done", "failed"):
                return
            work = _works(tenant, trial)
            trial.state, trial.done, trial.total, trial.touched_at = "running", 0, len(work), clock.wall_now()
        outcome = Outcome()
        try:
            for number, one in enumerate(work, start=1):
                with open_tenant(tenant_id) as tenant:
                    one(tenant, trial_of(tenant, trial_id), outcome)
                    row = trial_of(tenant, trial_id)
                    row.done, row.touched_at = number, clock.wall_now()
            state = "done"
        except Exception:
            _finish(tenant_id, trial_id, "failed", outcome)
            raise
        outcome.troubles = sorted({f"{trouble.slug}: {trouble.error}" for trouble in notes.troubles})
        _finish(tenant_id, trial_id, state, outcome)


def _finish(tenant_id: UUID, trial_id: UUID, state: str, outcome: Outcome) -> None:
    with open_tenant(tenant_id) as tenant:
        row = trial_of(tenant, trial_id)
        row.state, row.touched_at = state, clock.wall_now()
        row.result = {name: getattr(outcome, name) for name in Outcome.__slots__}


_Work = Callable[[Tenant, PluginTrial, Outcome], None]


def _works(tenant: Tenant, trial: PluginTrial) -> list[_Work]:
    """The trial in pieces, each done in a transaction of its own."""
    if trial.kind == BACKTEST:
        steps = _ids(tenant, trial, CertificateRow, CertificateRow.decided_on)
        asked = _ids(tenant, trial, DebtorRequest, DebtorRequest.asked_on)
        return [
            *(partial(_replay_steps, ids=ids) for ids in batches(steps, _BATCH)),
            *(partial(_replay_requests, ids=ids) for ids in batches(asked, _BATCH)),
        ]
    is_open = (Case.stage != Stage.CLOSED) & Case.joined_into.is_(None)
    query = sa.select(Case.id).where(Case.tenant_id == tenant.id, is_open)
    if trial.creditor_id != NIL:
        query = query.where(Case.creditor_id == trial.creditor_id)
    cases = tenant.session.scalars(query.order_by(Case.id)).all()
    return [partial(_preview, ids=ids) for ids in batches(cases, _BATCH)]


def _ids(tenant: Tenant, trial: PluginTrial, model: Any, day: Any) -> Sequence[UUID]:
    query = (
        sa.select(model.id)
        .join(Case, (Case.tenant_id == model.tenant_id) & (Case.id == model.case_id))
        .where(model.tenant_id == tenant.id, day.between(trial.from_on, trial.to_on))
    )
    if trial.creditor_id != NIL:
        query = query.where(Case.creditor_id == trial.creditor_id)
    return tenant.session.scalars(query.order_by(model.id)).all()


class _Pairs:
    """For each creditor the plugins as they are and as they would be."""

    def __init__(self, tenant: Tenant, trial: PluginTrial) -> None:
        self._tenant, self._trial = tenant, trial
        self._made: dict[UUID, _Pair | None] = {}

    def of(self, creditor_id: UUID) -> _Pair | None:
        if creditor_id not in self._made:
            trial = self._trial
            settings = None if trial.mode == Mode.OFF else {**trial.settings, **secrets_of(trial)}
            self._made[creditor_id] = tried_for(
                self._tenant.session, self._tenant.id, creditor_id, trial.slug, trial.creditor_id, settings
            )
        return self._made[creditor_id]


# --- preview: the open cases ----------------------------------------------------------------------------------------


def _preview(tenant: Tenant, trial: PluginTrial, outcome: Outcome, ids: Sequence[UUID]) -> None:
    """What would be decided of each open case: its next step, more time asked for today, and its claims anew."""
    today, pairs = clock.today(tenant), _Pairs(tenant, trial)
    looked_at_on = sa.select(Case.id, Case.next_action_on).where(Case.tenant_id == tenant.id, Case.id.in_(ids))
    due = {row.id: row.next_action_on for row in tenant.session.execute(looked_at_on)}
    creditors = {c.id: c for c in tenant.session.scalars(sa.select(Creditor).where(Creditor.tenant_id == tenant.id))}
    law, policy, contacts = load_law(), tenant.policy, last_contacts(tenant, ids)
    for case_id, known in known_of(tenant, ids, today).items():
        pair = pairs.of(known.facts.creditor_id)
        if pair is None:
            continue
        outcome.looked_at += 1
        on = max(today, due.get(case_id) or today)
        had = was_contacted(known.facts, contacts)
        was, new = (decide_with_plugins(known, hooks, on, law, policy, contacted=had) for hooks in pair)
        outcome.add(_step_differs(_said(was), new, on))
        until = today + timedelta(days=policy.max_deferral_days)
        outcome.add(_deferral_differs(known.facts, pair, today, until, policy))
        outcome.add(_claims_differ(known.facts, creditors[known.facts.creditor_id], pair, today))


class _Said(NamedTuple):
    """A decision in short: the step, or why there is none, and what it costs."""

    what: str
    cost_ore: int
    is_step: bool


def _said(decided: Decided) -> _Said:
    decision = decided.decision
    if decision.step is not None:
        return _Said(str(decision.step), sum(cost.amount_ore for cost in decision.costs), True)
    return _Said(decision.why[0].code if decision.why else "wait", 0, False)


def _step_differs(was: _Said, decided: Decided, on: date) -> list[Difference]:
    """A step put off saves nothing by itself: it comes later, at the same cost."""
    new, again_on = _said(decided), decided.decision.next_action_on
    if (was.what, was.cost_ore) == (new.what, new.cost_ore):
        return []
    is_later = was.is_step and not new.is_step and again_on is not None
    days = (again_on - on).days if is_later and again_on is not None else 0
    cost_ore = 0 if is_later else new.cost_ore - was.cost_ore
    number = decided.known.facts.case_number
    return [Difference(number, on.isoformat(), "step", was.what, new.what, cost_ore, days)]


def _deferral_differs(facts: CaseFacts, pair: _Pair, asked_on: date, until: date, policy: Policy) -> list[Difference]:
    if not any(hooks.answers("refuse_deferral") for hooks in pair):
        return []
    before, after = (_deferral(facts, hooks, asked_on, until, policy) for hooks in pair)
    if before == after:
        return []
    return [Difference(facts.case_number, asked_on.isoformat(), "deferral", before, after)]


def _deferral(facts: CaseFacts, hooks: Hooks, asked_on: date, until: date, policy: Policy) -> str:
    answers = hooks.refuse_deferral(DeferralRequest(asked_on, until), facts)
    refusals = tuple(a.because for a in answers if isinstance(a, Refusal))
    asks = tuple(a.because for a in answers if not isinstance(a, Refusal))
    return decide_deferral(until, asked_on, facts, refusals, asks, policy).outcome.value


def _claims_differ(facts: CaseFacts, creditor: Creditor, pair: _Pair, today: date) -> list[Difference]:
    if not any(hooks.answers("refuse_claim") for hooks in pair):
        return []
    whose = CreditorFacts(creditor.slug, creditor.name, creditor.orgnr, facts.agency_licence)
    found = []
    for claim in facts.claims:
        offer = ClaimOffer(
            facts.debtor_kind, claim.kind, claim.principal_ore, claim.invoiced_on, claim.due_on, today,
            facts.vulnerable, tuple(n.step for n in facts.notices if n.by_creditor), claim.extra,
        )  # fmt: skip
        before, after = (_intake(hooks, offer, whose) for hooks in pair)
        if before != after:
            found.append(Difference(facts.case_number, today.isoformat(), "claim", before, after))
    return found


def _intake(hooks: Hooks, offer: ClaimOffer, whose: CreditorFacts) -> str:
    answers = hooks.refuse_claim(offer, whose)
    if any(not isinstance(answer, Refusal) for answer in answers):
        return "ask_person"
    return "refused" if answers else "accepted"


# --- backtest: what has been ----------------------------------------------------------------------------------------


def _replay_steps(tenant: Tenant, trial: PluginTrial, outcome: Outcome, ids: Sequence[UUID]) -> None:
    """Each step that was taken, decided again on the facts of its certificate; what comes out is verified."""
    law, pairs = load_law(), _Pairs(tenant, trial)
    query = (
        sa.select(CertificateRow, Case.case_key, Case.creditor_id, Creditor.slug)
        .join(Case, (Case.tenant_id == CertificateRow.tenant_id) & (Case.id == CertificateRow.case_id))
        .join(Creditor, (Creditor.tenant_id == Case.tenant_id) & (Creditor.id == Case.creditor_id))
        .where(CertificateRow.tenant_id == tenant.id, CertificateRow.id.in_(ids))
        .order_by(CertificateRow.id)
    )
    rows = [row for row in tenant.session.execute(query).all() if row.case_key is not None]
    told, claims = _told(tenant, {row[0].case_id for row in rows}), _claims(tenant, {row[0].case_id for row in rows})
    for row, key, creditor_id, slug in rows:
        pair = pairs.of(creditor_id)
        if pair is None:
            continue
        record = orjson.loads(crypto.decrypt(crypto.case_cipher(row.case_id, key or b""), bytes(row.body), row.id))
        facts, policy = facts_then(record, slug, claims, told.get(row.case_id, ())), policy_then(record, tenant.policy)
        new = decide_with_plugins(Known(facts, key), pair[1], row.decided_on, law, policy)
        outcome.looked_at += 1
        taken = _Said(record["step"], sum(cost["amount_ore"] for cost in record["costs"]), is_step=True)
        outcome.add(_step_differs(taken, new, row.decided_on))
        if new.decision.step is not None:
            made = encode(certificate(facts, new.decision, row.decided_on, law, policy, new.answers))
            outcome.unlawful += [f"{facts.case_number} {new.decision.step}: {each}" for each in verify(made).findings]


def _replay_requests(tenant: Tenant, trial: PluginTrial, outcome: Outcome, ids: Sequence[UUID]) -> None:
    """Each wish for more time, answered again on what was reported by then, beside the answer it ended with."""
    pairs = _Pairs(tenant, trial)
    rows = tenant.session.scalars(
        sa.select(DebtorRequest).where(DebtorRequest.tenant_id == tenant.id, DebtorRequest.id.in_(ids))
    ).all()
    case_ids = list({row.case_id for row in rows})
    facts, told = facts_of(tenant, case_ids, clock.today(tenant)), _told(tenant, set(case_ids))
    for row in rows:
        pair = pairs.of(row.creditor_id)
        if pair is None or row.until is None or row.case_id not in facts:
            continue
        then = _as_of(facts[row.case_id], told.get(row.case_id, ()), row.asked_on)
        outcome.looked_at += 1
        answered = _deferral(then, pair[1], row.asked_on, row.until, tenant.policy)
        if answered != row.outcome:
            number, on = then.case_number, row.asked_on.isoformat()
            outcome.add([Difference(number, on, "deferral", row.outcome, answered)])


def _as_of(facts: CaseFacts, told: Sequence[Fact], on: date) -> CaseFacts:
    """A case as it is now, knowing only what was reported by a day. Holds of today are not of that day."""
    return replace(facts, facts=tuple(fact for fact in told if fact.reported_on <= on), holds=())


def _told(tenant: Tenant, case_ids: set[UUID]) -> dict[UUID, list[Fact]]:
    rows = tenant.session.scalars(
        sa.select(ReportedFact)
        .where(ReportedFact.tenant_id == tenant.id, ReportedFact.case_id.in_(case_ids))
        .order_by(ReportedFact.reported_on, ReportedFact.id)
    )
    found: dict[UUID, list[Fact]] = {}
    for row in rows:
        fact = Fact(row.name, row.value, row.source, row.reported_on, row.good_until)
        found.setdefault(row.case_id, []).append(fact)
    return found


def _claims(tenant: Tenant, case_ids: set[UUID]) -> dict[UUID, Any]:
    rows = tenant.session.scalars(sa.select(Claim).where(Claim.tenant_id == tenant.id, Claim.case_id.in_(case_ids)))
    return {row.id: (row.kind, row.description, row.extra) for row in rows}
