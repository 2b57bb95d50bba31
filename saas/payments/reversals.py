"""Money that goes away again (tilbakeføring): it bounced, was charged back, was sent back, or belonged elsewhere.

What was placed for the payment is answered by opposite entries, the case's other payments are placed anew without it,
and then the money leaves. A case that was closed as paid opens again.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from stdnum.no import kontonr

from saas.cases.books import book_of, family_of
from saas.cases.lifecycle import get_case, record_on_case
from saas.cases.models import Case, CaseHold
from saas.cases.reopening import reopen_case
from saas.kernel import history
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import CLIENT_BANK, MONEY, OWED_DEBTOR, UNPLACED, Transfer
from saas.ledger.post import Entry, Leg, post
from saas.payments.back_dated import take_back_all
from saas.payments.matching import BY_PAYOUT, BY_PERSON, BY_TOP_UP, CREDITOR, Incoming
from saas.payments.models import Payment, Repayment
from saas.payments.overpaid import DUE, MAY_BE_ANOTHER_CASE, OVERPAID
from saas.payments.placing import BANK, lock_cases, place_again
from saas.payments.rows import payment_of
from saas.rules.facts import Stage
from saas.rules.money import Ore
from tenants.models import Creditor
from tenants.resolve import Tenant

NEW, PLACED, UNMATCHED, REVERSED = "new", "placed", "unmatched", "reversed"
WENT_BACK = "money_went_back"
"""The kind of the entry by which a payment's money leaves; its reason says why."""
BOUNCED, SENT_BACK, WITHDRAWN = "bounced", "sent_back", "report_withdrawn"


def money_went_back(
    tenant: Tenant,
    payment_id: UUID,
    amount_ore: int,
    why: str,
    *,
    left: str = CLIENT_BANK,
    on: date,
    news: str = "",
    now: datetime,
    actor: str,
) -> None:
    """Of a payment, `amount_ore` has gone back to the payer from the account `left` on the day `on`.

    `why` is a code: bounced, refunded, charged_back … `news` names what told us: the same news changes nothing a second
    time; without it each call is news. The rest of the payment is placed again; with nothing left it is reversed.
    Raises NotFound, BadInput (`amount`), Refused: not placed yet, or more than there is left of it.
    """
    case, payment = lock_payment(tenant, payment_id)
    source = f"reversed:{payment.id}:{news or _times(tenant, payment) + 1}"
    if news and _is_booked(tenant, source):
        return
    out = Leg(UNPLACED, left, MONEY, _checked(payment, amount_ore))
    take_out(tenant, case, payment, source, out, why, on=on, now=now, actor=actor)


def send_back(
    tenant: Tenant, payment_id: UUID, *, account: str = "", today: date, now: datetime, actor: str
) -> Repayment:
    """Return a bank payment to its payer (tilbakebetaling): to the account it came from, else to `account`.

    It is the payer's from now, off the case it was on, and waits to be ordered from the bank. Raises NotFound, BadInput
    (`account`), Refused for what did not come by bank and what is gone already.
    """
    case, payment = lock_payment(tenant, payment_id)
    if payment.provider != BANK:
        raise Refused("not_by_bank", "Betalingen kom ikke fra banken. Den betales tilbake der den ble betalt.")
    ore = _checked(payment, payment.amount_ore - payment.gone_ore)
    row = Repayment(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=case.creditor_id if case else NIL,
        case_id=case.id if case else None,
        payment_id=payment.id,
        amount_ore=ore,
        account=_account(account or payment.debit_account),
        state=DUE,
        reason=SENT_BACK,
        made_on=today,
        order_id=None,
    )
    tenant.session.add(row)
    source = f"reversed:{payment.id}:{row.id}"
    out = Leg(UNPLACED, OWED_DEBTOR, MONEY, ore)
    take_out(tenant, case, payment, source, out, SENT_BACK, on=today, now=now, actor=actor)
    return row


def pay_back_to(tenant: Tenant, repayment_id: UUID, account: str, *, now: datetime, actor: str) -> Repayment:
    """Say where a repayment that waits goes; then it can be ordered. Raises NotFound, BadInput (`account`), Refused."""
    query = sa.select(Repayment).where(Repayment.tenant_id == tenant.id, Repayment.id == repayment_id)
    known = tenant.session.scalar(query)
    if known is None:
        raise NotFound("Vi finner ikke tilbakebetalingen.")
    case = None
    if known.case_id is not None:
        cases, heads = lock_cases(tenant, {known.case_id})
        case = cases[heads[known.case_id]]
    row = tenant.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None or row.state != DUE:
        raise Refused("not_due", "Tilbakebetalingen er bestilt, eller trengs ikke lenger.")
    row.account = _account(account)
    row.reason = OVERPAID if row.reason == MAY_BE_ANOTHER_CASE else row.reason
    body = {"repayment": str(row.id), "amount_ore": row.amount_ore, "account": row.account}
    if case is not None and case.case_key is not None:
        record_on_case(tenant, case, "repayment.account", body, now=now, actor=actor)
    else:
        history.record(tenant.session, "repayment.account", at=now, actor=actor, body=body)
    return row


def move_payment(tenant: Tenant, payment_id: UUID, to_case: UUID, *, now: datetime, actor: str) -> Case:
    """A placed payment belongs to another case: off the one, onto the other as of its own value date; both histories
    tell. Returns the other case. Raises NotFound, Refused."""
    known = payment_of(tenant, payment_id)
    if known.case_id is None or known.state != PLACED:
        raise Refused("not_placed", "Betalingen er ikke plassert på en sak.")
    cases, heads = lock_cases(tenant, {known.case_id, get_case(tenant, to_case).id})
    source, target = cases[heads[known.case_id]], cases[heads[to_case]]
    payment = payment_of(tenant, payment_id, lock=True)
    _check_move(payment, source, target)
    lock_creditors(tenant, source, target)
    cause = new_id()
    taken = take_back_all(tenant, family_of(tenant, [source.id]), f"moved:{payment.id}", now)
    payment.case_id, payment.matched_by = target.id, BY_PERSON
    tenant.session.flush()
    place_again(tenant, source, [p for p in taken if p.id != payment.id], cause=cause, now=now, actor=actor)
    place_again(tenant, target, [p for p in taken if p.id == payment.id], cause=cause, now=now, actor=actor)
    body = {"payment": str(payment.id), "amount_ore": payment.amount_ore - payment.gone_ore}
    body |= {"from": source.number, "to": target.number}
    for case in (source, target):
        record_on_case(tenant, case, "payment.moved", body, now=now, actor=actor)
    open_again_when_owed(tenant, source, "moved", on=now.date(), now=now, actor=actor)
    return target


def withdraw_report(tenant: Tenant, payment_id: UUID, *, now: datetime, actor: str) -> None:
    """What the creditor reported as paid straight to it was not: as if it had never been said. Raises Refused."""
    case, payment = lock_payment(tenant, payment_id)
    if payment.provider != CREDITOR or payment.state != PLACED:
        raise Refused("no_report", "Dette er ikke en betaling oppdragsgiveren har meldt.")
    out = Leg(UNPLACED, CLIENT_BANK, MONEY, Ore(payment.amount_ore))
    take_out(tenant, case, payment, "", out, WITHDRAWN, on=now.date(), now=now, actor=actor)


def left_of(tenant: Tenant, payment_id: UUID) -> Ore:
    """What is left of a payment, in øre. Raises NotFound."""
    payment = payment_of(tenant, payment_id)
    return Ore(payment.amount_ore - payment.gone_ore)


# --- what all of it shares --------------------------------------------------------------------------------------------


def lock_payment(tenant: Tenant, payment_id: UUID) -> tuple[Case | None, Payment]:
    """A payment, locked, with the case it is on; cases are locked before payments. Raises NotFound."""
    known = payment_of(tenant, payment_id)
    case = None
    if known.case_id is not None and known.state in (PLACED, REVERSED):
        cases, heads = lock_cases(tenant, {known.case_id})
        case = cases[heads[known.case_id]]
        if case.case_key is None:
            raise Refused("anonymised", "Saken er anonymisert.")
    return case, payment_of(tenant, payment_id, lock=True)


def take_out(
    tenant: Tenant,
    case: Case | None,
    payment: Payment,
    source: str,
    out: Leg,
    why: str,
    *,
    also: Sequence[Entry] = (),
    on: date,
    now: datetime,
    actor: str,
) -> None:
    """Take a locked payment off its locked case, let the leg `out` take its money, and place again what is left.

    What a creditor has reported never was on any account of ours, so nothing leaves one: the report is put right.
    """
    taken: list[Incoming] = []
    if case is not None:
        lock_creditors(tenant, case)
    if payment.provider == CREDITOR:
        payment.amount_ore -= out.amount_ore
    else:
        payment.gone_ore += out.amount_ore
    tenant.session.flush()
    if case is not None:
        taken = take_back_all(tenant, family_of(tenant, [case.id]), f"{why}:{payment.id}", now)
    if payment.provider != CREDITOR:
        creditor_id, case_id = (case.creditor_id, case.id) if case else (NIL, None)
        gone = Entry(source, WENT_BACK, creditor_id, case_id, (out,), on, reason=why)
        post(tenant.session, [gone, *also], now)
    if payment.gone_ore == payment.amount_ore:
        payment.state, payment.why = REVERSED, why
        tenant.session.flush()
    if case is not None:
        place_again(tenant, case, taken, cause=new_id(), now=now, actor=actor)
    _tell(tenant, case, payment, out.amount_ore, why, on, now, actor)
    if case is not None:
        open_again_when_owed(tenant, case, why, on=now.date(), now=now, actor=actor)


def open_again_when_owed(tenant: Tenant, case: Case, why: str, *, on: date, now: datetime, actor: str) -> None:
    """A case closed as paid that is owed again opens; an open one that waited for nothing more is looked at again."""
    tenant.session.flush()
    if book_of(tenant, [case.id])[case.id].left_ore <= 0:
        return
    if case.stage == Stage.CLOSED:
        if case.closed_because == "paid":
            reopen_case(tenant, case, why, on=on, now=now, actor=actor)
    elif case.next_action_on is None and not _is_held(tenant, case):
        case.next_action_on, case.waits_for = on, ""


def lock_creditors(tenant: Tenant, *cases: Case) -> None:
    """The order in which a creditor's money is paid out and taken back must be plain: one at a time."""
    tenant.session.execute(
        sa.select(Creditor.id)
        .where(Creditor.tenant_id == tenant.id, Creditor.id.in_({case.creditor_id for case in cases}))
        .order_by(Creditor.id)
        .with_for_update(key_share=True)
    )


def _checked(payment: Payment, amount_ore: int) -> Ore:
    """Raises Refused or BadInput when this cannot go back."""
    if payment.state == NEW:
        raise Refused("not_placed_yet", "Betalingen er ikke plassert ennå. Prøv igjen om litt.")
    if payment.matched_by in (BY_PAYOUT, BY_TOP_UP):
        raise Refused("no_debtors_money", "Dette er ikke en skyldners penger.")
    if amount_ore <= 0:
        if payment.state == REVERSED:
            raise Refused("gone", "Betalingen er gått tilbake.")
        raise BadInput({"amount": ["Beløpet må være over null."]})
    if payment.provider == CREDITOR:
        raise Refused("not_ours", "Pengene gikk rett til oppdragsgiveren. Meldingen kan trekkes.")
    if amount_ore > payment.amount_ore - payment.gone_ore:
        raise Refused("more_than_came", "Det er mer enn det som er igjen av betalingen.")
    return Ore(amount_ore)


def _check_move(payment: Payment, source: Case, target: Case) -> None:
    if payment.state != PLACED:
        raise Refused("not_placed", "Betalingen er ikke plassert på en sak.")
    if source.id == target.id:
        raise Refused("same_case", "Betalingen er alt på denne saken.")
    if source.case_key is None or target.case_key is None:
        raise Refused("anonymised", "Saken er anonymisert.")
    if payment.provider == CREDITOR and source.creditor_id != target.creditor_id:
        raise Refused("other_creditor", "Betalingen gikk til en annen oppdragsgiver.")


def _account(typed: str) -> str:
    digits = "".join(c for c in typed if c in "0123456789")
    if not digits or len(digits) != 11 or not kontonr.is_valid(digits):
        raise BadInput({"account": ["Skriv de elleve sifrene i kontonummeret pengene skal til."]})
    return digits


def _times(tenant: Tenant, payment: Payment) -> int:
    """How often money of this payment has gone back before."""
    like = f"reversed:{payment.id}:%"
    query = sa.select(sa.func.count()).where(Transfer.tenant_id == tenant.id, Transfer.source.like(like))
    return tenant.session.scalar(query) or 0


def _is_booked(tenant: Tenant, source: str) -> bool:
    query = sa.select(sa.exists().where(Transfer.tenant_id == tenant.id, Transfer.source == source))
    return bool(tenant.session.scalar(query))


def _is_held(tenant: Tenant, case: Case) -> bool:
    held = sa.exists().where(CaseHold.tenant_id == tenant.id, CaseHold.case_id == case.id, CaseHold.lifted_on.is_(None))
    return bool(tenant.session.scalar(sa.select(held)))


def _tell(
    tenant: Tenant, case: Case | None, payment: Payment, ore: int, why: str, on: date, now: datetime, actor: str
) -> None:
    body = {
        "payment": str(payment.id),
        "amount_ore": ore,
        "value_on": payment.value_on.isoformat(),
        "why": why,
        "on": on.isoformat(),
    }
    if case is not None:
        record_on_case(tenant, case, "payment.went_back", body, now=now, actor=actor)
    else:
        history.record(tenant.session, "payment.went_back", at=now, actor=actor, body=body)
