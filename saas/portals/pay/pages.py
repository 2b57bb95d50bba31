"""Paying without logging in (betalingslenke og QuickPay): creditor, sum and ways to pay, and nothing about the person.

The provider's page takes the money; coming back from it proves nothing, so the page after only reports what is known.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from saas.cases.lifecycle import get_case
from saas.cases.queries import CaseView, case_view, language_of_letters
from saas.kernel import clock
from saas.kernel.errors import BadInput, Refused
from saas.payments.attempts import Press, attempt_of, begin, new_attempt_id, under_way_ore
from saas.payments.pay_link import case_of_link, link_by_reference
from saas.payments.providers import WayToPay, ways_to_pay
from saas.portals.pay.schemas import ALL, PART, PaySchema, QuickPaySchema
from saas.portals.shared import limits
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.language import language_here, letters_are_in, remember_language
from saas.portals.shared.limits import limiter
from saas.portals.shared.sessions import never_stored
from saas.portals.shared.tenancy import open_here, page, tenant_here
from saas.rules.money import Ore
from saas.rules.words import Kroner, say
from tenants.resolve import Tenant

pages = Blueprint("pay", __name__, template_folder="templates")
pages.after_request(never_stored)
pages.after_request(remember_language)
Answer = str | AnyResponse | tuple[str, int]
WRONG_LINKS = "30 per 15 minutes"  # per address; only links that lead nowhere count
BEGINNINGS = "20 per 15 minutes"  # per address; each one asks a provider
_WRONG = say("Opplysningene passer ikke sammen. Se på brevet og prøv igjen.")


def _leads_nowhere(response: Response) -> bool:
    return response.status_code == 404


# --- the link -------------------------------------------------------------------------------------------------------


@pages.get("/b/<token>")
@limiter.limit(WRONG_LINKS, deduct_when=_leads_nowhere)
def link(token: str) -> Answer:
    """What is owed now, to whom, and the ways to pay it."""
    with open_here() as tenant:
        case_id = case_of_link(tenant, token)
        if case_id is None:
            return _no_such_link()
        return _pay_page(tenant, token, case_id)


@pages.post("/b/<token>")
@limiter.limit(WRONG_LINKS, deduct_when=_leads_nowhere)
@limiter.limit(BEGINNINGS)
def press(token: str) -> Answer:
    """Begin a payment, and send the payer on to where it is made."""
    typed, errors = read_form(PaySchema(), request.form)
    with open_here() as tenant:
        case_id = case_of_link(tenant, token)
        if case_id is None:
            return _no_such_link()
        view = case_view(tenant, case_id, clock.today(tenant))
        errors = errors or _contradiction(typed)
        if errors:
            return _pay_page(tenant, token, case_id, errors), 422
        letters_are_in(language_of_letters(tenant, case_id))
        chosen = _press(token, view, typed)
    try:
        return redirect(begin(tenant_here(), chosen, wall_now=clock.wall_now()), 303)
    except BadInput as wrong:
        with open_here() as tenant:
            return _pay_page(tenant, token, case_id, wrong.errors), 422
    except Refused as no:
        if no.code != "provider_down":
            return redirect(url_for("pay.came_back", token=token, attempt_id=chosen.attempt_id), 303)
        with open_here() as tenant:
            return page("pay/down.html", view=view, token=token), 503


def _contradiction(typed: dict[str, object]) -> dict[str, object]:
    if typed["choice"] == PART and "amount" not in typed:
        return {"amount": say("Skriv hvor mye du vil betale, for eksempel 500.")}
    if typed["choice"] != PART and "amount" in typed:
        return {"choice": say("Du har skrevet et beløp. Velg om du vil betale en del, eller ta beløpet bort.")}
    return {}


def _press(token: str, view: CaseView, typed: dict[str, Any]) -> Press:
    attempt_id = _uuid(request.form.get("attempt", ""))
    back = {"token": token, "language": request.args.get("language")}
    return Press(
        attempt_id=attempt_id,
        case_id=view.case_id,
        provider=request.form.get("provider", "")[:40],
        amount_ore=Ore(typed["amount"] if typed["choice"] == PART else view.total_ore),
        return_url=url_for("pay.came_back", attempt_id=attempt_id, _external=True, **back),
        cancel_url=url_for("pay.link", grunn="avbrutt", _external=True, **back),
        locale=language_here(),
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadRequest from None


def _pay_page(tenant: Tenant, token: str, case_id: UUID, errors: Mapping[str, object] | None = None) -> str:
    letters_are_in(language_of_letters(tenant, case_id))
    view = case_view(tenant, case_id, clock.today(tenant))
    ways = _ways(tenant, view)
    g.pay_origins = [origin for way in ways for origin in way.origins]
    amounts = {
        ALL: say("Hele beløpet, {amount}", amount=Kroner(view.total_ore)),
        PART: say("En del av beløpet"),
    }
    typed = {"choice": ALL} if request.method == "GET" else request.form
    return page(
        "pay/link.html",
        view=view,
        token=token,
        ways=ways,
        form=form_of(PaySchema(), typed, errors, choices={"choice": amounts}),
        failed=bool(errors),
        attempt_id=new_attempt_id(),
        cancelled=request.args.get("grunn") == "avbrutt",
        under_way_ore=under_way_ore(tenant, view.case_id),
    )


def _ways(tenant: Tenant, view: CaseView) -> list[WayToPay]:
    if view.is_closed or view.total_ore <= 0:
        return []
    return ways_to_pay(tenant, get_case(tenant, view.case_id).creditor_id)


def _no_such_link() -> Answer:
    return page("pay/no_link.html"), 404


@pages.get("/b/<token>/betaling/<uuid:attempt_id>")
@limiter.limit(WRONG_LINKS, deduct_when=_leads_nowhere)
def came_back(token: str, attempt_id: UUID) -> Answer:
    """What is known of a payment; safe to load again."""
    with open_here() as tenant:
        case_id = case_of_link(tenant, token)
        view = case_view(tenant, case_id, clock.today(tenant)) if case_id else None
        attempt = attempt_of(tenant, view.case_id, attempt_id) if view else None
        if attempt is None:
            return _no_such_link()
        letters_are_in(language_of_letters(tenant, attempt.case_id))
        left_ore = view.total_ore - under_way_ore(tenant, view.case_id) if view else 0  # placed or not yet
        return page("pay/came_back.html", view=view, token=token, attempt=attempt, left_ore=left_ore)


# --- QuickPay -------------------------------------------------------------------------------------------------------


def _reference_typed() -> str:
    """The reference tried, however it was typed."""
    return f"pay:{tenant_here()}:{''.join(request.form.get('reference', '')[:40].split()).lstrip('0')}"


@pages.route("/betal", methods=["GET", "POST"])
@limiter.limit(limits.PER_ADDRESS, methods=["POST"], deduct_when=limits.failed)
@limiter.limit(limits.PER_CASE, key_func=_reference_typed, methods=["POST"], deduct_when=limits.failed)
def quick() -> Answer:
    """Find the case by its reference and one thing more. Whatever does not fit, the answer is the same."""
    schema = QuickPaySchema()
    if request.method == "GET":
        return _quick_page(form_of(schema))
    typed, errors = read_form(schema, request.form)
    if not errors:
        with open_here() as tenant:
            token = link_by_reference(tenant, typed["reference"], typed["proof"])
        if token is not None:
            return redirect(url_for("pay.link", token=token), 303)
        errors = {"_": [_WRONG]}
    return _quick_page(form_of(schema, request.form, errors)), 422


def _quick_page(form: Form) -> str:
    with open_here():
        return page("pay/quick.html", form=form, failed=form.has_errors)
