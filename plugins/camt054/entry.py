"""One entry on the account (Ntry): its head, and the payments it holds as they come."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from plugins.camt054.fields import Reader, day, ore
from plugins.camt054.stream import Element
from plugins.camt054.transaction import Transaction, told_text
from saas.hooks import BankFileError, BankPayment
from saas.rules.money import Ore, kroner

NOT_BOOKED = ("PDNG", "INFO", "FUTR")
ISSUED, RECEIVED, RETURN = "ICDT", "RCDT", "RRTN"  # families of BkTxCd, and their subfamily of returns


class Fate(Enum):
    """What becomes of an entry."""

    TAKEN = "taken"
    PENDING = "pending"  # not on the account yet; it comes again when it is
    PAID_OUT = "paid_out"  # money we sent
    FOREIGN = "foreign"  # not in kroner


@dataclass(slots=True)
class Batch:
    """What the bank says of the payments in one NtryDtls, and what they were."""

    told_payments: int | None = None
    told_ore: int | None = None
    payments: int = 0
    sum_ore: int = 0

    def agree(self) -> None:
        """Raises BankFileError when the bank counted differently. A batch told without its payments holds."""
        if not self.payments:
            return
        if self.told_payments not in (None, self.payments):
            message = f"samleposten oppgir {self.told_payments} betalinger, men har {self.payments}."
            raise BankFileError(message, 0, "wrong_count")
        if self.told_ore not in (None, abs(self.sum_ore)):
            told, counted = kroner(self.told_ore or 0), kroner(abs(self.sum_ore))
            message = f"samleposten oppgir {told} kr, men betalingene blir {counted} kr."
            raise BankFileError(message, 0, "wrong_sum")


@dataclass(slots=True)
class Entry:
    """The head of an entry, and what has been counted of its payments."""

    number: int  # in the file, from 1
    account: str
    amount_ore: int  # never negative
    currency: str
    credit: bool
    reversal: bool
    status: str
    booked_on: date
    value_on: date
    reference: str  # AcctSvcrRef
    entry_reference: str  # NtryRef
    family: str
    subfamily: str
    fallback: str  # names the entry by its place in the message, where the bank gave no reference
    payments: int = 0
    sum_ore: int = 0
    held: Transaction | None = None  # the first: until a second comes it may be told by the entry alone
    batch: Batch = field(default_factory=Batch)

    @property
    def fate(self) -> Fate:
        """Only what is booked, in kroner, and came in or was taken back again is ours to place."""
        if self.status in NOT_BOOKED:
            return Fate.PENDING
        if self.currency != "NOK":
            return Fate.FOREIGN
        taken_back = self.reversal or (self.family, self.subfamily) == (RECEIVED, RETURN)
        return Fate.TAKEN if self.credit or taken_back else Fate.PAID_OUT

    @property
    def is_returned(self) -> bool:
        """Money of ours that came back: its KID is the receiver's, and no case of ours."""
        return self.credit and (self.reversal or (self.family, self.subfamily) == (ISSUED, RETURN))

    @property
    def signed_ore(self) -> int:
        """As the account saw it."""
        return self.amount_ore if self.credit else -self.amount_ore

    def take(self, transaction: Transaction) -> BankPayment | None:
        """Count a payment in. Gives it, unless it is the first: that one is given by `first` or `finish`."""
        self.payments += 1
        self.batch.payments += 1
        self.batch.sum_ore += self.signed_ore if transaction.amount_ore is None else transaction.amount_ore
        if self.payments == 1:
            self.held = transaction
            return None
        if transaction.amount_ore is None:
            raise BankFileError("flere betalinger, og en av dem er uten beløp i kroner.", 0, "no_amount")
        return self._payment(transaction, transaction.amount_ore)

    def first(self) -> BankPayment | None:
        """The first payment, once another has come."""
        held, self.held = self.held, None
        if held is None:
            return None
        if held.amount_ore is None:
            raise BankFileError("flere betalinger, og en av dem er uten beløp i kroner.", 0, "no_amount")
        return self._payment(held, held.amount_ore, 1)

    def finish(self, words: str) -> BankPayment | None:
        """The only payment, or the entry itself when it has none. Raises BankFileError when the sum does not hold."""
        only = None
        if self.payments <= 1:
            held = self.held or Transaction()
            held.text = held.text or words  # the bank's own words, where the payer had none
            only = self._payment(held, self.signed_ore if held.amount_ore is None else held.amount_ore, 1)
        if self.sum_ore != self.signed_ore:
            message = f"betalingene blir {kroner(self.sum_ore)} kr, men posten er på {kroner(self.signed_ore)} kr."
            raise BankFileError(message, 0, "wrong_sum")
        return only

    def _payment(self, told: Transaction, amount_ore: int, position: int = 0) -> BankPayment:
        self.sum_ore += amount_ore
        kid, told_as = told.kid, told_text(told)
        if self.is_returned and kid:
            kid, told_as = "", f"Tilbakeført betaling til KID {kid}. {told_as}".strip()
        return BankPayment(
            key=f"camt:{self.account}|{self.booked_on}|{amount_ore}|{self._name(told, position or self.payments)}",
            account=self.account,
            kid=kid,
            amount_ore=Ore(amount_ore),
            value_on=self.value_on,
            text=told_as,
            debit_account=told.debit_account,
            record=self.number,
        )

    def _name(self, told: Transaction, position: int) -> str:
        """What tells this payment from every other of that day and amount; the same in whichever message it comes."""
        place = f"/{position}" if position > 1 else ""
        payer = f"{told.kid}|{told.end_to_end}|{told.debit_account}"
        if told.reference and told.reference != self.reference:
            return f"ref:{told.reference}"
        if self.reference:
            return f"ref:{self.reference}{place}"
        if self.entry_reference:  # may be no more than a number within the message
            return f"ntry:{self.entry_reference}|{payer}{place}"
        return f"e2e:{payer}{place}" if told.end_to_end else f"{self.fallback}.{position}"


def read_entry(read: Reader, head: Element, number: int, account: str, told_on: date, fallback: str) -> Entry:
    """The head of an entry. `told_on`: the day of the message, where the bank gives no booking date."""
    amount = read.element(head, "Amt")
    direction = read.text(head, "CdtDbtInd")
    if amount is None or not amount.get("Ccy"):
        raise BankFileError("beløp med valuta mangler.", 0, "no_amount")
    if direction not in ("CRDT", "DBIT"):
        raise BankFileError(f"retningen {direction!r} er hverken CRDT eller DBIT.", 0, "wrong_direction")
    status = read.text(head, "Sts/Cd", "Sts/Prtry", "Sts")
    if status not in ("BOOK", *NOT_BOOKED):
        raise BankFileError(f"statusen {status!r} er ikke kjent.", 0, "wrong_status")
    booked = read.text(head, "BookgDt/Dt", "BookgDt/DtTm")
    booked_on = day(booked) if booked else told_on
    value = read.text(head, "ValDt/Dt", "ValDt/DtTm")
    return Entry(
        number=number,
        account=account,
        amount_ore=ore((amount.text or "").strip()),
        currency=amount.get("Ccy"),
        credit=direction == "CRDT",
        reversal=read.text(head, "RvslInd") in ("true", "1"),
        status=status,
        booked_on=booked_on,
        value_on=day(value) if value else booked_on,
        reference=read.text(head, "AcctSvcrRef"),
        entry_reference=read.text(head, "NtryRef"),
        family=read.text(head, "BkTxCd/Domn/Fmly/Cd"),
        subfamily=read.text(head, "BkTxCd/Domn/Fmly/SubFmlyCd"),
        fallback=fallback,
    )


def read_batch(read: Reader, details: Element) -> Batch:
    """What one NtryDtls says of itself, as far as it has been read."""
    told, amount = read.text(details, "Btch/NbOfTxs"), read.element(details, "Btch/TtlAmt")
    if told and not (told.isascii() and told.isdecimal() and len(told) <= 15):
        raise BankFileError(f"antallet {told!r} er ikke et tall.", 0, "wrong_count")
    told_ore = None if amount is None or amount.get("Ccy") != "NOK" else ore((amount.text or "").strip())
    return Batch(int(told) if told else None, told_ore)
