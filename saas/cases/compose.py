"""A case's facts → the letter that says them, as of the day it is expected to be sent."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from saas.cases.models import Case, Debtor
from saas.dispatch.models import Dispatch
from saas.documents.letter import (
    Disconnection,
    Instalment,
    Language,
    LegalNotice,
    Letter,
    LetterClaim,
    LetterKind,
    NextStep,
    Recipient,
    Sender,
    SumKind,
    SumLine,
    SumWords,
)
from saas.documents.paragraphs import paragraphs_in_force
from saas.documents.particulars import (
    ClosingConfirmation,
    DeferralGranted,
    DisconnectionNotice,
    LegalActionNotice,
    LoginCode,
    ObjectionAnswered,
    ObjectionReceived,
    Overpayment,
    Particulars,
    PaymentReceived,
    WrongAmount,
)
from saas.documents.wording import label, spoken
from saas.kernel.config import settings
from saas.rules.costs import charged_in_all
from saas.rules.deadlines import earliest_next_step
from saas.rules.explain import Statement, StatementLine, statement
from saas.rules.facts import CaseFacts, NoticeFacts, Policy, Stage, Step
from saas.rules.fees import notice_fee_amount, total_cost_cap, within_cap
from saas.rules.interest import interest_per_day
from saas.rules.law import Law
from saas.rules.money import NO_MONEY, Ore
from saas.rules.regime import Regime, regime_on
from saas.rules.steps import heavy_gate, latest_due
from saas.rules.words import in_language
from tenants.models import Creditor
from tenants.resolve import Tenant

WRITTEN: tuple[Language, ...] = ("nb", "nn", "en")


def compose_letter(
    tenant: Tenant, case: Case, dispatch: Dispatch, facts: CaseFacts, payments: tuple[tuple[date, Ore], ...],
    *, dated_on: date, code: str, code_valid_until: date, law: Law, legal_notice: LegalNotice | None = None,
) -> Letter:  # fmt: skip
    """The letter of a step of the ladder, its sums as of `dated_on`. Raises UnknownLaw past the known interest rates.

    A payment demand with a `legal_notice` is the notice of legal action as well.
    """
    step, own, policy = Step(dispatch.step), not tenant.has_licence, tenant.policy
    fee_ore = NO_MONEY if step is Step.PAYMENT_DEMAND and not own else Ore(dispatch.fee_ore)
    this = NoticeFacts(step, dated_on, dispatch.deadline_on, fee_ore, False, "")  # its fee is explained by itself
    owed = statement(replace(facts, notices=(*facts.notices, this)), dated_on, law, policy.day_basis, payments)
    letter = _frame(tenant, case, LetterKind(step.value), facts, dated_on, code, code_valid_until)
    return replace(
        letter,
        deadline_on=dispatch.deadline_on,
        **_owing(owed, facts, law, policy, letter.language),
        next_step=what_may_follow(step, facts, dispatch.deadline_on, policy, law),
        legal_notice=legal_notice and _timed(legal_notice, dispatch.deadline_on, policy),
    )


def compose_message(
    tenant: Tenant, case: Case, kind: LetterKind, particulars: Particulars, facts: CaseFacts,
    payments: tuple[tuple[date, Ore], ...],
    *, dated_on: date, code: str | None = None, code_valid_until: date | None = None, law: Law,
) -> Letter:  # fmt: skip
    """A letter that is no step of the ladder: what `particulars` tell, and what is owed on `dated_on` when any is.

    Raises UnknownLaw past the known interest rates, ValueError when the particulars are another kind's.
    """
    policy = tenant.policy
    letter = replace(
        _frame(tenant, case, kind, facts, dated_on, code, code_valid_until),
        particulars=particulars,
        deadline_on=_deadline_of(particulars),
    )
    if _tells_sum(particulars, facts):
        owed = statement(facts, dated_on, law, policy.day_basis, payments)
        if owed.total_ore > 0:
            letter = replace(letter, **_owing(owed, facts, law, policy, letter.language))
    return _with_more(letter, particulars, policy)


def _frame(
    tenant: Tenant, case: Case, kind: LetterKind, facts: CaseFacts, dated_on: date,
    code: str | None, code_valid_until: date | None,
) -> Letter:  # fmt: skip
    """What every letter of a case has; nothing to pay, and no deadline, yet."""
    debtor = tenant.session.get_one(Debtor, (tenant.id, case.debtor_id))
    creditor = tenant.session.get_one(Creditor, (tenant.id, case.creditor_id))
    language = spoken(kind, debtor.language)
    return Letter(
        kind=kind,
        language=language,
        tenant=sender_of(tenant),
        creditor_name=creditor.name,
        recipient=Recipient(
            debtor.name, (*debtor.address_lines, f"{debtor.postcode} {debtor.city}".strip()), debtor.country
        ),
        case_number=case.number,
        kid=case.kid,
        account=tenant.settings.client_account,
        dated_on=dated_on,
        deadline_on=None,
        lines=(),
        total_ore=NO_MONEY,
        claims=tuple(
            LetterClaim(c.invoice_number, c.invoiced_on, c.due_on, c.description, c.principal_ore) for c in facts.claims
        ),
        interest_rate_percent=None,
        interest_from_on=None,
        interest_per_day_ore=NO_MONEY,
        login_address=f"{settings().public_url.split('://', 1)[1]}/t/{tenant.slug}/",
        login_code=code,
        login_code_valid_until=code_valid_until,
        link=f"{settings().public_url}/t/{tenant.slug}/l/{case.link_token}",
        next_step=None,
        own_collection=not tenant.has_licence,
        board=tenant.has_licence,
        regime=regime_on(dated_on, tenant.policy),
        paragraphs=paragraphs_in_force(tenant, kind, language),
        extra_paragraphs=tenant.hooks_for(case.creditor_id).extend_letter(kind.value, language, facts),
    )


def _owing(owed: Statement, facts: CaseFacts, law: Law, policy: Policy, language: Language) -> dict[str, Any]:
    """The facts of a letter that asks for money: the sum line by line, and the interest that runs on."""
    return {
        "lines": sum_lines(owed, language),
        "total_ore": owed.total_ore,
        "interest_rate_percent": Decimal(str(law.late_interest(owed.on).value)),
        "interest_from_on": min(c.due_on for c in facts.claims) + timedelta(days=1),
        "interest_per_day_ore": interest_per_day(facts, owed.on, law, policy.day_basis),
    }


def _tells_sum(told: Particulars, facts: CaseFacts) -> bool:
    """Whether the letter says what is left to pay."""
    if facts.stage is Stage.CLOSED:
        return False
    if isinstance(told, PaymentReceived | WrongAmount):
        return told.left_ore > 0
    return not isinstance(told, ObjectionReceived | Overpayment | ClosingConfirmation | LoginCode)


def _deadline_of(told: Particulars) -> date | None:
    match told:
        case DeferralGranted():
            return told.until
        case ObjectionAnswered():
            return told.new_deadline_on
        case LegalActionNotice() | DisconnectionNotice():
            return told.deadline_on
    return None


def _with_more(letter: Letter, told: Particulars, policy: Policy) -> Letter:
    """The facts only one kind has, as the letter knows them."""
    match told:
        case DeferralGranted():
            due_ore = Ore(min(told.amount_ore, letter.total_ore))
            return replace(letter, instalments=(Instalment(told.until, due_ore),))
        case LegalActionNotice():
            notice = LegalNotice(told.demand_sent_on, told.before_suit, told.on_paper)
            return replace(letter, legal_notice=_timed(notice, told.deadline_on, policy))
        case DisconnectionNotice():
            earliest_on = earliest_next_step(told.deadline_on, policy.grace_banking_days)
            return replace(letter, disconnection=Disconnection(told.consumer, told.by_grid_company, earliest_on))
    return letter


def _timed(notice: LegalNotice, deadline_on: date, policy: Policy) -> LegalNotice:
    return replace(notice, earliest_on=earliest_next_step(deadline_on, policy.grace_banking_days))


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
        logo=s.logo,
    )


def sum_lines(owed: Statement, language: Language = "nb") -> tuple[SumLine, ...]:
    """The rows of the sum: each line of the statement in its own words, nothing left out, in every language."""
    return tuple(_sum_line(line, language) for line in owed.lines)


def _sum_line(line: StatementLine, language: Language) -> SumLine:
    first, *also = (_sum_words(line, each) for each in (language, *(x for x in WRITTEN if x != language)))
    return SumLine(first.label, line.amount_ore, first.detail, SumKind(line.label), tuple(also))


def _sum_words(line: StatementLine, language: Language) -> SumWords:
    return SumWords(language, label("sums", line.label, language), in_language(line.how, language))


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
