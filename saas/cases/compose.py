"""A case's facts → the letter that says them, as of the day it is expected to be sent."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from saas.cases.models import Case, Debtor
from saas.dispatch.models import Dispatch
from saas.documents.letter import Letter, LetterClaim, LetterKind, NextStep, Recipient, Sender, SumKind, SumLine
from saas.kernel.config import settings
from saas.rules.costs import charged_in_all
from saas.rules.deadlines import earliest_next_step
from saas.rules.explain import Statement, StatementLine, statement
from saas.rules.facts import CaseFacts, NoticeFacts, Policy, Step
from saas.rules.fees import notice_fee_amount, total_cost_cap, within_cap
from saas.rules.interest import interest_per_day
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.regime import Regime, regime_on
from saas.rules.steps import heavy_gate, latest_due
from tenants.models import Creditor
from tenants.resolve import Tenant

_LABELS = {
    "principal": (SumKind.PRINCIPAL, "Opprinnelig beløp (hovedkrav)"),
    "interest": (SumKind.INTEREST, "Forsinkelsesrenter"),
    "notice_fee": (SumKind.NOTICE_FEE, "Gebyr"),
    "collection_fee": (SumKind.COLLECTION_FEE, "Inkassosalær"),
    "compensation": (SumKind.COMPENSATION, "Standardkompensasjon"),
    "fee_interest": (SumKind.FEE_INTEREST, "Renter av salæret"),
    "payment": (SumKind.PAYMENT, "Betalt"),
}


def compose_letter(
    tenant: Tenant, case: Case, dispatch: Dispatch, facts: CaseFacts, payments: tuple[tuple[date, Ore], ...],
    *, dated_on: date, code: str, code_valid_until: date, law: Law,
) -> Letter:  # fmt: skip
    """The letter of a dispatch, its sums as of `dated_on`. Raises UnknownLaw past the known interest rates."""
    debtor = tenant.session.scalars(
        sa.select(Debtor).where(Debtor.tenant_id == tenant.id, Debtor.id == case.debtor_id)
    ).one()
    creditor = tenant.session.scalars(
        sa.select(Creditor).where(Creditor.tenant_id == tenant.id, Creditor.id == case.creditor_id)
    ).one()
    step, own, policy = Step(dispatch.step), not tenant.has_licence, tenant.policy
    fee_ore = NO_MONEY if step is Step.PAYMENT_DEMAND and not own else Ore(dispatch.fee_ore)
    this = NoticeFacts(step, dated_on, dispatch.deadline_on, fee_ore, False, "")  # its fee is explained by itself
    owed = statement(replace(facts, notices=(*facts.notices, this)), dated_on, law, policy.day_basis, payments)
    return Letter(
        kind=LetterKind(step.value),
        tenant=sender_of(tenant),
        creditor_name=creditor.name,
        recipient=Recipient(
            debtor.name, (*debtor.address_lines, f"{debtor.postcode} {debtor.city}".strip()), debtor.country
        ),
        case_number=case.number,
        kid=case.kid,
        account=tenant.settings.client_account,
        dated_on=dated_on,
        deadline_on=dispatch.deadline_on,
        lines=sum_lines(owed),
        total_ore=owed.total_ore,
        claims=tuple(
            LetterClaim(c.invoice_number, c.invoiced_on, c.due_on, c.description, c.principal_ore) for c in facts.claims
        ),
        interest_rate_percent=Decimal(str(law.late_interest(dated_on).value)),
        interest_from_on=min(c.due_on for c in facts.claims) + timedelta(days=1),
        interest_per_day_ore=interest_per_day(facts, dated_on, law, policy.day_basis),
        login_address=f"{settings().public_url.split('://', 1)[1]}/t/{tenant.slug}/",
        login_code=code,
        login_code_valid_until=code_valid_until,
        link=f"{settings().public_url}/t/{tenant.slug}/l/{case.link_token}",
        next_step=what_may_follow(step, facts, dispatch.deadline_on, policy, law),
        own_collection=own,
        board=not own,
        regime=regime_on(dated_on, policy),
    )


def sender_of(tenant: Tenant) -> Sender:
    """The tenant as its letters name it."""
    s = tenant.settings
    return Sender(
        name=s.name,
        orgnr=s.orgnr,
        address_lines=tuple(s.address_lines),
        phone=s.phone,
        hours=s.phone_hours,
        email=s.email,
        web=s.web,
        licence_number=s.licence_number,
        brand_colour=s.brand_colour,
    )


def sum_lines(owed: Statement) -> tuple[SumLine, ...]:
    """The rows of the sum: each line of the statement in its own words, nothing left out."""
    return tuple(_sum_line(line) for line in owed.lines)


def _sum_line(line: StatementLine) -> SumLine:
    kind, label = _LABELS[line.label]
    return SumLine(label, line.amount_ore, line.how, kind)


def what_may_follow(step: Step, facts: CaseFacts, deadline_on: date, policy: Policy, law: Law) -> NextStep | None:
    """The next rung after this letter: earliest day, and the most it may add (ux rule 5).

    None after the last, and when it would come under the act of 2026.
    """
    charged, compensation_ore = charged_in_all(facts), facts.charged_compensation_ore
    earliest_on = earliest_next_step(deadline_on, policy.grace_banking_days)
    if regime_on(earliest_on, policy) is Regime.ACT_2026:
        return None  # what comes then, and what it may cost, is not published (law m1)
    light_ore = total_cost_cap(facts, deadline_on, law).cap_ore
    if step is Step.REMINDER:
        fee_ore = notice_fee_amount(latest_due(facts), deadline_on, law)
        beyond_ore = within_cap(fee_ore, fee_ore, compensation_ore)  # set off against it (law B15)
        return NextStep(earliest_on, Step.COLLECTION_NOTICE, within_cap(beyond_ore, light_ore, charged))
    if step is Step.COLLECTION_NOTICE:
        if facts.agency_licence:
            return NextStep(earliest_on, Step.PAYMENT_DEMAND, within_cap(light_ore, light_ore, charged))
        fee_ore = _own_demand_fee(facts, deadline_on, law)
        beyond_ore = within_cap(fee_ore, fee_ore, compensation_ore)
        return NextStep(earliest_on, Step.PAYMENT_DEMAND, within_cap(beyond_ore, light_ore, charged))
    if not facts.agency_licence:
        return None
    heavy_on = heavy_gate(deadline_on, facts.held_days_since_demand, policy.grace_banking_days)
    if regime_on(heavy_on, policy) is Regime.ACT_2026:
        return None
    heavy_ore = total_cost_cap(facts, deadline_on, law, heavy=True).cap_ore
    return NextStep(heavy_on, Step.HEAVY_FEE, within_cap(heavy_ore, heavy_ore, charged))


def _own_demand_fee(facts: CaseFacts, deadline_on: date, law: Law) -> Ore:
    return notice_fee_amount(latest_due(facts), deadline_on, law, by_creditor_own_demand=True) or NO_MONEY
