"""«Hvis jeg betaler»: the debtor types an amount and a day, and sees what it would cover and what would follow."""

from datetime import date
from uuid import UUID

from flask import redirect, request, url_for
from marshmallow import Schema, fields, validate

from saas.cases.forecast import payment_forecast
from saas.cases.queries import CaseView, case_view
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.portals.debtor.pages import Answer, of_my_case, pages
from saas.portals.debtor.words import coming_words, item_label
from saas.portals.shared.fields import Kroner
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.tenancy import page
from saas.rules.what_if import SAVED_DAYS, WhatIf
from saas.rules.words import say
from tenants.resolve import Tenant


class WhatIfSchema(Schema):
    """How much, and when."""

    amount = Kroner(
        required=True,
        metadata={"label": say("Beløp i kroner"), "width": 12, "inputmode": "decimal"},
        validate=validate.Range(min=1, max=10**12, error=say("Skriv et beløp over null.")),
    )
    on = fields.Date(
        required=True,
        error_messages={
            "required": say("Velg dagen du tenker å betale."),
            "invalid": say("Velg dagen du tenker å betale."),
        },
        metadata={"label": say("Dagen jeg betaler"), "width": 16, "input": "date"},
    )


@pages.get("/case/what-if")
@of_my_case
def what_if(tenant: Tenant, case_id: UUID) -> Answer:
    """What a payment would do, before it is made. Nothing is written."""
    today = clock.today(tenant)
    view = case_view(tenant, case_id, today)
    if view.is_closed or view.total_ore <= 0:
        return redirect(url_for("debtor.case"), 303)
    schema = WhatIfSchema()
    if "amount" not in request.args:
        return _page(view, form_of(schema, {"on": today.isoformat()}))
    typed, errors = read_form(schema, request.args)
    if not errors:
        try:
            answer = payment_forecast(tenant, view.case_id, typed["amount"], typed["on"], today)
            return _page(view, form_of(schema, request.args), answer)
        except BadInput as wrong:
            errors = wrong.errors
    return _page(view, form_of(schema, request.args, errors)), 422


def _page(view: CaseView, form: Form, answer: WhatIf | None = None) -> str:
    return page(
        "debtor/what_if.html",
        view=view,
        form=form,
        failed=form.has_errors,
        answer=answer,
        lines=_lines(answer, view) if answer else (),
        coming=coming_words(answer.next) if answer and not answer.settles else "",
        before=coming_words(answer.before) if answer and answer.before else "",
        saved_days=SAVED_DAYS,
    )


def _lines(answer: WhatIf, view: CaseView) -> list[tuple[str, date | None, int, int, int]]:
    """(label, due date when there are several invoices, owed, paid, left) of each thing owed that day."""
    due = {str(claim.id): claim.due_on for claim in view.claims} if len(view.claims) > 1 else {}
    return [(item_label(x.kind), due.get(x.ref), x.owed_ore, x.paid_ore, x.left_ore) for x in answer.lines]
