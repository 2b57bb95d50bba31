"""The totals, counted from outside: the shipped file, the bank's files and its accounts, the print house's floor.

What is counted there stands beside what our own book says. Nothing on the left side is read from our tables.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from saas.cases.models import Claim
from saas.demo.bank import OWN_ACCOUNT, bank_of
from saas.demo.letters import PrintedLetter
from saas.demo.make_invoices import WRONG_ROWS
from saas.demo.people import TENANT_OF
from saas.demo.stage import Player, Stage
from saas.demo.weeks import WORD
from saas.dispatch.models import MESSAGE, SENT, UNDER_WAY, Dispatch
from saas.kernel.ids import NIL
from saas.ledger.audit import audit
from saas.ledger.models import COLLECTION_FEE, NOTICE_FEE, Transfer
from saas.ledger.statement import TenantTotals, tenant_totals
from saas.payments.models import Payment, Payout, Repayment
from saas.payments.settlement.reconciling import deviates, reconciliations
from saas.rules.money import kroner
from tenants.models import Creditor
from tenants.resolve import Tenant, open_tenant

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """Something counted twice. None: it cannot be seen from that side. Amounts in øre, or a plain count."""

    what: str
    outside: int | None
    ours: int | None
    is_money: bool = True

    @property
    def agrees(self) -> bool:
        """Whether both sides say the same, as far as both can see it."""
        return self.outside is None or self.ours is None or self.outside == self.ours


def compare(stage: Stage, player: Player, say: Say) -> bool:
    """Print both columns and the two sums that must come out. Returns whether everything agrees."""
    with open_tenant(player.tenant_id) as tenant:
        totals = tenant_totals(tenant)
        lines = [
            *_invoices(stage, player, tenant, totals),
            *_letters(stage, player, tenant, totals),
            *_money(player, tenant, totals),
        ]
        findings = audit(tenant)
    say("")
    say(f"{'Totals of ' + player.name:<46}{'from outside':>18}{'from our book':>18}")
    for line in lines:
        mark = "" if line.agrees else "  ≠"
        say(f"  {line.what:<44}{_shown(line, line.outside):>18}{_shown(line, line.ours):>18}{mark}")
    for line_of_words in (*_claims_words(totals), *_client_account_words(totals)):
        say(f"  {line_of_words}")
    for finding in findings:
        say(f"  ≠ {finding}")
    return all(line.agrees for line in lines) and totals.claims_add_up and totals.money_adds_up and not findings


# --- invoices -------------------------------------------------------------------------------------------------------


def _invoices(stage: Stage, player: Player, tenant: Tenant, totals: TenantTotals) -> Iterable[Line]:
    good = good_rows(stage, player)
    ours = tenant.session.scalar(sa.select(sa.func.count()).where(Claim.tenant_id == tenant.id))
    yield Line("invoices accepted", len(good), ours, is_money=False)
    yield Line("  their sum", sum(_ore(row["amount"]) for row in good), totals.claims_ore)


def good_rows(stage: Stage, player: Player) -> list[dict[str, str]]:
    """The shipped rows of this tenant that are right, by the list of those made wrong on purpose."""
    wrong = {row["line"] for row in csv.DictReader(io.StringIO(WRONG_ROWS.read_text()), delimiter=";")}
    return [
        row for row in stage.rows
        if row["line"] not in wrong and player.slug.startswith(TENANT_OF[row["creditor"]])
    ]  # fmt: skip


# --- letters --------------------------------------------------------------------------------------------------------


def _letters(stage: Stage, player: Player, tenant: Tenant, totals: TenantTotals) -> Iterable[Line]:
    printed = Counter(letter.kind for letter in player.world.letters)
    rows = tenant.session.execute(
        sa.select(Dispatch.step, sa.func.count())
        .where(Dispatch.tenant_id == tenant.id, Dispatch.state == SENT, Dispatch.step != MESSAGE)
        .group_by(Dispatch.step)
    )
    sent = {step: number for step, number in rows}
    for kind, word in WORD.items():
        yield Line(f"{word}s posted", printed[kind], sent.get(kind, 0), is_money=False)
    asked = _fees_printed(stage, player)
    doubled, taken_back = _fees_doubled(tenant), -_fees_taken_back(tenant)
    under_way = _charged(tenant, Dispatch.state.in_(UNDER_WAY))
    fees_ore = totals.notice_fees_ore + totals.collection_fees_ore  # the shipped profiles claim no compensation
    yield Line("fees asked for, as printed", asked, _fees_of_letters(tenant))
    yield Line("  doubled collection fees: no letter tells", None, doubled)
    yield Line("  taken back: paid before it was posted", None, taken_back)
    yield Line("  in letters that are on their way", None, under_way)
    yield Line("  fees in all", asked + doubled + taken_back + under_way, fees_ore)


def _fees_printed(stage: Stage, player: Player) -> int:
    """Each letter tells all fees so far, so of the letters about an invoice the last one counts. A fee the creditor had
    asked for before counts from the shipped file until a letter tells it.
    """
    last: dict[str, PrintedLetter] = {}
    for letter in sorted(player.world.letters, key=lambda letter: (letter.posted_on, letter.dated_on)):
        about = [invoice for invoice, known in last.items() if set(known.invoices) & set(letter.invoices)]
        for invoice in {*letter.invoices, *about}:
            last[invoice] = letter
    told = sum(letter.fees_ore for letter in set(last.values()))
    untold = sum(_ore(r["reminder_fee"]) for r in good_rows(stage, player) if r["invoice_number"] not in last)
    return told + untold


def _fees_of_letters(tenant: Tenant) -> int:
    """Charged with letters that were posted, and with the creditor's own before."""
    return _charged(tenant, Dispatch.state == SENT) + _sum(tenant, Transfer.source.like("earlier:%"))


def _fees_doubled(tenant: Tenant) -> int:
    return _sum(tenant, Transfer.kind == "fee_charged", Transfer.reason == "heavy_fee")


def _fees_taken_back(tenant: Tenant) -> int:
    """Of letters that went out all the same; the fee of a withdrawn letter was never anybody's to pay."""
    went_out = sa.exists().where(
        Dispatch.tenant_id == tenant.id, Dispatch.entry_id == Transfer.corrects, Dispatch.state.in_((SENT, *UNDER_WAY))
    )
    return _sum(tenant, Transfer.kind == "fee_withdrawn", went_out)


def _charged(tenant: Tenant, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(Dispatch.fee_ore), 0)).where(Dispatch.tenant_id == tenant.id, *where)
    return int(tenant.session.scalar(query) or 0)


def _sum(tenant: Tenant, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(Transfer.amount_ore), 0)).where(
        Transfer.tenant_id == tenant.id, Transfer.component.in_((NOTICE_FEE, COLLECTION_FEE)), *where
    )
    return int(tenant.session.scalar(query) or 0)


# --- money ----------------------------------------------------------------------------------------------------------


def _money(player: Player, tenant: Tenant, totals: TenantTotals) -> Iterable[Line]:
    paid = [ore for file in sorted(player.bank.glob("*.ocr")) for ore in payments_in(file)]
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Payment.amount_ore), 0))
    number, sum_ore = tenant.session.execute(query.where(Payment.tenant_id == tenant.id)).one()
    yield Line("payments in the bank's files", len(paid), number, is_money=False)
    yield Line("  their sum", sum(paid), int(sum_ore))
    bank = bank_of(player)
    moved: Counter[str] = Counter()
    for move in bank.moves:
        moved[move.to_account] += move.amount_ore
    creditors = {row.payout_account for row in tenant.session.scalars(_of(tenant, Creditor))} - {player.account}
    own, drawn = moved[OWN_ACCOUNT], _paid_out(tenant, Payout.creditor_id == NIL)
    to_creditors = sum(moved[account] for account in creditors)
    yield Line("paid out to creditors, by the bank", to_creditors, _paid_out(tenant, Payout.creditor_id != NIL))
    yield Line("drawn by the agency, by the bank", own, drawn)
    yield Line("back to debtors, by the bank", sum(moved.values()) - to_creditors - own, _repaid(tenant))
    yield Line("ordered, not carried out yet", None, totals.ordered_ore)
    yield Line("on the client account, by the bank", bank.balances.get(player.account, 0), totals.client_account_ore)
    yield Line("days the account was reconciled", None, len(reconciliations(tenant, 400)), is_money=False)
    wrong = [row for row in reconciliations(tenant, 400) if deviates(row) and row.bank_ore is not None]
    yield Line("  with something not explained", 0, len(wrong), is_money=False)


def _of(tenant: Tenant, table: Any) -> sa.Select[Any]:
    return sa.select(table).where(table.tenant_id == tenant.id)


def _paid_out(tenant: Tenant, whose: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(Payout.paid_ore), 0))
    return int(tenant.session.scalar(query.where(Payout.tenant_id == tenant.id, Payout.state == "paid", whose)) or 0)


def _repaid(tenant: Tenant) -> int:
    query = sa.select(sa.func.coalesce(sa.func.sum(Repayment.amount_ore), 0))
    return int(tenant.session.scalar(query.where(Repayment.tenant_id == tenant.id, Repayment.state == "paid")) or 0)


def payments_in(file: Path) -> Iterable[int]:
    """Amounts in an OCR file, straight from the first amount item of each transaction."""
    for line in file.read_text(encoding="latin-1").splitlines():
        if line[:4] == "NY09" and line[6:8] == "30":
            yield int(line[32:49]) * (-1 if line[31] == "-" else 1)


# --- words ----------------------------------------------------------------------------------------------------------


def _claims_words(t: TenantTotals) -> Iterable[str]:
    fees = t.notice_fees_ore + t.collection_fees_ore + t.compensation_ore + t.fee_interest_ore
    sign = "=" if t.claims_add_up else "≠"
    yield f"claims {_kr(t.claims_ore)} + interest {_kr(t.interest_ore)} + fees {_kr(fees)}"
    yield f"  {sign} paid {_kr(t.paid_ore)} + remaining {_kr(t.remaining_ore)} + written off {_kr(t.written_off_ore)}"


def _client_account_words(t: TenantTotals) -> Iterable[str]:
    sign = "=" if t.money_adds_up else "≠"
    owed = f"owed to creditors {_kr(t.owed_to_creditors_ore)} + owed to debtors {_kr(t.owed_to_debtors_ore)}"
    rest = f"not placed {_kr(t.unplaced_ore)} + earned, not drawn {_kr(t.earned_not_drawn_ore)}"
    rest += f" + ordered {_kr(t.ordered_ore)}" if t.ordered_ore else ""
    yield f"client account {_kr(t.client_account_ore)}"
    yield f"  {sign} {owed} + {rest}"


def _shown(line: Line, value: int | None) -> str:
    if value is None:
        return "–"
    return _kr(value) if line.is_money else str(value)


def _kr(ore: int) -> str:
    return kroner(ore, space=" ")


def _ore(text: str) -> int:
    return int(text.replace(",", "")) if text else 0
