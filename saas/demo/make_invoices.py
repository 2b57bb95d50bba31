"""Makes `data/invoices.csv` and `data/wrong_rows.csv`, always the same: `python -m saas.demo.make_invoices`.

Everybody is made up. Fødselsnummer are synthetic (month + 80) and organisation numbers begin with 31, so both belong to
nobody while their check digits are right. Bad rows are bad on purpose, and the second file says where and how.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from stdnum.no import fodselsnummer, orgnr

from saas.demo.people import (
    BYGDA_BREDBAND,
    CAST,
    COMPANY_HEADS,
    COMPANY_TAILS,
    FIRST_NAMES,
    LAST_NAMES,
    NORDLYS_KRAFT,
    PLACES,
    STREETS,
    TRADES,
    VESTLYS_KRAFT,
    Invoice,
    Role,
)
from saas.rules.kid import make_kid

ROWS, SEED = 200, 20_260_302
DATA = Path(__file__).parent / "data"
INVOICES, WRONG_ROWS = DATA / "invoices.csv", DATA / "wrong_rows.csv"
COLUMNS = (
    "creditor", "debtor_kind", "debtor_name", "national_id", "orgnr", "address", "postcode", "city", "invoice_number",
    "kind", "description", "invoiced_on", "due_on", "amount", "kid", "active_contract", "vulnerable",
    "reminder_sent_on", "reminder_deadline_on", "reminder_fee", "reminder_proof",
)  # fmt: skip
SHARE = {NORDLYS_KRAFT: 45, BYGDA_BREDBAND: 25, VESTLYS_KRAFT: 30}
PREFIX = {NORDLYS_KRAFT: "NK", BYGDA_BREDBAND: "BB", VESTLYS_KRAFT: "VK"}
MONTHS = ("januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
          "desember")  # fmt: skip
REMINDER_FEE = "38,00"

Row = dict[str, str]


class _Maker:
    """Draws rows one after another from one seeded source."""

    def __init__(self) -> None:
        self._random = Random(SEED)  # noqa: S311 - the same file every time is the point
        self._serial = dict.fromkeys(SHARE, 1000)
        self._companies = self._people = 0
        self._names = {role.name for role in CAST}

    def rows(self) -> list[tuple[Row, str]]:
        """All rows with what is wrong with each, '' when nothing is, in the order of the file."""
        good = [row for role in CAST for row in self._of_role(role)]
        wrong = list(self._wrong_rows())
        while len(good) + len(wrong) < ROWS - 1:
            good.append(self._anybody())
        rows = [(row, "") for row in good] + wrong
        self._random.shuffle(rows)
        twice = next(row for row, why in rows if not why and row["creditor"] == NORDLYS_KRAFT)
        rows.append((dict(twice), "the same invoice as an earlier row"))
        order = list(SHARE)
        return sorted(rows, key=lambda row: order.index(row[0]["creditor"]))

    # --- those the story follows ---

    def _of_role(self, role: Role) -> Iterator[Row]:
        debtor = self._debtor(role.name, role.kind)
        if not role.has_address:
            debtor |= {"address": "", "postcode": "", "city": ""}
        for invoice in role.invoices:
            contract = {None: "", True: "ja", False: "nei"}[role.active_contract]
            row = self._row(role.creditor, debtor, invoice, contract)
            yield row | {"vulnerable": "ja" if role.vulnerable else ""}

    # --- the others ---

    def _anybody(self) -> Row:
        draw = self._random
        creditor = draw.choices(list(SHARE), list(SHARE.values()))[0]
        kind = draw.choices(("person", "sole_trader", "company"), (80, 8, 12))[0]
        due_on = date(2026, 1, 7) + timedelta(days=draw.randrange(74))
        invoiced_on = min(due_on - timedelta(days=draw.choice((14, 14, 14, 21, 28))), date(2026, 2, 27))
        invoice = Invoice(invoiced_on, due_on, self._amount(creditor, kind), self._reminder(due_on),
                          draw.random() < 0.5)  # fmt: skip
        contract = "" if creditor == BYGDA_BREDBAND else draw.choices(("ja", "nei", ""), (70, 22, 8))[0]
        return self._row(creditor, self._debtor(self._name(kind), kind), invoice, contract)

    def _reminder(self, due_on: date) -> tuple[date, date] | None:
        """One in eight old invoices has been reminded of by the creditor, sent 15 to 20 days after it was due."""
        sent_on = due_on + timedelta(days=15 + self._random.randrange(6))
        if sent_on > date(2026, 2, 24) or self._random.random() > 0.125:
            return None
        return sent_on, sent_on + timedelta(days=15)

    def _amount(self, creditor: str, kind: str) -> int:
        """Øre. Companies owe more; broadband is a monthly price."""
        draw = self._random
        if creditor == BYGDA_BREDBAND and kind == "person":
            return draw.choice((49_900, 59_900, 64_900, 79_900, 109_800))
        low, high = (40_000, 4_800_000) if kind == "company" else (15_000, 780_000)
        return round(low * (high / low) ** draw.random())

    def _name(self, kind: str) -> str:
        draw = self._random
        while True:
            person = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
            name = {
                "person": person,
                "sole_trader": f"{draw.choice(TRADES)} {person}",
                "company": f"{draw.choice(COMPANY_HEADS)} {draw.choice(COMPANY_TAILS)}",
            }[kind]
            if name not in self._names:
                self._names.add(name)
                return name

    # --- wrong on purpose ---

    def _wrong_rows(self) -> Iterator[tuple[Row, str]]:
        changes: tuple[tuple[str, Row, str], ...] = (
            (NORDLYS_KRAFT, {"national_id": "01819012345"}, "fødselsnummer with wrong check digits"),
            (NORDLYS_KRAFT, {"amount": "0,00"}, "nothing is owed"),
            (NORDLYS_KRAFT, {"amount": "-450,00"}, "a credit note, not a claim"),
            (NORDLYS_KRAFT, {"due_on": "2026-01-02"}, "due before it was invoiced"),
            (NORDLYS_KRAFT, {"kid": "1234567"}, "KID with a wrong check digit"),
            (BYGDA_BREDBAND, {"debtor_name": ""}, "nobody is named"),
            (BYGDA_BREDBAND, {"amount": "ca. 600"}, "an amount that cannot be read"),
            (VESTLYS_KRAFT, {"debtor_kind": "company", "national_id": "", "orgnr": "311999999"},
             "organisation number with a wrong check digit"),
            (VESTLYS_KRAFT, {"invoiced_on": "2026-02-30"}, "a day that does not exist"),
            (VESTLYS_KRAFT, {"postcode": "155"}, "a postcode that lost its zero in a spreadsheet"),
        )  # fmt: skip
        for creditor, change, why in changes:
            invoice = Invoice(date(2026, 1, 20), date(2026, 2, 3), self._amount(creditor, "person"))
            debtor = self._debtor(self._name("person"), "person")
            yield self._row(creditor, debtor, invoice, "") | change, why

    # --- parts ---

    def _row(self, creditor: str, debtor: Row, invoice: Invoice, contract: str) -> Row:
        self._serial[creditor] += 1
        serial = self._serial[creditor]
        row = dict.fromkeys(COLUMNS, "") | debtor
        row |= {
            "creditor": creditor,
            "invoice_number": f"{PREFIX[creditor]}-{serial}",
            "kind": "other" if creditor == BYGDA_BREDBAND else "electricity",
            "description": _description(creditor, invoice.invoiced_on),
            "invoiced_on": invoice.invoiced_on.isoformat(),
            "due_on": invoice.due_on.isoformat(),
            "amount": _kroner(invoice.amount_ore),
            "active_contract": contract,
        }
        if invoice.own_kid:
            row["kid"] = make_kid(f"77{list(SHARE).index(creditor)}{serial:07d}")
        if invoice.reminder:
            sent_on, deadline_on = invoice.reminder
            proof = hashlib.sha256(f"purring {row['invoice_number']}".encode()).hexdigest()
            row |= {"reminder_sent_on": sent_on.isoformat(), "reminder_deadline_on": deadline_on.isoformat(),
                    "reminder_fee": REMINDER_FEE, "reminder_proof": proof}  # fmt: skip
        return row

    def _debtor(self, name: str, kind: str) -> Row:
        postcode, city = self._random.choice(PLACES)
        debtor = {
            "debtor_kind": kind,
            "debtor_name": name,
            "address": f"{self._random.choice(STREETS)} {self._random.randrange(1, 120)}",
            "postcode": postcode,
            "city": city,
        }
        if kind != "person":
            return debtor | {"orgnr": self._orgnr()}
        return debtor | {"national_id": self._national_id() if self._random.random() < 0.7 else ""}

    def _orgnr(self) -> str:
        while True:
            self._companies += 1
            for check in range(10):
                number = f"3112{self._companies:04d}{check}"
                if orgnr.is_valid(number):
                    return number

    def _national_id(self) -> str:
        """Synthetic: born 1946–1999, 80 added to the month, check digits right."""
        while True:
            self._people += 1
            born = date(1946, 1, 1) + timedelta(days=self._random.randrange(54 * 365))
            stem = f"{born.day:02d}{born.month + 80:02d}{born:%y}{100 + self._people % 390:03d}"
            first = fodselsnummer.calc_check_digit1(stem)
            if first not in "0123456789":
                continue
            second = fodselsnummer.calc_check_digit2(stem + first)
            if second in "0123456789":
                return stem + first + second


def _description(creditor: str, invoiced_on: date) -> str:
    before = (invoiced_on.replace(day=1) - timedelta(days=1)).replace(day=1)
    what, month = ("Bredbånd", invoiced_on) if creditor == BYGDA_BREDBAND else ("Strøm", before)
    return f"{what} {MONTHS[month.month - 1]} {month.year}"


def _kroner(ore: int) -> str:
    return f"{ore // 100},{ore % 100:02d}"


def make() -> tuple[bytes, bytes]:
    """The two files: the invoices, and which of their lines are wrong and why."""
    invoices, wrong = io.StringIO(), io.StringIO()
    writer = csv.DictWriter(invoices, COLUMNS, delimiter=";", lineterminator="\n")
    key = csv.writer(wrong, delimiter=";", lineterminator="\n")
    writer.writeheader()
    key.writerow(("line", "why"))
    for line, (row, why) in enumerate(_Maker().rows(), start=2):
        writer.writerow(row)
        if why:
            key.writerow((line, why))
    return invoices.getvalue().encode(), wrong.getvalue().encode()


def main() -> None:
    """Write the shipped files anew."""
    DATA.mkdir(exist_ok=True)
    for path, content in zip((INVOICES, WRONG_ROWS), make(), strict=True):
        path.write_bytes(content)


if __name__ == "__main__":
    main()
