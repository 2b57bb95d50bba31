"""The bank of a run: what people pay becomes its files, what is ordered leaves, and its own balance is the judge."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from saas.simulators.bank import SimPayment, write_ocr
from saas.simulators.bank_camt import SimEntry, SimNotification, SimTransfer, write_camt
from saas.simulators.bank_orders import OrderBank
from tests.builders import at

OCR, CAMT = "ocr", "camt"


@dataclass
class TownBank:
    """The client account's bank. Everything that comes in is told the same day, in one file of each sort."""

    account: str
    folder: Path
    orders: OrderBank = field(init=False)
    _ocr: list[SimPayment] = field(default_factory=list)
    _camt: list[SimEntry] = field(default_factory=list)
    _serial: int = 0

    def __post_init__(self) -> None:
        self.orders = OrderBank(self.folder)

    @property
    def balance_ore(self) -> int:
        """What stands on the client account."""
        return self.orders.balances.get(self.account, 0)

    def pay_ocr(self, kid: str, ore: int, on: date, payer: str) -> None:
        """A payment with a KID; below zero the bank takes it back."""
        self._ocr.append(SimPayment(kid, ore, on, payer, type="18" if ore < 0 else "10"))
        self.orders.deposit(self.account, ore)

    def pay_camt(self, ore: int, on: date, *, kid: str = "", text: str = "", payer: str = "", name: str = "") -> None:
        """A payment as camt.054 tells of it; below zero the bank takes it back."""
        self._serial += 1
        transfer = SimTransfer(ore, (kid,) if kid else (), (text,) if text else (), name, payer)
        entry = SimEntry([transfer], on, on, reference=f"T{self._serial}", reversal=ore < 0)
        self._camt.append(entry)
        self.orders.deposit(self.account, ore)

    def files(self, on: date) -> list[tuple[str, bytes]]:
        """The day's files, by what they are."""
        self._serial += 1
        found = []
        if self._ocr:
            content = write_ocr(self._ocr, self.account, "123456789", self._serial, "12345678", on)
            found.append((OCR, content))
        if self._camt:
            message = [SimNotification(self.account, tuple(self._camt), summed=True)]
            found.append((CAMT, write_camt(message, f"TOWN{self._serial}", at(on))))
        self._ocr, self._camt = [], []
        return found
