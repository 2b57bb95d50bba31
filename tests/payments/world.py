"""A small world of cases and money: claims come through intake, money through bank files, letters by hand."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from saas.cases.books import book_of
from saas.cases.models import Case, Claim
from saas.dispatch.models import SENT, Dispatch
from saas.kernel import clock, crypto
from saas.kernel.history import HistoryEvent
from saas.ledger.audit import Finding, audit
from saas.ledger.balances import CaseBalance
from saas.ledger.models import CLAIMS_HELD, RECEIVABLE
from saas.ledger.post import Entry, Leg, post
from saas.ledger.statement import TenantTotals, tenant_totals
from saas.payments.inbox import ImportReport, import_bank_file
from saas.payments.models import Payment
from saas.payments.placing import PlacedReport, place_payments
from saas.rules.money import Ore
from saas.simulators.bank import SimPayment, write_ocr
from tenants.models import TenantSettings
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, register

_transmissions = count(1)
DAY = date(2026, 3, 2)


@dataclass
class World:
    """One tenant and what a test does to it."""

    tenant_id: UUID
    account: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: _transmissions)

    def __post_init__(self) -> None:
        with open_tenant(self.tenant_id) as tenant:
            self.account = tenant.settings.client_account
        self.policy(write_off_below_ore=0)  # whatever the shipped profile has

    def policy(self, **changes: Any) -> None:
        """Change what the tenant has chosen."""
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.get_one(TenantSettings, self.tenant_id).policy = tenant.settings.policy | changes

    # cases

    def case(self, *rows: dict[str, Any], on: date = DAY, **claim: Any) -> Case:
        """Register one claim (or these rows) and give back the case of the first."""
        creditor = claim.pop("creditor", None)
        report = register(self.tenant_id, *(rows or (a_claim(**claim),)), on=on, creditor=creditor)
        assert not any(v.errors for v in report.verdicts), report.verdicts
        return self.again(number=report.verdicts[0].case_number)

    def again(self, case: Case | None = None, number: int | None = None) -> Case:
        """The case as it stands now."""
        with open_tenant(self.tenant_id) as tenant:
            return tenant.session.scalars(
                sa.select(Case).where(Case.number == (number if case is None else case.number))
            ).one()

    def claims(self, case: Case) -> list[Claim]:
        with open_tenant(self.tenant_id) as tenant:
            return list(tenant.session.scalars(sa.select(Claim).where(Claim.case_id == case.id).order_by(Claim.due_on)))

    def book(self, case: Case) -> CaseBalance:
        with open_tenant(self.tenant_id) as tenant:
            return book_of(tenant, [case.id])[case.id]

    def letter(
        self,
        case: Case,
        step: str,
        fee: str | tuple[str, ...],
        ore: int | tuple[int, ...],
        decided_on: date,
        sent_on: date | None = None,
        state: str = SENT,
    ) -> UUID:
        """A letter with its fee, or fees, as the night and the print house would have left it."""
        fees = zip((fee,), (ore,), strict=True) if isinstance(fee, str) else zip(fee, ore, strict=True)
        legs = tuple(Leg(RECEIVABLE, CLAIMS_HELD, name, Ore(amount)) for name, amount in fees)
        entry = Entry(f"step:{uuid4()}", "fee_charged", case.creditor_id, case.id, legs, decided_on)
        fee_ore = sum(leg.amount_ore for leg in legs if leg.component != "compensation")
        dispatch = Dispatch(
            tenant_id=self.tenant_id, creditor_id=case.creditor_id, case_id=case.id, step=step, channel="print_post",
            state=state, decided_on=decided_on, expected_sending_on=decided_on, deadline_on=date(2026, 12, 31),
            fee_ore=fee_ore, entry_id=entry.entry_id, certificate_id=uuid4(),
            sent_on=(sent_on or decided_on) if state == SENT else None,
            touched_at=clock.wall_now(),
        )  # fmt: skip
        with open_tenant(self.tenant_id) as tenant:
            tenant.session.add(dispatch)
            tenant.session.flush()
            post(tenant.session, [entry], at(decided_on))
            return dispatch.id

    def heavy_fee(self, case: Case, ore: int, on: date) -> None:
        leg = Leg(RECEIVABLE, CLAIMS_HELD, "collection_fee", Ore(ore))
        entry = Entry(f"step:{uuid4()}", "fee_charged", case.creditor_id, case.id, (leg,), on, reason="heavy_fee")
        with open_tenant(self.tenant_id) as tenant:
            post(tenant.session, [entry], at(on))

    # money

    def file(self, *payments: SimPayment, on: date = DAY, account: str | None = None) -> bytes:
        return write_ocr(payments, account or self.account, "123456789", next(self.numbers), "12345678", on)

    def take_in(self, *payments: SimPayment, on: date = DAY) -> ImportReport:
        return import_bank_file(self.tenant_id, self.file(*payments, on=on), "ocr.txt", at(on))

    def place(self, on: date = DAY, **options: Any) -> PlacedReport:
        return place_payments(self.tenant_id, at(on), **options)

    def pay(self, case: Case, ore: int, value_on: date, on: date | None = None) -> PlacedReport:
        """A payment with the case's KID, taken in and placed."""
        self.take_in(SimPayment(case.kid, ore, value_on), on=on or value_on)
        return self.place(on or value_on)

    def payments(self) -> list[Payment]:
        with open_tenant(self.tenant_id) as tenant:
            return list(tenant.session.scalars(sa.select(Payment).order_by(Payment.id)))

    # what came of it

    def totals(self, creditor_id: UUID | None = None) -> TenantTotals:
        with open_tenant(self.tenant_id) as tenant:
            return tenant_totals(tenant, creditor_id)

    def audit(self) -> list[Finding]:
        with open_tenant(self.tenant_id) as tenant:
            return audit(tenant)

    def check(self) -> None:
        """The book holds, and both of its sums come out."""
        assert [str(finding) for finding in self.audit()] == []
        totals = self.totals()
        assert totals.claims_add_up, totals
        assert totals.money_adds_up, totals

    def told(self, case: Case, kind: str = "payment.placed") -> list[dict[str, Any]]:
        """What the case's history says of this kind of event."""
        import orjson

        with open_tenant(self.tenant_id) as tenant:
            events = tenant.session.scalars(
                sa.select(HistoryEvent)
                .where(HistoryEvent.case_id == case.id, HistoryEvent.kind == kind)
                .order_by(HistoryEvent.id)
            )
            cipher = crypto.case_cipher(case.id, case.case_key or b"")
            return [orjson.loads(crypto.decrypt(cipher, event.body, event.id)) for event in events]

    def transfers(self) -> list[tuple[Any, ...]]:
        """The whole book without what differs from run to run."""
        query = sa.text(
            "select source, leg, kind, debit, credit, component, amount_ore, value_on from transfer"
            " where tenant_id = :tenant order by source, leg"
        )
        with open_tenant(self.tenant_id) as tenant:
            return [tuple(row) for row in tenant.session.execute(query, {"tenant": self.tenant_id})]
