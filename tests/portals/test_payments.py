"""Payments at the desk: a bank file in, one press places a payment, money goes back; and what a creditor reports."""

import io
import re
from datetime import date

import pytest
import sqlalchemy as sa

from saas.payments.models import Payment, Repayment
from saas.portals.shared.limits import limiter
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import a_claim, at, make_agency
from tests.payments.test_bank_payouts import agree, by_vipps, told
from tests.payments.world import World as Money
from tests.portals.conftest import Visitor
from tests.portals.world import PASSWORD, add_people, slug_of

DAY, PAID_ON = date(2026, 3, 2), date(2026, 2, 27)
PAYER = "86011117947"


@pytest.fixture
def money(servers) -> Money:
    return Money(make_agency(servers))


@pytest.fixture
def desk(app, money) -> Visitor:
    """A case handler, signed in."""
    with app.app_context():
        limiter.reset()
    people = add_people(money.tenant_id, slug_of(money.tenant_id))
    visitor = Visitor(app.test_client(), slug_of(money.tenant_id))
    visitor.get("/creditor/login")
    assert visitor.post("/creditor/login", email=people["handler"], password=PASSWORD).status_code == 303
    visitor.people = people
    return visitor


def waiting(money: Money, ore: int = 124_000, text: str = "Fra Kari Nordmann", payer: str = PAYER) -> Payment:
    money.take_in(SimPayment("", ore, PAID_ON, payer, type="21", text=text))
    money.place()
    return money.payments()[-1]


def test_with_nothing_waiting_the_page_says_so_and_takes_a_file(desk):
    shown = desk.get("/admin/payments")
    assert shown.status_code == 200
    assert "Alt er plassert" in desk.last
    assert 'type="file"' in desk.last


def test_a_bank_file_is_taken_in_placed_and_told_of(desk, money):
    case = money.case(amount="1 240,00")
    file = money.file(SimPayment(case.kid, 500_000, PAID_ON), SimPayment("", 700, PAID_ON))
    desk.get("/admin/payments")
    shown = desk.post("/admin/payments/file", file=(io.BytesIO(file), "ocr.txt"))
    assert shown.status_code == 200
    assert re.search(r"Plassert på saker</dt><dd>1<", desk.last)
    assert re.search(r"Venter på en saksbehandler</dt><dd>1<", desk.last)
    assert money.again(case).closed_because == "paid"
    desk.get("/admin/payments")
    assert desk.post("/admin/payments/file", file=(io.BytesIO(file), "igjen.txt")).status_code == 200
    assert "Filen er tatt inn før" in desk.last
    assert len(money.payments()) == 2
    money.check()


def test_a_file_that_is_none_is_refused_with_the_reason(desk, money):
    desk.get("/admin/payments")
    shown = desk.post("/admin/payments/file", file=(io.BytesIO(b"tull"), "tull.txt"))
    assert shown.status_code == 422
    assert "Filen er ikke tatt inn" in desk.last
    assert money.payments() == []
    desk.get("/admin/payments")
    assert desk.post("/admin/payments/file").status_code == 422
    assert "Velg en fil først." in desk.last


def test_one_press_places_a_payment_on_the_case_suggested_and_the_choice_is_in_the_history(desk, money):
    case = money.case(a_claim(debtor_name="Kari Nordmann", amount="1 240,00"))
    payment = waiting(money)
    desk.get("/admin/payments")
    assert f"Plasser på sak {case.number}" in desk.last
    assert "teksten ligner navnet" in desk.last
    because = re.search(r'name="because" value="([^"]+)"', desk.last)[1]
    done = desk.post(f"/admin/payments/{payment.id}/place", case_number=str(case.number), because=because)
    assert done.status_code == 303
    desk.get(done.headers["Location"])
    assert "Betalingen er plassert" in desk.last
    assert money.book(case).paid_ore == 124_000
    (told,) = money.told(case, "payment.assigned")
    assert (told["payment"], set(told["because"])) == (
        str(payment.id),
        {"invoice_sum", "name", "owed"} & set(because.split()),
    )
    money.check()


def test_nothing_is_placed_without_the_pages_own_token(desk, money):
    case = money.case(amount="1 240,00")
    payment = waiting(money)
    desk.get("/admin/payments")
    answer = desk.client.post(f"{desk.base}/admin/payments/{payment.id}/place", data={"case_number": str(case.number)})
    assert answer.status_code == 400
    assert money.payments()[-1].state == "unmatched"


def test_another_case_is_found_by_name_number_invoice_or_kid(desk, money):
    case = money.case(a_claim(debtor_name="Åse Bråthen", invoice_number="F-77"))
    payment = waiting(money, ore=777, text="x")
    for words in ("bråth", str(case.number), "F-77", case.kid):
        desk.get(f"/admin/payments/{payment.id}", query_string={"q": words})
        assert f"Plasser på sak {case.number}" in desk.last, words
    desk.get(f"/admin/payments/{payment.id}", query_string={"q": "finnes ikke"})
    assert "Ingen saker passer" in desk.last


def test_a_payment_is_sent_back_to_its_own_account_or_the_one_that_is_typed(desk, money):
    for payer, typed in ((PAYER, PAYER), ("", "8601 11 17947")):
        payment = waiting(money, ore=777, text="x", payer=payer)
        desk.get(f"/admin/payments/{payment.id}")
        if not payer:
            wrong = desk.post(f"/admin/payments/{payment.id}/send-back", account="123")
            assert wrong.status_code == 422
            assert "Skriv de elleve sifrene" in desk.last
        assert desk.post(f"/admin/payments/{payment.id}/send-back", account=typed).status_code == 303
        with open_tenant(money.tenant_id) as tenant:
            row = tenant.session.scalars(sa.select(Repayment).order_by(Repayment.id.desc())).first()
            assert row.account == typed.replace(" ", "")
    money.check()


def test_money_that_is_not_ours_holds_no_case_and_stands_last(desk, money):
    case = money.case(a_claim(debtor_name="Kari Nordmann", amount="1 240,00"))
    payment = waiting(money)
    assert money.again(case).waits_for == "person"
    desk.get(f"/admin/payments/{payment.id}")
    assert desk.post(f"/admin/payments/{payment.id}/not-ours").status_code == 303
    assert money.again(case).waits_for == ""
    desk.get("/admin/payments")
    assert "Gjelder ingen sak hos oss" in desk.last
    money.check()


def test_a_placed_payment_is_moved_from_its_cases_page(desk, money):
    wrong, right = money.case(amount="1 240,00"), money.case(amount="1 240,00")
    money.pay(wrong, 124_000, DAY)
    (payment,) = money.payments()
    desk.get(f"/admin/cases/{wrong.number}/payments")
    assert str(payment.id) in desk.last
    desk.get(f"/admin/payments/{payment.id}", query_string={"q": str(right.number)})
    assert f"Flytt til sak {right.number}" in desk.last
    assert desk.post(f"/admin/payments/{payment.id}/move", case_number=str(right.number)).status_code == 303
    assert (money.book(wrong).paid_ore, money.book(right).paid_ore) == (0, 124_000)
    money.check()


def test_a_row_that_takes_money_back_offers_what_it_may_undo(desk, money):
    one, two = money.case(amount="1 240,00"), money.case(amount="1 240,00")
    for case in (one, two):
        money.take_in(SimPayment(case.kid, 50_000, PAID_ON, PAYER))
        money.place()
    money.take_in(SimPayment("", -50_000, DAY, PAYER, type="20", text="retur"))
    money.place()
    row, first = money.payments()[-1], money.payments()[0]
    desk.get(f"/admin/payments/{row.id}")
    assert desk.last.count('name="undoes"') == 2
    assert desk.post(f"/admin/payments/{row.id}/undo").status_code == 422
    assert desk.post(f"/admin/payments/{row.id}/undo", undoes=str(first.id)).status_code == 303
    assert (money.book(one).paid_ore, money.book(two).paid_ore) == (0, 50_000)
    money.check()


def test_a_creditors_user_sees_nothing_of_it(desk, money):
    payment = waiting(money)
    desk.post("/creditor/logout")
    desk.get("/creditor/login")
    desk.post("/creditor/login", email=desk.people["nordlys-kraft"], password=PASSWORD)
    for path in ("/admin/payments", f"/admin/payments/{payment.id}"):
        assert desk.get(path).status_code == 403


def test_a_creditor_reports_that_it_has_been_paid_and_costs_remain_due(desk, money):
    case = money.case(amount="1 240,00")
    money.letter(case, "reminder", "notice_fee", 3_800, date(2026, 2, 20), date(2026, 2, 20))
    desk.get(f"/creditor/cases/{case.number}/direct-payments")
    wrong = desk.post(f"/creditor/cases/{case.number}/direct-payments", amount="mye", paid_on="02.03.2026")
    assert wrong.status_code == 422
    done = desk.post(
        f"/creditor/cases/{case.number}/direct-payments", amount="1 240,00", paid_on="02.03.2026", reference="B1"
    )
    assert done.status_code == 303
    desk.get(done.headers["Location"])
    assert "fortsatt ubetalt" in desk.last
    assert money.book(case).notice_fee_left_ore == 3_800
    money.check()


def test_a_creditor_reports_many_in_a_file(desk, money):
    one, two = money.case(), money.case()
    content = f"sak;beløp;betalt dato\n{one.number};100,00;02.03.2026\n{two.number};mye;02.03.2026\n".encode()
    desk.get("/creditor/direct-payments/file")
    assert desk.post("/creditor/direct-payments/file", file=(io.BytesIO(content), "f.csv")).status_code == 422
    assert "Ingenting er bokført" in desk.last
    good = content.replace(b"mye", b"50,00")
    for button, booked in (({"try": "1"}, 0), ({}, 2)):
        desk.get("/creditor/direct-payments/file")
        shown = desk.post("/creditor/direct-payments/file", file=(io.BytesIO(good), "f.csv"), **button)
        assert shown.status_code == 200
        assert len(money.payments()) == booked
    money.check()


def test_what_is_the_debtors_waits_until_somebody_says_where_it_goes(desk, money):
    case = money.case(amount="1 240,00")
    money.pay(case, 500_000, DAY)
    desk.get("/admin/payments")
    assert "Betalt for mye" in desk.last
    with open_tenant(money.tenant_id) as tenant:
        row = tenant.session.scalars(sa.select(Repayment)).one()
    assert desk.post(f"/admin/repayments/{row.id}", account="1").status_code == 422
    desk.get("/admin/payments")
    assert desk.post(f"/admin/repayments/{row.id}", account=PAYER).status_code == 303
    desk.get("/admin/payments")
    assert "Betalt for mye" not in desk.last


def test_the_debtor_is_told_of_money_that_went_away(money):
    from saas.payments.gone import gone_from
    from saas.payments.reversals import money_went_back, move_payment
    from saas.portals.debtor.words import gone_words

    case, other = money.case(amount="1 240,00"), money.case(amount="1 240,00")
    for ore in (20_000, 30_000):
        money.pay(case, ore, DAY)
    first, second = money.payments()
    with open_tenant(money.tenant_id) as tenant:
        money_went_back(tenant, first.id, 20_000, "bounced", on=DAY, now=at(DAY), actor="cli")
        move_payment(tenant, second.id, other.id, now=at(DAY), actor="cli")
    with open_tenant(money.tenant_id) as tenant:
        told = [gone_words(each) for each in gone_from(tenant, case.id)]
        assert gone_from(tenant, other.id) == []
    assert sorted((" ".join(text.split())[:52]) for text in told) == sorted(
        ("Betalingen på 200,00 kr fra 2. mars 2026 ble tatt tilbake av banken"[:52],
         "Betalingen på 300,00 kr fra 2. mars 2026 gjaldt en annen sak og ble"[:52])
    )  # fmt: skip


# --- what no debtor paid ----------------------------------------------------------------------------------------------


def test_a_case_handler_says_which_payout_a_row_is(desk, money):
    told(money, 48_000)
    payment = waiting(money, 48_000, "OVERFORSEL")
    assert desk.get(f"/admin/payments/{payment.id}").status_code == 200
    assert "Er det et oppgjør?" in desk.last
    payout_id = re.search(r'name="payout" value="([^"]+)"', desk.last)[1]
    desk.post(f"/admin/payments/{payment.id}/payout", payout=payout_id)
    assert "Dette er et oppgjør fra en betalingsleverandør." in desk.get(f"/admin/payments/{payment.id}").text
    assert money.payments()[-1].matched_by == "provider_payout"
    assert money.audit() == []


def test_a_payout_nobody_tells_of_is_asked_for_by_the_report(desk, money):
    agree(money, "vipps")
    by_vipps(money, 50_000, PAID_ON)
    payment = waiting(money, 40_000, "Utbet. 2000123 Vippsnr 123456")
    desk.get("/admin/payments")
    assert "Ser ut som et oppgjør" in desk.last.replace("\xad", "")
    desk.get(f"/admin/payments/{payment.id}")
    for typed, said in (("tull", "Skriv beløpet med tall"), ("399", "er minst det som kom"), ("501", "er ikke på vei")):
        answer = desk.post(f"/admin/payments/{payment.id}/payout", provider="vipps", gross=typed)
        assert (answer.status_code, said in desk.last) == (422, True), typed
    assert desk.post(f"/admin/payments/{payment.id}/payout", provider="vipps", gross="500").status_code == 303
    assert money.totals().in_transit_ore == 0
    assert money.audit() == []


def test_our_own_money_is_no_debtors(desk, money):
    payment = waiting(money, 4_250, "")
    desk.get(f"/admin/payments/{payment.id}")
    assert desk.post(f"/admin/payments/{payment.id}/top-up").status_code == 303
    assert money.totals().earned_not_drawn_ore == 4_250
    desk.get("/admin/payments")
    assert desk.post(f"/admin/payments/{payment.id}/top-up").status_code == 409
    assert money.audit() == []
