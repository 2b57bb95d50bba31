"""What a run came to, told by invoice number: two runs that did the same give equal answers, ids and all else apart."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.documents.store import open_letter
from saas.kernel import history
from saas.ledger.audit import audit
from tenants.resolve import Tenant

_RUN_SPECIFIC = ("case_number", "kid", "login_code", "link")  # drawn by lot, or from a counter that may leave gaps
_CASES = "select id, stage, stage_since, next_action_on, waits_for, closed_on, closed_because from collection_case"
_LETTERS = """
select id, case_id, step, channel, state, decided_on, expected_sending_on, deadline_on, fee_ore, handed_over_on,
       sent_on, why, batch_id is not null as in_batch
from dispatch order by decided_on, id
"""
_BOOK = """
select case_id, kind, debit, credit, component, value_on, sum(amount_ore)::bigint as ore, count(*) as entries
from transfer group by case_id, kind, debit, credit, component, value_on
"""


def end_state(tenant: Tenant, print_folder: Path) -> dict[str, Any]:
    """Cases, letters, book, print house and history of a tenant as plain JSON."""
    names = _invoices_of_cases(tenant)
    letters = _rows(tenant, _LETTERS)
    copies = _copies_printed(print_folder / tenant.slug)
    return {
        "cases": {names[r.id]: _plain(r, leave_out=("id",)) for r in _rows(tenant, _CASES)},
        "letters": _by_case(names, ((r.case_id, _letter(tenant, r, copies)) for r in letters)),
        "certificates": _counted(tenant, names, _CERTIFICATES),
        "book": _by_case(names, ((r.case_id, _plain(r, leave_out=("case_id",))) for r in _rows(tenant, _BOOK))),
        "told": _counted(tenant, names, _TOLD),
        "payments": sorted(str(_plain(r)) for r in _rows(tenant, "select amount_ore, value_on, state from payment")),
        "nights": [str(_plain(r)) for r in _rows(tenant, _NIGHTS)],
        "rows": {name: _count(tenant, name) for name in ("stored_letter", "letter_code", "taken_receipt_letters")},
        "printed": _tally(copies, {str(letter.id) for letter in letters}),
        "wrong": [str(finding) for finding in audit(tenant)] + history.check_chain(tenant.session),
    }


_CERTIFICATES = "select case_id, step || ' ' || decided_on as what from certificate"
_TOLD = "select case_id, kind as what from history_event where kind <> 'night.finished'"  # told of each attempt
_NIGHTS = "select night_on, finished_at is not null as finished from night_run order by night_on"
_COUNTS = {
    "stored_letter": "select count(*) from stored_letter",
    "letter_code": "select count(*) from letter_code",
    "taken_receipt_letters": "select coalesce(sum(letters), 0) from taken_receipt",
}


def _letter(tenant: Tenant, row: Any, copies: Counter[str]) -> dict[str, Any]:
    """A letter as sent: its dates, its fee, all it says, and how often it was printed."""
    told = _plain(row, leave_out=("id", "case_id")) | {"copies": copies[str(row.id)]}
    if not row.in_batch:
        return told
    stored = open_letter(tenant, row.id)
    says = {name: value for name, value in stored.letter.to_json().items() if name not in _RUN_SPECIFIC}
    digest = hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()
    return told | {"total_ore": stored.letter.total_ore, "says": digest[:16]}


def _copies_printed(home: Path) -> Counter[str]:
    """How many copies of each letter the print house has made, counted from the batches it took."""
    return Counter(
        row["dispatch_id"]
        for receipt in sorted(home.glob("taken/*/receipt.csv"))
        for row in csv.DictReader(receipt.open(), delimiter=";")
        if row["state"] == "posted"
    )


def _tally(copies: Counter[str], known: set[str]) -> dict[str, int]:
    return {"letters": len(copies), "most_copies": max(copies.values(), default=0), "unknown": len(set(copies) - known)}


def _invoices_of_cases(tenant: Tenant) -> dict[UUID, str]:
    named: dict[UUID, list[str]] = defaultdict(list)
    for row in _rows(tenant, "select case_id, invoice_number from claim order by invoice_number"):
        named[row.case_id].append(row.invoice_number)
    return {case_id: "+".join(numbers) for case_id, numbers in named.items()}


def _by_case(names: dict[UUID, str], rows: Iterable[tuple[UUID | None, dict[str, Any]]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for case_id, row in rows:
        found[names[case_id] if case_id else "none"].append(row)
    return {name: sorted(each, key=str) for name, each in sorted(found.items())}


def _counted(tenant: Tenant, names: dict[UUID, str], query: str) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _rows(tenant, query):
        found[names[row.case_id] if row.case_id else "none"][row.what] += 1
    return {name: dict(sorted(counter.items())) for name, counter in sorted(found.items())}


def _count(tenant: Tenant, name: str) -> int:
    return int(tenant.session.execute(sa.text(_COUNTS[name])).scalar_one())


def _rows(tenant: Tenant, query: str) -> list[Any]:
    return list(tenant.session.execute(sa.text(query)))


def _plain(row: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    plain = (str, int, bool, type(None))
    return {
        name: value if isinstance(value, plain) else str(value)
        for name, value in row._mapping.items()
        if name not in leave_out
    }
