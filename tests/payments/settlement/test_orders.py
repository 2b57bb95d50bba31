"""What the bank gets, what it answers, and what we make of it."""

import copy
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from lxml import etree

from saas.kernel import files
from saas.kernel.errors import BadInput
from saas.kernel.ids import NIL
from saas.ledger.models import Transfer
from saas.payments.models import PaymentOrder, Payout, Repayment
from saas.payments.settlement.answers import take_answers, take_bank_news
from saas.payments.settlement.orders import lay_out, order_file
from saas.payments.settlement.pain001 import (
    SUPPLIERS,
    Message,
    NotAnOrder,
    check_pain001,
    write_pain001,
)
from saas.payments.settlement.pain001 import (
    Transfer as Payment,
)
from saas.payments.settlement.remittance import remit
from saas.rules.kid import make_kid
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.settlement.house import bank_of, carry_out, folder_of, let_money_out, payouts

ON = date(2026, 3, 12)
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"}


@pytest.fixture
def paid(world):
    """Two creditors' money, and a surplus of one debtor with an account to send it to."""
    let_money_out(world.tenant_id)
    first = world.case(amount="1 000,00", due_on="2026-03-10", invoiced_on="2026-02-20", on=date(2026, 3, 10))
    second = world.case(
        amount="2 000,00",
        due_on="2026-03-10",
        invoiced_on="2026-02-20",
        on=date(2026, 3, 10),
        creditor="bygda-bredband",
    )
    world.pay(first, 125_000, date(2026, 3, 10), on=ON)
    world.pay(second, 200_000, date(2026, 3, 10), on=ON)
    return first


def remitted(world, on=ON):
    return remit(world.tenant_id, on, book=True, now=at(on))


def orders(world):
    with open_tenant(world.tenant_id) as tenant:
        return list(tenant.session.scalars(sa.select(PaymentOrder).order_by(PaymentOrder.id)))


def give_back(world, case, ore=25_000, account="12345678903"):
    """The surplus on the case waits as a repayment to a known account."""
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.delete(Repayment))
        row = Repayment(
            tenant_id=world.tenant_id, id=uuid4(), creditor_id=case.creditor_id, case_id=case.id, amount_ore=ore,
            account=account, state="due", reason="overpaid", made_on=ON,
        )  # fmt: skip
        tenant.session.add(row)
        return row.id


def repayment(world):
    with open_tenant(world.tenant_id) as tenant:
        return tenant.session.scalars(sa.select(Repayment)).one()


# --- the file -------------------------------------------------------------------------------------------------------


def test_the_file_is_as_the_schema_has_it_and_its_sum_is_the_ledgers(world, paid):
    remittance = remitted(world)
    content = files.get(remittance.order_path)
    check_pain001(content)
    root = etree.fromstring(content)
    amounts = [e.text for e in root.iterfind(".//p:InstdAmt", NS)]
    total = sum(int(text.replace(".", "")) for text in amounts)
    sums = {e.text for e in root.iterfind(".//p:CtrlSum", NS)}
    assert sums == {f"{total // 100}.{total % 100:02d}"}
    assert [e.text for e in root.iterfind(".//p:NbOfTxs", NS)] == ["3", "3"]
    with open_tenant(world.tenant_id) as tenant:
        ordered = tenant.session.scalar(sa.select(sa.func.sum(Transfer.amount_ore)).where(Transfer.credit == "ordered"))
    (order,) = orders(world)
    assert total == ordered == order.sum_ore == world.totals().ordered_ore
    assert root.findtext(".//p:MsgId", None, NS) == order.message_id
    ids = [e.text for e in root.iterfind(".//p:EndToEndId", NS)]
    assert ids == [p.id.hex for p in (*payouts(world.tenant_id), *payouts(world.tenant_id, NIL))]
    accounts = [e.text for e in root.iterfind(".//p:CdtrAcct/p:Id/p:Othr/p:Id", NS)]
    assert accounts == ["99990200005", "99990200013", "99990100019"]
    assert root.findtext(".//p:DbtrAcct/p:Id/p:Othr/p:Id", None, NS) == world.account


@pytest.mark.parametrize("execute_on", [date(2026, 4, 1), date(2026, 4, 2)])
def test_an_order_of_a_holiday_is_carried_out_on_the_next_banking_day(world, paid, execute_on):
    remittance = remitted(world, execute_on)
    root = etree.fromstring(files.get(remittance.order_path))
    on = {date(2026, 4, 1): "2026-04-01", date(2026, 4, 2): "2026-04-07"}[execute_on]
    assert root.findtext(".//p:ReqdExctnDt", None, NS) == on


def message(**changes):
    payment = Payment("E1", Ore(100), "Ærlig & Sønn <AS>", "86011117947", "Oppgjør")
    given = {
        "message_id": "M1", "made_at": at(ON), "execute_on": ON, "payer": "Fjord Inkasso AS", "orgnr": "311111000",
        "account": "99990100000", "purpose": SUPPLIERS, "transfers": [payment],
    }  # fmt: skip
    return Message(**given | changes)


def test_a_kid_goes_instead_of_the_text_never_beside_it():
    kid = make_kid("00112345")
    root = etree.fromstring(write_pain001(message(transfers=[Payment("E1", Ore(1), "A", "86011117947", "x", kid)])))
    assert root.findtext(".//p:Strd/p:CdtrRefInf/p:Ref", None, NS) == kid
    assert root.find(".//p:Ustrd", NS) is None
    root = etree.fromstring(write_pain001(message()))
    assert (root.findtext(".//p:Ustrd", None, NS), root.find(".//p:Strd", NS)) == ("Oppgjør", None)


@pytest.mark.parametrize(
    "changes",
    [{"transfers": []}, {"message_id": "x" * 36}, {"account": "x" * 40}, {"message_id": ""},
     {"transfers": [Payment("E1", Ore(0), "A", "86011117947", "x")]},
     {"transfers": [Payment("E1", Ore(1), "A", "86011117947", "x")] * 2}],
)  # fmt: skip
def test_what_is_no_order_is_never_written(changes):
    with pytest.raises(NotAnOrder):
        write_pain001(message(**changes))


@pytest.mark.parametrize("name", ["\x00\x1b", "Å" * 500, "]]>&<", "‏abc‮", ""])
def test_any_name_makes_a_file_that_holds(name):
    check_pain001(write_pain001(message(transfers=[Payment("E1", Ore(1), name, "86011117947", name * 9)])))


def test_a_file_that_was_altered_is_not_handed_out(world, paid):
    remitted(world)
    (order,) = orders(world)
    changed = copy.copy(order)
    changed.sha256 = b"x" * 32
    with pytest.raises(ValueError, match="not what was ordered"):
        order_file(changed)


# --- the bank's answers ---------------------------------------------------------------------------------------------


def test_an_accepted_order_has_not_left_the_account_yet(world, paid):
    remitted(world)
    lay_out(world.tenant_id, folder_of(world.tenant_id), now=at(ON))
    bank_of(world.tenant_id).work(ON, settle=False)
    take_answers(world.tenant_id, folder_of(world.tenant_id), now=at(ON))
    assert [order.state for order in orders(world)] == ["accepted"]
    assert world.totals().ordered_ore > 0
    carry_out(world.tenant_id, ON + timedelta(days=1))
    assert [order.state for order in orders(world)] == ["settled"]
    assert world.totals().ordered_ore == 0
    world.check()


def test_the_banks_balance_is_the_books_when_it_has_answered(world, paid):
    remitted(world)
    bank = bank_of(world.tenant_id)
    assert bank.balances[world.account] == world.totals().client_account_ore
    carry_out(world.tenant_id, ON + timedelta(days=1))
    assert bank_of(world.tenant_id).balances[world.account] == world.totals().client_account_ore == 25_000


def test_a_rejected_payment_is_owed_again_and_the_others_stay_paid(world, paid):
    remitted(world)
    (report,) = carry_out(world.tenant_id, ON, closed=("99990200005",))
    assert (report.carried_out, report.rejected) == (2, 1)
    first, second = payouts(world.tenant_id)
    assert (first.state, first.why, first.done_on, second.state) == ("rejected", "AC04", ON, "paid")
    assert world.totals().owed_to_creditors_ore == first.paid_ore
    with open_tenant(world.tenant_id) as tenant:
        answer, booked = (
            tenant.session.scalars(sa.select(Transfer).where(Transfer.source == f"{what}:{first.id}")).first()
            for what in ("rejected", "payout")
        )
        assert (answer.corrects, answer.reason) == (booked.entry_id, "bank:AC04")
    world.check()
    remitted(world, ON)  # the same day again, for what was rejected
    carry_out(world.tenant_id, ON)
    assert [p.state for p in payouts(world.tenant_id)] == ["rejected", "paid", "paid"]
    assert sum(p.paid_ore for p in payouts(world.tenant_id) if p.state == "paid") == 95_000 + 185_000
    world.check()


def test_an_order_rejected_whole_leaves_everything_owed(world, paid):
    remitted(world)
    (order,) = orders(world)
    take_bank_news(world.tenant_id, answer(order.message_id, "RJCT", "NARR"), "a.xml", now=at(ON))
    (order,) = orders(world)
    assert (order.state, order.why) == ("rejected", "NARR")
    assert world.totals().ordered_ore == 0
    world.check()


def test_the_same_answer_twice_is_one_answer(world, paid):
    remitted(world)
    (order,) = orders(world)
    content = answer(order.message_id, "ACSC")
    assert take_bank_news(world.tenant_id, content, "a.xml", now=at(ON)).carried_out == 3
    before = world.transfers()
    assert take_bank_news(world.tenant_id, content, "a.xml", now=at(ON)).carried_out == 0
    assert world.transfers() == before
    world.check()


def test_an_answer_that_the_file_was_there_before_says_nothing_of_the_first(world, paid):
    remitted(world)
    (order,) = orders(world)
    report = take_bank_news(world.tenant_id, answer(order.message_id, "RJCT", "AM05"), "a.xml", now=at(ON))
    assert (report.rejected, len(report.odd)) == (0, 1)
    assert world.totals().ordered_ore == order.sum_ore


def test_a_file_laid_out_twice_is_paid_once(world, paid):
    remitted(world)
    lay_out(world.tenant_id, folder_of(world.tenant_id), now=at(ON))
    again = [(path, path.read_bytes()) for path in folder_of(world.tenant_id).glob("out/*.xml")]
    carry_out(world.tenant_id, ON)
    for path, content in again:
        path.write_bytes(content)
    carry_out(world.tenant_id, ON)
    assert bank_of(world.tenant_id).balances[world.account] == 25_000
    assert world.totals().client_account_ore == 25_000
    world.check()


def test_an_order_is_laid_out_once(world, paid):
    remitted(world)
    assert len(lay_out(world.tenant_id, folder_of(world.tenant_id), now=at(ON))) == 1
    assert lay_out(world.tenant_id, folder_of(world.tenant_id), now=at(ON)) == []


def test_the_bank_changing_its_word_is_told_to_a_person_and_booked_by_nobody(world, paid):
    remitted(world)
    (order,) = orders(world)
    take_bank_news(world.tenant_id, answer(order.message_id, "ACSC"), "a.xml", now=at(ON))
    before = world.transfers()
    report = take_bank_news(world.tenant_id, answer(order.message_id, "RJCT", "AC01"), "b.xml", now=at(ON))
    assert len(report.odd) == 3
    assert world.transfers() == before


def test_an_answer_to_what_we_never_ordered_is_odd(world):
    report = take_bank_news(world.tenant_id, answer("somebody-elses", "ACSC"), "a.xml", now=at(ON))
    assert report.odd == ["Banken svarer på somebody-elses, som vi ikke har sendt."]


def test_a_debit_on_the_account_is_the_last_word_too(world, paid):
    remitted(world)
    payout = payouts(world.tenant_id)[0]
    report = take_bank_news(world.tenant_id, debit(world, payout.id.hex, payout.paid_ore), "a.xml", now=at(ON))
    assert report.carried_out == 1
    assert payouts(world.tenant_id)[0].state == "paid"
    assert [order.state for order in orders(world)] == ["accepted"]
    world.check()


def test_a_debit_of_another_sum_or_of_nobody_is_odd_and_not_booked(world, paid):
    remitted(world)
    payout = payouts(world.tenant_id)[0]
    for end_to_end, ore in ((payout.id.hex, payout.paid_ore + 1), ("fee", 500)):
        report = take_bank_news(world.tenant_id, debit(world, end_to_end, ore), "a.xml", now=at(ON))
        assert (report.carried_out, len(report.odd)) == (0, 1)
    assert payouts(world.tenant_id)[0].state == "ordered"


@pytest.mark.parametrize(
    "content",
    [b"", b"<x/>", b"<Document><CstmrPmtStsRpt/></Document>",
     b'<!DOCTYPE x [<!ENTITY y "z">]><Document>&y;</Document>', "<Document>ø</Document>".encode("latin-1")],
)  # fmt: skip
def test_what_is_no_answer_of_a_bank_is_refused(world, content):
    with pytest.raises(BadInput):
        take_bank_news(world.tenant_id, content, "a.xml", now=at(ON))


def test_a_file_nobody_can_read_is_laid_away_and_the_others_are_taken(world, paid):
    remitted(world)
    (order,) = orders(world)
    answers = folder_of(world.tenant_id) / "answers"
    answers.mkdir(parents=True, exist_ok=True)
    (answers / "1.xml").write_bytes(b"no")
    (answers / "2.xml").write_bytes(answer(order.message_id, "ACSC"))
    take_answers(world.tenant_id, folder_of(world.tenant_id), now=at(ON))
    assert [(answers / "refused" / "1.xml").exists(), (answers / "done" / "2.xml").exists()] == [True, True]
    assert world.totals().ordered_ore == 0


# --- money back to debtors ------------------------------------------------------------------------------------------


def test_a_repayment_is_ordered_with_its_own_file_and_paid_when_the_bank_says_so(world, paid):
    give_back(world, paid)
    remittance = remitted(world)
    check_pain001(files.get(remittance.repayment_path))
    assert (remittance.repaid_ore, repayment(world).state) == (25_000, "ordered")
    assert (world.totals().owed_to_debtors_ore, world.totals().client_account_ore) == (0, 325_000)
    world.check()
    carry_out(world.tenant_id, ON)
    assert repayment(world).state == "paid"
    assert world.totals().client_account_ore == 0
    assert bank_of(world.tenant_id).balances["12345678903"] == 25_000
    assert len(world.told(paid, "repayment.paid")) == 1
    world.check()


def test_a_repayment_the_bank_rejects_waits_for_another_account_and_is_the_debtors_still(world, paid):
    repayment_id = give_back(world, paid)
    remitted(world)
    carry_out(world.tenant_id, ON, closed=("12345678903",))
    row = repayment(world)
    assert (row.state, row.account, row.order_id) == ("due", "", None)
    assert world.totals().owed_to_debtors_ore == 25_000
    world.check()
    assert remitted(world).repaid_ore == 0
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.get(Repayment, (world.tenant_id, repayment_id)).account = "86011117947"
    assert remitted(world).repaid_ore == 25_000
    carry_out(world.tenant_id, ON)
    assert (repayment(world).state, world.totals().owed_to_debtors_ore) == ("paid", 0)
    world.check()


@pytest.mark.parametrize(("ore", "account"), [(25_001, "12345678903"), (25_000, ""), (25_000, "12345678900")])
def test_a_repayment_that_is_not_covered_or_has_no_account_is_not_ordered(world, paid, ore, account):
    give_back(world, paid, ore, account)
    assert remitted(world).repaid_ore == 0
    assert repayment(world).state == "due"


def answer(message_id, status, why=""):
    reason = f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>B1</MsgId><CreDtTm>{ON}T06:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>"
        f"<GrpSts>{status}</GrpSts>{reason}</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def debit(world, end_to_end, ore):
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn>'
        f"<GrpHdr><MsgId>C1</MsgId><CreDtTm>{ON}T06:00:00</CreDtTm></GrpHdr><Ntfctn><Id>1</Id>"
        f"<Acct><Id><Othr><Id>{world.account}</Id></Othr></Id></Acct><Ntry>"
        f'<Amt Ccy="NOK">{ore // 100}.{ore % 100:02d}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>{ON}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>"
        "</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def test_the_file_says_who_orders_by_organisation_number(world, paid):
    root = etree.fromstring(files.get(remitted(world).order_path))
    assert root.findtext(".//p:InitgPty/p:Id/p:OrgId/p:Othr/p:Id", None, NS) == "311111000"
    assert payouts(world.tenant_id)[0].order_id == orders(world)[0].id
    assert isinstance(payouts(world.tenant_id)[0], Payout)
