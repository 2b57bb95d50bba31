"""Whose money it is: by KID, else by a case number somebody wrote; then `suggestions.certain` may know. In doubt a
person decides."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from saas.kernel.clock import OSLO
from saas.kernel.db import driver
from saas.rules.allocation import ORDERS
from saas.rules.money import NO_MONEY, Ore
from saas.rules.payment_order import DebtorChoice
from tenants.resolve import Tenant

_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5,11}(?![0-9])")  # shorter runs of digits are dates, amounts, house numbers

INCOMING = (
    "id, account, kid, amount_ore - gone_ore, value_on, text, matched_by, case_id, chosen_order, chosen_claims, "
    "chosen_at, provider, debit_account"
)
"""The columns of `payment` that make an `Incoming`, in order; money gone back is not on its way any more."""
BY_PERSON = "person"
BY_CASE_NUMBER = "case_number"
BY_SUM_AND_PAYER = "sum_and_payer"  # an account that paid for this debtor before, and just the sum that is owed
CREDITOR = "creditor"  # the provider of a payment made straight to the creditor
BY_PAYOUT, BY_TOP_UP = "provider_payout", "top_up"  # no debtor's money at all
BY_ATTEMPT = "attempt"  # a payment by card or Vipps: the debtor pressed «Betal» on this case
_BY_KID = "select account, kid, case_id from kid_alias where tenant_id = %s and kid = any(%s)"
_BY_NUMBER = "select number, id from collection_case where tenant_id = %s and number = any(%s)"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A payment on its way to a case."""

    id: UUID
    account: str
    kid: str
    amount_ore: Ore
    value_on: date
    text: str
    matched_by: str = ""
    case_id: UUID | None = None  # where a person said it belongs
    chosen_order: str = ""  # what the debtor asked it to cover (law D1): the name of an order
    chosen_claims: Sequence[UUID] = ()  # and the claims to cover first, in that order
    chosen_at: datetime | None = None  # when the debtor said so
    provider: str = "bank"  # who told us of it: bank, stripe, vipps, creditor
    debit_account: str = ""  # the payer's
    repaid_ore: Ore = NO_MONEY  # of it, what the debtor has been paid back already

    @property
    def choice(self) -> DebtorChoice | None:
        """The debtor's own choice for this payment; None when nothing was said."""
        if self.chosen_at is None:
            return None
        order = ORDERS[self.chosen_order] if self.chosen_order else None
        return DebtorChoice(self.chosen_at.astimezone(OSLO), tuple(map(str, self.chosen_claims)), order)


@dataclass(frozen=True, slots=True)
class Match:
    """The case a payment belongs to and how we know: `attempt`, `person`, `kid`, `case_number` or `sum_and_payer`."""

    case_id: UUID
    by: str


def match(tenant: Tenant, payments: Sequence[Incoming]) -> dict[UUID, Match]:
    """Payment id → its case. A payment that fits no case, or several, is not in it. Two queries for any number."""
    connection = driver(tenant.session)
    kids = list({p.kid for p in payments if p.kid})
    cases = {(account, kid): case_id for account, kid, case_id in connection.execute(_BY_KID, (tenant.id, kids))}
    found = {p.id: Match(cases[p.account, p.kid], "kid") for p in payments if (p.account, p.kid) in cases}
    said = (BY_PERSON, BY_ATTEMPT)
    found |= {p.id: Match(p.case_id, p.matched_by) for p in payments if p.case_id and p.matched_by in said}
    numbers = {p.id: _numbers(p) for p in payments if p.id not in found}
    told = list(set().union(*numbers.values()))
    by_number = dict(connection.execute(_BY_NUMBER, (tenant.id, told)).fetchall()) if told else {}
    for payment_id, candidates in numbers.items():
        cases_told = _cases(by_number, candidates)
        if len(cases_told) == 1:
            found[payment_id] = Match(cases_told.pop(), BY_CASE_NUMBER)
    return found


def _numbers(payment: Incoming) -> set[int]:
    """What could be a case number: the whole of the KID field, and each longer run of digits in the text."""
    written = _NUMBER.findall(payment.text)
    if _NUMBER.fullmatch(payment.kid):
        written.append(payment.kid)
    return {int(number) for number in written}


def _cases(by_number: dict[int, UUID], candidates: Iterable[int]) -> set[UUID]:
    return {by_number[number] for number in candidates if number in by_number}
