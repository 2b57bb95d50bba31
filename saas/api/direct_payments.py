"""Payments made straight to the creditor: under `/cases/<number>/direct-payments`."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from saas.access.roles import Action
from saas.api.auth import caller, writing
from saas.api.idempotency import answer_once
from saas.api.pinned import case_to_write
from saas.cases.books import book_of
from saas.cases.lifecycle import head_of
from saas.cases.models import Case
from saas.kernel import clock
from saas.payments.direct import report_direct_payment
from saas.payments.direct_schemas import DirectPaymentSchema
from tenants.resolve import Tenant

blueprint = Blueprint("api_direct_payments", __name__, description="Payments made straight to the creditor.")


class DirectPaymentBooked(Schema):
    """A report as it is booked, and what the case still owes as booked that moment."""

    id = fields.UUID()
    case_number = fields.Integer()
    amount_ore = fields.Integer()
    paid_on = fields.Date()
    reference = fields.String()
    told_before = fields.Boolean(metadata={"description": "Nothing was booked: this payment was known."})
    principal_left_ore = fields.Integer()
    left_ore = fields.Integer(metadata={"description": "Costs and booked interest included: they remain due."})
    closed = fields.Boolean()


@blueprint.route("/cases/<int(max=9223372036854775807):number>/direct-payments")
class DirectPayments(MethodView):
    """The debtor has paid the creditor itself."""

    @blueprint.arguments(DirectPaymentSchema)
    @blueprint.response(200, DirectPaymentBooked)
    def post(self, body: dict[str, Any], number: int) -> Response:
        """Report a payment the creditor got. It covers the principal first; costs and interest remain due.

        The same `reference` again, or the same sum on the same day without one, counts once.
        """
        with writing(Action.REPORT_FACTS) as tenant:
            case = head_of(tenant, case_to_write(tenant, number).id)
            return answer_once(
                tenant, caller().actor, clock.now(tenant), lambda: _report(tenant, case, body), case_id=case.id
            )


def _report(tenant: Tenant, case: Case, body: dict[str, Any]) -> dict[str, Any]:
    payment, is_new = report_direct_payment(
        tenant,
        case.id,
        amount_ore=body["amount"],
        paid_on=body["paid_on"],
        reference=body["reference"],
        today=clock.today(tenant),
        now=clock.now(tenant),
        actor=caller().actor,
    )
    book = book_of(tenant, [case.id])[case.id]
    told = {
        "id": payment.id,
        "case_number": case.number,
        "amount_ore": payment.amount_ore,
        "paid_on": payment.value_on,
        "reference": payment.text,
        "told_before": not is_new,
        "principal_left_ore": sum(book.principal_left.values()),
        "left_ore": book.left_ore,
        "closed": case.closed_on is not None,
    }
    return dict(DirectPaymentBooked().dump(told))
