"""Plugins are asked of each new claim: one they refuse is rejected, one they doubt is registered and held."""

from collections.abc import Sequence
from datetime import date

from saas.cases.intake_outcome import Outcome
from saas.cases.intake_plan import Accepted
from saas.hooks import ClaimOffer, CreditorFacts, Refusal
from saas.rules.facts import DebtorKind
from tenants.models import Creditor
from tenants.resolve import Tenant


def not_refused(tenant: Tenant, creditor: Creditor, rows: Sequence[Accepted], today: date) -> list[Accepted]:
    """The rows no plugin refuses. A doubt wins over a refusal: a person looks before anybody is turned away."""
    hooks = tenant.hooks_for(creditor.id)
    if not hooks.answers("refuse_claim"):
        return list(rows)
    whose = CreditorFacts(creditor.slug, creditor.name, creditor.orgnr, tenant.has_licence)
    for row in rows:
        answers = hooks.refuse_claim(_offer(row, today), whose)
        asks = [answer.because for answer in answers if not isinstance(answer, Refusal)]
        refusals = [answer.because for answer in answers if isinstance(answer, Refusal)]
        if asks:
            row.held_because = asks[0].code
            row.verdict.notes += [because.message or "En saksbehandler ser på kravet." for because in asks]
        elif refusals:
            row.verdict.outcome = Outcome.REJECTED
            row.verdict.errors["row"] = [because.message or "Kravet tas ikke imot." for because in refusals]
    return [row for row in rows if row.verdict.outcome is Outcome.ACCEPTED]


def _offer(row: Accepted, today: date) -> ClaimOffer:
    claim = row.claim
    return ClaimOffer(
        debtor_kind=DebtorKind(claim.debtor_kind),
        kind=claim.kind,
        principal_ore=claim.amount,
        invoiced_on=claim.invoiced_on,
        due_on=claim.due_on,
        offered_on=today,
        vulnerable=claim.vulnerable,
        letters_sent=tuple(notice.step for notice in row.notices),
        extra=tuple(sorted(claim.extra.items())),
    )
