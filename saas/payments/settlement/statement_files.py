"""A statement as files: PDF for people, CSV and XLSX for their accounts. All three from the same lines."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Any

import xlsxwriter

from saas.documents.values import in_groups, in_words
from saas.documents.values import kroner as kroner_words
from saas.ledger.words import COMPONENT_WORDS
from saas.payments.settlement.papers import paper
from saas.payments.settlement.statements import COMPONENTS, PAID_OUT, RETURNED, WORDS, Statement, StatementLine
from saas.rules.money import kroner
from tenants.resolve import Tenant

FORMATS = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEAD = ("Bokført", "Verdidag", "Hva", "Sak", "Skyldner")
_TAIL = ("Salær til oss", "Deres penger", "Bilag")
_ENDED_HEAD = ("Avsluttet", "Sak", "Skyldner", "Krevd", "Betalt", "Ettergitt", "Provisjon", "Vårt vederlag")


def statement_file(tenant: Tenant, statement: Statement, form: str) -> bytes:
    """The statement as `pdf`, `csv` or `xlsx`; the same bytes for the same book. Raises KeyError for another."""
    return {"pdf": _pdf, "csv": _csv, "xlsx": _xlsx}[form](tenant, statement)


def file_name(statement: Statement, form: str) -> str:
    """What the file is called."""
    return f"oppgjor-{statement.first.isoformat()}-{statement.last.isoformat()}.{form}"


def parties(tenant: Tenant, name: str, orgnr: str, lines: Iterable[str] = ()) -> dict[str, Any]:
    """Who a paper is from and to, as the templates print it."""
    house = tenant.settings
    return {
        "tenant": {
            "name": house.name,
            "orgnr": in_groups(house.orgnr, 3, 3, 3),
            "vat_mark": "MVA" if tenant.has_licence else "",
            "address": ", ".join(house.address_lines),
            "brand_colour": house.brand_colour,
        },
        "to": {"name": name, "orgnr": in_groups(orgnr, 3, 3, 3), "lines": list(lines)},
    }


# --- CSV, XLSX ------------------------------------------------------------------------------------------------------


def _csv(tenant: Tenant, statement: Statement) -> bytes:
    """Semicolons and decimal commas, as a Norwegian spreadsheet opens it. The last column names the entry."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow((*_HEAD, *_component_words(statement), *_TAIL))
    first, last = statement.first.isoformat(), statement.last.isoformat()
    blank = [""] * (len(_component_words(statement)) + 1)
    writer.writerow((first, "", "Inngående", "", "", *blank, _plain_kroner(statement.opening_ore), ""))
    for line in statement.lines:
        writer.writerow(
            _plain(cell) if isinstance(cell, str) else _plain_kroner(cell) for cell in _cells(statement, line)
        )
    writer.writerow((last, "", "Utgående", "", "", *blank, _plain_kroner(statement.closing_ore), ""))
    return text.getvalue().encode("utf-8-sig")


def _xlsx(tenant: Tenant, statement: Statement) -> bytes:
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"title": "Oppgjør", "created": datetime.combine(statement.last, time())})
        money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
        rows: list[tuple[Any, ...]] = [("Oppdragsgiver", statement.creditor_name)]
        rows += [("Fra", statement.first.isoformat()), ("Til", statement.last.isoformat())]
        rows.append(("Inngående", statement.opening_ore))
        rows += [(WORDS[what], ore) for what, ore in statement.sums.items()]
        rows.append(("Utgående", statement.closing_ore))
        _sheet(book.add_worksheet("Oppgjør"), ("Oppgjør", "Kroner"), rows, money, bold)
        lines = [_cells(statement, line) for line in statement.lines]
        head = (*_HEAD, *_component_words(statement), *_TAIL)
        _sheet(book.add_worksheet("Bevegelser"), head, lines, money, bold)
        ended = [
            (
                one.closed_on.isoformat(),
                str(one.case_number),
                one.debtor_name,
                sum(one.demanded.values()),
                sum(one.paid.values()),
                sum(one.let_go.values()),
                int(one.commission_ore),
                int(one.charged_ore),
            )
            for one in statement.completions
        ]
        _sheet(book.add_worksheet("Avsluttede saker"), _ENDED_HEAD, ended, money, bold)
    return content.getvalue()


def _sheet(sheet: Any, head: Iterable[str], rows: Iterable[Iterable[Any]], money: Any, bold: Any) -> None:
    sheet.write_row(0, 0, head, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, Decimal(cell) / 100, money)
    sheet.set_column(0, 12, 16)


def _cells(statement: Statement, line: StatementLine) -> tuple[str | int, ...]:
    """Texts, and amounts in øre."""
    return (
        line.booked_on.isoformat(),
        line.value_on.isoformat(),
        WORDS[line.what],
        str(line.case_number or ""),
        line.debtor_name,
        *(line.held.get(component, 0) for component in _components(statement)),
        int(line.fee_ore),
        int(line.held_ore),
        str(line.entry_id),
    )


def _components(statement: Statement) -> list[str]:
    there = {component for line in statement.lines for component in line.held}
    return [component for component in COMPONENTS if component in there]


def _component_words(statement: Statement) -> list[str]:
    return [COMPONENT_WORDS[component].capitalize() for component in _components(statement)]


def _plain_kroner(ore: int) -> str:
    return kroner(ore, space="").replace("−", "-")


def _plain(text: str) -> str:
    """`text` as a spreadsheet will not take it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


# --- PDF ------------------------------------------------------------------------------------------------------------


def _pdf(tenant: Tenant, statement: Statement) -> bytes:
    return paper("statement", _facts(tenant, statement), statement.last)


def _facts(tenant: Tenant, statement: Statement) -> dict[str, Any]:
    period = f"{in_words(statement.first)} til {in_words(statement.last)}"
    paid_ore = -statement.sum_of(PAID_OUT, RETURNED)
    intro = (
        f"Perioden {period}. Vi har overført {kroner_words(paid_ore)} til dere."
        if paid_ore
        else f"Perioden {period}. Ingenting ble overført i perioden."
    )
    fees = (
        f"Skyldnerne betalte i tillegg {kroner_words(statement.fees_ore)} i salær og rente på salær, som er vårt."
        if statement.fees_ore
        else ""
    )
    opening = ["Til gode da perioden begynte", kroner(statement.opening_ore)]
    return parties(tenant, statement.creditor_name, statement.creditor_orgnr) | {
        "period": period,
        "intro": intro,
        "sums": [opening, *([WORDS[what], kroner(ore)] for what, ore in statement.sums.items())],
        "closing": ["Til gode da perioden sluttet", kroner(statement.closing_ore)],
        "collected": [
            [COMPONENT_WORDS[component].capitalize(), kroner(ore)] for component, ore in statement.collected.items()
        ],
        "fees": fees,
        "lines": [_printed(line) for line in statement.lines],
        "completions": [
            [
                f"{one.closed_on:%d.%m.%Y}",
                str(one.case_number),
                one.debtor_name,
                _all(one.demanded),
                _all(one.paid),
                _all(one.let_go),
                kroner(one.charged_ore),
            ]
            for one in statement.completions
        ],
    }


def _printed(line: StatementLine) -> list[str]:
    parts = [f"{COMPONENT_WORDS[name]} {kroner(ore)}" for name, ore in line.held.items()] if line.case_number else []
    what = WORDS[line.what] + (f": {', '.join(parts)}" if parts else "")
    return [
        f"{line.booked_on:%d.%m.%Y}",
        f"{line.value_on:%d.%m.%Y}",
        str(line.case_number or ""),
        what,
        kroner(line.fee_ore) if line.fee_ore else "",
        kroner(line.held_ore),
    ]


def _all(parts: Mapping[str, int]) -> str:
    return kroner(sum(parts.values()))
