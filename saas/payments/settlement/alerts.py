"""What a person must see to (varsler): told in the history once, and shown as long as it lasts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.kernel import history
from saas.kernel.ids import NIL
from saas.ledger.sums import top_up_due
from saas.payments.models import BankBalance, PaymentOrder, Payout, Repayment
from saas.payments.settlement.dues import ALERT_DAYS, CreditorDue, Hindrance, creditor_dues
from saas.payments.settlement.mandates import Mandates, mandates_of
from saas.payments.settlement.orders import ACCEPTED, MADE
from saas.payments.settlement.reconciling import deviates, reconciliations
from saas.rules.days import add_banking_days
from saas.rules.money import kroner
from tenants.resolve import Tenant

ALERT = "settlement.alert"
BANK_SILENT_DAYS = 3  # banking days without an answer to an order, or a balance
REJECTED_SHOWN_DAYS = 14


class AlertKind(StrEnum):
    """What is wrong."""

    HELD_LONG = "held_long"  # ten days, and twelve is the limit
    NOTHING_LEAVES = "nothing_leaves"  # no approved mandate
    OWN_FEES_STAY = "own_fees_stay"  # the agency's own account has none
    DEVIATES = "deviates"
    PAYOUT_REJECTED = "payout_rejected"
    BANK_SILENT = "bank_silent"
    TOP_UP_DUE = "top_up_due"
    REPAYMENT_WAITS = "repayment_waits"  # no account, or not covered any longer


@dataclass(frozen=True, slots=True)
class Alert:
    """One of them: what it is about, since when, in words."""

    kind: AlertKind
    about: str  # an id, or a day
    since: date
    words: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Told once."""
        return self.kind.value, self.about, self.since.isoformat()


_WHY = {
    Hindrance.NO_MANDATE: "Det er ingen fullmakt til å betale ut.",
    Hindrance.NOT_APPROVED: "Fullmakten venter på at en til godkjenner den.",
    Hindrance.ACCOUNT_CHANGED: "Oppdragsgiveren har en annen konto enn den fullmakten gjelder.",
}


def alerts(tenant: Tenant, on: date, dues: Sequence[CreditorDue] | None = None) -> list[Alert]:
    """All that a person must see to on `on`, the gravest first. `dues` of that day, when they are known already."""
    found = [
        *_of_dues(creditor_dues(tenant, on) if dues is None else dues, on),
        *_of_own(tenant, on),
        *_of_days(tenant),
        *_of_orders(tenant, on),
    ]
    return sorted(found, key=lambda alert: (list(AlertKind).index(alert.kind), alert.since))


def note_alerts(tenant: Tenant, on: date, *, now: datetime) -> list[Alert]:
    """Tell the history of those that are new. Returns them, for the log."""
    standing = alerts(tenant, on)
    if not standing:
        return []
    tenant.session.get(history.HistoryHead, tenant.id, with_for_update=True)  # of two at once the second sees the first
    told = _told(tenant)
    new = [alert for alert in standing if alert.key not in told]
    for alert in new:
        kind, about, since = alert.key
        body = {"alert": kind, "about": about, "since": since, "words": alert.words}
        history.record(tenant.session, ALERT, at=now, actor="worker", body=body)
    return new


def _told(tenant: Tenant) -> set[tuple[str, str, str]]:
    bodies = tenant.session.scalars(
        sa.select(history.HistoryEvent.body).where(
            history.HistoryEvent.tenant_id == tenant.id,
            history.HistoryEvent.case_id.is_(None),
            history.HistoryEvent.kind == ALERT,
        )
    )
    return {(told["alert"], told["about"], told["since"]) for told in map(orjson.loads, bodies)}


# --- each of them ---------------------------------------------------------------------------------------------------


def _of_dues(dues: Sequence[CreditorDue], on: date) -> Iterator[Alert]:
    for due in dues:
        if due.oldest_on is None or due.paid_out or due.payable_ore <= 0:
            continue
        if due.days_held(on) >= ALERT_DAYS:
            yield Alert(AlertKind.HELD_LONG, str(due.creditor_id), due.oldest_on, _held_words(due, on))
        elif due.hindrance:
            words = f"{kroner(due.payable_ore)} kr til {due.name} kan ikke betales ut. {_WHY[due.hindrance]}"
            yield Alert(AlertKind.NOTHING_LEAVES, str(due.creditor_id), due.oldest_on, words)


def _held_words(due: CreditorDue, on: date) -> str:
    words = f"{due.name} har penger på klientkontoen som har stått der i {due.days_held(on)} dager."
    latest = f" De må ut senest {due.latest_on:%d.%m.%Y}."
    return words + latest + (f" {_WHY[due.hindrance]}" if due.hindrance else "")


def _of_own(tenant: Tenant, on: date) -> Iterator[Alert]:
    if not tenant.has_licence:
        return
    if ore := top_up_due(tenant.session, on):
        words = f"Vi skylder klientkontoen {kroner(ore)} kr. Betal det inn i dag."
        yield Alert(AlertKind.TOP_UP_DUE, "own", on, words)
    mandates = mandates_of(tenant)
    if mandates and mandates.get(NIL, Mandates()).standing is None:
        words = "Salær og provisjon blir stående på klientkontoen: det er ingen godkjent fullmakt for vår egen konto."
        first = min(m.proposed_at.date() for both in mandates.values() for m in (both.standing, both.proposed) if m)
        yield Alert(AlertKind.OWN_FEES_STAY, "own", first, words)


def _of_days(tenant: Tenant) -> Iterator[Alert]:
    for row in reconciliations(tenant, 31):
        if deviates(row):
            words = f"Avstemmingen for {row.reconciled_on:%d.%m.%Y} har et avvik som ikke er forklart."
            yield Alert(AlertKind.DEVIATES, row.reconciled_on.isoformat(), row.reconciled_on, words)


def _of_orders(tenant: Tenant, on: date) -> Iterator[Alert]:
    rejected = sa.select(Payout).where(
        Payout.tenant_id == tenant.id,
        Payout.state == "rejected",
        Payout.done_on >= on - timedelta(days=REJECTED_SHOWN_DAYS),
    )
    for payout in tenant.session.scalars(rejected.order_by(Payout.id)):
        words = f"Banken avviste utbetalingen på {kroner(payout.paid_ore)} kr ({payout.why or 'uten grunn'})."
        yield Alert(AlertKind.PAYOUT_REJECTED, str(payout.id), payout.done_on or on, words)
    waiting = sa.select(PaymentOrder).where(
        PaymentOrder.tenant_id == tenant.id, PaymentOrder.state.in_((MADE, ACCEPTED))
    )
    for order in tenant.session.scalars(waiting.order_by(PaymentOrder.id)):
        if add_banking_days(order.order_on, BANK_SILENT_DAYS) <= on:
            words = f"Banken har ikke sagt at oppdraget fra {order.order_on:%d.%m.%Y} er utført."
            yield Alert(AlertKind.BANK_SILENT, str(order.id), order.order_on, words)
    if (last := _last_balance(tenant)) and add_banking_days(last, BANK_SILENT_DAYS + 1) <= on:
        words = f"Siste banksaldo vi kjenner, er fra {last:%d.%m.%Y}."
        yield Alert(AlertKind.BANK_SILENT, "balance", last, words)
    left = sa.select(Repayment).where(Repayment.tenant_id == tenant.id, Repayment.state == "due")
    for row in tenant.session.scalars(left.order_by(Repayment.id)):
        if not row.account:
            words = f"{kroner(row.amount_ore)} kr skal tilbake til en skyldner. Vi mangler kontonummer."
            yield Alert(AlertKind.REPAYMENT_WAITS, str(row.id), row.made_on, words)
        elif row.made_on < on:
            words = (
                f"{kroner(row.amount_ore)} kr som skulle tilbake til en skyldner, står ikke lenger til gode på saken."
            )
            yield Alert(AlertKind.REPAYMENT_WAITS, str(row.id), row.made_on, words)


def _last_balance(tenant: Tenant) -> date | None:
    query = sa.select(sa.func.max(BankBalance.balance_on)).where(BankBalance.tenant_id == tenant.id)
    return tenant.session.scalar(query)


def creditor_alerts(found: list[Alert]) -> dict[UUID, list[Alert]]:
    """Those about a creditor, by its id."""
    sorted_out: dict[UUID, list[Alert]] = {}
    for alert in found:
        if alert.kind in (AlertKind.HELD_LONG, AlertKind.NOTHING_LEAVES):
            sorted_out.setdefault(UUID(alert.about), []).append(alert)
    return sorted_out
