"""Payments the debtor is told of by letter: a part of what was asked for, and more than was owed.

Who pays what a letter asks hears nothing more: the case closes. Who has had no letter from us is not written to.
"""

from collections.abc import Iterable
from datetime import date, datetime

from saas.cases.books import book_of
from saas.cases.messages import queue_message
from saas.cases.models import Case
from saas.documents.letter import LetterKind
from saas.documents.particulars import Overpayment, PaymentReceived, WrongAmount
from saas.kernel.bulk import id_list
from saas.kernel.db import driver
from saas.payments.matching import Incoming
from saas.rules.days import add_banking_days
from saas.rules.facts import Stage
from saas.rules.money import Ore
from tenants.resolve import Tenant

NEARLY_PERCENT = 80
"""From this share of the printed sum on a payment is taken for the whole of it, with a slip."""

BACK_WITHIN_BANKING_DAYS = 10

_ASKED = """
select distinct on (case_id) case_id, printed_ore from dispatch
where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) and printed_ore is not null
  and state in ('sent', 'handed_over')
order by case_id, expected_sending_on desc, id desc
"""
_NEWEST = """
select amount_ore, value_on from payment
where tenant_id = %(tenant)s and case_id = %(case)s and state = 'placed' order by value_on desc, id desc limit 1
"""


def tell_of_parts(tenant: Tenant, paid: Iterable[tuple[Case, Incoming]], *, now: datetime, actor: str) -> None:
    """Tell of payments, just placed on locked cases, that left something to pay. Of several the last is told."""
    last = {case.id: (case, payment) for case, payment in paid if case.case_key is not None}
    if not last:
        return
    asked = dict(driver(tenant.session).execute(_ASKED, {"tenant": tenant.id, "cases": id_list(last)}).fetchall())
    if not asked:
        return
    books = book_of(tenant, list(asked))
    for case_id, asked_ore in asked.items():
        case, payment = last[case_id]
        left_ore = books[case_id].left_ore
        if case.stage == Stage.CLOSED or left_ore <= 0:
            continue
        told: PaymentReceived | WrongAmount = PaymentReceived(payment.amount_ore, payment.value_on, Ore(left_ore))
        if asked_ore * NEARLY_PERCENT <= payment.amount_ore * 100 < asked_ore * 100:
            told = WrongAmount(payment.amount_ore, payment.value_on, Ore(asked_ore), Ore(left_ore))
        queue_message(tenant, case, LetterKind(told.kind), told, now=now, actor=actor)


def tell_of_surplus(tenant: Tenant, case: Case, surplus_ore: int, *, now: datetime, actor: str) -> None:
    """Tell that more came in than was owed, and that the rest goes back."""
    newest = driver(tenant.session).execute(_NEWEST, {"tenant": tenant.id, "case": case.id}).fetchone()
    amount_ore, received_on = newest or (surplus_ore, now.date())
    back_by: date = add_banking_days(now.date(), BACK_WITHIN_BANKING_DAYS)
    told = Overpayment(Ore(max(amount_ore, surplus_ore)), received_on, Ore(surplus_ore), back_by)
    queue_message(tenant, case, LetterKind.OVERPAYMENT, told, now=now, actor=actor)
