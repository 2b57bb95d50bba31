"""Settlement (oppgjør) for staff: what is held and when it leaves, mandates, orders, reconciliation, alerts."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, redirect, request, url_for
from marshmallow import Schema, ValidationError, fields, validate
from werkzeug.wrappers import Response as AnyResponse

from saas.access.models import User
from saas.access.roles import Action, may
from saas.access.users import Signed
from saas.kernel import clock, files
from saas.kernel.config import settings
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL
from saas.payments.models import PaymentOrder, Payout
from saas.payments.settlement.alerts import Alert, AlertKind, alerts, creditor_alerts
from saas.payments.settlement.balances import type_balance
from saas.payments.settlement.dues import CreditorDue, Hindrance, creditor_dues
from saas.payments.settlement.invoices import invoices_of, to_pay_ore
from saas.payments.settlement.mandates import Mandates, approve_mandate, end_mandate, mandates_of, propose_mandate
from saas.payments.settlement.orders import lay_out, order_file, orders_of
from saas.payments.settlement.reconciling import deviates, reconcile, reconciliations
from saas.payments.settlement.remittance import remit
from saas.payments.settlement.statement_files import FORMATS, file_name, statement_file
from saas.payments.settlement.statements import statement_months, statement_of
from saas.portals.admin.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.forms import Form, form_of, read_form
from saas.portals.shared.tenancy import open_here, page
from saas.rules.money import Ore, ore_of_kroner
from tenants.models import Creditor
from tenants.profile import Account
from tenants.resolve import Tenant

OWN = "egne-gebyr"  # stands where a creditor's short name could, for the house's own fees
STAYS = {
    Hindrance.NO_MANDATE: "Fullmakt mangler",
    Hindrance.NOT_APPROVED: "Fullmakten venter på godkjenning",
    Hindrance.ACCOUNT_CHANGED: "Kontoen er endret uten ny fullmakt",
}
ORDER_STATES = {
    "made": "Sendt til banken",
    "accepted": "Mottatt av banken",
    "settled": "Utført",
    "rejected": "Avvist av banken",
}
ORDER_KINDS = {"settlement": "Oppgjør", "repayment": "Tilbakebetaling"}
PAYOUT_STATES = {"ordered": "Bestilt", "paid": "Utført", "rejected": "Avvist av banken"}
DEVIATIONS = {
    "bank_differs": "Banken har noe annet enn boken",
    "book_differs": "Boken stemmer ikke med det vi skylder",
    "top_up_due": "Vi skylder klientkontoen",
    "orders_under_way": "Bestilt, ikke utført",
    "card_on_the_way": "Kort og Vipps på vei",
}
MANY = 3  # so many warnings of one kind stand one by one; more are folded under what they have in common
IN_COMMON = {
    AlertKind.HELD_LONG: "oppdragsgivere har penger som har stått lenge på klientkontoen",
    AlertKind.NOTHING_LEAVES: "oppdragsgivere har penger som ikke kan betales ut",
    AlertKind.DEVIATES: "dager har et avvik som ikke er forklart",
    AlertKind.PAYOUT_REJECTED: "utbetalinger er avvist av banken",
    AlertKind.BANK_SILENT: "ganger har banken ikke svart",
    AlertKind.REPAYMENT_WAITS: "tilbakebetalinger til skyldnere venter",
}


class MandateSchema(Schema):
    """Where a creditor's money goes."""

    account = Account(
        required=True,
        metadata={"label": "Konto pengene skal til", "width": 16, "inputmode": "numeric", "example": "9999 02 00005"},
    )
    kid = fields.String(
        load_default="",
        validate=validate.Length(max=25),
        metadata={"label": "KID", "help": "Når oppdragsgiveren vil ha det på utbetalingen.", "width": 24},
    )


class Kroner(fields.String):
    """An amount in kroner and øre, as people write it; may be below zero. Becomes øre."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        plain = "".join(text.split()).replace("−", "-").removesuffix("kr").replace(",", ".")
        try:
            return ore_of_kroner(plain)
        except ValueError:
            raise ValidationError("Skriv kroner og øre, for eksempel 12 345,67.") from None


class BalanceSchema(Schema):
    """What stood on the client account."""

    on = fields.Date(required=True, metadata={"label": "Ved slutten av dagen", "width": 16, "input": "date"})
    amount = Kroner(required=True, metadata={"label": "Saldo i banken", "width": 16, "inputmode": "decimal"})


@dataclass(frozen=True, slots=True)
class CreditorRow:
    """A creditor on the page: what is held, when it leaves, and the state of its mandate."""

    due: CreditorDue
    days_held: int
    next_on: date | None
    stays: str
    mandates: Mandates
    alerts: list[Alert]


@pages.get("/settlement")
@at_desk(Action.REMIT)
def settlement(user: Signed) -> Answer:
    """The whole of it on one page."""
    return _overview(form_of(BalanceSchema()))


def _overview(balance_form: Form) -> str:
    with open_here() as tenant:
        today, mandates = clock.today(tenant), mandates_of(tenant)
        dues = creditor_dues(tenant, today)
        standing = alerts(tenant, today, dues)
        about = creditor_alerts(standing)
        rows = [
            CreditorRow(
                due,
                due.days_held(today),
                None if due.hindrance or due.own_money else due.next_on(today),
                STAYS[due.hindrance] if due.hindrance else "",
                mandates.get(due.creditor_id, Mandates()),
                about.get(due.creditor_id, []),
            )
            for due in dues
        ]
        return page(
            "admin/settlement.html",
            failed=balance_form.has_errors,
            alerts=[(kind, list(of_kind)) for kind, of_kind in groupby(standing, lambda alert: alert.kind)],
            alert_count=len(standing),
            MANY=MANY,
            IN_COMMON=IN_COMMON,
            rows=rows,
            own=mandates.get(NIL, Mandates()),
            OWN=OWN,
            has_account=tenant.has_licence,
            orders=orders_of(tenant, 20),
            ORDER_STATES=ORDER_STATES,
            ORDER_KINDS=ORDER_KINDS,
            reconciliations=reconciliations(tenant, 7),
            deviates=deviates,
            DEVIATIONS=DEVIATIONS,
            balance_form=balance_form,
            can_pay=any(row.due.leaves for row in rows),
        )


@pages.post("/settlement/pay-out")
@at_desk(Action.REMIT)
def pay_out_now(user: Signed) -> AnyResponse:
    """Order what can leave, without waiting for its day."""
    with open_here() as tenant:
        tenant_id, now, folder = tenant.id, clock.now(tenant), settings().order_folder / tenant.slug
    remit(tenant_id, now.date(), book=True, now=now, actor=user.actor)
    lay_out(tenant_id, folder, now=now)
    return _back("oppdrag")


@pages.post("/settlement/balance")
@at_desk(Action.REMIT)
def bank_balance(user: Signed) -> Answer:
    """What the bank says stood there; that day is reconciled at once."""
    typed, errors = read_form(BalanceSchema(), request.form)
    if not errors:
        try:
            with open_here() as tenant:
                now = clock.now(tenant)
                on, ore = typed["on"], Ore(typed["amount"])
                type_balance(tenant, on, ore, today=now.date(), now=now, actor=user.actor)
                reconcile(tenant, on, now=now)
        except BadInput as wrong:
            errors = wrong.errors
    if errors:
        return _overview(form_of(BalanceSchema(), request.form, errors)), 422
    return _back("avstemming")


@pages.get("/settlement/orders/<uuid:order_id>.xml")
@at_desk(Action.REMIT)
def order(user: Signed, order_id: UUID) -> Answer:
    """The file the bank gets."""
    with open_here() as tenant:
        found = tenant.session.get(PaymentOrder, (tenant.id, order_id))
        if found is None:
            raise NotFound("Vi finner ikke oppdraget.")
        return _download(order_file(found), "application/xml", f"{found.message_id}.xml")


def _back(part: str) -> AnyResponse:
    return redirect(f"{url_for('admin.settlement')}#{part}", 303)


# --- one creditor ---------------------------------------------------------------------------------------------------


@pages.get("/settlement/<slug>")
@at_desk(Action.REMIT)
def creditor_settlement(user: Signed, slug: str) -> Answer:
    """A creditor's mandate, payouts, statements and invoices."""
    return _creditor_page(user, slug, None)


def _creditor_page(user: Signed, slug: str, form: Form | None) -> str:
    with open_here() as tenant:
        creditor = _creditor(tenant, slug)
        creditor_id, today = creditor.id if creditor else NIL, clock.today(tenant)
        mandates = mandates_of(tenant).get(creditor_id, Mandates())
        payouts = tenant.session.scalars(
            sa.select(Payout)
            .where(Payout.tenant_id == tenant.id, Payout.creditor_id == creditor_id)
            .order_by(Payout.id.desc())
            .limit(20)
        ).all()
        suggested = {"account": creditor.payout_account} if creditor and not mandates.standing else {}
        return page(
            "admin/creditor_settlement.html",
            failed=bool(form and form.has_errors),
            slug=slug,
            creditor=creditor,
            mandates=mandates,
            names=_names(tenant, mandates),
            is_mine=bool(mandates.proposed and mandates.proposed.proposed_by == user.actor),
            may_approve=may(user.role, Action.APPROVE_PAYOUTS),
            due=next((due for due in creditor_dues(tenant, today) if due.creditor_id == creditor_id), None),
            STAYS=STAYS,
            form=form or form_of(MandateSchema(), suggested),
            payouts=payouts,
            PAYOUT_STATES=PAYOUT_STATES,
            months=statement_months(tenant, creditor_id, today) if creditor else [],
            FORMATS=FORMATS,
            invoices=invoices_of(tenant, creditor_id) if creditor else [],
            to_pay_ore=to_pay_ore,
        )


@pages.post("/settlement/<slug>/mandate")
@at_desk(Action.REMIT)
def set_up_mandate(user: Signed, slug: str) -> Answer:
    """Set up a mandate; another person approves it."""
    typed, errors = read_form(MandateSchema(), request.form)
    if not errors:
        try:
            with open_here() as tenant:
                creditor, now = _creditor(tenant, slug), clock.now(tenant)
                creditor_id = creditor.id if creditor else NIL
                propose_mandate(tenant, creditor_id, typed["account"], kid=typed["kid"], by=user, now=now)
        except BadInput as wrong:
            errors = wrong.errors
        except Refused as refused:
            errors = {"_": [refused.message]}
    if errors:
        return _creditor_page(user, slug, form_of(MandateSchema(), request.form, errors)), 422
    return redirect(url_for("admin.creditor_settlement", slug=slug), 303)


@pages.post("/settlement/<slug>/mandate/<uuid:mandate_id>/<word>")
@at_desk(Action.REMIT)
def answer_mandate(user: Signed, slug: str, mandate_id: UUID, word: str) -> AnyResponse:
    """Approve a mandate, or end it."""
    use_case = {"approve": approve_mandate, "end": end_mandate}.get(word)
    if use_case is None:
        raise NotFound("Vi finner ikke siden.")
    with open_here() as tenant:
        use_case(tenant, mandate_id, by=user, now=clock.now(tenant))
    return redirect(url_for("admin.creditor_settlement", slug=slug), 303)


@pages.get("/settlement/<slug>/statement/<first>/<last>.<form>")
@at_desk(Action.REMIT)
def creditor_statement(user: Signed, slug: str, first: str, last: str, form: str) -> Answer:
    """A creditor's statement as a file."""
    with open_here() as tenant:
        creditor = _creditor(tenant, slug)
        return statement_download(tenant, creditor.id if creditor else NIL, first, last, form)


@pages.get("/settlement/<slug>/invoices/<int:number>.pdf")
@at_desk(Action.REMIT)
def creditor_invoice(user: Signed, slug: str, number: int) -> Answer:
    """An invoice as it was issued."""
    with open_here() as tenant:
        creditor = _creditor(tenant, slug)
        return invoice_download(tenant, creditor.id if creditor else NIL, number)


def statement_download(tenant: Tenant, creditor_id: UUID, first: str, last: str, form: str) -> Response:
    """The statement of a period, its days in ISO. Raises NotFound, BadInput."""
    if form not in FORMATS:
        raise NotFound("Vi finner ikke filen.")
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise NotFound("Vi finner ikke filen.") from None
    statement = statement_of(tenant, creditor_id, *days)
    return _download(statement_file(tenant, statement, form), FORMATS[form], file_name(statement, form))


def invoice_download(tenant: Tenant, creditor_id: UUID, number: int) -> Response:
    """The PDF of an invoice. Raises NotFound."""
    found = next((one for one in invoices_of(tenant, creditor_id) if one.number == number), None)
    if found is None:
        raise NotFound("Vi finner ikke fakturaen.")
    return _download(files.get(found.path), "application/pdf", f"faktura-{number}.pdf")


def _download(content: bytes, mimetype: str, name: str) -> Response:
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _creditor(tenant: Tenant, slug: str) -> Creditor | None:
    """None: the house's own. Raises NotFound."""
    if slug == OWN:
        return None
    query = sa.select(Creditor).where(Creditor.tenant_id == tenant.id, Creditor.slug == slug)
    found = tenant.session.scalar(query)
    if found is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    return found


def _names(tenant: Tenant, mandates: Mandates) -> dict[str, str]:
    """Who the people behind the mandates are."""
    actors = {
        actor
        for mandate in (mandates.standing, mandates.proposed)
        if mandate
        for actor in (mandate.proposed_by, mandate.approved_by)
        if actor.startswith("user:")
    }
    ids = [UUID(actor.removeprefix("user:")) for actor in actors]
    rows = tenant.session.scalars(sa.select(User).where(User.tenant_id == tenant.id, User.id.in_(ids)))
    return {f"user:{row.id}": row.name for row in rows}
