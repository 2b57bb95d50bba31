"""«Jeg er uenig»: the debtor says what is wrong, and sees what became of it (innsigelse)."""

from uuid import UUID

from flask import redirect, request, url_for

from saas.cases.lifecycle import head_of
from saas.cases.objection_schemas import KINDS, objection_schema
from saas.cases.objections import claim_named, objections_of, raise_objection
from saas.cases.queries import CaseView, case_view
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.portals.debtor.objection_words import told
from saas.portals.debtor.pages import Answer, of_my_case, pages
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.tenancy import page
from saas.rules.objections import ObjectionKind
from saas.rules.words import say
from tenants.resolve import Tenant


@pages.route("/case/disagree", methods=["GET", "POST"])
@of_my_case
def disagree(tenant: Tenant, case_id: UUID) -> Answer:
    """Say what is wrong. The case stands still from the moment it is sent."""
    view = case_view(tenant, case_id, clock.today(tenant))
    if view.is_closed:
        return redirect(url_for("debtor.case"), 303)
    schema = objection_schema([claim.invoice_number for claim in view.claims])
    if request.method == "GET":
        return _form_page(tenant, view, form_of(schema))
    typed, errors = read_form(schema, request.form)
    if not errors:
        try:
            raised = raise_objection(
                tenant,
                view.case_id,
                kind=ObjectionKind(typed["kind"]),
                text=typed["text"],
                claim_id=claim_named(tenant, head_of(tenant, view.case_id), typed.get("invoice_number", "")),
                disputed_ore=typed["disputed"],
                today=clock.today(tenant),
                now=clock.now(tenant),
                actor="debtor",
            )
            return redirect(url_for("debtor.objection", objection_id=raised.id), 303)
        except BadInput as wrong:
            errors = wrong.errors
    return _form_page(tenant, view, form_of(schema, request.form, errors)), 422


def _form_page(tenant: Tenant, view: CaseView, form: Form) -> str:
    known = objections_of(tenant, view.case_id, clock.today(tenant))
    return page("debtor/disagree.html", view=view, form=form, failed=form.has_errors, known=known, KINDS=KINDS)


@pages.get("/case/disagree/<uuid:objection_id>")
@of_my_case
def objection(tenant: Tenant, case_id: UUID, objection_id: UUID) -> Answer:
    """What the debtor wrote, the answer, and what happens next; safe to bookmark and to load again."""
    view = case_view(tenant, case_id, clock.today(tenant))
    found = next((o for o in objections_of(tenant, view.case_id, view.on) if o.id == objection_id), None)
    if found is None:
        raise NotFound(say("Vi finner ikke det du skrev."))
    return page(
        "debtor/objection.html", view=view, objection=found, told=told(found, view), kind_words=KINDS[found.kind]
    )
