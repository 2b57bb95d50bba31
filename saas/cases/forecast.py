"""Hvis jeg betaler X på dag Y: what a payment would do to a case, asked before it is made. Reads only."""

from datetime import date
from uuid import UUID

from saas.cases.books import book_of
from saas.cases.facts import facts_of
from saas.cases.lifecycle import get_case
from saas.kernel.errors import BadInput
from saas.ledger.balances import CaseBalance
from saas.rules.law import UnknownLaw, load_law
from saas.rules.money import Ore
from saas.rules.payment_order import agreed_order
from saas.rules.what_if import WhatIf, what_if
from saas.rules.words import say
from tenants.agreements import agreed_orders
from tenants.resolve import Tenant


def payment_forecast(tenant: Tenant, case_id: UUID, pay_ore: Ore, on: date, today: date) -> WhatIf:
    """What paying `pay_ore` with value date `on` would cover, leave and lead to (law D1-D4, D6).

    `case_id` is not one joined into another. Raises BadInput naming `on` for a day before today, before a payment
    already placed, or past the known rates.
    """
    case = get_case(tenant, case_id)
    facts = facts_of(tenant, [case.id], today)[case.id]
    book = book_of(tenant, [case.id]).get(case.id) or CaseBalance.empty()
    if on < today:
        raise BadInput({"on": say("Velg i dag eller en senere dag.")})
    if any(paid_on > on for paid_on, _ in book.payments):
        raise BadInput({"on": say("Det er alt registrert en betaling etter denne dagen. Velg en senere dag.")})
    order = agreed_order(agreed_orders(tenant, {case.creditor_id}).get(case.creditor_id, ()), on)
    try:
        return what_if(facts, pay_ore, on, load_law(), tenant.policy, book.payments, order)
    except UnknownLaw as unknown:
        message = say("Rentesatsen for denne dagen er ikke fastsatt ennå. Velg en tidligere dag.")
        raise BadInput({"on": message}) from unknown
