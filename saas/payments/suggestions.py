"""Which case an unmatched payment may belong to (forslag), ranked, each with its reasons. A guess is never placed.

The one exception stands in `certain`: an account that has paid this debtor's case before, and a sum that fits exactly
one of the debtor's open cases.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg.rows import namedtuple_row

from saas.cases.books import book_of, family_of
from saas.cases.facts import facts_of
from saas.kernel.db import driver
from saas.payments.matching import Incoming
from saas.rules.explain import statement
from saas.rules.law import load_law
from saas.rules.rates import UnknownLaw
from tenants.resolve import Tenant

MOST_DEBTORS = 3  # an account that pays for more than these is somebody who pays for others
MOST_ALIKE = 3  # a sum that fits more open cases than these tells nothing
SHOWN = 3
_CONSIDERED = 12  # cases of one payment whose sums are worked out
_LONGEST_WORDS = 12
_ALIKE = 84  # how alike two names must be, in hundredths


class Reason(StrEnum):
    """Why a case may be meant."""

    OWN = "own"  # it was matched, and waits for a figure of the law
    INVOICE_NUMBER = "invoice_number"
    OTHER_KID = "other_kid"  # the KID is that of another case of the same debtor
    PAYER = "payer"
    OWED = "owed"
    PRINTED = "printed"
    INVOICE_SUM = "invoice_sum"
    NAME = "name"


_WEIGHT = {
    Reason.OWN: 100,
    Reason.INVOICE_NUMBER: 60,
    Reason.OTHER_KID: 50,
    Reason.PAYER: 50,
    Reason.OWED: 40,
    Reason.PRINTED: 40,
    Reason.INVOICE_SUM: 30,
    Reason.NAME: 25,
}
_SUMS = frozenset({Reason.OWED, Reason.PRINTED, Reason.INVOICE_SUM})
_WHOSE = frozenset({Reason.OWN, Reason.INVOICE_NUMBER, Reason.OTHER_KID, Reason.PAYER})


@dataclass(slots=True)
class Suggestion:
    """An open case a payment may belong to."""

    case_id: UUID
    number: int
    debtor_name: str
    creditor_name: str
    owed_ore: int | None = None  # on the payment's value date; None when a rate is not known for it
    reasons: set[Reason] = field(default_factory=set)

    @property
    def weight(self) -> int:
        """The higher, the likelier."""
        return sum(_WEIGHT[reason] for reason in self.reasons)

    @property
    def why(self) -> list[Reason]:
        """The reasons, the strongest first."""
        return sorted(self.reasons, key=lambda reason: (-_WEIGHT[reason], reason))


_OPEN = """
select c.id, c.number, c.debtor_id, c.debtor_name, r.name as creditor_name
from collection_case c join creditor r on r.tenant_id = c.tenant_id and r.id = c.creditor_id
where c.tenant_id = %(tenant)s and c.stage <> 90 and c.joined_into is null and c.case_key is not null
"""
_BY_ID = _OPEN + " and c.id = any(%(cases)s)"
_BY_DEBTOR = _OPEN + " and c.debtor_id = any(%(debtors)s)"
_PAYERS = """
select p.debit_account, c.debtor_id
from payment p join collection_case c on c.tenant_id = p.tenant_id and c.id = p.case_id
where p.tenant_id = %(tenant)s and p.debit_account = any(%(accounts)s) and p.state in ('placed', 'reversed')
  and p.amount_ore > 0
group by 1, 2
"""
_KIDS = """
select a.kid, coalesce(c.joined_into, c.id) as case_id, c.debtor_id
from kid_alias a join collection_case c on c.tenant_id = a.tenant_id and c.id = a.case_id
where a.tenant_id = %(tenant)s and a.kid = any(%(kids)s)
"""
_INVOICES = """
select k.invoice_number, k.case_id, k.debtor_id from claim k
where k.tenant_id = %(tenant)s and k.invoice_number = any(%(words)s)
"""
_INVOICE_SUMS = f"""
select k.principal_ore as ore, o.id, o.number, o.debtor_id, o.debtor_name, o.creditor_name
from claim k join ({_OPEN}) o on o.id = k.case_id
where k.tenant_id = %(tenant)s and k.principal_ore = any(%(sums)s)
"""  # noqa: S608 - constants of ours
_PRINTED_SUMS = f"""
select d.printed_ore as ore, o.id, o.number, o.debtor_id, o.debtor_name, o.creditor_name
from dispatch d join ({_OPEN}) o on o.id = d.case_id
where d.tenant_id = %(tenant)s and d.printed_ore = any(%(sums)s) and d.state in ('sent', 'handed_over')
"""  # noqa: S608
_NAMES = _OPEN + " and exists (select from unnest(%(names)s::text[]) n where position(n in lower(c.debtor_name)) > 0)"
_LAST_PRINTED = """
select distinct on (case_id) case_id, printed_ore from dispatch
where tenant_id = %(tenant)s and case_id = any(%(cases)s) and printed_ore is not null
  and state in ('sent', 'handed_over')
order by case_id, expected_sending_on desc, id desc
"""


def suggest(tenant: Tenant, payments: Sequence[Incoming], *, thorough: bool = True) -> dict[UUID, list[Suggestion]]:
    """Payment id → the open cases it may belong to, the likeliest first; a few queries for any number of payments.

    `thorough` also looks for the payer's name among all open cases, and works out what each is owed that day; that is
    for a page of payments, not for thousands.
    """
    found: dict[UUID, dict[UUID, Suggestion]] = {p.id: {} for p in payments}
    _by_what_it_says(tenant, payments, found)
    _by_payer(tenant, payments, found)
    _by_sum(tenant, payments, found)
    if thorough:
        _by_name(tenant, payments, found)
    for p in payments:
        for each in found[p.id].values():
            if name_is_like(p.text, each.debtor_name):
                each.reasons.add(Reason.NAME)
        likeliest = sorted(found[p.id].values(), key=_rank)[:_CONSIDERED]
        found[p.id] = {each.case_id: each for each in likeliest}
    if thorough:
        _work_out_sums(tenant, payments, found)
    return {p.id: sorted(found[p.id].values(), key=_rank) for p in payments}


def fitting(tenant: Tenant, payments: Sequence[Incoming]) -> dict[UUID, set[UUID]]:
    """Payment id → the open cases it may well have been meant for: they stand still until somebody knows (law N6).

    What it says, or who pays, points at the debtor; or the sum is that of very few.
    """
    fits: dict[UUID, set[UUID]] = {}
    for payment_id, suggestions in suggest(tenant, payments, thorough=False).items():
        pointed_at = {s.case_id for s in suggestions if s.reasons & _WHOSE or Reason.NAME in s.reasons}
        by_sum = {s.case_id for s in suggestions if s.reasons & _SUMS}
        fits[payment_id] = pointed_at or (by_sum if len(by_sum) <= MOST_ALIKE else set())
    return fits


def certain(tenant: Tenant, payments: Sequence[Incoming]) -> dict[UUID, UUID]:
    """Payment id → its case, where the account has paid for the debtor before and the sum fits exactly one open case:
    what is owed on the value date, or what its last letter asks for."""
    known = [p for p in payments if p.debit_account]
    if not known:
        return {}
    found: dict[UUID, dict[UUID, Suggestion]] = {p.id: {} for p in known}
    _by_payer(tenant, known, found)
    _work_out_sums(tenant, known, found)
    exact = {Reason.OWED, Reason.PRINTED}
    fits = {p.id: [s.case_id for s in found[p.id].values() if s.reasons & exact] for p in known}
    return {payment_id: cases[0] for payment_id, cases in fits.items() if len(cases) == 1}


def name_is_like(text: str, name: str) -> bool:
    """Whether a text from the bank names somebody: two of the name's words, give or take a letter; or its only one."""
    said, asked = words_of(text), words_of(name)
    if not said or not asked:
        return False
    met = sum(1 for word in asked if difflib.get_close_matches(word, said, 1, _ALIKE / 100))
    return met >= min(2, len(asked))


def words_of(text: str) -> list[str]:
    """The words of a text that may be names."""
    return list(dict.fromkeys(re.findall(r"[^\W\d_]{3,}", text.casefold())))[:_LONGEST_WORDS]


# --- each way to find cases -------------------------------------------------------------------------------------------


def _by_what_it_says(tenant: Tenant, payments: Sequence[Incoming], found: dict[UUID, dict[UUID, Suggestion]]) -> None:
    """KIDs of other accounts and cases, invoice numbers, and the case it was matched to before."""
    kids = {p.kid for p in payments if p.kid}
    said = {p.id: _numbers_said(p) for p in payments}
    by_kid = _grouped(_rows(tenant, _KIDS, kids=list(kids)), "kid") if kids else {}
    words = list(set().union(*said.values()))
    by_invoice = _grouped(_rows(tenant, _INVOICES, words=words), "invoice_number") if words else {}
    told: list[tuple[UUID, UUID | None, UUID | None, Reason]] = []
    for p in payments:
        if p.case_id:
            told.append((p.id, p.case_id, None, Reason.OWN))
        told += [(p.id, row.case_id, row.debtor_id, Reason.OTHER_KID) for row in by_kid.get(p.kid, ())]
        for word in said[p.id]:
            told += [(p.id, row.case_id, None, Reason.INVOICE_NUMBER) for row in by_invoice.get(word, ())]
    cases = {case_id for _, case_id, _, _ in told if case_id}
    if not cases:
        return
    family = {row.id: row.head for row in _rows(tenant, _HEADS, cases=list(cases))}
    by_id = {row.id: row for row in _rows(tenant, _BY_ID, cases=list(set(family.values())))}
    debtors = {debtor_id for _, _, debtor_id, _ in told if debtor_id}
    by_debtor = _grouped(_rows(tenant, _BY_DEBTOR, debtors=list(debtors)), "debtor_id") if debtors else {}
    for payment_id, case_id, debtor_id, reason in told:
        head = family.get(case_id) if case_id else None
        if head in by_id:
            _add(found[payment_id], by_id[head], reason)
        for row in by_debtor.get(debtor_id, ()):
            _add(found[payment_id], row, reason)


_HEADS = """
select id, coalesce(joined_into, id) as head from collection_case where tenant_id = %(tenant)s and id = any(%(cases)s)
"""


def _by_payer(tenant: Tenant, payments: Sequence[Incoming], found: dict[UUID, dict[UUID, Suggestion]]) -> None:
    accounts = list({p.debit_account for p in payments if p.debit_account})
    if not accounts:
        return
    paid_for = _grouped(_rows(tenant, _PAYERS, accounts=accounts), "debit_account")
    paid_for = {account: rows for account, rows in paid_for.items() if len(rows) <= MOST_DEBTORS}
    debtors = list({row.debtor_id for rows in paid_for.values() for row in rows})
    if not debtors:
        return
    by_debtor = _grouped(_rows(tenant, _BY_DEBTOR, debtors=debtors), "debtor_id")
    for p in payments:
        for payer in paid_for.get(p.debit_account, ()):
            for row in by_debtor.get(payer.debtor_id, ()):
                _add(found[p.id], row, Reason.PAYER)


def _by_sum(tenant: Tenant, payments: Sequence[Incoming], found: dict[UUID, dict[UUID, Suggestion]]) -> None:
    """Cases whose invoice or last letter is of exactly this sum; when they are many, those of a name that is said."""
    sums = list({p.amount_ore for p in payments})
    for query, reason in ((_INVOICE_SUMS, Reason.INVOICE_SUM), (_PRINTED_SUMS, Reason.PRINTED)):
        by_sum = _grouped(_rows(tenant, query, sums=sums), "ore")
        for p in payments:
            rows = {row.id: row for row in by_sum.get(p.amount_ore, ())}
            for row in rows.values():
                if len(rows) <= MOST_ALIKE or row.id in found[p.id] or name_is_like(p.text, row.debtor_name):
                    _add(found[p.id], row, reason)


def _by_name(tenant: Tenant, payments: Sequence[Incoming], found: dict[UUID, dict[UUID, Suggestion]]) -> None:
    names = list({word for p in payments for word in words_of(p.text) if len(word) >= 4})
    if not names:
        return
    rows = _rows(tenant, _NAMES + " limit 500", names=names)
    for p in payments:
        for row in rows:
            if name_is_like(p.text, row.debtor_name):
                _add(found[p.id], row, Reason.NAME)


def _work_out_sums(tenant: Tenant, payments: Sequence[Incoming], found: dict[UUID, dict[UUID, Suggestion]]) -> None:
    """What each case found is owed on the payment's value date, and whether the sum is just that, or its letter's."""
    cases = {case_id for each in found.values() for case_id in each}
    if not cases:
        return
    printed = {row.case_id: row.printed_ore for row in _rows(tenant, _LAST_PRINTED, cases=list(cases))}
    for on in {p.value_on for p in payments}:
        that_day = [p for p in payments if p.value_on == on]
        owed = owed_on(tenant, {case_id for p in that_day for case_id in found[p.id]}, on)
        for p in that_day:
            for case_id, each in found[p.id].items():
                each.owed_ore = owed.get(case_id)
                if each.owed_ore == p.amount_ore:
                    each.reasons.add(Reason.OWED)
                if printed.get(case_id) == p.amount_ore:
                    each.reasons.add(Reason.PRINTED)


def owed_on(tenant: Tenant, case_ids: Iterable[UUID], on: date) -> dict[UUID, int]:
    """What is left to pay on each case on a day, interest to that day included; cases without a known rate left out."""
    ids = list(case_ids)
    if not ids:
        return {}
    books = book_of(tenant, ids, family_of(tenant, ids))
    owed: dict[UUID, int] = {}
    for case_id, facts in facts_of(tenant, ids, on).items():
        try:
            told = statement(facts, on, load_law(), tenant.policy.day_basis, books[case_id].payments)
        except UnknownLaw:
            continue
        owed[case_id] = told.total_ore
    return owed


# --- parts ------------------------------------------------------------------------------------------------------------


def _add(found: dict[UUID, Suggestion], row: Any, reason: Reason) -> None:
    each = found.setdefault(row.id, Suggestion(row.id, row.number, row.debtor_name, row.creditor_name))
    each.reasons.add(reason)


def _rank(each: Suggestion) -> tuple[int, int]:
    return -each.weight, each.number


def _numbers_said(payment: Incoming) -> set[str]:
    """What may be an invoice number: the KID field, and each word of the text with a digit in it."""
    words = {word.strip(".,:;()") for word in payment.text.split() if any(c.isdigit() for c in word)}
    return {word for word in (*words, payment.kid) if 3 <= len(word) <= 40}


def _grouped(rows: Sequence[Any], by: str) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return groups


def _rows(tenant: Tenant, query: str, **asked: Any) -> list[Any]:
    with driver(tenant.session).cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, {"tenant": tenant.id, **asked}).fetchall()
