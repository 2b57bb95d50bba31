"""The simulated bank carries out orders as a bank does."""

from datetime import date
from xml.etree import ElementTree

import pytest

from saas.simulators.bank_orders import CLOSED_ACCOUNT, NO_FUNDS, SEEN_BEFORE, OrderBank

DAY = date(2026, 3, 12)
OURS, THEIRS = "99990100000", "99990200005"


@pytest.fixture
def bank(tmp_path):
    made = OrderBank(tmp_path, frozenset({"99990200013"}))
    made.deposit(OURS, 10_000, note="opening")
    return made


def order(bank, *payments, message_id="M1"):
    """Lay an order: (end-to-end id, account, øre) each."""
    told = "".join(
        f"<CdtTrfTxInf><PmtId><EndToEndId>{name}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="NOK">{ore // 100}.{ore % 100:02d}</InstdAmt></Amt>'
        f"<CdtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>"
        for name, account, ore in payments
    )
    bank.out.mkdir(parents=True, exist_ok=True)
    (bank.out / f"{message_id}.xml").write_text(
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{message_id}</MsgId></GrpHdr><PmtInf>"
        f"<DbtrAcct><Id><Othr><Id>{OURS}</Id></Othr></Id></DbtrAcct>{told}</PmtInf></CstmrCdtTrfInitn></Document>"
    )


def answers(bank):
    """(status of the file, [(payment, status, reason)], reason of the file) of each answer."""
    found = []
    for path in sorted(bank.answers.glob("*.xml")):
        root = ElementTree.fromstring(path.read_text())
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        group = root.find(".//OrgnlGrpInfAndSts")
        payments = [
            (e.findtext("OrgnlEndToEndId"), e.findtext("TxSts"), e.findtext("StsRsnInf/Rsn/Cd"))
            for e in root.iter("TxInfAndSts")
        ]
        found.append((group.findtext("GrpSts"), payments, group.findtext("StsRsnInf/Rsn/Cd")))
    return found


def test_money_moves_once_and_the_answer_says_so(bank):
    order(bank, ("E1", THEIRS, 4_000), ("E2", THEIRS, 1_000))
    assert [move.amount_ore for move in bank.work(DAY)] == [4_000, 1_000]
    assert (bank.balances[OURS], bank.balances[THEIRS]) == (5_000, 5_000)
    assert answers(bank) == [("ACSC", [("E1", "ACSC", None), ("E2", "ACSC", None)], None)]
    assert bank.work(DAY) == []


def test_what_it_cannot_pay_it_rejects_with_the_reason(bank):
    order(bank, ("E1", "99990200013", 1), ("E2", THEIRS, 10_001), ("E3", THEIRS, 10_000))
    bank.work(DAY)
    ((status, payments, _),) = answers(bank)
    assert status == "PART"
    assert dict((name, why) for name, _, why in payments) == {"E1": CLOSED_ACCOUNT, "E2": NO_FUNDS, "E3": None}
    assert bank.balances[OURS] == 0


def test_a_message_it_has_had_is_refused_also_by_a_bank_started_anew(bank, tmp_path):
    order(bank, ("E1", THEIRS, 4_000))
    bank.work(DAY)
    again = OrderBank(tmp_path)
    order(again, ("E1", THEIRS, 4_000))
    assert again.work(DAY) == []
    assert again.balances == {OURS: 6_000, THEIRS: 4_000}
    assert again.moves == bank.moves
    assert ("RJCT", [], SEEN_BEFORE) in answers(again)


def test_the_same_deposit_is_made_once(bank):
    assert not bank.deposit(OURS, 10_000, note="opening")
    assert bank.balances[OURS] == 10_000


def test_it_tells_what_stands_on_an_account(bank):
    text = bank.tell_balance(OURS, DAY).read_text()
    assert '<Amt Ccy="NOK">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-12</Dt></Dt>' in text
