"""Payments the bank takes back (returer): a negative row of a bank file finds the payment it undoes."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.kernel.errors import Refused
from saas.kernel.ids import NIL
from saas.ledger.models import MONEY, OWED_DEBTOR, UNPLACED
from saas.ledger.post import Entry, Leg
from saas.payments.matching import BY_PAYOUT, BY_TOP_UP
from saas.payments.models import Payment
from saas.payments.placing import BANK
from saas.payments.reversals import BOUNCED, PLACED, UNMATCHED, lock_payment, take_out
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant

TAKES_BACK = "takes_money_back"  # why such a row waits for a person
BY_REVERSAL = "reversal"
_WITHOUT_KID_DAYS = timedelta(days=90)  # the same payer and sum further back is another matter


def take_back_bounced(tenant_id: UUID, now: datetime, actor: str) -> int:
    """Undo each payment the bank has taken back, when it is plain which it was. Returns how many.

    Each in a transaction of its own. What is not plain waits for a person.
    """
    with open_tenant(tenant_id) as tenant:
        waiting = tenant.session.scalars(
            sa.select(Payment.id)
            .where(Payment.tenant_id == tenant.id, Payment.state == UNMATCHED, Payment.why == TAKES_BACK)
            .order_by(Payment.value_on, Payment.id)
        ).all()
    done = 0
    for payment_id in waiting:
        try:
            with open_tenant(tenant_id) as tenant:
                found = undone_by(tenant, tenant.session.get_one(Payment, (tenant.id, payment_id)))
                if len(found) == 1:
                    take_back(tenant, found[0].id, payment_id, now=now, actor=actor)
                    done += 1
        except Refused:
            continue  # somebody else has just done it, or it cannot be done without a person
    return done


def undone_by(tenant: Tenant, taken: Payment) -> list[Payment]:
    """The payments a negative row may undo: same account, same sum, same KID, or without one the same payer.

    Several of one payer on one case are alike: then only the newest is given.
    """
    query = sa.select(Payment).where(
        Payment.tenant_id == tenant.id,
        Payment.provider == BANK,
        Payment.account == taken.account,
        Payment.amount_ore == -taken.amount_ore,
        Payment.gone_ore == 0,
        Payment.matched_by.not_in((BY_PAYOUT, BY_TOP_UP)),
        Payment.state.in_((PLACED, UNMATCHED)),
        Payment.value_on <= taken.value_on,
    )
    if taken.kid:
        query = query.where(Payment.kid == taken.kid)
        if taken.debit_account:
            query = query.where(Payment.debit_account.in_(("", taken.debit_account)))
    elif taken.debit_account:
        since = taken.value_on - _WITHOUT_KID_DAYS
        query = query.where(Payment.debit_account == taken.debit_account, Payment.value_on >= since)
    else:
        return []
    found = list(tenant.session.scalars(query.order_by(Payment.value_on.desc(), Payment.id.desc())))
    alike = {(p.case_id, p.state, p.debit_account) for p in found}
    return found[:1] if len(alike) == 1 else found


def take_back(tenant: Tenant, payment_id: UUID, taken_id: UUID, *, now: datetime, actor: str) -> None:
    """The bank took `payment_id` back by the negative row `taken_id`; done once, however often it is said.

    Raises NotFound, Refused when the two do not belong together.
    """
    case, payment = lock_payment(tenant, payment_id)
    _, taken = lock_payment(tenant, taken_id)
    if taken.amount_ore >= 0 or taken.state != UNMATCHED:
        raise Refused("takes_nothing_back", "Denne posten tar ingen penger tilbake, eller er alt brukt.")
    if payment.provider != BANK or payment.state not in (PLACED, UNMATCHED):
        raise Refused("not_there", "Betalingen er ikke på plass, så banken kan ikke ha tatt den tilbake.")
    if payment.amount_ore - payment.gone_ore < -taken.amount_ore:
        raise Refused("more_than_came", "Det er mer enn det som er igjen av betalingen.")
    ore = Ore(-taken.amount_ore)
    creditor_id, case_id = (case.creditor_id, case.id) if case else (NIL, None)
    # the money left the account with the row itself; here it leaves the payment, by way of the debtor it is owed to
    met = Entry(
        f"placed:{taken.id}",
        "reversal_matched",
        creditor_id,
        case_id,
        (Leg(OWED_DEBTOR, UNPLACED, MONEY, ore),),
        taken.value_on,
        reason=BOUNCED,
    )
    taken.state, taken.why, taken.matched_by = PLACED, "", BY_REVERSAL
    taken.case_id = case.id if case else None
    source, out = f"reversed:{payment.id}:{taken.id}", Leg(UNPLACED, OWED_DEBTOR, MONEY, ore)
    take_out(tenant, case, payment, source, out, BOUNCED, also=[met], on=taken.value_on, now=now, actor=actor)
