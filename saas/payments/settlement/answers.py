"""What the bank answered, booked: a payout has left the client account, or comes back to whom it was owed."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
import structlog

from saas.cases.lifecycle import get_case, record_on_case
from saas.kernel import files, history
from saas.kernel.db import driver
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK, EARNED, MONEY, ORDERED, OWED_CREDITOR, OWED_DEBTOR, Transfer
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import PaymentOrder, Payout, Repayment
from saas.payments.settlement.balances import note_balance
from saas.payments.settlement.bank_news import Answer, Balance, Debit, OrderAnswer, Said, read_bank_news
from saas.payments.settlement.orders import ACCEPTED, MADE, REJECTED, SETTLED
from saas.payments.settlement.remittance import LOCK
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant

CARRIED_OUT, PAYOUT_REJECTED, REPAYMENT_REJECTED = "carried_out", "payout_rejected", "repayment_rejected"
ANSWERS, DONE, REFUSED = "answers", "done", "refused"
log = structlog.get_logger()


@dataclass(slots=True)
class NewsReport:
    """What one file of the bank did. `odd` is what a person should look at, in words."""

    carried_out: int = 0
    rejected: int = 0
    balances: int = 0
    odd: list[str] = field(default_factory=list)


def take_bank_news(tenant_id: UUID, content: bytes, name: str, *, now: datetime, actor: str = "worker") -> NewsReport:
    """Take in an answer to orders (pain.002) or a statement of accounts (camt.053, camt.054). The same
    again is harmless. Raises BadInput for anything else.
    """
    news, report = read_bank_news(content), NewsReport()
    sha256 = hashlib.sha256(content).hexdigest()
    with open_tenant(tenant_id) as tenant:
        path = f"tenants/{tenant.id}/bank_news/{sha256}.xml"
        files.put_once(path, content)
        for answer in news.answers:
            _take_answer(tenant, answer, report, now, actor)
        ours = [debit for debit in news.debits if debit.account == tenant.settings.client_account]
        for debit in ours:
            _take_debit(tenant, debit, report, now, actor)
        for balance in news.balances:
            report.balances += _take_balance(tenant, balance, sha256, now)
        body = {
            "name": name[:200],
            "sha256": sha256,
            "carried_out": report.carried_out,
            "rejected": report.rejected,
            "balances": report.balances,
            "odd": report.odd,
        }
        history.record(tenant.session, "bank_news.taken", at=now, actor=actor, body=body)
    return report


def _take_balance(tenant: Tenant, balance: Balance, sha256: str, now: datetime) -> bool:
    if balance.account != tenant.settings.client_account:
        return False
    return note_balance(tenant, balance.on, balance.ore, source=f"file:{sha256}", now=now)


def take_answers(tenant_id: UUID, folder: Path, *, now: datetime, actor: str = "worker") -> list[NewsReport]:
    """Take in all the bank has laid in the tenant's folder `answers`, and lay it away in `done` or `refused`."""
    reports = []
    for path in waiting_answers(folder):
        try:
            content = path.read_bytes()
            reports.append(take_bank_news(tenant_id, content, path.name, now=now, actor=actor))
            target = path.parent / DONE
        except BadInput as refused:
            log.error("bank_news_refused", file=path.name, why=refused.errors)
            target = path.parent / REFUSED
        except FileNotFoundError:
            continue  # another round took it
        target.mkdir(exist_ok=True)
        path.replace(target / path.name)
    return reports


def waiting_answers(folder: Path) -> list[Path]:
    """Files the bank has laid there, the oldest name first; those still being written end in .partial."""
    found = (folder / ANSWERS).glob("*.xml")
    return sorted(path for path in found if path.is_file())


# --- answers to orders ----------------------------------------------------------------------------------------------


def _take_answer(tenant: Tenant, answer: OrderAnswer, report: NewsReport, now: datetime, actor: str) -> None:
    order = _lock(tenant, PaymentOrder.message_id == answer.message_id)
    if order is None:
        report.odd.append(f"Banken svarer på {answer.message_id}, som vi ikke har sendt.")
        return
    if answer.whole and answer.whole.said is Said.DUPLICATE:
        report.odd.append(f"Banken hadde fått {answer.message_id} før.")
        return
    for payout in _payouts(tenant, order):
        told = answer.payments.get(payout.id.hex, answer.whole)
        if told is not None:
            _take_payout(tenant, payout, told, answer.on, report, now, actor)
    for repayment in _repayments(tenant, order):
        told = answer.payments.get(repayment.id.hex, answer.whole)
        if told is not None:
            _take_repayment(tenant, repayment, told, answer.on, report, now, actor)
    _note_state(tenant, order, answer.whole)


def _take_debit(tenant: Tenant, debit: Debit, report: NewsReport, now: datetime, actor: str) -> None:
    """Money has left the client account: the last word on a payment of ours."""
    paid = _paid_by(tenant, debit.end_to_end)
    if paid is None:
        report.odd.append(f"{debit.ore} øre har gått ut av klientkontoen {debit.on:%d.%m.%Y} uten oppdrag fra oss.")
        return
    ore = paid.paid_ore if isinstance(paid, Payout) else paid.amount_ore
    if ore != debit.ore:
        report.odd.append(f"Banken betalte {debit.ore} øre for {debit.end_to_end}, og ikke {ore}.")
        return
    order = _lock(tenant, PaymentOrder.id == paid.order_id)
    if order is None:
        raise AssertionError(f"{debit.end_to_end} is of no order")
    tenant.session.refresh(paid, with_for_update=True)
    told = Answer(Said.CARRIED_OUT)
    if isinstance(paid, Payout):
        _take_payout(tenant, paid, told, debit.on, report, now, actor)
    else:
        _take_repayment(tenant, paid, told, debit.on, report, now, actor)
    _note_state(tenant, order, None)


def _paid_by(tenant: Tenant, end_to_end: str) -> Payout | Repayment | None:
    try:
        row_id = UUID(end_to_end)
    except ValueError:
        return None
    payout = tenant.session.get(Payout, (tenant.id, row_id))
    if payout is not None and payout.order_id is not None:
        return payout
    repayment = tenant.session.get(Repayment, (tenant.id, row_id))
    return repayment if repayment is not None and repayment.order_id is not None else None


def _lock(tenant: Tenant, condition: sa.ColumnElement[bool]) -> PaymentOrder | None:
    """The order; creditors are locked before it, so that no settlement runs meanwhile."""
    driver(tenant.session).execute(LOCK, (tenant.id,))
    query = sa.select(PaymentOrder).where(PaymentOrder.tenant_id == tenant.id, condition)
    return tenant.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _payouts(tenant: Tenant, order: PaymentOrder) -> Sequence[Payout]:
    query = sa.select(Payout).where(Payout.tenant_id == tenant.id, Payout.order_id == order.id).order_by(Payout.id)
    return tenant.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def _repayments(tenant: Tenant, order: PaymentOrder) -> Sequence[Repayment]:
    query = sa.select(Repayment).where(Repayment.tenant_id == tenant.id, Repayment.order_id == order.id)
    ordered = query.order_by(Repayment.id).with_for_update().execution_options(populate_existing=True)
    return tenant.session.scalars(ordered).all()


def _note_state(tenant: Tenant, order: PaymentOrder, whole: Answer | None) -> None:
    tenant.session.flush()
    states = [payout.state for payout in _payouts(tenant, order)]
    states += [{"due": "rejected"}.get(row.state, row.state) for row in _repayments(tenant, order)]
    if order.payments > len(states):
        states += ["rejected"] * (order.payments - len(states))  # repayments that wait for another account
    if "ordered" in states:
        order.state = ACCEPTED if order.state in (MADE, ACCEPTED) else order.state
    else:
        order.state = SETTLED if "paid" in states else REJECTED
    rejected = states.count("rejected")
    if rejected:
        code = whole.why if whole and whole.said is Said.REJECTED else ""
        order.why = code or f"{rejected} av {order.payments} avvist"
    tenant.session.flush()


# --- one payment ----------------------------------------------------------------------------------------------------


def _take_payout(
    tenant: Tenant, payout: Payout, told: Answer, on: date, report: NewsReport, now: datetime, actor: str
) -> None:
    if told.said is Said.ACCEPTED or (payout.state, told.said) in _KNOWN:
        return
    if payout.state != "ordered":
        report.odd.append(f"Banken sier noe annet om utbetaling {payout.id.hex} enn den har sagt før: {told.said}.")
        return
    legs = tuple(_legs_of(tenant, payout))
    entry_id = legs[0].entry_id
    if told.said is Said.CARRIED_OUT:
        moved = tuple(
            Leg(ORDERED, CLIENT_BANK, leg.component, Ore(leg.amount_ore))
            if leg.credit == ORDERED
            else Leg(CLIENT_BANK, ORDERED, leg.component, Ore(leg.amount_ore))
            for leg in legs
        )
        entry = Entry(f"carried_out:{payout.id}", CARRIED_OUT, payout.creditor_id, None, moved, on)
        payout.state, report.carried_out = "paid", report.carried_out + 1
    else:
        back = tuple(Leg(leg.credit, leg.debit, leg.component, Ore(leg.amount_ore)) for leg in legs)
        source, why = f"rejected:{payout.id}", f"bank:{told.why}"
        entry = Entry(source, PAYOUT_REJECTED, payout.creditor_id, None, back, on, entry_id, why)
        payout.state, payout.why, report.rejected = "rejected", told.why, report.rejected + 1
    payout.done_on = on
    post(tenant.session, [entry], now)
    body = {"payout": str(payout.id), "creditor": str(payout.creditor_id), "ore": payout.paid_ore, "why": told.why,
            "on": on.isoformat()}  # fmt: skip
    kind = "payout.carried_out" if payout.state == "paid" else "payout.rejected"
    history.record(tenant.session, kind, at=now, actor=actor, body=body)
    tenant.session.flush()


_KNOWN = {("paid", Said.CARRIED_OUT), ("rejected", Said.REJECTED)}


def _legs_of(tenant: Tenant, payout: Payout) -> Iterator[Transfer]:
    """What was booked when it was ordered."""
    query = sa.select(Transfer).where(Transfer.tenant_id == tenant.id, Transfer.source == f"payout:{payout.id}")
    found = tenant.session.scalars(query.order_by(Transfer.leg)).all()
    other = EARNED if payout.creditor_id == NIL else OWED_CREDITOR
    if not found or any({leg.debit, leg.credit} != {ORDERED, other} for leg in found):
        raise AssertionError(f"payout {payout.id} is not booked as ordered")
    yield from found


def _take_repayment(
    tenant: Tenant, row: Repayment, told: Answer, on: date, report: NewsReport, now: datetime, actor: str
) -> None:
    if told.said is Said.ACCEPTED or (row.state, told.said) in _KNOWN:
        return
    if row.state != "ordered":
        report.odd.append(f"Banken sier noe annet om tilbakebetaling {row.id.hex} enn den har sagt før: {told.said}.")
        return
    entry_id = tenant.session.scalar(
        sa.select(Transfer.entry_id).where(
            Transfer.tenant_id == tenant.id, Transfer.source == f"repayment:{row.id}:{row.order_id}", Transfer.leg == 0
        )
    )
    if entry_id is None:
        raise AssertionError(f"repayment {row.id} is not booked as ordered")
    whose, ore, why = (row.creditor_id, row.case_id), Ore(row.amount_ore), f"bank:{told.why}"
    if told.said is Said.CARRIED_OUT:
        legs = (Leg(ORDERED, CLIENT_BANK, MONEY, ore),)
        entry = Entry(f"carried_out:{row.id}", CARRIED_OUT, *whose, legs, on)
        row.state, report.carried_out, kind = "paid", report.carried_out + 1, "repayment.paid"
    else:
        legs = (Leg(ORDERED, OWED_DEBTOR, MONEY, ore),)
        entry = Entry(f"rejected:{row.id}:{row.order_id}", REPAYMENT_REJECTED, *whose, legs, on, entry_id, why)
        row.state, row.account, row.order_id = "due", "", None  # a person finds an account that takes it
        report.rejected, kind = report.rejected + 1, "repayment.rejected"
    post(tenant.session, [entry], now)
    _tell_repayment(tenant, row, kind, told, on, now, actor)
    tenant.session.flush()


def _tell_repayment(
    tenant: Tenant, row: Repayment, kind: str, told: Answer, on: date, now: datetime, actor: str
) -> None:
    body = {"repayment": str(row.id), "amount_ore": row.amount_ore, "on": on.isoformat(), "why": told.why}
    case = get_case(tenant, case_id=row.case_id) if row.case_id else None
    if case is not None and case.case_key is not None:
        record_on_case(tenant, case, kind, body, now=now, actor=actor)
    else:
        history.record(tenant.session, kind, at=now, actor=actor, body=body)
