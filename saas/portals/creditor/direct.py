"""The creditor tells that a debtor has paid it directly: one by form, many by file. The rules are the API's."""

from flask import redirect, request, url_for

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.lifecycle import get_case, head_of
from saas.cases.queries import CaseStatus, case_status
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.payments.direct import DirectReport, Told, read_direct_csv, report_direct_payment, report_direct_payments
from saas.payments.direct_schemas import DirectPaymentSchema
from saas.portals.creditor.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of, read_form, texts_of
from saas.portals.shared.tenancy import open_here, page

MAX_MEGABYTES = 2
ROWS_SHOWN = 500
_LABELS = {"amount": "beløp", "paid_on": "betalt dato", "reference": "referanse", "case_number": "saksnummer",
           "invoice_number": "fakturanummer", "row": ""}  # fmt: skip


@pages.route("/cases/<int:number>/direct-payments", methods=["GET", "POST"])
@at_desk(Action.REPORT_FACTS)
def direct_payment(user: Signed, number: int) -> Answer:
    """A payment the creditor got itself: booked on the case, where costs and interest remain due."""
    with open_here(user.creditor_id) as tenant:  # through the creditor's own wall
        today = clock.today(tenant)
        case = case_status(tenant, number, today)
    schema = DirectPaymentSchema(today=today)
    if request.method == "GET":
        return _form_page(case, form_of(schema))
    typed, errors = read_form(schema, request.form)
    if not errors:
        try:
            with open_here() as tenant:  # it moves money in the book: it runs as staff, on the case just seen
                head = head_of(tenant, get_case(tenant, number=case.number).id)
                report_direct_payment(
                    tenant,
                    head.id,
                    amount_ore=typed["amount"],
                    paid_on=typed["paid_on"],
                    reference=typed["reference"],
                    today=today,
                    now=clock.now(tenant),
                    actor=user.actor,
                )
                number = head.number
            return redirect(url_for("creditor.direct_done", number=number), 303)
        except BadInput as wrong:
            errors = wrong.errors
    return _form_page(case, form_of(schema, request.form, errors)), 422


@pages.get("/cases/<int:number>/direct-payments/done")
@at_desk(Action.REPORT_FACTS)
def direct_done(user: Signed, number: int) -> Answer:
    """What remains due now; safe to bookmark and to load again."""
    with open_here(user.creditor_id) as tenant:
        return page("creditor/direct_done.html", case=case_status(tenant, number, clock.today(tenant)))


@pages.route("/direct-payments/file", methods=["GET", "POST"])
@at_desk(Action.REPORT_FACTS)
def direct_payments_file(user: Signed) -> Answer:
    """Many of them from a CSV file: a verdict for each row; all are booked, or none."""
    if request.method == "GET":
        return _file_page()
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return _file_page(errors=["Velg en fil først."]), 422
    try:
        rows = read_direct_csv(upload.stream.read(MAX_MEGABYTES * 1024 * 1024 + 1))
        with open_here() as tenant:
            report = report_direct_payments(
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


def _form_page(case: CaseStatus, form: Form) -> str:
    return page("creditor/direct.html", case=case, form=form, failed=form.has_errors)


def _file_page(errors: list[str] | None = None, report: DirectReport | None = None, name: str = "") -> str:
    ordered = sorted(report.verdicts, key=lambda v: (v.outcome is not Told.WRONG, v.row)) if report else []
    return page(
        "creditor/direct_file.html",
        file_errors=errors or [],
        report=report,
        name=name,
        verdicts=[(verdict, texts_of(verdict.errors, _LABELS)) for verdict in ordered[:ROWS_SHOWN]],
        hidden=max(0, len(ordered) - ROWS_SHOWN),
        max_megabytes=MAX_MEGABYTES,
        OUTCOMES={
            Told.BOOKED: "Bokført" if report and report.booked else "Kan bokføres",
            Told.KNOWN: "Meldt før",
            Told.WRONG: "Må rettes",
        },
    )
