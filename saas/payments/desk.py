"""What a case handler sees of money that waits (innbetalinger som venter): read models for the desk. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.books import family_of
from saas.cases.models import Case
from saas.kernel.db import driver
from saas.kernel.errors import NotFound
from saas.payments.bank_payouts import BANK, KnownPayout, payouts_it_may_be
from saas.payments.bounced import TAKES_BACK, undone_by
from saas.payments.matching import INCOMING, Incoming
from saas.payments.maybe_paid import NOT_OURS
from saas.payments.models import Payment, Repayment
from saas.payments.overpaid import DUE, MAY_BE_ANOTHER_CASE
from saas.payments.rows import payment_of
from saas.payments.suggestions import SHOWN, Suggestion, owed_on, suggest
from saas.rules.money import Ore
from tenants.resolve import Tenant

PAGE = 20


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment as the desk shows it."""

    id: UUID
    provider: str
    amount_ore: Ore  # as it came; below zero when the bank takes money back
    left_ore: Ore  # of it, what has not gone back
    value_on: date
    kid: str
    text: str
    debit_account: str
    state: str
    why: str
    case_number: int | None
    suggestions: tuple[Suggestion, ...] = ()
    undoes: tuple["PaymentView", ...] = ()  # what a row that takes money back may undo
    payouts: tuple[KnownPayout, ...] = ()  # payouts of providers it may be
    matched_by: str = ""

    @property
    def waits(self) -> bool:
        """Whether a person must say what becomes of it."""
        return self.state == "unmatched"


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of what waits, the oldest first."""

    rows: tuple[PaymentView, ...]
    total: int
    page: int  # from 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


@dataclass(frozen=True, slots=True)
class RepaymentView:
    """Money that is the debtor's and waits for somebody to say where it goes."""

    id: UUID
    case_number: int | None
    debtor_name: str
    amount_ore: Ore
    made_on: date
    reason: str
    account: str
    payment_id: UUID | None  # the newest on the case: what may be moved
    payment_ore: Ore
    other_cases: tuple[int, ...] = ()  # open ones of the debtor with the same creditor


def waiting_page(tenant: Tenant, page: int = 1) -> WaitingPage:
    """What waits for a person, with suggestions; what belongs nowhere stands last."""
    waits = sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.state == "unmatched")
    total = tenant.session.scalar(sa.select(sa.func.count()).select_from(waits.subquery())) or 0
    page = max(1, min(page, -(-total // PAGE)))
    query = waits.order_by(Payment.why == NOT_OURS, Payment.value_on, Payment.id)
    rows = tenant.session.scalars(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return WaitingPage(tuple(_views(tenant, rows)), total, page)


def payment_view(tenant: Tenant, payment_id: UUID) -> PaymentView:
    """One payment, with suggestions while it waits. Raises NotFound."""
    return _views(tenant, [payment_of(tenant, payment_id)])[0]


def payments_on_case(tenant: Tenant, case_number: int) -> tuple[Case, list[PaymentView]]:
    """The payments placed on a case and those joined into it, the newest first. Raises NotFound."""
    case = tenant.session.scalar(sa.select(Case).where(Case.tenant_id == tenant.id, Case.number == case_number))
    if case is None:
        raise NotFound("Vi finner ikke saken.")
    family = list(family_of(tenant, [case.id]))
    rows = tenant.session.scalars(
        sa.select(Payment)
        .where(Payment.tenant_id == tenant.id, Payment.case_id.in_(family), Payment.state.in_(("placed", "reversed")))
        .order_by(Payment.value_on.desc(), Payment.id.desc())
    ).all()
    return case, _views(tenant, rows)


def waiting_repayments(tenant: Tenant) -> list[RepaymentView]:
    """Repayments that cannot be ordered before a person has looked, the oldest first."""
    rows = tenant.session.scalars(
        sa.select(Repayment)
        .where(Repayment.tenant_id == tenant.id, Repayment.state == DUE, Repayment.account == "")
        .order_by(Repayment.made_on, Repayment.id)
        .limit(100)
    ).all()
    return [_repayment(tenant, row) for row in rows]


def find_cases(tenant: Tenant, words: str, on: date) -> list[Suggestion]:
    """Up to ten cases by number, invoice, KID or name, the open ones first, with what is owed on a day."""
    typed = words.strip()[:100].replace("\x00", "")
    if not typed:
        return []
    like = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = {"tenant": tenant.id, "typed": typed.replace(" ", ""), "whole": typed, "like": f"%{like}%"}
    rows = driver(tenant.session).execute(_FIND, asked).fetchall()
    owed = owed_on(tenant, [row[0] for row in rows if row[4] != 90], on)
    return [Suggestion(row[0], row[1], row[2], row[3], owed.get(row[0], 0 if row[4] == 90 else None)) for row in rows]


_FIND = """
select c.id, c.number, c.debtor_name, r.name, c.stage
from collection_case c join creditor r on r.tenant_id = c.tenant_id and r.id = c.creditor_id
where c.tenant_id = %(tenant)s and c.joined_into is null and c.case_key is not null and (
  c.number::text = %(typed)s or c.debtor_name ilike %(like)s
  or exists (select from claim k where k.tenant_id = c.tenant_id and k.case_id = c.id and k.invoice_number = %(whole)s)
  or exists (select from kid_alias a where a.tenant_id = c.tenant_id and a.case_id = c.id and a.kid = %(typed)s))
order by c.stage = 90, c.number desc limit 10
"""


def _views(tenant: Tenant, rows: Sequence[Payment]) -> list[PaymentView]:
    waiting = [row for row in rows if row.state == "unmatched" and row.amount_ore > row.gone_ore]
    suggested = suggest(tenant, _incoming(tenant, waiting)) if waiting else {}
    numbers = _numbers(tenant, {row.case_id for row in rows if row.case_id})
    return [
        _view(row, numbers, tuple(suggested.get(row.id, ())), _undoes(tenant, row, numbers), _payouts(tenant, row))
        for row in rows
    ]


def _payouts(tenant: Tenant, row: Payment) -> tuple[KnownPayout, ...]:
    waits = row.state == "unmatched" and row.provider == BANK
    return tuple(payouts_it_may_be(tenant, row)[:SHOWN]) if waits else ()


def _view(
    row: Payment,
    numbers: dict[UUID, int],
    suggestions: tuple[Suggestion, ...],
    undoes: tuple[PaymentView, ...] = (),
    payouts: tuple[KnownPayout, ...] = (),
) -> PaymentView:
    return PaymentView(
        id=row.id,
        provider=row.provider,
        amount_ore=Ore(row.amount_ore),
        left_ore=Ore(row.amount_ore - row.gone_ore),
        value_on=row.value_on,
        kid=row.kid,
        text=row.text,
        debit_account=row.debit_account,
        state=row.state,
        why=row.why,
        case_number=numbers.get(row.case_id) if row.case_id else None,
        suggestions=suggestions,
        undoes=undoes,
        payouts=payouts,
        matched_by=row.matched_by,
    )


def _undoes(tenant: Tenant, row: Payment, numbers: dict[UUID, int]) -> tuple[PaymentView, ...]:
    if row.state != "unmatched" or row.why != TAKES_BACK:
        return ()
    found = undone_by(tenant, row)[:10]
    known = _numbers(tenant, {each.case_id for each in found if each.case_id})
    return tuple(_view(each, known, ()) for each in found)


def _incoming(tenant: Tenant, rows: Sequence[Payment]) -> list[Incoming]:
    query = f"select {INCOMING} from payment where tenant_id = %s and id = any(%s)"  # noqa: S608 - a constant of ours
    return [Incoming(*row) for row in driver(tenant.session).execute(query, (tenant.id, [row.id for row in rows]))]


def _numbers(tenant: Tenant, case_ids: set[UUID]) -> dict[UUID, int]:
    rows = tenant.session.execute(
        sa.select(Case.id, Case.number).where(Case.tenant_id == tenant.id, Case.id.in_(case_ids))
    )
    return {row.id: row.number for row in rows} if case_ids else {}


def _repayment(tenant: Tenant, row: Repayment) -> RepaymentView:
    case = tenant.session.get(Case, (tenant.id, row.case_id)) if row.case_id else None
    newest: Any = None
    others: Sequence[int] = ()
    if case is not None:
        newest = tenant.session.scalars(
            sa.select(Payment)
            .where(
                Payment.tenant_id == tenant.id,
                Payment.case_id.in_(list(family_of(tenant, [case.id]))),
                Payment.state == "placed",
                Payment.amount_ore > Payment.gone_ore,
            )
            .order_by(Payment.value_on.desc(), Payment.id.desc())
        ).first()
    if case is not None and row.reason == MAY_BE_ANOTHER_CASE:
        others = tenant.session.scalars(
            sa.select(Case.number)
            .where(
                Case.tenant_id == tenant.id,
                Case.debtor_id == case.debtor_id,
                Case.creditor_id == case.creditor_id,
                Case.stage != 90,
                Case.joined_into.is_(None),
                Case.id != case.id,
            )
            .order_by(Case.number)
        ).all()
    return RepaymentView(
        id=row.id,
        case_number=case.number if case else None,
        debtor_name=case.debtor_name if case else "",
        amount_ore=Ore(row.amount_ore),
        made_on=row.made_on,
        reason=row.reason,
        account=newest.debit_account if newest else "",
        payment_id=newest.id if newest else None,
        payment_ore=Ore(newest.amount_ore - newest.gone_ore) if newest else Ore(0),
        other_cases=tuple(others),
    )
