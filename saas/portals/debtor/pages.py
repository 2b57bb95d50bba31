"""The debtor's pages (min sak): in with the letter's code, see the case, ask for more time."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from saas.access.letter_login import VALID_DAYS, check_letter_code
from saas.cases.facts import facts_of
from saas.cases.lifecycle import get_case
from saas.cases.models import DebtorRequest
from saas.cases.objection_schemas import KINDS
from saas.cases.objections import objections_of
from saas.cases.queries import CaseView, case_view, language_of_letters, request_of
from saas.cases.requests import ask_for_person, request_deferral
from saas.kernel import clock
from saas.kernel.errors import BadInput, NotFound
from saas.payments.gone import gone_from
from saas.payments.pay_link import link_of
from saas.payments.providers import ways_to_pay
from saas.portals.debtor import words
from saas.portals.debtor.objection_words import state_words
from saas.portals.debtor.schemas import LoginSchema, more_time_schema
from saas.portals.shared import limits
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.language import language_here, remember_language
from saas.portals.shared.limits import limiter
from saas.portals.shared.sessions import never_stored, sign_in, sign_out, signed_in
from saas.portals.shared.tenancy import open_here, page
from saas.portals.shared.words import clock_time
from saas.rules.facts import HoldReason
from saas.rules.words import say
from tenants.resolve import Tenant

pages = Blueprint("debtor", __name__, template_folder="templates")
pages.after_request(never_stored)
pages.after_request(remember_language)
Answer = str | AnyResponse | tuple[str, int]
_WRONG = say("Saksnummeret og koden passer ikke sammen, eller koden er utløpt. Se på brevet og prøv igjen.")


def of_my_case(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Only for whoever is signed in to a case; hands the view the open tenant and the case's id."""

    @wraps(view)
    def checked(**arguments: Any) -> Answer:
        case_id = signed_in("debtor")
        if case_id is None:
            return redirect(url_for("debtor.login", grunn="logg-inn"), 303)
        with open_here() as tenant:
            return view(tenant, case_id, **arguments)

    return checked


@pages.get("/l/<token>")
def link(token: str) -> AnyResponse:
    """The QR code's address: on to where it can be paid without logging in."""
    return redirect(url_for("pay.link", token=token), 303)


@pages.route("/", methods=["GET", "POST"])
@limiter.limit(limits.PER_ADDRESS, methods=["POST"], deduct_when=limits.failed)
@limiter.limit(limits.PER_CASE, key_func=limits.case_number_typed, methods=["POST"], deduct_when=limits.failed)
def login() -> Answer:
    """Log in with case number and letter code."""
    schema = LoginSchema()
    if request.method == "GET":
        return _login_page(form_of(schema))
    typed, errors = read_form(schema, request.form)
    if errors:
        return _login_page(form_of(schema, request.form, errors)), 422
    with open_here() as tenant:
        case_id = check_letter_code(tenant, _number(typed["case_number"]), typed["code"], clock.today(tenant))
        language = language_of_letters(tenant, case_id) if case_id else ""
    if case_id is None:
        return _login_page(form_of(schema, request.form, {"_": [_WRONG]})), 422
    sign_in("debtor", case_id, language=language)
    return redirect(url_for("debtor.case"), 303)


def _number(typed: str) -> int:
    digits = "".join(c for c in typed if c in "0123456789")
    return int(digits) if digits else 0


def _login_page(form: Form) -> str:
    with open_here():
        return page(
            "debtor/login.html",
            form=form,
            failed=form.has_errors,
            valid_days=VALID_DAYS,
            logged_out=request.args.get("grunn") == "logget-ut",
            must_log_in=request.args.get("grunn") == "logg-inn",
        )


@pages.errorhandler(429)
def tried_too_often(_: Exception) -> Response:
    """The log-in page again, with when to try again."""
    free_at = limits.free_again_at()
    text = say("Du har prøvd mange ganger. Vent litt og prøv igjen, eller ring oss.")
    if free_at:
        at = clock_time(free_at)
        text = say("Du har prøvd mange ganger. Vent til klokken {at} og prøv igjen, eller ring oss.", at=at)
    response = Response(_login_page(form_of(LoginSchema(), request.form, {"_": [text]})), 429)
    if free_at:
        response.headers["Retry-After"] = str(max(1, int(free_at.timestamp() - clock.wall_now().timestamp())))
    return response


@pages.post("/logout")
def logout() -> AnyResponse:
    """Log out."""
    sign_out()
    return redirect(url_for("debtor.login", grunn="logget-ut"), 303)


@pages.get("/case")
@of_my_case
def case(tenant: Tenant, case_id: UUID) -> Answer:
    """The case: what is owed, how it came about, what happens next."""
    view, today = case_view(tenant, case_id, clock.today(tenant)), clock.today(tenant)
    heading, sentence = words.next_words(view.next_step) if view.next_step else ("", "")
    creditor_id = get_case(tenant, view.case_id).creditor_id
    facts = facts_of(tenant, [view.case_id], today)[view.case_id]
    ways = ways_to_pay(tenant, creditor_id)
    return page(
        "debtor/case.html",
        view=view,
        confirmation_asked=request.args.get("bekreftelse") == "sendt",
        what=words.what_it_is_about(view),
        holds=words.hold_words(view),
        disputed=any(hold.reason is HoldReason.OBJECTION for hold in view.holds),
        objections=objections_of(tenant, view.case_id, view.on),
        state_words=state_words,
        KINDS=KINDS,
        next_heading=heading,
        next_words=sentence,
        line_label=words.line_label,
        how_we_worked_it_out=words.how_we_worked_it_out(view),
        paid_too_much=-view.total_ore if view.is_closed else 0,
        gone=[words.gone_words(each) for each in gone_from(tenant, view.case_id)],
        ways_to_pay=words.one_of([way.name for way in ways]) if ways else "",
        panels=tenant.hooks_for(creditor_id).extend_portal(facts, language_here()),
        pay_token=link_of(tenant, view.case_id),
    )


@pages.route("/case/more-time", methods=["GET", "POST"])
@of_my_case
def more_time(tenant: Tenant, case_id: UUID) -> Answer:
    """Ask for more time (betalingsutsettelse)."""
    view, today = case_view(tenant, case_id, clock.today(tenant)), clock.today(tenant)
    if view.is_closed:
        return redirect(url_for("debtor.case"), 303)
    schema = more_time_schema(today, tenant.policy.max_deferral_days)
    if request.method == "GET":
        return page("debtor/more_time.html", view=view, form=form_of(schema))
    typed, errors = read_form(schema, request.form)
    if not errors:
        try:
            asked = request_deferral(
                tenant, view.case_id, until=typed["until"], today=today, now=clock.now(tenant), actor="debtor"
            )
            return redirect(url_for("debtor.answer", request_id=asked.id), 303)
        except BadInput as wrong:
            errors = wrong.errors
    form = form_of(schema, request.form, errors)
    return page("debtor/more_time.html", view=view, form=form, failed=True), 422


@pages.get("/case/more-time/<uuid:request_id>")
@of_my_case
def answer(tenant: Tenant, case_id: UUID, request_id: UUID) -> Answer:
    """The answer to a request for more time; safe to bookmark and to load again."""
    view = case_view(tenant, case_id, clock.today(tenant))
    given = _request(tenant, view, request_id)
    return page(
        "debtor/answer.html",
        view=view,
        answer=given,
        heading=words.answer_heading(given),
        reasons=words.reasons_shown(given, language_here()),
        facts=words.facts_behind(given),
        can_ask_person=words.may_ask_person(given) and not view.is_closed,
    )


@pages.post("/case/more-time/<uuid:request_id>/person")
@of_my_case
def ask_person(tenant: Tenant, case_id: UUID, request_id: UUID) -> Answer:
    """Let a case handler look at a request that was refused."""
    view = case_view(tenant, case_id, clock.today(tenant))
    ask_for_person(tenant, view.case_id, request_id, today=clock.today(tenant), now=clock.now(tenant), actor="debtor")
    return redirect(url_for("debtor.answer", request_id=request_id), 303)


def _request(tenant: Tenant, view: CaseView, request_id: UUID) -> DebtorRequest:
    found = request_of(tenant, view.case_id, request_id)
    if found is None:
        raise NotFound(say("Vi finner ikke søknaden."))
    return found
