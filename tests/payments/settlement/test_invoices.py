"""The agency invoices its commission and the fees debtors paid, with VAT, in one unbroken series."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy.exc import DBAPIError

from saas.kernel import files
from saas.kernel.errors import Refused
from saas.ledger.models import CLAIMS_HELD, COLLECTION_FEE, EARNED, OWED_DEBTOR
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import AgencyInvoice
from saas.payments.settlement import invoices as making
from saas.payments.settlement.invoices import invoices_of, issue_due_invoices, issue_invoices, to_pay_ore
from saas.payments.settlement.remittance import remit
from saas.payments.settlement.statements import VAT_SET_OFF, statement_of
from tenants.models import Creditor, CreditorAgreement
from tenants.resolve import open_tenant
from tests.builders import at, creditor_of
from tests.payments.settlement.house import let_money_out

MARCH, APRIL = (date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 4, 30))
FIRST_OF_APRIL, FIRST_OF_MAY = date(2026, 4, 1), date(2026, 5, 1)


def collect(world, ore, on, creditor="nordlys-kraft", fee_ore=26_200):
    case = world.case(amount="10 000,00", due_on="2026-02-10", creditor=creditor)
    if fee_ore:
        world.letter(case, "payment_demand", COLLECTION_FEE, fee_ore, date(2026, 3, 3), date(2026, 3, 3))
    world.pay(case, ore, on)
    return case


def issued(world, period=MARCH, today=FIRST_OF_APRIL):
    with open_tenant(world.tenant_id) as tenant:
        return issue_invoices(tenant, *period, today=today, now=at(today), actor="test")


def agree(world, **terms):
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(CreditorAgreement).values(**terms))


@pytest.fixture
def march(world):
    """1 262 kr came in: 262 is the agency's fee, 5 % of the rest its commission."""
    let_money_out(world.tenant_id)
    collect(world, 126_200, date(2026, 3, 9))
    remit(world.tenant_id, date(2026, 3, 12), book=True, now=at(date(2026, 3, 12)))


def test_vat_is_on_the_commission_and_on_the_fee_the_debtor_paid(world, march):
    (invoice,) = issued(world)
    assert invoice.lines == [
        {"what": "commission", "net_ore": 5_000}, {"what": "collection_fee", "net_ore": 26_200},
    ]  # fmt: skip
    assert (invoice.net_ore, invoice.vat_percent, invoice.vat_ore) == (31_200, Decimal(25), 7_800)
    assert to_pay_ore(invoice) == 7_800


def test_the_pdf_says_what_is_kept_already_and_what_is_left_to_pay(world, march):
    (invoice,) = issued(world)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(files.get(invoice.path))).pages)
    text = text.replace("\xa0", " ")
    for words in ("Faktura 1", "Merverdiavgift 25 %", "312,00", "78,00", "Å betale", "MVA", "9999 01 00019"):
        assert words in text, words


def test_w20_a_creditor_who_deducts_vat_pays_it_on_the_fee_and_one_who_cannot_has_had_it_paid_by_the_debtor(world):
    """W20, B12: 562.00 and 140.50 VAT; or 712.00 with 142.40 VAT in it, and nothing extra."""
    let_money_out(world.tenant_id)
    agree(world, commission_bp=0)
    collect(world, 56_200, date(2026, 3, 9), fee_ore=56_200)
    collect(world, 71_200, date(2026, 3, 9), creditor="bygda-bredband", fee_ore=71_200)
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(
            sa.update(Creditor).where(Creditor.slug == "bygda-bredband").values(vat_deductible=False)
        )
    deducts, cannot = issued(world)
    assert (deducts.net_ore, deducts.vat_ore, to_pay_ore(deducts)) == (56_200, 14_050, 14_050)
    assert deducts.net_ore + deducts.vat_ore == 70_250
    assert cannot.lines == [{"what": "collection_fee", "net_ore": 56_960, "gross_ore": 71_200}]
    assert (cannot.net_ore, cannot.vat_ore, to_pay_ore(cannot)) == (56_960, 14_240, 0)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(files.get(cannot.path))).pages)
    text = text.replace("\xa0", " ")
    for words in ("569,60", "142,40", "−712,00", "Det er ingenting å betale."):
        assert words in text, words
    collect(world, 71_200, date(2026, 4, 9), creditor="bygda-bredband", fee_ore=71_200)
    again = [each for each in issued(world, APRIL, FIRST_OF_MAY) if each.creditor_id == cannot.creditor_id]
    assert [each.net_ore for each in again] == [56_960]  # what stood on the first invoice does not stand on the next


def test_vat_is_kept_back_from_what_is_held_when_that_is_agreed(world, march):
    agree(world, vat_set_off=True)
    collect(world, 50_000, date(2026, 3, 30), fee_ore=0)
    (invoice,) = issued(world)
    assert (invoice.set_off_ore, to_pay_ore(invoice)) == (7_800, 0)
    assert world.totals().owed_to_creditors_ore == 50_000 - 7_800
    world.check()
    remittance = remit(world.tenant_id, FIRST_OF_APRIL, book=True, now=at(FIRST_OF_APRIL))
    due = remittance.dues[0]
    assert (due.collected_ore, due.commission_ore, due.payable_ore) == (42_200, 2_500, 39_700)
    assert remittance.drawn_ore == 7_800 + 2_500
    with open_tenant(world.tenant_id) as tenant:
        told = statement_of(tenant, creditor_of(world.tenant_id), *APRIL)
        assert told.sum_of(VAT_SET_OFF) == -7_800
    world.check()


def test_never_more_vat_is_kept_back_than_is_held(world, march):
    agree(world, vat_set_off=True)
    collect(world, 5_000, date(2026, 3, 30), fee_ore=0)
    (invoice,) = issued(world)
    assert (invoice.set_off_ore, to_pay_ore(invoice)) == (5_000, 2_800)
    world.check()


def test_the_creditors_share_of_the_fee_is_not_the_agencys_to_invoice(world):
    agree(world, fee_share_bp=2_500)
    let_money_out(world.tenant_id)
    collect(world, 126_200, date(2026, 3, 9))
    remit(world.tenant_id, date(2026, 3, 12), book=True, now=at(date(2026, 3, 12)))
    (invoice,) = issued(world)
    assert invoice.net_ore == 5_000 + 26_200 - 6_550
    assert {line["what"]: line["net_ore"] for line in invoice.lines}["fee_share"] == -6_550


def test_a_period_is_invoiced_once(world, march):
    issued(world)
    assert issued(world) == []
    assert issued(world, (date(2026, 3, 15), date(2026, 4, 15)), FIRST_OF_MAY) == []


def test_what_comes_late_stands_on_the_next_invoice_and_nothing_stands_on_two(world, march):
    issued(world)
    collect(world, 126_200, date(2026, 3, 20))
    remit(world.tenant_id, date(2026, 4, 9), book=True, now=at(date(2026, 4, 9)))
    (april,) = issued(world, APRIL, FIRST_OF_MAY)
    assert april.net_ore == 31_200
    with open_tenant(world.tenant_id) as tenant:
        assert sum(one.net_ore for one in invoices_of(tenant)) == 2 * 31_200


def test_what_was_invoiced_and_is_taken_back_becomes_a_credit_note(world, march):
    issued(world)
    with open_tenant(world.tenant_id) as tenant:
        creditor_id = creditor_of(world.tenant_id)
        legs = (Leg(EARNED, CLAIMS_HELD, COLLECTION_FEE, 26_200), Leg(CLAIMS_HELD, OWED_DEBTOR, COLLECTION_FEE, 26_200))
        post(tenant.session, [Entry("lost:1", "lost", creditor_id, None, legs, date(2026, 4, 3))], at(FIRST_OF_MAY))
    (note,) = issued(world, APRIL, FIRST_OF_MAY)
    assert (note.net_ore, note.vat_ore, to_pay_ore(note)) == (-26_200, -6_550, -6_550)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(files.get(note.path))).pages)
    assert "Kreditnota 2" in text
    assert "Til gode" in text


def test_the_series_has_no_holes_also_when_one_fails_and_when_several_issue_at_once(world, march, monkeypatch):
    collect(world, 126_200, date(2026, 3, 9), creditor="bygda-bredband")

    def no_paper(*_):
        raise RuntimeError("no paper")

    with monkeypatch.context() as broken:
        broken.setattr(making, "paper", no_paper)
        with pytest.raises(RuntimeError):
            issued(world)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: issued(world), range(4)))
    collect(world, 126_200, date(2026, 4, 9))
    issued(world, APRIL, FIRST_OF_MAY)
    with open_tenant(world.tenant_id) as tenant:
        assert [one.number for one in invoices_of(tenant)] == [3, 2, 1]


def test_an_invoice_is_never_changed(world, march):
    issued(world)
    with pytest.raises(DBAPIError, match="permission denied"), open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.update(AgencyInvoice).values(net_ore=1))


def test_the_month_before_is_invoiced_by_itself(world, march):
    with open_tenant(world.tenant_id) as tenant:
        (invoice,) = issue_due_invoices(tenant, date(2026, 4, 13), now=at(date(2026, 4, 13)), actor="worker")
        assert (invoice.period_from, invoice.period_to) == MARCH
        assert issue_due_invoices(tenant, date(2026, 4, 14), now=at(date(2026, 4, 14)), actor="worker") == []


def test_a_period_that_is_not_over_is_not_invoiced(world, march):
    with pytest.raises(Refused):
        issued(world, MARCH, MARCH[1])


def test_who_has_no_licence_invoices_nobody(own):
    with pytest.raises(Refused):
        issued(own)


def test_a_creditor_sees_its_own_invoices_only(world, march):
    issued(world)
    for slug, seen in (("nordlys-kraft", 1), ("bygda-bredband", 0)):
        with open_tenant(world.tenant_id, creditor_of(world.tenant_id, slug)) as tenant:
            assert len(invoices_of(tenant)) == seen
