"""The creditor's own page of money (Oppgjør): what is held, what was paid out, statements and invoices to keep."""

import sqlalchemy as sa
from flask import redirect, url_for

from saas.access.roles import Action
from saas.access.users import Signed
from saas.kernel import clock
from saas.kernel.ids import NIL
from saas.ledger.models import OWED_CREDITOR
from saas.ledger.sums import account_balances, of_accounts
from saas.payments.models import Payout
from saas.payments.settlement.invoices import invoices_of, to_pay_ore
from saas.payments.settlement.statement_files import FORMATS
from saas.payments.settlement.statements import statement_months
from saas.portals.admin.settlement import PAYOUT_STATES, invoice_download, statement_download
from saas.portals.creditor.pages import pages
from saas.portals.creditor.session import Answer, at_desk
from saas.portals.shared.tenancy import open_here, page


@pages.get("/settlement")
@at_desk(Action.SEE_MONEY)
def settlement(user: Signed) -> Answer:
    """What this creditor has to its credit, and every paper about it. Staff have a page of their own."""
    if user.creditor_id == NIL:
        return redirect(url_for("admin.settlement"), 303)
    with open_here(user.creditor_id) as tenant:
        today = clock.today(tenant)
        held = of_accounts(account_balances(tenant.session, today, user.creditor_id)).get(OWED_CREDITOR, 0)
        payouts = tenant.session.scalars(
            sa.select(Payout)
            .where(Payout.tenant_id == tenant.id, Payout.creditor_id == user.creditor_id)
            .order_by(Payout.id.desc())
            .limit(50)
        ).all()
        return page(
            "creditor/settlement.html",
            held_ore=-held,
            has_account=tenant.has_licence,
            payouts=payouts,
            PAYOUT_STATES=PAYOUT_STATES,
            months=statement_months(tenant, user.creditor_id, today),
            FORMATS=FORMATS,
            invoices=invoices_of(tenant, user.creditor_id),
            to_pay_ore=to_pay_ore,
        )


@pages.get("/settlement/<first>/<last>.<form>")
@at_desk(Action.SEE_MONEY)
def statement(user: Signed, first: str, last: str, form: str) -> Answer:
    """The creditor's own statement as a file, read through its own wall."""
    with open_here(user.creditor_id) as tenant:
        return statement_download(tenant, user.creditor_id, first, last, form)


@pages.get("/settlement/invoices/<int:number>.pdf")
@at_desk(Action.SEE_MONEY)
def invoice(user: Signed, number: int) -> Answer:
    """An invoice to this creditor as it was issued."""
    with open_here(user.creditor_id) as tenant:
        return invoice_download(tenant, user.creditor_id, number)
