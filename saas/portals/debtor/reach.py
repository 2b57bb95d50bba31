"""«Slik når vi deg»: the debtor says in which language and by which ways they want to be written to."""

from uuid import UUID

from flask import redirect, request, url_for

from saas.cases.lifecycle import get_case
from saas.cases.reach import change_reach, reach_of
from saas.cases.reach_schemas import as_typed, reach_schema, said_of, shown_of
from saas.kernel import clock
from saas.portals.debtor.pages import Answer, of_my_case, pages
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.language import letters_are_now_in
from saas.portals.shared.tenancy import page
from tenants.resolve import Tenant


@pages.route("/case/reach", methods=["GET", "POST"])
@of_my_case
def reach(tenant: Tenant, case_id: UUID) -> Answer:
    """See and change how letters come. Addresses are put right by phone: a letter's code opens too little for that."""
    case = get_case(tenant, case_id, lock=request.method == "POST")
    now = clock.now(tenant)
    known = reach_of(tenant, case, now=now)
    schema = reach_schema(known, staff=False)
    if request.method == "GET":
        return _page(form_of(schema, as_typed(known)), shown_of(known))
    typed, errors = read_form(schema, request.form)
    shown = request.form.get("shown", "")
    if errors:
        return _page(form_of(schema, request.form, errors), shown), 422
    said = said_of(shown, typed)
    change_reach(tenant, case, said=said, language=typed["language"], source="portal", now=now, actor="debtor")
    letters_are_now_in(typed["language"])
    return redirect(url_for("debtor.reach", lagret="ja"), 303)


def _page(form: Form, shown: str) -> str:
    saved = request.args.get("lagret") == "ja"
    return page("debtor/reach.html", form=form, shown=shown, failed=form.has_errors, saved=saved)
