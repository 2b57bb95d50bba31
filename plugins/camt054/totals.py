"""What a notification says of all its entries (TxsSummry), held against what they are."""

from dataclasses import dataclass, field

from plugins.camt054.entry import Entry
from plugins.camt054.fields import Reader, ore
from plugins.camt054.stream import Element
from saas.hooks import BankFileError
from saas.rules.money import kroner

ALL, CREDIT, DEBIT = "TtlNtries", "TtlCdtNtries", "TtlDbtNtries"
_CALLED = {ALL: "poster", CREDIT: "poster inn på kontoen", DEBIT: "poster ut av kontoen"}


@dataclass(slots=True)
class Counted:
    """How many, and how much in hundredths, whatever the currency."""

    entries: int = 0
    sum_ore: int = 0


@dataclass(slots=True)
class Totals:
    """Every entry counts here: also what is pending, not in kroner or paid out."""

    told: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)  # kind → (entries, sum)
    told_net_ore: int | None = None
    counted: dict[str, Counted] = field(default_factory=lambda: {kind: Counted() for kind in _CALLED})
    net_ore: int = 0

    def add(self, entry: Entry) -> None:
        """Count an entry."""
        for kind in (ALL, CREDIT if entry.credit else DEBIT):
            self.counted[kind].entries += 1
            self.counted[kind].sum_ore += entry.amount_ore
        self.net_ore += entry.signed_ore

    def agree(self) -> None:
        """Raises BankFileError when the bank counted differently."""
        for kind, (entries, sum_ore) in self.told.items():
            counted, called = self.counted[kind], _CALLED[kind]
            if entries not in (None, counted.entries):
                message = f"Varselet oppgir {entries} {called}, men har {counted.entries}."
                raise BankFileError(message, 0, "wrong_count")
            if sum_ore not in (None, counted.sum_ore):
                told = kroner(sum_ore or 0)
                message = f"Varselet oppgir {told} kr for {called}, men de blir {kroner(counted.sum_ore)} kr."
                raise BankFileError(message, 0, "wrong_sum")
        if self.told_net_ore not in (None, self.net_ore):
            told, net = kroner(self.told_net_ore or 0), kroner(self.net_ore)
            raise BankFileError(f"Varselet oppgir {told} kr netto, men postene blir {net} kr.", 0, "wrong_sum")


def read_totals(read: Reader, notification: Element) -> Totals:
    """What stands before the first entry of a notification; nothing is told of what is left out."""
    totals = Totals()
    summary = read.element(notification, "TxsSummry")
    if summary is None:
        return totals
    for kind in _CALLED:
        entries, amount = read.text(summary, f"{kind}/NbOfNtries"), read.text(summary, f"{kind}/Sum")
        if entries and not (entries.isascii() and entries.isdecimal() and len(entries) <= 15):
            raise BankFileError(f"Antallet {entries!r} i varselet er ikke et tall.", 0, "wrong_count")
        totals.told[kind] = int(entries) if entries else None, ore(amount) if amount else None
    net = read.text(summary, f"{ALL}/TtlNetNtry/Amt", f"{ALL}/TtlNetNtryAmt")
    if net:
        way = read.text(summary, f"{ALL}/TtlNetNtry/CdtDbtInd", f"{ALL}/CdtDbtInd")
        totals.told_net_ore = -ore(net) if way == "DBIT" else ore(net)
    return totals
