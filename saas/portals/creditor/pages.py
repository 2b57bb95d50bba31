"""The creditor's pages (oppdragsgiverportalen): sign in, find a case, see where it stands. Staff see all creditors'."""

from collections.abc import Sequence

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from saas.access.roles import Action, may
from saas.access.users import Signed, check_password
from saas.cases.lifecycle import get_case
from saas.cases.objection_schemas import KINDS
from saas.cases.objections import objections_of, waiting_objections
from saas.cases.queries import CaseFilter, CaseStatus, case_list, case_status
from saas.cases.reported import facts_reported
from saas.cases.requests import requests_of
from saas.kernel import clock
from saas.kernel.ids import NIL
from saas.portals.creditor import words
from saas.portals.creditor.schemas import SignInSchema
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared import limits
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.limits import limiter
from saas.portals.shared.sessions import never_stored, sign_in, sign_out
from saas.portals.shared.tenancy import open_here, page
from saas.portals.shared.words import clock_time
from saas.rules.facts import HoldReason, Stage
from tenants.keeping import newest_troubles
from tenants.models import PluginTrouble
from tenants.resolve import Tenant

pages = Blueprint("creditor", __name__, template_folder="templates", url_prefix="/creditor")
pages.after_request(never_stored)
_WRONG = "E-postadressen og passordet passer ikke sammen. Prøv igjen."


@pages.context_processor
def _who() -> dict[str, object]:
    user = g.get("user")
    return {
        "kind": "desk",
        "user": user,
        "may_register": user is not None and may(user.role, Action.REGISTER_CLAIMS),
        "is_staff": user is not None and may(user.role, Action.SEE_BOOK),
        "hold_words": words.hold_words,
        "stage_words": words.stage_words,
        "next_step": words.next_step,
        "OUTCOMES": words.OUTCOMES,
    }


@pages.route("/login", methods=["GET", "POST"])
@limiter.limit(limits.PER_ADDRESS, methods=["POST"], deduct_when=limits.failed)
@limiter.limit(limits.PER_USER, key_func=limits.email_typed, methods=["POST"], deduct_when=limits.failed)
def login() -> Answer:
    """Sign in with e-mail and password."""
    schema = SignInSchema()
    if request.method == "GET":
        return _login_page(form_of(schema))
    typed, errors = read_form(schema, request.form)
    if errors:
        return _login_page(form_of(schema, request.form, errors)), 422
    with open_here() as tenant:
        user = check_password(tenant, typed["email"], request.form["password"])
    if user is None:
        return _login_page(form_of(schema, request.form, {"_": [_WRONG]})), 422
    sign_in("desk", user.user_id)
    return redirect(url_for("creditor.cases"), 303)


def _login_page(form: Form) -> str:
    with open_here():
        reason = request.args.get("grunn")
        return page(
            "creditor/login.html",
            form=form,
            failed=form.has_errors,
            logged_out=reason == "logget-ut",
            must_log_in=reason == "logg-inn",
        )


@pages.errorhandler(429)
def tried_too_often(_: Exception) -> Response:
    """The sign-in page again, with when to try again."""
    free_at = limits.free_again_at()
    when = f"Vent til klokken {clock_time(free_at)}" if free_at else "Vent litt"
    text = f"Du har prøvd mange ganger. {when} og prøv igjen."
    response = Response(_login_page(form_of(SignInSchema(), request.form, {"_": [text]})), 429)
    if free_at:
        response.headers["Retry-After"] = str(max(1, int(free_at.timestamp() - clock.wall_now().timestamp())))
    return response


@pages.post("/logout")
def logout() -> AnyResponse:
    """Sign out."""
    sign_out()
    return redirect(url_for("creditor.login", grunn="logget-ut"), 303)


@pages.get("/")
def home() -> AnyResponse:
    """The desk begins with the cases."""
    return redirect(url_for("creditor.cases"), 303)


@pages.get("/cases")
@at_desk(Action.SEE_CASES)
def cases(user: Signed) -> Answer:
    """Find cases: a plain filter form, newest first."""
    chosen = CaseFilter(request.args.get("q", "")[:200].replace("\x00", ""), _stage(), "held" in request.args)
    with open_here(user.creditor_id) as tenant:
        found = case_list(tenant, chosen, clock.today(tenant), request.args.get("page", 1, int))
        return page(
            "creditor/cases.html",
            found=found,
            chosen=chosen,
            all_creditors=user.creditor_id == NIL,
            stages=Stage,
            waiting=waiting_objections(tenant, clock.today(tenant), limit=20),
        )


def _stage() -> Stage | None:
    typed = request.args.get("stage", 0, int)
    return Stage(typed) if typed in set(Stage) else None


@pages.get("/cases/<int:number>")
@at_desk(Action.SEE_CASES)
def case(user: Signed, number: int) -> Answer:
    """One case: where it stands, the money, the letters."""
    with open_here(user.creditor_id) as tenant:
        found = case_status(tenant, number, clock.today(tenant))
        objections = objections_of(tenant, found.case_id, clock.today(tenant))
        return page(
            "creditor/case.html",
            case=found,
            next_step_sentence=words.next_step_sentence(found),
            objections=objections,
            KINDS=KINDS,
            answer_words=words.answer_words,
            facts=facts_reported(tenant, found.case_id),
            fact_words=words.fact_words,
            requests=requests_of(tenant, found.case_id),
            request_words=words.request_words,
            troubles=_troubles(tenant, user, found),
        )


def _troubles(tenant: Tenant, user: Signed, found: CaseStatus) -> Sequence[PluginTrouble]:
    """For staff, what plugins did wrong, when that is why the case stands still."""
    if user.creditor_id != NIL or not any(hold.reason is HoldReason.PLUGIN_TROUBLE for hold in found.holds):
        return ()
    return newest_troubles(tenant.session, tenant.id, get_case(tenant, found.case_id).creditor_id)
