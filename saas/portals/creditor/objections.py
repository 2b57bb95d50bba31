"""The creditor answers what its debtors disagree with (innsigelser); staff may, too."""

from uuid import UUID

from flask import redirect, request, url_for

from saas.access.roles import Action, may
from saas.access.users import Signed
from saas.cases.lifecycle import get_case, head_of
from saas.cases.objection_schemas import KINDS, OUTCOMES, answer_schema
from saas.cases.objections import ObjectionView, claim_named, objections_of
from saas.cases.queries import CaseStatus, case_status
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.payments.objection_answers import answer_objection
from saas.portals.creditor.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.tenancy import open_here, page
from saas.rules.objections import Outcome
from tenants.resolve import Tenant


@pages.route("/cases/<int:number>/objections/<uuid:objection_id>", methods=["GET", "POST"])
@at_desk(Action.ANSWER_OBJECTIONS)
def objection(user: Signed, number: int, objection_id: UUID) -> Answer:
    """What the debtor disagrees with, and the form to answer it; afterwards the answer and what it led to."""
    with open_here(user.creditor_id) as tenant:  # through the creditor's own wall
        case, found = _found(tenant, number, objection_id)
    schema = answer_schema([c.invoice_number for c in case.claims], staff=may(user.role, Action.HANDLE_CASES))
    if request.method == "GET":
        return _page(case, found, form_of(schema))
    typed, errors = read_form(schema, request.form)
    if not errors:
        try:
            with open_here() as tenant:  # the answer moves money: it runs as staff, pinned to who this is
                asked = head_of(tenant, get_case(tenant, number=number).id)
                answer_objection(
                    tenant,
                    asked.id,
                    objection_id,
                    outcome=Outcome(typed["outcome"]),
                    reason=typed["reason"],
                    claim_id=claim_named(tenant, asked, typed.get("invoice_number", "")),
                    taken_off_ore=typed["taken_off"],
                    today=clock.today(tenant),
                    now=clock.now(tenant),
                    actor=user.actor,
                    creditor_id=user.creditor_id,
                )
            return redirect(url_for("creditor.objection", number=number, objection_id=objection_id), 303)
        except BadInput as wrong:
            errors = wrong.errors
    return _page(case, found, form_of(schema, request.form, errors)), 422


def _found(tenant: Tenant, number: int, objection_id: UUID) -> tuple[CaseStatus, ObjectionView]:
    today = clock.today(tenant)
    case = case_status(tenant, number, today)
    found = next((each for each in objections_of(tenant, case.case_id, today) if each.id == objection_id), None)
    if found is None:
        raise NotFound("Vi finner ikke innsigelsen.")
    return case, found


def _page(case: CaseStatus, found: ObjectionView, form: Form) -> str:
    return page(
        "creditor/objection.html",
        case=case,
        objection=found,
        form=form,
        failed=form.has_errors,
        kind_words=KINDS[found.kind],
        outcome_words=OUTCOMES[found.outcome] if found.outcome else "",
    )
