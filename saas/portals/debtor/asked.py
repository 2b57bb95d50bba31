"""Letters a debtor asks for: a new code (without logging in), and a confirmation that the case is closed."""

from uuid import UUID

from flask import redirect, request, url_for
from marshmallow import Schema, fields, validate

from saas.cases.asked_for import ask_for_code, confirm_closing
from saas.kernel import clock
from saas.portals.debtor.pages import Answer, of_my_case, pages
from saas.portals.debtor.schemas import LoginSchema
from saas.portals.shared import limits
from saas.portals.shared.forms import form_of, read_form
from saas.portals.shared.limits import limiter
from saas.portals.shared.tenancy import open_here, page
from saas.rules.words import say
from tenants.resolve import Tenant


class NewCodeSchema(Schema):
    """What is on any letter from us, also one whose code has lapsed."""

    case_number = LoginSchema().fields["case_number"]
    postcode = fields.String(
        required=True,
        validate=validate.Length(max=12),
        error_messages={"required": say("Skriv postnummeret ditt.")},
        metadata={
            "label": say("Postnummeret ditt"),
            "help": say("Der du bor. Koden sendes bare til adressen vi har."),
            "width": 8,
            "inputmode": "numeric",
            "autocomplete": "postal-code",
        },
    )


@pages.route("/new-code", methods=["GET", "POST"])
@limiter.limit(limits.PER_ADDRESS, methods=["POST"])
@limiter.limit(limits.PER_CASE, key_func=limits.case_number_typed, methods=["POST"])
def new_code() -> Answer:
    """Ask for a new code. The answer is the same whether or not there is such a case."""
    schema = NewCodeSchema()
    typed, errors = read_form(schema, request.form) if request.method == "POST" else ({}, {})
    if request.method == "GET" or errors:
        with open_here():
            shown = page("debtor/new_code.html", form=form_of(schema, request.form, errors), failed=bool(errors))
        return (shown, 422) if errors else shown
    digits = "".join(c for c in typed["case_number"] if c.isdigit())
    with open_here() as tenant:
        ask_for_code(tenant, int(digits or 0), typed["postcode"], now=clock.now(tenant))
        return page("debtor/new_code_asked.html")


@pages.post("/case/confirmation")
@of_my_case
def confirmation(tenant: Tenant, case_id: UUID) -> Answer:
    """Have a confirmation sent that the case is closed."""
    confirm_closing(tenant, case_id, now=clock.now(tenant), actor="debtor")
    return redirect(url_for("debtor.case", bekreftelse="sendt"), 303)
