"""Payments at the desk (innbetalinger): bank files in, whose money it is, and money that goes back."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as AnyResponse

from saas.access.roles import Action
from saas.access.users import Signed
from saas.cases.lifecycle import get_case
from saas.hooks import BankVerdict
from saas.kernel import clock
from saas.kernel.errors import BadInput
from saas.payments.bank_files import FileRefused
from saas.payments.bank_payouts import is_payout, is_payout_of, untold
from saas.payments.bounced import take_back
from saas.payments.by_hand import assign_payment, belongs_nowhere
from saas.payments.desk import (
    find_cases,
    payment_view,
    payments_on_case,
    waiting_page,
    waiting_repayments,
)
from saas.payments.inbox import ImportReport, import_bank_file
from saas.payments.maybe_paid import hold_what_may_be_paid
from saas.payments.placing import place_payments
from saas.payments.reversals import move_payment, pay_back_to, send_back, withdraw_report
from saas.payments.suggestions import SHOWN, Reason
from saas.payments.top_ups import is_top_up
from saas.portals.admin import payment_words as words
from saas.portals.admin.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.fields import Kroner
from saas.portals.shared.tenancy import open_here, page, tenant_here
from saas.rules.money import Ore

MAX_MEGABYTES = 20
VERDICTS_SHOWN = 200


@pages.context_processor
def _words() -> dict[str, Any]:
    names = ("WHY", "REASONS", "REPAY", "DONE", "FROM", "PROVIDERS", "NO_DEBTORS")
    return {name: getattr(words, name) for name in names}


@pages.get("/payments")
@at_desk(Action.PLACE_PAYMENTS)
def payments(user: Signed) -> Answer:
    """What waits for a person, with suggestions; and a bank file to take in."""
    return _list_page()


@pages.post("/payments/file")
@at_desk(Action.IMPORT_PAYMENTS)
def payments_file(user: Signed) -> Answer:
    """Take in a bank file and place what it brings; a verdict on what is odd or wrong."""
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return _list_page(["Velg en fil først."]), 422
    with open_here() as tenant:
        now = clock.now(tenant)
    name = upload.filename[:100]
    try:
        report = import_bank_file(tenant_here(), upload.stream.read(), name, now, actor=user.actor)
    except FileRefused as wrong:
        return _file_page(name, None, wrong.findings.kept, None), 422
    placed = place_payments(tenant_here(), now, actor=user.actor)
    return _file_page(name, report, list(report.verdicts), placed)


@pages.get("/payments/<uuid:payment_id>")
@at_desk(Action.PLACE_PAYMENTS)
def payment(user: Signed, payment_id: UUID) -> Answer:
    """One payment: what it says, which case it may belong to, and what can be done with it."""
    return _payment_page(payment_id)


@pages.post("/payments/<uuid:payment_id>/place")
@at_desk(Action.PLACE_PAYMENTS)
def place_payment(user: Signed, payment_id: UUID) -> Answer:
    """The case handler has said whose money it is."""
    number = _number(request.form.get("case_number", ""))
    try:
        if number is None:
            raise BadInput({"case_number": ["Skriv saksnummeret med tall."]})
        with open_here() as tenant:
            now = clock.now(tenant)
            known = [reason for reason in request.form.get("because", "").split() if reason in set(Reason)]
            assign_payment(tenant, payment_id, number, because=known, now=now, actor=user.actor)
    except BadInput as wrong:
        return _payment_page(payment_id, wrong), 422
    place_payments(tenant_here(), now, actor=user.actor)
    return _done("placed", number)


@pages.post("/payments/<uuid:payment_id>/move")
@at_desk(Action.PLACE_PAYMENTS)
def move(user: Signed, payment_id: UUID) -> Answer:
    """A placed payment belongs to another case."""
    number = _number(request.form.get("case_number", ""))
    if number is None:
        return _payment_page(payment_id, BadInput({"case_number": ["Skriv saksnummeret med tall."]})), 422
    with open_here() as tenant:
        now = clock.now(tenant)
        move_payment(tenant, payment_id, get_case(tenant, number=number).id, now=now, actor=user.actor)
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("moved", number)


@pages.post("/payments/<uuid:payment_id>/send-back")
@at_desk(Action.PLACE_PAYMENTS)
def give_back(user: Signed, payment_id: UUID) -> Answer:
    """The money goes back to whoever paid it."""
    try:
        with open_here() as tenant:
            now = clock.now(tenant)
            account = request.form.get("account", "")
            send_back(tenant, payment_id, account=account, today=now.date(), now=now, actor=user.actor)
    except BadInput as wrong:
        return _payment_page(payment_id, wrong), 422
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("sent_back")


@pages.post("/payments/<uuid:payment_id>/not-ours")
@at_desk(Action.PLACE_PAYMENTS)
def not_ours(user: Signed, payment_id: UUID) -> Answer:
    """The money belongs to no case here."""
    with open_here() as tenant:
        now = clock.now(tenant)
        belongs_nowhere(tenant, payment_id, now=now, actor=user.actor)
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("not_ours")


@pages.post("/payments/<uuid:payment_id>/undo")
@at_desk(Action.PLACE_PAYMENTS)
def undo(user: Signed, payment_id: UUID) -> Answer:
    """Which payment the bank has taken back by this row."""
    try:
        undone = UUID(request.form.get("undoes", ""))
    except ValueError:
        return _payment_page(payment_id, BadInput({"undoes": ["Velg hvilken betaling banken har tatt tilbake."]})), 422
    with open_here() as tenant:
        now = clock.now(tenant)
        take_back(tenant, undone, payment_id, now=now, actor=user.actor)
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("undone")


@pages.post("/payments/<uuid:payment_id>/payout")
@at_desk(Action.PLACE_PAYMENTS)
def payout(user: Signed, payment_id: UUID) -> Answer:
    """It is a provider's payout: one it has told of, or one the case handler has the report of."""
    try:
        with open_here() as tenant:
            now = clock.now(tenant)
            if told := request.form.get("payout", ""):
                is_payout(tenant, payment_id, _id(told), now=now, actor=user.actor)
            else:
                provider, gross_ore = request.form.get("provider", ""), _ore(request.form.get("gross", ""))
                is_payout_of(tenant, payment_id, provider, gross_ore, now=now, actor=user.actor)
    except BadInput as wrong:
        return _payment_page(payment_id, wrong), 422
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("payout")


@pages.post("/payments/<uuid:payment_id>/top-up")
@at_desk(Action.PLACE_PAYMENTS)
def top_up(user: Signed, payment_id: UUID) -> Answer:
    """It is the agency's own money."""
    with open_here() as tenant:
        now = clock.now(tenant)
        is_top_up(tenant, payment_id, now=now, actor=user.actor)
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("topped_up")


@pages.post("/payments/<uuid:payment_id>/withdraw")
@at_desk(Action.PLACE_PAYMENTS)
def withdraw(user: Signed, payment_id: UUID) -> Answer:
    """What the creditor reported as paid to it was not."""
    with open_here() as tenant:
        withdraw_report(tenant, payment_id, now=clock.now(tenant), actor=user.actor)
    return _done("withdrawn")


@pages.get("/cases/<int:number>/payments")
@at_desk(Action.PLACE_PAYMENTS)
def case_payments(user: Signed, number: int) -> Answer:
    """The payments of one case, each with what can be done with it."""
    with open_here() as tenant:
        case, rows = payments_on_case(tenant, number)
        return page("admin/case_payments.html", case=case, rows=rows)


@pages.post("/repayments/<uuid:repayment_id>")
@at_desk(Action.PLACE_PAYMENTS)
def repayment(user: Signed, repayment_id: UUID) -> Answer:
    """Where money that is the debtor's goes."""
    try:
        with open_here() as tenant:
            now = clock.now(tenant)
            pay_back_to(tenant, repayment_id, request.form.get("account", ""), now=now, actor=user.actor)
    except BadInput as wrong:
        return _list_page(wrong_repayment=(repayment_id, _first(wrong))), 422
    hold_what_may_be_paid(tenant_here(), now, user.actor)
    return _done("repaid")


# --- parts ------------------------------------------------------------------------------------------------------------


def _list_page(file_errors: list[str] | None = None, wrong_repayment: tuple[UUID, str] | None = None) -> str:
    with open_here() as tenant:
        found = waiting_page(tenant, _number(request.args.get("page", "")) or 1)
        repayments = waiting_repayments(tenant)
        return page(
            "admin/payments.html",
            found=found,
            repayments=repayments,
            wrong_repayment=wrong_repayment,
            file_errors=file_errors or [],
            max_megabytes=MAX_MEGABYTES,
            done=request.args.get("done", ""),
            done_case=_number(request.args.get("case", "")),
            shown=SHOWN,
        )


def _payment_page(payment_id: UUID, wrong: BadInput | None = None) -> str:
    with open_here() as tenant:
        found = payment_view(tenant, payment_id)
        searched = request.args.get("q", "")
        return page(
            "admin/payment.html",
            p=found,
            searched=searched,
            hits=find_cases(tenant, searched, found.value_on),
            errors={name: _first_of(texts) for name, texts in wrong.errors.items()} if wrong else {},
            typed=request.form,
            untold=untold(tenant),
            has_licence=tenant.has_licence,
        )


def _file_page(name: str, report: ImportReport | None, verdicts: list[BankVerdict], placed: Any) -> str:
    ordered = sorted(verdicts, key=lambda v: (v.level != "error", v.record))
    return page(
        "admin/payments_file.html",
        name=name,
        report=report,
        placed=placed,
        verdicts=ordered[:VERDICTS_SHOWN],
        hidden=max(0, len(ordered) - VERDICTS_SHOWN),
    )


def _done(what: str, case: int | None = None) -> AnyResponse:
    return redirect(url_for("admin.payments", done=what, case=case), 303)


def _number(typed: str) -> int | None:
    digits = "".join(typed.split())
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def _id(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise BadInput({"payout": ["Velg hvilket oppgjør det er."]}) from None


def _ore(typed: str) -> Ore:
    try:
        ore: Ore = Kroner().deserialize(typed)
    except ValidationError as wrong:
        raise BadInput({"gross": wrong.messages}) from None
    return ore


def _first(wrong: BadInput) -> str:
    return next((_first_of(texts) for texts in wrong.errors.values()), wrong.message)


def _first_of(texts: object) -> str:
    return str(texts[0]) if isinstance(texts, list | tuple) and texts else str(texts)
