"""One run: a tenant's days, lived through its real use cases, files, web pages and webhooks; each ends with an account.

What is killed on the way is done again, and must come to the same.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from saas.cases.lifecycle import head_of
from saas.cases.models import Case, Claim
from saas.cases.queries import case_view
from saas.kernel import history
from saas.kernel.config import settings
from saas.kernel.errors import BadInput, Refused
from saas.ledger.audit import audit
from saas.ledger.statement import tenant_totals
from saas.ledger.sums import merge_sums, top_up_due
from saas.payments.bank_payouts import is_payout, is_payout_of
from saas.payments.bounced import TAKES_BACK, take_back
from saas.payments.by_hand import assign_payment, belongs_nowhere
from saas.payments.desk import PaymentView, payment_view, waiting_repayments
from saas.payments.direct import report_direct_payment
from saas.payments.inbox import import_bank_file
from saas.payments.maybe_paid import NOT_OURS
from saas.payments.models import Payment
from saas.payments.placing import place_payments
from saas.payments.reversals import move_payment, pay_back_to, send_back, withdraw_report
from saas.payments.settlement.daily import settle_day
from saas.payments.settlement.dues import LATEST_DAYS, creditor_dues
from saas.payments.settlement.reconciling import reconciliations
from saas.rules.days import is_banking_day
from saas.simulators.print_house import PrintHouse
from tenants.models import CreditorAgreement
from tenants.plugins import switch_plugin
from tenants.resolve import Tenant, open_tenant
from tests.builders import at, creditor_of, register
from tests.cases.world import World as Nights
from tests.payments.card import Payer, Shop
from tests.payments.settlement.house import OWN_ACCOUNT, folder_of, let_money_out
from tests.payments.test_crash import KillAt, Killed
from tests.payments.vipps import VippsPayer, VippsShop
from tests.simulation.money import nonsense
from tests.simulation.money.bank import TownBank
from tests.simulation.money.plan import CREDITORS, FIRST, Act, Debtor, Plan, account_of
from workers import jobs

VIPPS_FEE = (175, 10_000)
DESK_AFTER = timedelta(days=2)  # how long something waits before the case handler looks at it
_BOOK = """
select case_id, kind, debit, credit, component, value_on, sum(amount_ore)::bigint, count(*)
from transfer where tenant_id = :tenant group by 1, 2, 3, 4, 5, 6
"""


class Wrong(AssertionError):
    """A day that does not add up."""


@dataclass
class Town:
    """The tenant, its bank, its Stripe and its Vipps, and the people of a plan."""

    plan: Plan
    cards: Shop
    vipps: VippsShop
    crashes: float = 0.0  # how likely each piece of work is to be killed
    bank: TownBank = field(init=False)
    kills: int = 0
    done: dict[str, int] = field(default_factory=dict)
    cases: dict[int, UUID] = field(default_factory=dict)  # debtor → the case registered
    _last: dict[int, UUID] = field(default_factory=dict)  # debtor → its newest payment
    _amounts: dict[int, int] = field(default_factory=dict)  # debtor → what it last paid, øre
    _intents: dict[int, str] = field(default_factory=dict)  # debtor → Stripe's payment, or Vipps'
    _disputes: dict[int, str] = field(default_factory=dict)
    _untold: list[tuple[str, int]] = field(default_factory=list)  # payouts of Stripe the bank has not told of
    _vipps_paid_ore: int = 0  # gross, paid out
    _vipps_reports: dict[int, int] = field(default_factory=dict)  # what came → what was paid
    _heard: int = 0
    _topping_up: int = 0

    def __post_init__(self) -> None:
        self.tenant_id = self.cards.tenant_id
        self.nights, self.printers = Nights(self.tenant_id), PrintHouse(settings().print_folder)
        self.bank = TownBank(self.cards.world.account, folder_of(self.tenant_id))
        self.chance = Random(f"{self.plan.seed} crashes")
        with open_tenant(self.tenant_id) as tenant:
            switch_plugin(tenant, "camt054", enabled=True, settings={}, now=at(FIRST), actor="cli")
            for slug, commission_bp, share_bp in zip(CREDITORS, (500, 750), (0, 2_500), strict=True):
                tenant.session.add(
                    CreditorAgreement(
                        tenant_id=tenant.id, creditor_id=creditor_of(tenant.id, slug), valid_from=date(2023, 1, 1),
                        commission_bp=commission_bp, fee_share_bp=share_bp, vat_set_off=slug == CREDITORS[1],
                    )
                )  # fmt: skip
        let_money_out(self.tenant_id, on=FIRST)
        # a town in five sends reminders; the others begin with the collection notice, as they lawfully may
        self.cards.world.policy(write_off_below_ore=5_000, send_reminder=self.plan.seed % 5 == 0)

    # --- days -------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """From the first day to the last."""
        day = FIRST
        while day <= self.plan.last:
            self.day(day)
            day = self.nights.next_day(print_house=self.printers)
        self.at_the_end(day)

    def day(self, on: date) -> None:
        """One day, and its account."""
        self._register(on)
        self.bank.orders.work(on)
        self._payouts(on)
        for act in self.plan.acts(on):
            self.done[act.what] = self.done.get(act.what, 0) + 1
            handler = nonsense.SILLY.get(act.what)
            handler(self, act) if handler else getattr(self, f"_{act.what}")(act)
        self._files(on)
        self._news(on)
        self._desk(on)
        self.surely(lambda: settle_day(self.tenant_id, on, self.bank.folder, now=at(on)))
        self.nights.night()
        self.bank.orders.tell_balance(self.bank.account, on)
        self.check(on)

    def surely(self, work: Callable[[], Any]) -> Any:
        """Do something; killed at some line, it is done again."""
        if self.chance.random() < self.crashes:
            try:
                with KillAt(self.chance.randint(1, 1_500)):
                    return work()
            except Killed:
                self.kills += 1
        return work()

    def _register(self, on: date) -> None:
        for creditor in CREDITORS:
            theirs = [debtor for debtor in self.plan.registered(on) if debtor.creditor == creditor]
            if not theirs:
                continue
            report = register(self.tenant_id, *(row for debtor in theirs for row in debtor.rows), on=on,
                              creditor=creditor)  # fmt: skip
            invoices = [debtor.rows[0]["invoice_number"] for debtor in theirs]
            with open_tenant(self.tenant_id) as tenant:
                rows = sa.select(Claim.invoice_number, Claim.case_id).where(Claim.invoice_number.in_(invoices))
                cases = {row.invoice_number: row.case_id for row in tenant.session.execute(rows)}
            assert not any(verdict.errors for verdict in report.verdicts), report.verdicts
            self.cases |= {debtor.number: cases[debtor.rows[0]["invoice_number"]] for debtor in theirs}

    def _files(self, on: date) -> None:
        for name, content in self.bank.files(on):
            self.take_in(content, name, on)
        self.place(on)

    def take_in(self, content: bytes, name: str, on: date) -> None:
        """A bank file by the import; what is refused raises FileRefused."""
        self.surely(lambda: import_bank_file(self.tenant_id, content, name, at(on)))

    def place(self, on: date) -> None:
        """Place what is new."""
        self.surely(lambda: place_payments(self.tenant_id, at(on)))

    def _news(self, on: date) -> None:
        """Webhooks over HTTP, in no particular order and some of them twice; then the job, until all is done."""
        random = Random(f"{self.plan.seed} news {on}")
        events = self.cards.sim.sender.events[self._heard :]
        self._heard += len(events)
        random.shuffle(events)
        for event in events:
            assert set(self.cards.sim.sender.send(event, copies=random.choice((1, 1, 1, 2)))) == {200}
        while any(hook.waiting for hook in self.vipps.sim.sender.hooks.values()):
            assert set(self.vipps.sim.sender.send_waiting()) == {200}
            self.surely(lambda: jobs.work_off_provider_news(str(self.tenant_id)))
        self.surely(lambda: jobs.work_off_provider_news(str(self.tenant_id)))

    # --- what debtors do ----------------------------------------------------------------------------------------------

    def debtor(self, act: Act) -> Debtor:
        return self.plan.debtors[act.who]

    def case(self, who: int) -> Case:
        """The case a debtor's claims count with now."""
        with open_tenant(self.tenant_id) as tenant:
            return head_of(tenant, self.cases[who])

    def owed(self, act: Act) -> tuple[Case, int]:
        """The case, and what is left to pay on it, in øre; 0 for a closed one."""
        with open_tenant(self.tenant_id) as tenant:
            view = case_view(tenant, self.cases[act.who], act.on)
            ore = 0 if view.is_closed else max(0, int(view.total_ore or 0))
            return head_of(tenant, self.cases[act.who]), ore

    def _sum(self, act: Act) -> tuple[Case, int]:
        """The case, and what its debtor pays of it; kept for whoever pays once more."""
        case, owed_ore = self.owed(act)
        ore = owed_ore * act.share // 100
        if ore > 0:
            self._amounts[act.who] = ore
        return case, ore

    def _ocr(self, act: Act) -> None:
        case, ore = self._sum(act)
        if ore:
            self.bank.pay_ocr(case.kid, ore, act.on, account_of(act.who))

    def _camt(self, act: Act) -> None:
        case, ore = self._sum(act)
        if ore:
            self.bank.pay_camt(ore, act.on, kid=case.kid, payer=account_of(act.who))

    def _named(self, act: Act) -> None:
        """No reference: a name, and an invoice number somewhere in the text."""
        _, ore = self._sum(act)
        if ore:
            row = self.debtor(act).rows[0]
            text = f"Faktura {row['invoice_number']} takk"
            self.bank.pay_camt(ore, act.on, text=text, name=row["debtor_name"], payer=account_of(act.who))

    def _numbered(self, act: Act) -> None:
        case, ore = self._sum(act)
        if ore:
            self.bank.pay_camt(ore, act.on, text=f"Sak {case.number}", payer=account_of(act.who))

    def _again(self, act: Act) -> None:
        """The same sum once more, whatever became of the first."""
        if ore := self._amounts.get(act.who, 0):
            self.bank.pay_ocr(self.case(act.who).kid, ore, act.on, account_of(act.who))

    def _again_camt(self, act: Act) -> None:
        if ore := self._amounts.get(act.who, 0):
            self.bank.pay_camt(ore, act.on, kid=self.case(act.who).kid, payer=account_of(act.who))

    def _over(self, act: Act) -> None:
        self._ocr(act)

    def _wrong_case(self, act: Act) -> None:
        """With the KID of somebody else's case."""
        other = next((who for who in self.cases if who != act.who), None)
        if other is not None and (ore := self._sum(act)[1]):
            self.bank.pay_ocr(self.case(other).kid, ore, act.on, account_of(act.who))

    def _put_right(self, act: Act) -> None:
        """The debtor rings, and the payment is moved to where it belongs."""
        found = self._newest(account=account_of(act.who), states=("placed",))
        target = self.case(act.who)
        if found is None or found.case_id is None or found.gone_ore or target.case_key is None:
            return
        with open_tenant(self.tenant_id) as tenant:
            if head_of(tenant, found.case_id).id == target.id:
                return
        self._at_the_desk(lambda tenant: move_payment(tenant, found.id, target.id, now=at(act.on), actor="hanne"))

    def _bounce(self, act: Act) -> None:
        """The bank takes the payment back."""
        found = self._newest(account=account_of(act.who), states=("placed", "unmatched"), provider="bank")
        if found is None or found.gone_ore or found.amount_ore <= 0:
            return
        if found.key.startswith("camt:"):
            self.bank.pay_camt(-found.amount_ore, act.on, kid=found.kid, payer=found.debit_account)
        else:
            self.bank.pay_ocr(found.kid, -found.amount_ore, act.on, found.debit_account)

    def _direct(self, act: Act) -> None:
        _, ore = self._sum(act)
        if ore:
            self._at_the_desk(
                lambda tenant: report_direct_payment(
                    tenant, self.cases[act.who], amount_ore=ore, paid_on=act.on, today=act.on, now=at(act.on),
                    actor="nina",
                )
            )  # fmt: skip

    def _withdraw(self, act: Act) -> None:
        found = self._newest(case=self.case(act.who).id, states=("placed",), provider="creditor")
        if found is not None:
            self._at_the_desk(lambda tenant: withdraw_report(tenant, found.id, now=at(act.on), actor="hanne"))

    def _card(self, act: Act) -> None:
        if self._press(act, self.cards, "pay"):
            self._intents[act.who] = [*self.cards.books.intents][-1]

    def _vipps(self, act: Act) -> None:
        if self._press(act, self.vipps, "approve"):
            self._intents[act.who] = [*self.vipps.sim.payments.all][-1]

    def _press(self, act: Act, shop: Shop, how: str) -> bool:
        """Open the letter's link and pay all or part of what is owed at that moment."""
        case, ore = self._sum(act)
        if ore < 1_000:
            return False
        payer: Payer | VippsPayer = shop.payer(case)
        payer.pay("" if act.share == 100 else f"{ore // 100},{ore % 100:02d}", how)
        payer.client.close()
        self._news(act.on)
        return True

    def _refund(self, act: Act) -> None:
        """Somebody at the agency sends money back, at the provider's own desk."""
        theirs = self._intents.get(act.who)
        if theirs is None:
            return
        if act.then == "card":
            left = self.cards.books.charge_of(theirs)
            ore = (left["amount"] - left["amount_refunded"]) * act.share // 100
            if ore and not left["disputed"]:
                self.cards.books.create_refund({"payment_intent": theirs, "amount": ore})
        elif theirs in self.vipps.sim.payments.all:
            sums = self.vipps.sim.payments.all[theirs]["aggregate"]
            ore = (sums["capturedAmount"]["value"] - sums["refundedAmount"]["value"]) * act.share // 100
            if ore:
                amount = {"modificationAmount": {"currency": "NOK", "value": ore}}
                self.vipps.sim.payments.refund(theirs, amount, f"refund-{act.who}")

    def _dispute(self, act: Act) -> None:
        theirs = self._intents.get(act.who)
        if theirs is not None:
            self._disputes[act.who] = self.cards.books.dispute(theirs)["id"]

    def _verdict(self, act: Act) -> None:
        if act.who in self._disputes:
            self.cards.books.close_dispute(self._disputes[act.who], won=act.then == "won")

    # --- what providers do --------------------------------------------------------------------------------------------

    def _payouts(self, on: date) -> None:
        """Stripe pays out on Mondays and tells; Vipps on Tuesdays, net of its fee, and only the bank tells."""
        random = Random(f"{self.plan.seed} payouts {on}")
        if self._topping_up:
            self.bank.pay_camt(self._topping_up, on, text="Etterfylling", payer=OWN_ACCOUNT)
            self._topping_up = 0
        late = [(name, ore) for name, ore in self._untold if random.random() < 0.5]
        for name, ore in late:
            self.bank.pay_camt(ore, on, text=f"STRIPE {name[-6:].upper()}", name="STRIPE TECHNOLOGY EUROPE LTD")
            self._untold.remove((name, ore))
        if on.weekday() == 0 and self.cards.books.balance_ore() > 0:
            payout = self.cards.books.pay_out()
            if random.random() < 0.5:
                self._untold.append((payout["id"], payout["amount"]))
            else:
                self.bank.pay_camt(payout["amount"], on, text="STRIPE", name="STRIPE TECHNOLOGY EUROPE LTD")
        if on.weekday() == 1 and (gross := self.vipps.sim.payments.held_ore() - self._vipps_paid_ore) > 0:
            fee = gross * VIPPS_FEE[0] // VIPPS_FEE[1]
            self._vipps_paid_ore += gross
            self._vipps_reports[gross - fee] = gross
            self.bank.pay_camt(gross - fee, on, text="Utbet. 2000123 Vippsnr 123456", name="Vipps MobilePay AS")

    # --- what the case handler does -----------------------------------------------------------------------------------

    def _desk(self, on: date) -> None:
        """What has waited two days is looked at: the likeliest suggestion is taken, the rest is sent back."""
        with open_tenant(self.tenant_id) as tenant:
            waiting = tenant.session.scalars(
                sa.select(Payment.id)
                .where(Payment.state == "unmatched", Payment.value_on <= on - DESK_AFTER, Payment.why != NOT_OURS)
                .order_by(Payment.value_on, Payment.amount_ore, Payment.id)
            ).all()
            due_ore = top_up_due(tenant.session, on)
        for payment_id in waiting:
            with open_tenant(self.tenant_id) as tenant:
                view = payment_view(tenant, payment_id)
            if view.waits:
                self._at_the_desk(lambda tenant, view=view: self._decide(tenant, view, on))
        with open_tenant(self.tenant_id) as tenant:
            repayments = [row.id for row in waiting_repayments(tenant)]
        for row in repayments:
            self._at_the_desk(
                lambda tenant, row=row: pay_back_to(tenant, row, account_of(77), now=at(on), actor="hanne")
            )
        self._topping_up = due_ore

    def _decide(self, tenant: Any, view: PaymentView, on: date) -> None:
        said: dict[str, Any] = {"now": at(on), "actor": "hanne"}
        if view.why == TAKES_BACK:
            if view.undoes:
                take_back(tenant, view.undoes[0].id, view.id, **said)
        elif view.why == "provider_payout":
            if view.payouts:
                is_payout(tenant, view.id, view.payouts[0].id, **said)
            elif view.amount_ore in self._vipps_reports:
                is_payout_of(tenant, view.id, "vipps", self._vipps_reports[view.amount_ore], **said)
        elif view.suggestions and view.suggestions[0].weight >= 50:
            best = view.suggestions[0]
            assign_payment(tenant, view.id, best.number, because=best.why, **said)
        elif view.debit_account:
            send_back(tenant, view.id, today=on, **said)
        elif view.why != NOT_OURS:
            belongs_nowhere(tenant, view.id, **said)

    def _at_the_desk(self, press: Callable[[Any], Any]) -> None:
        """One press of a button, in a transaction of its own; what may not be done changes nothing."""

        def pressed() -> None:
            with open_tenant(self.tenant_id) as tenant:
                press(tenant)

        try:
            pressed()
        except (Refused, BadInput):
            self.done["refused"] = self.done.get("refused", 0) + 1

    def _newest(self, **asked: Any) -> Payment | None:
        query = sa.select(Payment).where(Payment.state.in_(asked["states"]), Payment.amount_ore > 0)
        if "account" in asked:
            query = query.where(Payment.debit_account == asked["account"])
        if "case" in asked:
            query = query.where(Payment.case_id == asked["case"])
        if "provider" in asked:
            query = query.where(Payment.provider == asked["provider"])
        with open_tenant(self.tenant_id) as tenant:
            return tenant.session.scalars(query.order_by(Payment.value_on.desc(), Payment.id.desc())).first()

    # --- what must hold -----------------------------------------------------------------------------------------------

    def check(self, on: date) -> None:
        """No deviation, the two sums come out, and what others have is what the book has. Raises Wrong."""
        with open_tenant(self.tenant_id) as tenant:
            merge_sums(tenant)  # as the nightly job does
            found = [str(finding) for finding in audit(tenant)]
            totals = tenant_totals(tenant)
            dues = creditor_dues(tenant, on) if is_banking_day(on) else []
            of_stripe, of_vipps = self._waiting_payouts(tenant)
        untold = sum(ore for _, ore in self._untold)
        theirs = {
            "bank": (self.bank.balance_ore + untold + sum(of_stripe), totals.client_account_ore),
            "on its way": (
                self._on_its_way() + sum(self._vipps_reports[ore] for ore in of_vipps),
                totals.in_transit_ore,
            ),
        }
        found += [
            f"{name}: {real} and in the book {booked}" for name, (real, booked) in theirs.items() if real != booked
        ]
        found += [f"{due.name} has waited longer than {LATEST_DAYS} days" for due in dues if _is_late(due, on)]
        if not totals.claims_add_up or not totals.money_adds_up:
            found.append(f"the sums do not come out: {totals}")
        if found:
            raise Wrong(f"seed {self.plan.seed}, {on}: {found[:10]}\n{self.done}, {self.kills} kills")

    def _on_its_way(self) -> int:
        moves = self.cards.books.moves.values()
        stripe = sum(move["amount"] for move in moves if move["payout"] is None)
        return int(stripe + self.vipps.sim.payments.held_ore() - self._vipps_paid_ore)

    def _waiting_payouts(self, tenant: Tenant) -> tuple[list[int], list[int]]:
        """Payouts in the bank that a person has not looked at yet. Stripe's were told a week before and are in the
        book twice; what was in Vipps' is on its way in the book still."""
        rows = tenant.session.execute(
            sa.select(Payment.amount_ore, Payment.text).where(
                Payment.state == "unmatched", Payment.why == "provider_payout"
            )
        ).all()
        stripe = [ore for ore, text in rows if text.startswith("STRIPE")]
        return stripe, [ore for ore, text in rows if not text.startswith("STRIPE") and ore in self._vipps_reports]

    def at_the_end(self, on: date) -> None:
        """Every day is reconciled, and the history is whole. Raises Wrong."""
        with open_tenant(self.tenant_id) as tenant:
            days = reconciliations(tenant, 10_000)
            wrong = [
                (row.reconciled_on, one)
                for row in days
                for one in row.deviations
                if not one["explained"] and one["what"] != "top_up_due" and row.reconciled_on < on - timedelta(days=9)
            ]
            wrong += history.check_chain(tenant.session)
            merge_sums(tenant)
            wrong += [str(finding) for finding in audit(tenant)]
        if wrong:
            raise Wrong(f"seed {self.plan.seed}: {wrong[:10]}")

    def booked(self) -> tuple[int, ...]:
        """How much there is in the book, which is only ever added to."""
        query = sa.text("select count(*), sum(amount_ore)::bigint from transfer")
        with open_tenant(self.tenant_id) as tenant:
            return tuple(tenant.session.execute(query).one())

    def book_hash(self) -> str:
        """The whole book, by invoice number: ids, and the order of a day, left out."""
        with open_tenant(self.tenant_id) as tenant:
            names = {
                case_id: number
                for case_id, number in tenant.session.execute(
                    sa.text("select case_id, min(invoice_number) from claim group by 1")
                )
            }
            rows = tenant.session.execute(sa.text(_BOOK), {"tenant": self.tenant_id})
            told = sorted([names.get(row[0], ""), *map(str, row[1:])] for row in rows)
        return hashlib.sha256(orjson.dumps(told)).hexdigest()


def _is_late(due: Any, on: date) -> bool:
    waits = due.payable_ore > 0 and not due.hindrance and not due.own_money
    return waits and due.days_held(on) > LATEST_DAYS
