"""A bank that tells of payments in camt.054 messages, versions 001.02, 001.04 and 001.08.

Source: ISO 20022, BankToCustomerDebitCreditNotification. It knows nothing of the reader.
"""

import codecs
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from xml.sax.saxutils import escape

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.054.001."
VERSIONS = ("02", "04", "08")


@dataclass(frozen=True, slots=True)
class SimTransfer:
    """Somebody pays, within an entry. What is empty is left out of the message.

    `amount_ore` below zero goes the other way than its entry says of money in; `kids` more than one is a payment of
    several invoices at once. `with_amount` False leaves the amount to the entry.
    """

    amount_ore: int
    kids: Sequence[str] = ()
    texts: Sequence[str] = ()
    payer: str = ""
    debit_account: str = ""
    reference: str = ""
    end_to_end: str = "NOTPROVIDED"
    currency: str = "NOK"
    with_amount: bool = True


@dataclass(frozen=True, slots=True)
class SimEntry:
    """An entry on the account. Its amount is the sum of its transfers; below zero it is a debit.

    `detailed` False tells the entry without its transfers. `value_on` and `booked_on` None are left out.
    """

    transfers: Sequence[SimTransfer]
    booked_on: date | None = None
    value_on: date | None = None
    status: str = "BOOK"
    reversal: bool = False
    reference: str = ""
    entry_reference: str = ""
    currency: str = "NOK"
    code: tuple[str, str] = ("RCDT", "VCOM")
    info: str = ""
    detailed: bool = True
    batch: bool = False  # says how many transfers there are, and how much


@dataclass(frozen=True, slots=True)
class SimNotification:
    """What happened on one account. `summed` says how many entries there are and how much, before they come."""

    account: str  # 11 digits, or an IBAN
    entries: Iterable[SimEntry] = field(default_factory=tuple)
    summed: bool = False


def write_camt(
    notifications: Iterable[SimNotification],
    message_id: str,
    made_at: datetime,
    *,
    version: str = "08",
    encoding: str = "UTF-8",
) -> bytes:
    """One message. Raises ValueError for a version this bank does not write."""
    return b"".join(camt_pieces(notifications, message_id, made_at, version=version, encoding=encoding))


def camt_pieces(
    notifications: Iterable[SimNotification],
    message_id: str,
    made_at: datetime,
    *,
    version: str = "08",
    encoding: str = "UTF-8",
) -> Iterator[bytes]:
    """The message piece by piece, for one too large to hold; entries may then be a generator, unless summed."""
    if version not in VERSIONS:
        raise ValueError(f"unknown version {version!r}")
    encoder = codecs.getincrementalencoder(encoding)("xmlcharrefreplace")  # UTF-16 begins with its mark, once
    for piece in _Writer(version, encoding, made_at).message(notifications, message_id):
        yield encoder.encode(piece)


@dataclass(frozen=True, slots=True)
class _Writer:
    version: str
    encoding: str
    made_at: datetime

    def message(self, notifications: Iterable[SimNotification], message_id: str) -> Iterator[str]:
        made_at = self.made_at.isoformat(timespec="seconds")
        yield (
            f'<?xml version="1.0" encoding="{self.encoding}"?>\n<Document xmlns="{NAMESPACE}{self.version}">\n'
            "<BkToCstmrDbtCdtNtfctn>"
            f"<GrpHdr>{_tag('MsgId', message_id)}<CreDtTm>{made_at}</CreDtTm></GrpHdr>\n"
        )
        for notification, number in zip(notifications, count(1), strict=False):
            yield from self._notification(notification, f"{message_id}-{number}", made_at)
        yield "</BkToCstmrDbtCdtNtfctn></Document>\n"

    def _notification(self, notification: SimNotification, name: str, made_at: str) -> Iterator[str]:
        yield (
            f"<Ntfctn>{_tag('Id', name)}<CreDtTm>{made_at}</CreDtTm>"
            f"<Acct>{_account(notification.account)}<Ccy>NOK</Ccy></Acct>\n"
        )
        if notification.summed:
            yield self._summary(list(notification.entries))
        for entry in notification.entries:
            yield from self._entry(entry)
        yield "</Ntfctn>\n"

    def _summary(self, entries: Sequence[SimEntry]) -> str:
        amounts = [_sum(entry) for entry in entries]
        net, way = kroner(abs(sum(amounts))), "CRDT" if sum(amounts) >= 0 else "DBIT"
        told_net = (
            f"<TtlNetNtryAmt>{net}</TtlNetNtryAmt><CdtDbtInd>{way}</CdtDbtInd>"
            if self.version == "02"
            else f"<TtlNetNtry><Amt>{net}</Amt><CdtDbtInd>{way}</CdtDbtInd></TtlNetNtry>"
        )
        credits_, debits = [a for a in amounts if a >= 0], [a for a in amounts if a < 0]
        return (
            f"<TxsSummry><TtlNtries>{_counted(amounts)}{told_net}</TtlNtries>"
            f"<TtlCdtNtries>{_counted(credits_)}</TtlCdtNtries><TtlDbtNtries>{_counted(debits)}</TtlDbtNtries>"
            "</TxsSummry>\n"
        )

    def _entry(self, entry: SimEntry) -> Iterator[str]:
        total = _sum(entry)
        status = f"<Sts><Cd>{entry.status}</Cd></Sts>" if self.version == "08" else f"<Sts>{entry.status}</Sts>"
        family, subfamily = entry.code
        yield (
            f"<Ntry>{_tag('NtryRef', entry.entry_reference)}{_amount(abs(total), entry.currency)}{_way(total)}"
            f"{'<RvslInd>true</RvslInd>' if entry.reversal else ''}{status}"
            f"{_day('BookgDt', entry.booked_on)}{_day('ValDt', entry.value_on)}"
            f"{_tag('AcctSvcrRef', entry.reference)}"
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{subfamily}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        )
        if entry.detailed:
            yield "<NtryDtls>"
            if entry.batch:
                yield (
                    f"<Btch><NbOfTxs>{len(entry.transfers)}</NbOfTxs>"
                    f'<TtlAmt Ccy="{entry.currency}">{kroner(abs(total))}</TtlAmt>{_way(total)}</Btch>'
                )
            for transfer in entry.transfers:
                yield self._transfer(transfer)
            yield "</NtryDtls>"
        yield f"{_tag('AddtlNtryInf', entry.info)}</Ntry>\n"

    def _transfer(self, transfer: SimTransfer) -> str:
        refs = f"{_tag('AcctSvcrRef', transfer.reference)}{_tag('EndToEndId', transfer.end_to_end)}"
        amount = _amount(abs(transfer.amount_ore), transfer.currency)
        if not transfer.with_amount:
            told = ""
        elif self.version == "02":
            told = f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
        else:
            told = f"{amount}{_way(transfer.amount_ore)}"
        payer = _tag("Nm", transfer.payer)
        payer = f"<Dbtr>{f'<Pty>{payer}</Pty>' if self.version == '08' else payer}</Dbtr>" if payer else ""
        account = f"<DbtrAcct>{_account(transfer.debit_account)}</DbtrAcct>" if transfer.debit_account else ""
        parties = f"<RltdPties>{payer}{account}</RltdPties>" if payer or account else ""
        words = "".join(_tag("Ustrd", text) for text in transfer.texts) + "".join(
            f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>{_tag('Ref', kid)}</CdtrRefInf></Strd>"
            for kid in transfer.kids
        )
        return (
            f"<TxDtls>{f'<Refs>{refs}</Refs>' if refs else ''}{told}{parties}"
            f"{f'<RmtInf>{words}</RmtInf>' if words else ''}</TxDtls>\n"
        )


def kroner(amount_ore: int) -> str:
    """`102000` → `1020.00`."""
    return f"{amount_ore // 100}.{amount_ore % 100:02d}"


def _sum(entry: SimEntry) -> int:
    return sum(transfer.amount_ore for transfer in entry.transfers)


def _counted(amounts: Sequence[int]) -> str:
    return f"<NbOfNtries>{len(amounts)}</NbOfNtries><Sum>{kroner(sum(abs(a) for a in amounts))}</Sum>"


def _way(amount_ore: int) -> str:
    return f"<CdtDbtInd>{'DBIT' if amount_ore < 0 else 'CRDT'}</CdtDbtInd>"


def _amount(amount_ore: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{kroner(amount_ore)}</Amt>'


def _account(account: str) -> str:
    if account.isdecimal():
        return f"<Id><Othr><Id>{account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id>"
    return f"<Id><IBAN>{escape(account)}</IBAN></Id>"


def _day(name: str, day: date | None) -> str:
    if day is None:
        return ""
    inner = f"<DtTm>{day.isoformat()}</DtTm>" if isinstance(day, datetime) else f"<Dt>{day.isoformat()}</Dt>"
    return f"<{name}>{inner}</{name}>"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""
