"""The creditor tells what it knows (opplysninger): whether a contract runs; one by form, many by file."""

from flask import redirect, request, url_for

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.lifecycle import get_case, head_of
from saas.cases.queries import CaseStatus, case_status
from saas.cases.reported import report_facts
from saas.cases.reported_rows import FactOutcome, FactReport, read_facts_csv, report_fact_rows, source_of
from saas.cases.reported_schemas import YES_NO_FACTS, FactForm
from saas.cases.small_csv import MOST_BYTES
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.portals.creditor.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of, read_form, texts_of
from saas.portals.shared.tenancy import open_here, page
from saas.rules.facts import Fact

MAX_MEGABYTES = MOST_BYTES // 1024**2
ROWS_SHOWN = 500
_CHOICES = {
    "name": {"power.active_contract": "Strømavtale", "grid.active_contract": "Nettleieavtale"},
    "value": {"ja": "Ja, den er aktiv", "nei": "Nei, den er avsluttet"},
}
_LABELS = {"name": "opplysning", "value": "verdi", "reported_on": "dato", "case_number": "saksnummer",
           "invoice_number": "fakturanummer", "row": ""}  # fmt: skip


@pages.route("/cases/<int:number>/facts", methods=["GET", "POST"])
@at_desk(Action.REPORT_FACTS)
def report_fact(user: Signed, number: int) -> Answer:
    """Whether a contract runs. The debtor reads who said it and when, so it is dated and has a source."""
    with open_here(user.creditor_id) as tenant:  # through the creditor's own wall
        today = clock.today(tenant)
        case = case_status(tenant, number, today)
    schema = FactForm(today=today)
    if request.method == "GET":
        return _form_page(case, form_of(schema, choices=_CHOICES), told="told" in request.args)
    typed, errors = read_form(schema, request.form)
    if not errors:
        try:
            with open_here() as tenant:  # written as staff, on the case just seen
                head = head_of(tenant, get_case(tenant, number=case.number).id)
                source, on = source_of(tenant, user.creditor_id), typed["reported_on"] or today
                fact = Fact(typed["name"], typed["value"], source, on)
                report_facts(tenant, head, [fact], today=today, now=clock.now(tenant), actor=user.actor)
            return redirect(url_for("creditor.report_fact", number=number, told=1), 303)
        except BadInput as wrong:
            errors = {name: texts for row in wrong.errors.values() for name, texts in dict(row).items()}  # type: ignore[call-overload]
    return _form_page(case, form_of(schema, request.form, errors, choices=_CHOICES)), 422


@pages.route("/facts/file", methods=["GET", "POST"])
@at_desk(Action.REPORT_FACTS)
def facts_file(user: Signed) -> Answer:
    """Many of them from a CSV file: a verdict for each row; all are stored, or none."""
    if request.method == "GET":
        return _file_page()
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return _file_page(errors=["Velg en fil først."]), 422
    try:
        rows = read_facts_csv(upload.stream.read(MOST_BYTES + 1))
        with open_here() as tenant:
            report = report_fact_rows(
                tenant,
                rows,
                creditor_id=user.creditor_id,
                today=clock.today(tenant),
                now=clock.now(tenant),
                actor=user.actor,
                dry_run="try" in request.form,
            )
    except BadInput as wrong:
        return _file_page(errors=texts_of(wrong.errors)), 422
    return _file_page(report=report, name=upload.filename[:100]), 422 if report.has_errors else 200


# --- parts ------------------------------------------------------------------------------------------------------------


def _form_page(case: CaseStatus, form: Form, *, told: bool = False) -> str:
    return page("creditor/fact.html", case=case, form=form, failed=form.has_errors, told=told)


def _file_page(errors: list[str] | None = None, report: FactReport | None = None, name: str = "") -> str:
    ordered = sorted(report.verdicts, key=lambda v: (v.outcome is not FactOutcome.WRONG, v.row)) if report else []
    return page(
        "creditor/facts_file.html",
        file_errors=errors or [],
        report=report,
        name=name,
        verdicts=[(verdict, texts_of(verdict.errors, _LABELS)) for verdict in ordered[:ROWS_SHOWN]],
        hidden=max(0, len(ordered) - ROWS_SHOWN),
        max_megabytes=MAX_MEGABYTES,
        FACTS=YES_NO_FACTS,
        OUTCOMES={
            FactOutcome.STORED: "Lagret" if report and report.stored else "Kan lagres",
            FactOutcome.KNOWN: "Meldt før",
            FactOutcome.WRONG: "Må rettes",
        },
    )
