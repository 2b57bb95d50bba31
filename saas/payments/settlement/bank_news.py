"""What the bank says of orders and accounts: pain.002 answers, camt.053 balances, debits in camt.053 and camt.054.

Source: ISO 20022 CustomerPaymentStatusReport, BankToCustomerStatement and -DebitCreditNotification. Reads only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from saas.kernel.errors import BadInput
from saas.rules.money import Ore, ore_of_kroner

LARGEST_BYTES = 20 * 1024 * 1024
_CLOSING = ("CLBD", "CLAV")  # booked, else available


class Said(StrEnum):
    """What the bank says of a payment."""

    ACCEPTED = "accepted"  # on its way; the money may still be there
    CARRIED_OUT = "carried_out"  # the money has left
    REJECTED = "rejected"
    DUPLICATE = "duplicate"  # it had this file before: says nothing of the first


_STATUS = {
    "ACTC": Said.ACCEPTED,
    "ACCP": Said.ACCEPTED,
    "ACSP": Said.ACCEPTED,
    "ACWC": Said.ACCEPTED,
    "ACWP": Said.ACCEPTED,
    "PDNG": Said.ACCEPTED,
    "RCVD": Said.ACCEPTED,
    "PART": Said.ACCEPTED,
    "ACSC": Said.CARRIED_OUT,
    "ACCC": Said.CARRIED_OUT,
    "RJCT": Said.REJECTED,
}
_DUPLICATE = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the bank's code for why."""

    said: Said
    why: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """One pain.002: what is said of the file, and of single payments by their end-to-end id. `on` is the bank's day."""

    message_id: str
    on: date
    whole: Answer | None
    payments: dict[str, Answer]


@dataclass(frozen=True, slots=True)
class Balance:
    """What stood on an account at the end of a day."""

    account: str
    on: date
    ore: Ore


@dataclass(frozen=True, slots=True)
class Debit:
    """Money that left an account."""

    account: str
    end_to_end: str
    ore: Ore
    on: date


@dataclass(frozen=True, slots=True)
class BankNews:
    """All that one file tells."""

    answers: tuple[OrderAnswer, ...] = ()
    balances: tuple[Balance, ...] = ()
    debits: tuple[Debit, ...] = ()


def read_bank_news(content: bytes) -> BankNews:
    """Raises BadInput (`file`) for what is none of these files, or not whole."""
    if len(content) > LARGEST_BYTES:
        raise _unreadable("Filen er for stor.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _unreadable("Filen er ikke gyldig XML.") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    try:
        if (report := root.find("CstmrPmtStsRpt")) is not None:
            return BankNews(answers=(_answer(report),))
        statements = [*root.findall("BkToCstmrStmt/Stmt"), *root.findall("BkToCstmrDbtCdtNtfctn/Ntfctn")]
        if not statements:
            raise _unreadable("Filen er verken svar på betalingsoppdrag (pain.002) eller kontoutskrift (camt.053).")
        return BankNews(
            balances=tuple(balance for one in statements for balance in _balances(one)),
            debits=tuple(debit for one in statements for debit in _debits(one)),
        )
    except (KeyError, ValueError, InvalidOperation) as error:
        raise _unreadable("Filen mangler noe, eller har noe vi ikke kan lese.") from error


def _unreadable(words: str) -> BadInput:
    return BadInput({"file": [words]}, words)


# --- pain.002 -------------------------------------------------------------------------------------------------------


def _answer(report: Element) -> OrderAnswer:
    group = report.find("OrgnlGrpInfAndSts")
    if group is None:
        raise KeyError("OrgnlGrpInfAndSts")
    whole = _status(group, "GrpSts")
    payments: dict[str, Answer] = {}
    for info in report.findall("OrgnlPmtInfAndSts"):
        lot = _status(info, "PmtInfSts")
        whole = lot if whole is None and not info.findall("TxInfAndSts") else whole
        for told in info.findall("TxInfAndSts"):
            status = _status(told, "TxSts") or lot
            if status is not None:
                payments[_text(told, "OrgnlEndToEndId")] = status
    return OrderAnswer(_text(group, "OrgnlMsgId"), _day(_text(report, "GrpHdr/CreDtTm")), whole, payments)


def _status(element: Element, name: str) -> Answer | None:
    code = element.findtext(name)
    if not code:
        return None
    why = element.findtext("StsRsnInf/Rsn/Cd") or element.findtext("StsRsnInf/Rsn/Prtry") or ""
    said = _STATUS[code.strip()]
    return Answer(Said.DUPLICATE if said is Said.REJECTED and why in _DUPLICATE else said, why.strip()[:35])


# --- camt.053, camt.054 ---------------------------------------------------------------------------------------------


def _balances(statement: Element) -> Iterator[Balance]:
    found: dict[tuple[str, date], Ore] = {}
    for balance in statement.findall("Bal"):
        code = balance.findtext("Tp/CdOrPrtry/Cd") or ""
        if code in _CLOSING:
            found[code, _date(balance, "Dt")] = _signed(balance)
    for (code, on), ore in found.items():
        if code == _CLOSING[0] or (_CLOSING[0], on) not in found:
            yield Balance(_account(statement), on, ore)


def _debits(statement: Element) -> Iterator[Debit]:
    for entry in statement.findall("Ntry"):
        status = (entry.findtext("Sts/Cd") or entry.findtext("Sts") or "").strip()
        if _text(entry, "CdtDbtInd") != "DBIT" or status != "BOOK" or entry.findtext("RvslInd") == "true":
            continue
        on = _date(entry, "BookgDt" if entry.find("BookgDt") is not None else "ValDt")
        transfers = entry.findall("NtryDtls/TxDtls")
        for told in transfers or [entry]:
            whole = entry if len(transfers) <= 1 else told
            amount = told if told.find("Amt") is not None else told.find("AmtDtls/TxAmt")
            yield Debit(
                _account(statement),
                (told.findtext("Refs/EndToEndId") or "").strip(),
                _ore(whole if amount is None else amount),
                on,
            )


def _account(statement: Element) -> str:
    iban = (statement.findtext("Acct/Id/IBAN") or "").replace(" ", "")
    return iban[4:] if iban.startswith("NO") else (statement.findtext("Acct/Id/Othr/Id") or "").strip()


def _signed(balance: Element) -> Ore:
    return Ore(_ore(balance) * (-1 if _text(balance, "CdtDbtInd") == "DBIT" else 1))


def _ore(parent: Element) -> Ore:
    amount = parent.find("Amt")
    if amount is None or amount.get("Ccy") != "NOK":
        raise ValueError("an amount in kroner is missing")
    return ore_of_kroner(Decimal((amount.text or "").strip()))


def _date(parent: Element, name: str) -> date:
    return _day(parent.findtext(f"{name}/Dt") or _text(parent, f"{name}/DtTm"))


def _day(text: str) -> date:
    return date.fromisoformat(text.strip()[:10])


def _text(parent: Element, path: str) -> str:
    found = (parent.findtext(path) or "").strip()
    if not found:
        raise KeyError(path)
    return found
