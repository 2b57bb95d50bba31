"""One payment within an entry (TxDtls): how much, to which KID, with which words."""

import re
from dataclasses import dataclass

from plugins.camt054.fields import Reader, norwegian_account, one_line, ore
from plugins.camt054.stream import Element
from saas.hooks import BankFileError

NOT_PROVIDED = "NOTPROVIDED"
_KID = re.compile(r"[0-9]{2,25}|[0-9]{1,24}-")
_COULD_BE_A_CASE = re.compile(r"[0-9]{6}")


@dataclass(slots=True)
class Transaction:
    """What the bank tells of one payment. `amount_ore` None: as much as the entry; below zero takes money back."""

    amount_ore: int | None = None
    kid: str = ""
    text: str = ""
    payer: str = ""
    debit_account: str = ""
    reference: str = ""  # AcctSvcrRef, the archive reference
    end_to_end: str = ""


def read_transaction(read: Reader, details: Element, *, credit: bool) -> Transaction:
    """The payment of one TxDtls; `credit` is the direction of its entry, where it does not tell its own."""
    kid, words = _remittance(read, details)
    amount_ore = _amount(read, details)
    own = read.text(details, "CdtDbtInd")
    if own not in ("", "CRDT", "DBIT"):
        raise BankFileError(f"retningen {own!r} er hverken CRDT eller DBIT.", 0, "wrong_direction")
    if amount_ore is not None and not (own == "CRDT" if own else credit):
        amount_ore = -amount_ore
    end_to_end = read.text(details, "Refs/EndToEndId")
    return Transaction(
        amount_ore=amount_ore,
        kid=kid,
        text=one_line(words),
        payer=one_line([read.text(details, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm")]),
        debit_account=norwegian_account(
            read.text(details, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id")
        )[:34],
        reference=read.text(details, "Refs/AcctSvcrRef"),
        end_to_end="" if end_to_end == NOT_PROVIDED else end_to_end,
    )


def told_text(transaction: Transaction) -> str:
    """The words for whoever has to find the case: without a KID also who paid, unless it reads like a case number."""
    payer = transaction.payer
    if transaction.kid or not payer or _COULD_BE_A_CASE.search(payer):
        return transaction.text
    return f"{transaction.text} (fra {payer})".strip()


def _amount(read: Reader, details: Element) -> int | None:
    """In the account's currency: `Amt` of the newer versions, else the transaction's own when it is in kroner."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt"):
        amount = read.element(details, path)
        if amount is not None and amount.get("Ccy") == "NOK":
            return ore((amount.text or "").strip())
    return None


def _remittance(read: Reader, details: Element) -> tuple[str, list[str]]:
    """(KID, words). Several KIDs on one payment are words: a person divides it."""
    words = [(e.text or "").strip() for e in read.elements(details, "RmtInf/Ustrd")]
    references: list[str] = []
    for structured in read.elements(details, "RmtInf/Strd"):
        references.append(read.text(structured, "CdtrRefInf/Ref"))
        words += [(e.text or "").strip() for e in read.elements(structured, "AddtlRmtInf")]
    told = list(dict.fromkeys(reference for reference in references if reference))
    if len(told) == 1 and _KID.fullmatch(told[0]):
        return told[0], words
    return "", told + words
