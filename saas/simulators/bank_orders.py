"""A bank that carries out payment orders: takes pain.001.001.03, moves its balances, answers pain.002 and camt.053.

Source: ISO 20022, CustomerCreditTransferInitiation, CustomerPaymentStatusReport, BankToCustomerStatement. It knows
nothing of who orders and who reads. Orders are taken from `out`, answers are laid in `answers`; what it knows it keeps
in `bank.json`, so that one started anew on the same folder goes on where it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

ORDER = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
REPORT = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
STATEMENT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
NO_FUNDS, CLOSED_ACCOUNT, SEEN_BEFORE = "AM04", "AC04", "AM05"


@dataclass(frozen=True, slots=True)
class SimMove:
    """A payment the bank carried out."""

    on: date
    end_to_end: str
    from_account: str
    to_account: str
    amount_ore: int


class OrderBank:
    """The bank of one customer's folder. Any account exists; `closed` ones take no money."""

    def __init__(self, folder: Path, closed: frozenset[str] = frozenset()) -> None:
        self.out, self.answers = folder / "out", folder / "answers"
        self._kept, self.closed = folder / "bank.json", closed
        known = json.loads(self._kept.read_text()) if self._kept.exists() else {}
        self.balances: dict[str, int] = known.get("balances", {})
        self._seen: list[str] = known.get("seen", [])
        self._notes: list[str] = known.get("notes", [])
        self.moves = [SimMove(date.fromisoformat(on), *rest) for on, *rest in known.get("moves", [])]

    def deposit(self, account: str, amount_ore: int, note: str = "") -> bool:
        """Money comes in, or goes out below zero. Under the same `note` only once."""
        if note and note in self._notes:
            return False
        self.balances[account] = self.balances.get(account, 0) + amount_ore
        self._notes += [note] if note else []
        self._keep()
        return True

    def work(self, day: date, *, settle: bool = True) -> list[SimMove]:
        """Take every order that lies there and answer it. With `settle` off it only says that it has got them."""
        moves: list[SimMove] = []
        for path in sorted(self.out.glob("*.xml")):
            moves += self._take(path, day, settle)
        return moves

    def tell_balance(self, account: str, day: date) -> Path:
        """The statement of a day: what stands on the account at its end."""
        ore = self.balances.get(account, 0)
        name = f"STMT-{account}-{day:%Y%m%d}"
        return self._lay(
            f"{day:%Y%m%d}-z-{name}",
            f'<Document xmlns="{STATEMENT}"><BkToCstmrStmt>'
            f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{_moment(day)}</CreDtTm></GrpHdr>"
            f"<Stmt><Id>{name}</Id><CreDtTm>{_moment(day)}</CreDtTm>"
            f"<Acct><Id><Othr><Id>{account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id><Ccy>NOK</Ccy></Acct>"
            f"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="NOK">{_kroner(abs(ore))}</Amt><CdtDbtInd>{"DBIT" if ore < 0 else "CRDT"}</CdtDbtInd>'
            f"<Dt><Dt>{day.isoformat()}</Dt></Dt></Bal></Stmt></BkToCstmrStmt></Document>",
        )

    # --- orders ---

    def _take(self, path: Path, day: date, settle: bool) -> list[SimMove]:
        root = fromstring(path.read_bytes())
        for element in root.iter():
            element.tag = element.tag.removeprefix(f"{{{ORDER}}}")
        message_id = _text(root, "CstmrCdtTrfInitn/GrpHdr/MsgId")
        if message_id in self._seen and settle:
            self._answer(path, day, message_id, "RJCT", SEEN_BEFORE, {})
            path.unlink()
            return []
        if not settle:
            self._answer(path, day, message_id, "ACTC", "", {}, first=True)
            return []
        moves, reasons = self._carry_out(root, day)
        status = "ACSC" if not reasons else "PART" if moves else "RJCT"
        told = dict.fromkeys((move.end_to_end for move in moves), "") | reasons
        self._seen.append(message_id)
        self.moves += moves
        self._answer(path, day, message_id, status, "", told)
        self._keep()
        path.unlink()
        return moves

    def _carry_out(self, root: Element, day: date) -> tuple[list[SimMove], dict[str, str]]:
        moves, reasons = [], {}
        for group in root.findall("CstmrCdtTrfInitn/PmtInf"):
            payer = _text(group, "DbtrAcct/Id/Othr/Id")
            for one in group.findall("CdtTrfTxInf"):
                end_to_end, ore = _text(one, "PmtId/EndToEndId"), _ore(_text(one, "Amt/InstdAmt"))
                payee = _text(one, "CdtrAcct/Id/Othr/Id")
                if payee in self.closed:
                    reasons[end_to_end] = CLOSED_ACCOUNT
                elif self.balances.get(payer, 0) < ore:
                    reasons[end_to_end] = NO_FUNDS
                else:
                    self.balances[payer] -= ore
                    self.balances[payee] = self.balances.get(payee, 0) + ore
                    moves.append(SimMove(day, end_to_end, payer, payee, ore))
        return moves, reasons

    def _answer(
        self,
        path: Path,
        day: date,
        message_id: str,
        status: str,
        why: str,
        told: Mapping[str, str],
        *,
        first: bool = False,
    ) -> None:
        payments = "".join(
            f"<TxInfAndSts><OrgnlEndToEndId>{escape(end_to_end)}</OrgnlEndToEndId>"
            f"<TxSts>{'RJCT' if reason else 'ACSC'}</TxSts>{_reason(reason)}</TxInfAndSts>"
            for end_to_end, reason in told.items()
        )
        lot = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(message_id)}-1</OrgnlPmtInfId>{payments}</OrgnlPmtInfAndSts>"
        name = f"{day:%Y%m%d}-{'a' if first else 'b'}-{message_id}-{status}"
        self._lay(
            name,
            f'<Document xmlns="{REPORT}"><CstmrPmtStsRpt>'
            f"<GrpHdr><MsgId>{name[:35]}</MsgId><CreDtTm>{_moment(day)}</CreDtTm></GrpHdr>"
            f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(message_id)}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>"
            f"<GrpSts>{status}</GrpSts>{_reason(why)}</OrgnlGrpInfAndSts>{lot if payments else ''}"
            f"</CstmrPmtStsRpt></Document>",
        )

    def _lay(self, name: str, text: str) -> Path:
        self.answers.mkdir(parents=True, exist_ok=True)
        path = self.answers / f"{name}.xml"
        partial = path.with_suffix(".partial")
        partial.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8")
        partial.replace(path)
        return path

    def _keep(self) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        partial = self._kept.with_suffix(".partial")
        moves = [(m.on.isoformat(), m.end_to_end, m.from_account, m.to_account, m.amount_ore) for m in self.moves]
        kept = {"balances": self.balances, "seen": self._seen, "notes": self._notes, "moves": moves}
        partial.write_text(json.dumps(kept))
        partial.replace(self._kept)


def _reason(code: str) -> str:
    return f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>" if code else ""


def _moment(day: date) -> str:
    return datetime.combine(day, time(6)).isoformat()


def _kroner(ore: int) -> str:
    return f"{ore // 100}.{ore % 100:02d}"


def _ore(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(f"{part:<02}")


def _text(parent: Element, path: str) -> str:
    found = parent.findtext(path)
    if found is None:
        raise ValueError(f"{path} is missing")
    return found
