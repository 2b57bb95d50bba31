"""The world outside: people who open envelopes, and the bank that takes their money and writes a file of it.

It knows what lies on the print house's floor, the old invoices people have at home, and its own bank files; nothing of
ours. What somebody pays, and when, follows from who they are and the letters they got, so a world started anew on the
same folders goes on exactly where it was.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from saas.demo.letters import DEMAND, NOTICE, PrintedLetter, asks_for_money, posted_letters, read_letter
from saas.demo.people import CAST, USUAL, Habit, Role
from saas.rules.days import add_banking_days, is_banking_day, next_banking_day
from saas.simulators.bank import SimPayment, write_ocr

SEED = 4711
TOO_MUCH_ORE, TWICE_AFTER_DAYS = 50_000, 6
CAREFUL_FROM_ORE = 50  # a day's interest people bother to add
AGREEMENT, RECIPIENT = "100000001", "00000001"
_ROLES = {role.name: role for role in CAST}


@dataclass(frozen=True, slots=True)
class OldInvoice:
    """An unpaid invoice somebody has at home, with its own KID."""

    name: str
    kid: str
    amount_ore: int


@dataclass(frozen=True, slots=True)
class Promise:
    """Somebody will pay. Without `kid` the bank is told `text`."""

    pay_on: date
    name: str
    amount_ore: int
    kid: str = ""
    text: str = ""


class World:
    """All debtors and the bank of one tenant."""

    def __init__(self, *, post: Path, bank: Path, account: str, invoices: Sequence[OldInvoice] = ()) -> None:
        """`post` is the print house's folder of the tenant, `bank` where the bank leaves its files."""
        self.letters: list[PrintedLetter] = []
        self._post, self._bank, self._account = post, bank, account
        self._batches: set[str] = set()
        self._promises: list[Promise] = []
        self._got: dict[str, list[PrintedLetter]] = defaultdict(list)  # KID → letters about it
        self._paid_on: dict[str, date] = {}  # KID → when all of it was, or will be, paid
        for invoice in invoices:
            role = _ROLES.get(invoice.name)
            if role is not None and role.habit is Habit.OLD_INVOICE and invoice.kid:
                self._promises += [Promise(day, role.name, invoice.amount_ore, invoice.kid) for day in role.pays_on]

    def open_envelopes(self) -> list[PrintedLetter]:
        """Read what has been posted since last time, oldest first; everybody makes up their mind at once."""
        new = sorted(
            map(read_letter, filter(asks_for_money, posted_letters(self._post / "taken", self._batches))),
            key=lambda letter: (letter.posted_on, letter.case_number),
        )
        for letter in new:
            self.letters.append(letter)
            self._got[letter.kid].append(letter)
            decided = list(self._decide(letter))  # first: it may take back what was promised before
            self._promises += decided
        return new

    def bank_file(self, day: date) -> Path | None:
        """The bank's file of that morning: all that was paid since the last one. None when nothing was, or no bank is
        open. A file that is there already stays as it is.
        """
        if not is_banking_day(day):
            return None
        since = day - timedelta(days=1)
        while not is_banking_day(since):
            since -= timedelta(days=1)
        paid = sorted((p for p in self._promises if since <= p.pay_on < day), key=lambda p: (p.pay_on, p.name))
        path = self._bank / f"{day.isoformat()}.ocr"
        if paid and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            number = day.toordinal() - date(2026, 1, 1).toordinal() + 1
            payments = [_bank_payment(promise) for promise in paid]
            partial = path.with_suffix(".partial")
            partial.write_bytes(write_ocr(payments, self._account, AGREEMENT, number, RECIPIENT, day))
            partial.replace(path)
        return path if path.exists() else None

    # --- minds ---

    def _decide(self, letter: PrintedLetter) -> Iterator[Promise]:
        paid_on = self._paid_on.get(letter.kid)
        if paid_on is not None and letter.posted_on <= add_banking_days(paid_on, 3):
            return  # «Har du nettopp betalt, kan du se bort fra brevet.»
        role = _ROLES.get(letter.name)
        if role is not None and role.pays_on:
            yield from self._on_own_days(role, letter)
            return
        habit = role.habit if role is not None else _habit_of(letter.name)
        draw = Random(f"{SEED}|{letter.name}|{letter.kid}|{letter.kind}")  # noqa: S311 - the same world every time
        pay_on = add_banking_days(letter.posted_on, draw.randrange(3, 8))
        if habit is Habit.ON_THE_DEADLINE:
            pay_on = letter.deadline_on
        if habit is Habit.NEVER or (habit in _PATIENT and letter.kind not in _PATIENT[habit]):
            return
        yield from self._pay(habit, letter, pay_on)

    def _pay(self, habit: Habit, letter: PrintedLetter, pay_on: date) -> Iterator[Promise]:
        amount_ore = self._sum(letter, pay_on)
        number = len(self._got[letter.kid])
        if habit is Habit.IN_PARTS and number == 1:
            yield Promise(pay_on, letter.name, amount_ore * 2 // 5 // 100 * 100, letter.kid)
            return
        self._paid_on[letter.kid] = pay_on
        if habit is Habit.CASE_NUMBER and number == 1:
            yield Promise(pay_on, letter.name, amount_ore, text=f"Sak {letter.case_number}")
        elif habit is Habit.NO_REFERENCE:
            if number == 1:
                yield Promise(pay_on, letter.name, amount_ore, text="Bredbånd, takk for hjelpen")
        elif habit is Habit.TOO_MUCH and number == 1:
            yield Promise(pay_on, letter.name, amount_ore + TOO_MUCH_ORE, letter.kid)
        else:
            yield Promise(pay_on, letter.name, amount_ore, letter.kid)
            if habit is Habit.TWICE and number == 1:
                again_on = next_banking_day(pay_on + timedelta(days=TWICE_AFTER_DAYS))
                yield Promise(again_on, letter.name, amount_ore, letter.kid)

    def _on_own_days(self, role: Role, letter: PrintedLetter) -> Iterator[Promise]:
        """Those whose days the story knows pay the latest letter's sum on the last of them, a part on those before."""
        last = role.pays_on[-1]
        self._promises = [p for p in self._promises if not (p.name == role.name and p.kid == letter.kid)]
        if role.habit is Habit.OLD_INVOICE:
            return
        for day in role.pays_on[:-1]:
            yield Promise(day, role.name, role.pays_ore, letter.kid)
        if letter.posted_on < last:
            yield Promise(last, role.name, self._sum(letter, last), letter.kid)

    def _sum(self, letter: PrintedLetter, pay_on: date) -> int:
        careful = letter.interest_per_day_ore >= CAREFUL_FROM_ORE
        return letter.sum_on(pay_on) if careful else letter.total_ore


_PATIENT = {Habit.AFTER_NOTICE: (NOTICE, DEMAND), Habit.AFTER_DEMAND: (DEMAND,)}


def _habit_of(name: str) -> Habit:
    draw = Random(f"{SEED}|{name}")  # noqa: S311 - the same world every time
    return draw.choices(list(USUAL), list(USUAL.values()))[0]


def _bank_payment(promise: Promise) -> SimPayment:
    if promise.kid:
        return SimPayment(promise.kid, promise.amount_ore, promise.pay_on)
    return SimPayment("", promise.amount_ore, promise.pay_on, text=promise.text[:40], type="21")
