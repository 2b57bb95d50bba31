"""What a person says of a payment: which case it belongs to, and what the debtor asked it to cover. Both are in the
history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.cases.lifecycle import get_case, head_of, record_on_case
from saas.cases.models import Case, Claim
from saas.kernel import history
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import new_id
from saas.payments.matching import BY_PERSON
from saas.payments.maybe_paid import NOT_OURS
from saas.payments.models import Payment
from saas.payments.replay import place_anew
from saas.payments.rows import payment_of
from saas.rules.allocation import ORDERS
from saas.rules.facts import Stage
from tenants.resolve import Tenant


@dataclass(frozen=True, slots=True)
class Said:
    """What the debtor asked a payment to cover (law D1): an order by name, invoices first, or both; and when."""

    said_at: datetime
    order: str = ""
    invoice_numbers: tuple[str, ...] = ()


def waiting_payments(tenant: Tenant) -> Sequence[Payment]:
    """Payments that wait for a person, the oldest first; `why` says what stopped each."""
    query = sa.select(Payment).where(Payment.tenant_id == tenant.id, Payment.state == "unmatched")
    return tenant.session.scalars(query.order_by(Payment.value_on, Payment.id)).all()


def assign_payment(
    tenant: Tenant,
    payment_id: UUID,
    case_number: int,
    *,
    said: Said | None = None,
    because: Sequence[str] = (),
    now: datetime,
    actor: str,
) -> None:
    """Say which case a waiting payment belongs to; `place_payments` then places it as of its own value date.

    `said` is what the debtor asked it to cover, `because` what was suggested to the person who chose, as codes.
    Raises NotFound for an unknown payment or case, Refused when the payment is placed already or takes money back,
    BadInput (`order`, `claims`).
    """
    payment = payment_of(tenant, payment_id, lock=True)
    if payment.state != "unmatched":
        raise Refused("already_placed", "Betalingen er plassert, eller blir det snart.")
    if payment.amount_ore <= 0:
        raise Refused("takes_money_back", "Bare innbetalinger kan plasseres på en sak.")
    case = get_case(tenant, number=case_number)
    if said is not None:
        _note_choice(tenant, head_of(tenant, case.id), payment, said, now=now, actor=actor)
    payment.state, payment.case_id, payment.matched_by, payment.why = "new", case.id, BY_PERSON, ""
    body: dict[str, Any] = {
        "payment": str(payment.id),
        "amount_ore": payment.amount_ore,
        "value_on": payment.value_on.isoformat(),
    }
    if because:
        body["because"] = list(because)
    record_on_case(tenant, case, "payment.assigned", body, now=now, actor=actor)


def belongs_nowhere(tenant: Tenant, payment_id: UUID, *, now: datetime, actor: str) -> None:
    """A waiting payment belongs to no case here: it holds none any more, and waits to be sent back.

    Raises NotFound, Refused when it does not wait.
    """
    payment = payment_of(tenant, payment_id, lock=True)
    if payment.state != "unmatched" or payment.amount_ore <= 0:
        raise Refused("does_not_wait", "Betalingen venter ikke på noen.")
    payment.why = NOT_OURS
    history.record(tenant.session, "payment.not_ours", at=now, actor=actor, body={"payment": str(payment.id)})


def choose_for_payment(tenant: Tenant, payment_id: UUID, said: Said, *, now: datetime, actor: str) -> None:
    """Note what the debtor asked a payment to cover that is placed already, and place the case's payments anew.

    Said before or with the payment it prevails, however late it is noted; said later it is only noted (law D1). Raises
    NotFound, BadInput (`order`, `claims`), Refused when the payment is on no case or the case is closed.
    """
    on_case = tenant.session.scalar(
        sa.select(Payment.case_id).where(Payment.tenant_id == tenant.id, Payment.id == payment_id)
    )
    if on_case is None:
        raise Refused("not_placed", "Betalingen er ikke plassert på en sak.")
    case = head_of(tenant, on_case)  # cases before payments
    payment = payment_of(tenant, payment_id, lock=True)
    if payment.state != "placed":
        raise Refused("not_placed", "Betalingen er ikke plassert på en sak.")
    if case.stage == Stage.CLOSED:
        raise Refused("closed", "Saken er avsluttet.")
    _note_choice(tenant, case, payment, said, now=now, actor=actor)
    tenant.session.flush()
    place_anew(tenant, case, (), cause=new_id(), reason="debtor_choice", now=now, actor=actor)


def _note_choice(tenant: Tenant, case: Case, payment: Payment, said: Said, *, now: datetime, actor: str) -> None:
    if said.order and said.order not in ORDERS:
        raise BadInput({"order": [f"Velg en av: {', '.join(ORDERS)}."]})
    query = sa.select(Claim.invoice_number, Claim.id).where(Claim.tenant_id == tenant.id, Claim.case_id == case.id)
    claims = {row.invoice_number: row.id for row in tenant.session.execute(query)}
    unknown = [number for number in said.invoice_numbers if number not in claims]
    if unknown:
        raise BadInput({"claims": [f"Saken har ikke faktura {', '.join(unknown)}."]})
    if not said.order and not said.invoice_numbers:
        raise BadInput({"order": ["Si hvilken rekkefølge eller hvilke fakturaer skyldneren ba om."]})
    payment.chosen_order, payment.chosen_at = said.order, said.said_at
    payment.chosen_claims = [claims[number] for number in said.invoice_numbers]
    body = {
        "payment": str(payment.id),
        "order": said.order,
        "invoice_numbers": list(said.invoice_numbers),
        "said_at": said.said_at.isoformat(),
    }
    record_on_case(tenant, case, "payment.choice", body, now=now, actor=actor)
