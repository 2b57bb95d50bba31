"""What people are shown of a case: read models for the portals and the API. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import book_of, family_of
from saas.cases.compose import what_may_follow
from saas.cases.facts import facts_of, pauses_on
from saas.cases.lifecycle import get_case
from saas.cases.models import Case, CaseHold, Claim, Debtor, DebtorRequest
from saas.dispatch.models import MESSAGE, SENT, UNDER_WAY, Dispatch
from saas.documents.letter import NextStep
from saas.ledger.balances import CaseBalance
from saas.rules.case import next_step
from saas.rules.deadlines import earliest_next_step
from saas.rules.explain import Statement, statement
from saas.rules.facts import CaseFacts, ClaimFacts, HoldReason, Stage, Step
from saas.rules.interest import fee_interest, interest_on_claims, interest_per_day, interest_sum
from saas.rules.law import UnknownLaw, load_law
from saas.rules.money import NO_MONEY, Ore
from tenants.models import Creditor
from tenants.resolve import Tenant

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter (brev): what it was, how far it came, and the deadline it prints."""

    step: Step
    state: str  # saas.dispatch.models
    on: date  # posted; else expected to be
    deadline_on: date
    fee_ore: Ore


@dataclass(frozen=True, slots=True)
class HoldView:
    """Why a case stands still. The handler's note is not shown."""

    reason: HoldReason
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What is owed on a day, in four parts. `total_ore` is None when an interest rate is not known for it."""

    principal_ore: Ore  # as invoiced
    interest_ore: Ore | None  # accrued, paid or not
    costs_ore: Ore  # charged, paid or not
    paid_ore: Ore

    @property
    def total_ore(self) -> Ore | None:
        """What is left to pay; negative when too much was paid."""
        if self.interest_ore is None:
            return None
        return Ore(self.principal_ore + self.interest_ore + self.costs_ore - self.paid_ore)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its debtor sees it (min sak), as of `on`."""

    case_id: UUID
    number: int
    stage: Stage
    creditor_name: str
    kid: str
    on: date
    claims: tuple[ClaimFacts, ...]
    owed: Statement | None  # None: a rate is not known for the day, so only what is booked can be told
    total_ore: Ore
    interest_per_day_ore: Ore
    deadline_on: date | None  # as the last letter prints it, or the end of granted more time
    deferred: bool  # the deadline is that of granted more time
    holds: tuple[HoldView, ...]
    next_step: NextStep | None
    letters: tuple[LetterView, ...]  # newest first
    closed_on: date | None
    closed_because: str
    asked_for: int | None  # the case number they logged in with, when it has been joined into this one

    @property
    def is_closed(self) -> bool:
        """Nothing more will be sent."""
        return self.stage is Stage.CLOSED


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A case as its creditor sees it: nothing of the debtor but the name on the invoice."""

    case_id: UUID
    number: int
    stage: Stage
    stage_since: date
    creditor_name: str
    debtor_name: str
    kid: str
    registered_on: date
    claims: tuple[ClaimFacts, ...]
    sums: Sums
    payments: tuple[tuple[date, Ore], ...]
    holds: tuple[HoldView, ...]
    letters: tuple[LetterView, ...]
    next_rung: Step | None
    next_action_on: date | None
    closed_on: date | None
    closed_because: str

    @property
    def letter_under_way(self) -> bool:
        """A letter is decided and not yet proven sent."""
        return any(letter.state in UNDER_WAY for letter in self.letters)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a case list."""

    number: int
    debtor_name: str
    creditor_name: str
    invoices: tuple[str, ...]
    principal_ore: Ore
    principal_left_ore: Ore
    stage: Stage
    next_rung: Step | None
    next_action_on: date | None
    letter_under_way: bool
    holds: tuple[HoldReason, ...]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What to look for. Empty means all."""

    words: str = ""  # case number, invoice number, or part of the debtor's name
    stage: Stage | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of a case list, newest case first."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int  # from 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


# --- one case, for its debtor ---------------------------------------------------------------------------------------


def case_view(tenant: Tenant, case_id: UUID, on: date) -> CaseView:
    """Everything the debtor's case page tells. A joined case shows the one it was joined into. Raises NotFound."""
    asked = get_case(tenant, case_id)
    case = get_case(tenant, asked.joined_into) if asked.joined_into else asked
    facts = facts_of(tenant, [case.id], on)[case.id]
    family = family_of(tenant, [case.id])
    book = book_of(tenant, [case.id], family).get(case.id) or CaseBalance.empty()
    letters, holds = _letters(tenant, list(family))[case.id], _holds(tenant, [case.id], on)[case.id]
    counted_on = case.closed_on or on
    owed = _statement(tenant, facts, book, counted_on)
    deferral = next((h for h in holds if h.reason is HoldReason.DEFERRED and h.until), None)
    return CaseView(
        case_id=case.id,
        number=case.number,
        stage=facts.stage,
        creditor_name=_creditor_name(tenant, case.creditor_id),
        kid=case.kid,
        on=on,
        claims=facts.claims,
        owed=owed,
        total_ore=owed.total_ore if owed else _booked(facts),
        interest_per_day_ore=_per_day(tenant, facts, on),
        deadline_on=deferral.until if deferral else _deadline(letters),
        deferred=deferral is not None,
        holds=holds,
        next_step=_what_follows(tenant, facts, case, letters, holds),
        letters=letters,
        closed_on=case.closed_on,
        closed_because=case.closed_because,
        asked_for=asked.number if asked.id != case.id else None,
    )


def _statement(tenant: Tenant, facts: CaseFacts, book: CaseBalance, on: date) -> Statement | None:
    try:
        return statement(facts, on, load_law(), tenant.policy.day_basis, book.payments)
    except UnknownLaw:
        return None


def _booked(facts: CaseFacts) -> Ore:
    left = facts.outstanding
    fees_ore = left.notice_fee_ore + left.collection_fee_ore + left.compensation_ore
    return Ore(left.principal_ore + left.interest_ore + fees_ore + left.fee_interest_ore)


def _per_day(tenant: Tenant, facts: CaseFacts, on: date) -> Ore:
    if facts.stage is Stage.CLOSED:
        return NO_MONEY
    try:
        return interest_per_day(facts, on, load_law(), tenant.policy.day_basis)
    except UnknownLaw:
        return NO_MONEY


def _deadline(letters: Sequence[LetterView]) -> date | None:
    """The deadline of the newest letter that is out or on its way."""
    return next((letter.deadline_on for letter in letters if letter.state in (SENT, *UNDER_WAY)), None)


def _what_follows(
    tenant: Tenant, facts: CaseFacts, case: Case, letters: Sequence[LetterView], holds: Sequence[HoldView]
) -> NextStep | None:
    """What may happen if nothing is done, in the letter's own words; None when nothing is planned or known."""
    if facts.stage is Stage.CLOSED or any(h.until is None for h in holds):
        return None
    try:
        follows = _after_last_letter(tenant, facts, case, letters)
    except UnknownLaw:
        return None
    if follows is None:
        return None
    ends = [h.until for h in holds if h.until is not None]
    free_on = [earliest_next_step(until, tenant.policy.grace_banking_days) for until in ends]
    return NextStep(max(follows.earliest_on, *free_on), follows.what, follows.extra_cost_ore) if ends else follows


def _after_last_letter(tenant: Tenant, facts: CaseFacts, case: Case, letters: Sequence[LetterView]) -> NextStep | None:
    last = next((letter for letter in letters if letter.state in (SENT, *UNDER_WAY)), None)
    if last is not None:
        return what_may_follow(last.step, facts, last.deadline_on, tenant.policy, load_law())
    step = next_step(facts, load_law(), tenant.policy)
    return NextStep(case.next_action_on, step, NO_MONEY) if step and case.next_action_on else None


# --- one case, for its creditor -------------------------------------------------------------------------------------


def case_status(tenant: Tenant, number: int, on: date) -> CaseStatus:
    """What a creditor may know of a case, read through its own wall. Raises NotFound, also for another creditor's."""
    case = get_case(tenant, number=number)
    family = family_of(tenant, [case.id])
    book = book_of(tenant, [case.id], family).get(case.id) or CaseBalance.empty()
    claims = _claims(tenant, [case.id], {case.id: book})[case.id]
    letters = _letters(tenant, list(family))[case.id]
    return CaseStatus(
        case_id=case.id,
        number=case.number,
        stage=Stage(case.stage),
        stage_since=case.stage_since,
        creditor_name=_creditor_name(tenant, case.creditor_id),
        debtor_name=case.debtor_name,
        kid=case.kid,
        registered_on=case.registered_on,
        claims=claims,
        sums=sums_of(tenant, claims, book, case.closed_on or on, letters),
        payments=book.payments,
        holds=_holds(tenant, [case.id], on)[case.id],
        letters=letters,
        next_rung=_next_rung(tenant, Stage(case.stage)),
        next_action_on=case.next_action_on,
        closed_on=case.closed_on,
        closed_because=case.closed_because,
    )


def sums_of(
    tenant: Tenant, claims: Sequence[ClaimFacts], book: CaseBalance, on: date, letters: Sequence[LetterView] = ()
) -> Sums:
    """What is owed on `on`, from the book and the running interest, that on the collection fee among it (law C6)."""
    law, policy = load_law(), tenant.policy
    paid_before_ore = book.fee_interest_booked_ore - book.fee_interest_left_ore
    demanded_on = [x.on for x in letters if x.step is Step.PAYMENT_DEMAND and x.state == SENT]
    fee = (book.collection_fee_charges, book.collection_fee_payments, demanded_on)
    pauses = [pause for c in claims for pause in c.interest_pauses]
    try:
        on_fee = interest_sum(fee_interest(*fee, on, law, policy.day_basis, pauses)) if policy.fee_interest else None
        on_claims = interest_sum(interest_on_claims(claims, on, law, policy.day_basis))
        interest = Ore(on_claims + (paid_before_ore if on_fee is None else on_fee))
    except UnknownLaw:
        interest = None
    return Sums(
        Ore(sum(c.principal_ore for c in claims)),
        interest,
        Ore(book.notice_fee_charged_ore + book.collection_fee_charged_ore + book.compensation_charged_ore),
        book.paid_ore,
    )


def _next_rung(tenant: Tenant, stage: Stage) -> Step | None:
    """What the ladder comes to next; what the law says of it is decided on the day."""
    first = Step.REMINDER if tenant.policy.send_reminder else Step.COLLECTION_NOTICE
    return {
        Stage.REGISTERED: first,
        Stage.REMINDED: Step.COLLECTION_NOTICE,
        Stage.NOTICED: Step.PAYMENT_DEMAND,
        Stage.DEMANDED: Step.HEAVY_FEE if tenant.has_licence else None,
    }.get(stage)


# --- many cases -----------------------------------------------------------------------------------------------------


def case_list(tenant: Tenant, chosen: CaseFilter, on: date, page: int = 1) -> CasePage:
    """A page of the cases in sight of the open session, newest first."""
    found = sa.select(Case).where(Case.tenant_id == tenant.id, *_conditions(chosen, on))
    total = tenant.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE_SIZE)))
    cases = tenant.session.scalars(
        found.order_by(Case.number.desc()).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    ).all()
    ids = [case.id for case in cases]
    books = book_of(tenant, ids) if ids else {}
    claims, holds, letters = _claims(tenant, ids, books), _holds(tenant, ids, on), _letters(tenant, ids)
    names = _creditor_names(tenant)
    return CasePage(
        tuple(_row(tenant, c, names[c.creditor_id], claims[c.id], holds[c.id], letters[c.id]) for c in cases),
        total,
        page,
    )


def _row(
    tenant: Tenant,
    case: Case,
    creditor_name: str,
    claims: Sequence[ClaimFacts],
    holds: Sequence[HoldView],
    letters: Sequence[LetterView],
) -> CaseRow:
    return CaseRow(
        case.number,
        case.debtor_name,
        creditor_name,
        tuple(c.invoice_number for c in claims),
        Ore(sum(c.principal_ore for c in claims)),
        Ore(sum(c.principal_left_ore for c in claims)),
        Stage(case.stage),
        _next_rung(tenant, Stage(case.stage)),
        case.next_action_on,
        any(letter.state in UNDER_WAY for letter in letters),
        tuple(h.reason for h in holds),
    )


def _conditions(chosen: CaseFilter, on: date) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    words = chosen.words.strip()
    if words:
        like = f"%{_escaped(words)}%"
        conditions.append(
            sa.or_(
                sa.cast(Case.number, sa.Text) == words,
                Case.debtor_name.ilike(like, escape="\\"),
                sa.exists().where(
                    Claim.tenant_id == Case.tenant_id, Claim.case_id == Case.id, Claim.invoice_number == words
                ),
            )
        )
    if chosen.stage is not None:
        conditions.append(Case.stage == chosen.stage)
    if chosen.held:
        conditions.append(sa.exists().where(CaseHold.case_id == Case.id, *_in_force(on)))
    return conditions


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _in_force(on: date) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        CaseHold.tenant_id == Case.tenant_id,
        CaseHold.lifted_on.is_(None),
        sa.or_(CaseHold.until.is_(None), CaseHold.until >= on),
    )


# --- requests -------------------------------------------------------------------------------------------------------


def language_of_letters(tenant: Tenant, case_id: UUID) -> str:
    """The language the debtor of a case gets letters in."""
    query = (
        sa.select(Debtor.language)
        .join(Case, sa.and_(Case.tenant_id == Debtor.tenant_id, Case.debtor_id == Debtor.id))
        .where(Case.tenant_id == tenant.id, Case.id == case_id)
    )
    return tenant.session.scalars(query).one()


def request_of(tenant: Tenant, case_id: UUID, request_id: UUID) -> DebtorRequest | None:
    """A request the debtor has made in this very case, with its answer."""
    return tenant.session.scalar(
        sa.select(DebtorRequest).where(
            DebtorRequest.tenant_id == tenant.id, DebtorRequest.case_id == case_id, DebtorRequest.id == request_id
        )
    )


# --- rows -----------------------------------------------------------------------------------------------------------


def _claims(
    tenant: Tenant, case_ids: Sequence[UUID], books: dict[UUID, CaseBalance]
) -> defaultdict[UUID, tuple[ClaimFacts, ...]]:
    found: defaultdict[UUID, tuple[ClaimFacts, ...]] = defaultdict(tuple)
    rows = tenant.session.scalars(
        sa.select(Claim)
        .where(Claim.tenant_id == tenant.id, Claim.case_id.in_(case_ids))
        .order_by(Claim.due_on, Claim.id)
    )
    pauses = pauses_on(tenant, case_ids)
    for row in rows:
        book = books.get(row.case_id) or CaseBalance.empty()
        found[row.case_id] += (
            ClaimFacts(
                row.id,
                row.invoice_number,
                row.kind,
                row.description,
                book.principal_of(row.id) if row.id in book.principal_left else Ore(row.principal_ore),
                book.principal_left.get(row.id, NO_MONEY),
                row.invoiced_on,
                row.due_on,
                book.principal_moves.get(row.id, ()),
                pauses.get(row.id, ()),
            ),
        )
    return found


def _letters(tenant: Tenant, case_ids: Sequence[UUID]) -> defaultdict[UUID, tuple[LetterView, ...]]:
    """Letters of each case, newest first. Of a family the joined cases' letters count with the first case."""
    family = family_of(tenant, case_ids) if case_ids else {}
    found: defaultdict[UUID, tuple[LetterView, ...]] = defaultdict(tuple)
    rows = tenant.session.scalars(
        sa.select(Dispatch)
        .where(Dispatch.tenant_id == tenant.id, Dispatch.case_id.in_(case_ids), Dispatch.step != MESSAGE)
        .order_by(Dispatch.decided_on.desc(), Dispatch.id.desc())
    )
    for row in rows:
        letter = LetterView(
            Step(row.step), row.state, row.sent_on or row.expected_sending_on, row.deadline_on, Ore(row.fee_ore)
        )
        found[family[row.case_id]] += (letter,)
    return found


def _holds(tenant: Tenant, case_ids: Sequence[UUID], on: date) -> defaultdict[UUID, tuple[HoldView, ...]]:
    found: defaultdict[UUID, tuple[HoldView, ...]] = defaultdict(tuple)
    rows: Any = tenant.session.scalars(
        sa.select(CaseHold)
        .join(Case, sa.and_(Case.tenant_id == CaseHold.tenant_id, Case.id == CaseHold.case_id))
        .where(CaseHold.tenant_id == tenant.id, CaseHold.case_id.in_(case_ids), *_in_force(on))
        .order_by(CaseHold.since, CaseHold.id)
    )
    for row in rows:
        found[row.case_id] += (HoldView(HoldReason(row.reason), row.since, row.until),)
    return found


def _creditor_name(tenant: Tenant, creditor_id: UUID) -> str:
    return _creditor_names(tenant)[creditor_id]


def _creditor_names(tenant: Tenant) -> dict[UUID, str]:
    rows = tenant.session.execute(sa.select(Creditor.id, Creditor.name).where(Creditor.tenant_id == tenant.id))
    return {row.id: row.name for row in rows}


def creditors_in_sight(tenant: Tenant) -> list[tuple[UUID, str]]:
    """Id and name of every creditor the open session may see, by name."""
    return sorted(_creditor_names(tenant).items(), key=lambda each: each[1])
