"""A payment order as the bank reads it: ISO 20022 pain.001.001.03, Norwegian accounts (BBAN), kroner.

What is written is checked against the schema of ISO 20022 before anybody sees it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from lxml import etree

from saas.rules.money import Ore

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
SUPPLIERS, OTHER = "SUPP", "OTHR"  # category purposes: settlements, and money back to debtors
_LONGEST_NAME, _LONGEST_TEXT, _LONGEST_ID = 70, 140, 35


class NotAnOrder(ValueError):
    """Our own mistake: what was written is no valid payment order."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment. With a `kid` no text goes along, else the text does."""

    end_to_end: str  # comes back in every answer about it; never repeated
    amount_ore: Ore
    name: str
    account: str  # 11 digits
    text: str
    kid: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One file: payments from one account on one day."""

    message_id: str  # the bank takes it once
    made_at: datetime
    execute_on: date
    payer: str
    orgnr: str
    account: str  # 11 digits
    purpose: str
    transfers: Sequence[Transfer]

    @property
    def sum_ore(self) -> Ore:
        """What all of them come to."""
        return Ore(sum(transfer.amount_ore for transfer in self.transfers))


def write_pain001(message: Message) -> bytes:
    """The file. Raises NotAnOrder when it would not be one: nothing to pay, an id too long, against the schema."""
    ids = [message.message_id, *(transfer.end_to_end for transfer in message.transfers)]
    if not message.transfers or any(not one or len(one) > _LONGEST_ID for one in ids) or len(set(ids)) < len(ids):
        raise NotAnOrder("each payment and the file have an id of their own of at most 35 characters")
    if any(transfer.amount_ore <= 0 for transfer in message.transfers):
        raise NotAnOrder("a payment is above zero")
    root = etree.Element(_tag("Document"), nsmap={None: NAMESPACE})
    initiation = _add(root, "CstmrCdtTrfInitn")
    _header(initiation, message)
    _payments(initiation, message)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    check_pain001(content)
    return bytes(content)


def check_pain001(content: bytes) -> None:
    """Raises NotAnOrder when `content` is not as the schema of ISO 20022 has it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    schema = _schema()
    if not schema.validate(etree.fromstring(content, parser)):
        raise NotAnOrder(str(schema.error_log.last_error))


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / "pain.001.001.03.xsd").read_bytes()))


def _header(parent: etree._Element, message: Message) -> None:
    header = _add(parent, "GrpHdr")
    _add(header, "MsgId", message.message_id)
    _add(header, "CreDtTm", message.made_at.isoformat(timespec="seconds"))
    _sums(header, message)
    initiator = _add(header, "InitgPty")
    _add(initiator, "Nm", _text(message.payer, _LONGEST_NAME))
    other = _add(_add(_add(initiator, "Id"), "OrgId"), "Othr")
    _add(other, "Id", message.orgnr)
    _add(_add(other, "SchmeNm"), "Cd", "CUST")


def _payments(parent: etree._Element, message: Message) -> None:
    group = _add(parent, "PmtInf")
    _add(group, "PmtInfId", f"{message.message_id[: _LONGEST_ID - 2]}-1")
    _add(group, "PmtMtd", "TRF")
    _sums(group, message)
    kind = _add(group, "PmtTpInf")
    _add(_add(kind, "SvcLvl"), "Cd", "NURG")
    _add(_add(kind, "CtgyPurp"), "Cd", message.purpose)
    _add(group, "ReqdExctnDt", message.execute_on.isoformat())
    _party(group, "Dbtr", message.payer)
    account = _account(group, "DbtrAcct", message.account)
    _add(account, "Ccy", "NOK")
    agent = _add(_add(_add(group, "DbtrAgt"), "FinInstnId"), "Othr")
    _add(agent, "Id", "NOTPROVIDED")  # the bank knows itself by the account
    _add(group, "ChrgBr", "SLEV")
    for number, transfer in enumerate(message.transfers, 1):
        _transfer(group, transfer, number)


def _transfer(group: etree._Element, transfer: Transfer, number: int) -> None:
    one = _add(group, "CdtTrfTxInf")
    ids = _add(one, "PmtId")
    _add(ids, "InstrId", str(number))
    _add(ids, "EndToEndId", transfer.end_to_end)
    _add(_add(one, "Amt"), "InstdAmt", _amount(transfer.amount_ore)).set("Ccy", "NOK")
    _party(one, "Cdtr", transfer.name)
    _account(one, "CdtrAcct", transfer.account)
    told = _add(one, "RmtInf")
    if not transfer.kid:
        _add(told, "Ustrd", _text(transfer.text, _LONGEST_TEXT))
        return
    reference = _add(_add(told, "Strd"), "CdtrRefInf")
    _add(_add(_add(reference, "Tp"), "CdOrPrtry"), "Cd", "SCOR")
    _add(reference, "Ref", transfer.kid)


def _sums(parent: etree._Element, message: Message) -> None:
    _add(parent, "NbOfTxs", str(len(message.transfers)))
    _add(parent, "CtrlSum", _amount(message.sum_ore))


def _party(parent: etree._Element, name: str, who: str) -> None:
    party = _add(parent, name)
    _add(party, "Nm", _text(who, _LONGEST_NAME))
    _add(_add(party, "PstlAdr"), "Ctry", "NO")


def _account(parent: etree._Element, name: str, number: str) -> etree._Element:
    account = _add(parent, name)
    other = _add(_add(account, "Id"), "Othr")
    _add(other, "Id", number)
    _add(_add(other, "SchmeNm"), "Cd", "BBAN")
    return account


def _amount(ore: int) -> str:
    return f"{ore // 100}.{ore % 100:02d}"


def _text(words: str, longest: int) -> str:
    """On one line, without what XML cannot hold."""
    return " ".join("".join(char if char.isprintable() else " " for char in words).split())[:longest].strip() or "-"


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _tag(name))
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
