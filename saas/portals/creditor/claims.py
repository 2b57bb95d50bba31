"""Register claims at the desk: one by form with a check page, or many by file. The rules are the API's."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.claim_fields import claim_schema, claim_template, read_claims
from saas.cases.intake import IntakeReport, Outcome, Verdict, register_claims
from saas.cases.queries import case_status, creditors_in_sight
from saas.cases.schemas import EARLIER, MORE, ClaimInput
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.portals.creditor.pages import pages
from saas.portals.creditor.schemas import CLAIM_CHOICES, PROOFS, creditor_schema
from saas.portals.creditor.session import Answer, at_desk, creditor_chosen
from saas.portals.creditor.words import next_step_sentence, texts_of, understood
from saas.portals.shared.forms import Form, form_of, plain_values, read_form
from saas.portals.shared.tenancy import open_here, page
from tenants.resolve import Tenant

Typed = MultiDict[str, str]
ROWS_SHOWN = 500
MAX_MEGABYTES = 20


@pages.route("/claims/new", methods=["GET", "POST"])
@at_desk(Action.REGISTER_CLAIMS)
def new_claim(user: Signed) -> Answer:
    """The form; a POST checks it and shows what was understood. Nothing is registered yet."""
    with open_here() as tenant:
        typed = _typed()
        if request.method == "GET" or "change" in request.form:
            return _form_page(tenant, user, typed, {})
        verdict, errors = _try(tenant, user, typed, dry_run=True)
        if errors:
            return _form_page(tenant, user, typed, errors), 422
        claim: ClaimInput = claim_schema(tenant, user.creditor_id, clock.today(tenant)).load(
            plain_values(claim_schema(tenant, user.creditor_id, clock.today(tenant)), typed)
        )
        return page(
            "creditor/check_claim.html",
            form=_form(tenant, user, typed, {}),
            verdict=verdict,
            amount_ore=claim.amount,
            understood=understood(claim),
        )


@pages.post("/claims")
@at_desk(Action.REGISTER_CLAIMS)
def register_claim(user: Signed) -> Answer:
    """The binding act. The same form sent twice finds its own case."""
    with open_here() as tenant:
        typed = _typed()
        verdict, errors = _try(tenant, user, typed, dry_run=False)
        if verdict is None or errors:
            return _form_page(tenant, user, typed, errors), 422
        return redirect(url_for("creditor.claim_done", number=verdict.case_number, outcome=verdict.outcome), 303)


@pages.get("/claims/done/<int:number>")
@at_desk(Action.REGISTER_CLAIMS)
def claim_done(user: Signed, number: int) -> Answer:
    """What was registered, its case number, and what happens when; safe to bookmark."""
    with open_here(user.creditor_id) as tenant:
        case = case_status(tenant, number, clock.today(tenant))
        sentence = next_step_sentence(case)
        return page(
            "creditor/done.html",
            case=case,
            next_step_sentence=sentence,
            duplicate=request.args.get("outcome") == "duplicate",
        )


@pages.route("/claims/file", methods=["GET", "POST"])
@at_desk(Action.REGISTER_CLAIMS)
def claims_file(user: Signed) -> Answer:
    """Many claims from a CSV file: a verdict for each row; all are taken, or none."""
    with open_here() as tenant:
        if request.method == "GET":
            return _file_page(tenant, user)
        upload = request.files.get("file")
        if not upload or not upload.filename:
            return _file_page(tenant, user, {"file": ["Velg en fil først."]}), 422
        try:
            creditor_id = _creditor(tenant, user, request.form)
            report = register_claims(
                tenant,
                read_claims(tenant, creditor_id, upload.stream.read()),
                creditor_id=creditor_id,
                today=clock.today(tenant),
                now=clock.now(tenant),
                actor=user.actor,
                dry_run="try" in request.form,
            )
        except BadInput as wrong:
            return _file_page(tenant, user, wrong.errors), 422
        return _verdicts_page(report, upload.filename[:100]), 422 if report.has_errors else 200


@pages.get("/claims/template.csv")
@at_desk(Action.REGISTER_CLAIMS)
def claims_template(user: Signed) -> Answer:
    """A CSV file with the right headings."""
    headers = {"Content-Disposition": 'attachment; filename="krav-mal.csv"'}
    with open_here() as tenant:
        return Response(claim_template(tenant, user.creditor_id), mimetype="text/csv", headers=headers)


# --- parts ----------------------------------------------------------------------------------------------------------


def _typed() -> Typed:
    """What was typed; a document handed in becomes the hash that proves it (law M13). The document stays theirs."""
    typed: Typed = MultiDict(request.form)
    for name in PROOFS:
        upload = request.files.get(f"{name}_file")
        if upload and upload.filename:
            typed[name] = hashlib.sha256(upload.stream.read()).hexdigest()
    return typed


def _try(tenant: Tenant, user: Signed, typed: Typed, *, dry_run: bool) -> tuple[Verdict | None, dict[str, Any]]:
    """Register one claim, or see whether it could be: (verdict, errors); a verdict when there are no errors."""
    schema = claim_schema(tenant, user.creditor_id, clock.today(tenant))
    try:
        creditor_id = _creditor(tenant, user, typed)
    except BadInput as wrong:
        return None, {**wrong.errors, **schema.validate(plain_values(schema, typed))}
    report = register_claims(
        tenant,
        [plain_values(schema, typed)],
        creditor_id=creditor_id,
        today=clock.today(tenant),
        now=clock.now(tenant),
        actor=user.actor,
        dry_run=dry_run,
    )
    return report.verdicts[0], report.verdicts[0].errors


def _creditor(tenant: Tenant, user: Signed, typed: Typed) -> UUID:
    """Raises BadInput when staff chose no creditor of this tenant."""
    if user.creditor_id == NIL:
        _, errors = read_form(creditor_schema(creditors_in_sight(tenant)), typed)
        if errors:
            raise BadInput(errors)
    return creditor_chosen(user, typed.get("creditor", ""))


def _form(tenant: Tenant, user: Signed, typed: Typed, errors: dict[str, Any]) -> Form:
    claim = form_of(
        claim_schema(tenant, user.creditor_id, clock.today(tenant)),
        typed,
        errors,
        choices=CLAIM_CHOICES,
        inputs=dict.fromkeys(PROOFS, "file"),
    )
    if user.creditor_id != NIL:
        return claim
    whose = form_of(creditor_schema(creditors_in_sight(tenant)), typed, {"creditor": errors.get("creditor")})
    return Form(whose.fields + claim.fields, tuple(text for text in claim.general_errors if "creditor" not in errors))


def _form_page(tenant: Tenant, user: Signed, typed: Typed, errors: dict[str, Any]) -> str:
    form = _form(tenant, user, typed, errors)
    return page("creditor/new_claim.html", form=form, failed=form.has_errors, folded=(EARLIER, MORE))


def _file_page(tenant: Tenant, user: Signed, errors: dict[str, Any] | None = None) -> str:
    creditors = creditors_in_sight(tenant) if user.creditor_id == NIL else []
    whose = form_of(creditor_schema(creditors), request.form, errors) if creditors else Form((), ())
    found = [str(text) for text in (errors or {}).get("file", [])]
    form = Form(whose.fields, ())
    return page("creditor/file.html", form=form, failed=bool(errors), file_errors=found, max_megabytes=MAX_MEGABYTES)


def _verdicts_page(report: IntakeReport, name: str) -> str:
    rejected_first = sorted(report.verdicts, key=lambda v: (v.outcome is not Outcome.REJECTED, v.row))
    return page(
        "creditor/file_verdicts.html",
        heading="Kravene er registrert" if report.registered else "Svar for hver linje",
        name=name,
        report=report,
        verdicts=[(verdict, texts_of(verdict)) for verdict in rejected_first[:ROWS_SHOWN]],
        hidden=max(0, len(report.verdicts) - ROWS_SHOWN),
    )
