"""Many reported facts at once, from a file or a machine: a verdict for each row; all are stored, or none (M13)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from saas.cases.lifecycle import get_case
from saas.cases.models import Case
from saas.cases.named import case_named
from saas.cases.reported import check_fact, report_facts
from saas.cases.reported_schemas import FactRow
from saas.cases.small_csv import CUT_OFF, MOST_ROWS, read_small_csv
from saas.kernel.errors import BadInput, FristError, Refused
from saas.kernel.ids import NIL
from saas.rules.facts import Fact
from tenants.models import Creditor
from tenants.resolve import Tenant

FIELDS = ("case_number", "invoice_number", "name", "value", "reported_on")
_SYNONYMS = {
    "saksnummer": "case_number", "sak": "case_number", "saksnr": "case_number",
    "fakturanummer": "invoice_number", "fakturanr": "invoice_number", "faktura": "invoice_number",
    "opplysning": "name", "gjelder": "name", "hva": "name",
    "verdi": "value", "svar": "value", "aktiv": "value",
    "dato": "reported_on", "meldt": "reported_on", "meldt_dato": "reported_on", "per_dato": "reported_on",
}  # fmt: skip
_NEEDED = "Filen må ha kolonnene saksnummer eller fakturanummer, opplysning og verdi, hver av dem én gang."


class FactOutcome(StrEnum):
    """What became of a row."""

    STORED = "stored"
    KNOWN = "known"  # stands already
    WRONG = "wrong"


@dataclass(slots=True)
class FactVerdict:
    """The answer to one row; `row` counts from 1, for a file it is the line."""

    row: int
    outcome: FactOutcome
    case_number: int | None = None
    name: str = ""
    errors: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class FactReport:
    """A verdict per row. `stored` tells whether anything was written."""

    verdicts: list[FactVerdict]
    stored: bool = False

    @property
    def has_errors(self) -> bool:
        """Whether any row is wrong."""
        return any(verdict.outcome is FactOutcome.WRONG for verdict in self.verdicts)

    def count(self, outcome: FactOutcome) -> int:
        """How many rows have this outcome."""
        return sum(1 for verdict in self.verdicts if verdict.outcome is outcome)


def source_of(tenant: Tenant, creditor_id: UUID) -> str:
    """Who stands as the source of what is reported: the creditor, or the tenant when its own staff say it."""
    if creditor_id == NIL:
        return tenant.settings.name
    return tenant.session.get_one(Creditor, (tenant.id, creditor_id)).name


def report_fact_rows(
    tenant: Tenant,
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    creditor_id: UUID = NIL,
    today: date,
    now: datetime,
    actor: str,
    dry_run: bool = False,
) -> FactReport:
    """Store what the rows state: (line, values) each. With one wrong row none is stored; sent again nothing is added.

    `creditor_id` pins a creditor's own report to its cases, and makes it the source. Raises BadInput when there is no
    row, or too many.
    """
    source = source_of(tenant, creditor_id)
    checked = [_check_row(tenant, line, values, creditor_id, source, today) for line, values in rows]
    if not 0 < len(checked) <= MOST_ROWS:
        raise BadInput({"file": [f"Send minst én rad, og høyst {MOST_ROWS}."]})
    report = FactReport([verdict for verdict, _, _ in checked])
    stated: dict[UUID, list[tuple[FactVerdict, Fact]]] = defaultdict(list)
    for verdict, case, fact in checked:
        if case is not None and fact is not None:
            stated[case.id].append((verdict, fact))
    if not dry_run and not report.has_errors:
        for case_id in sorted(stated):
            _store(tenant, case_id, stated[case_id], today=today, now=now, actor=actor)
        report.stored = True
    return report


def read_facts_csv(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the line each stands on. Raises BadInput (`file`) when it cannot be read as one."""
    needed = ({"case_number", "invoice_number"}, {"name"}, {"value"})
    return read_small_csv(content, FIELDS, _SYNONYMS, needed, _NEEDED)


# --- rows -------------------------------------------------------------------------------------------------------------


def _check_row(
    tenant: Tenant, line: int, values: Mapping[str, Any], creditor_id: UUID, source: str, today: date
) -> tuple[FactVerdict, Case | None, Fact | None]:
    if not values:
        return FactVerdict(line, FactOutcome.WRONG, errors={"row": [CUT_OFF]}), None, None
    verdict = FactVerdict(line, FactOutcome.STORED)
    try:
        row: dict[str, Any] = FactRow(today=today).load({k: v for k, v in values.items() if v != ""})
        verdict.name = row["name"]
        fact = Fact(row["name"], row["value"], source, row["reported_on"] or today)
        if wrong := check_fact(fact, today):
            raise ValidationError(dict(wrong))
        case = case_named(tenant, row["case_number"], row["invoice_number"], creditor_id)
        verdict.case_number = case.number
        if case.case_key is None:
            raise Refused("anonymised", "Saken er anonymisert.")
    except ValidationError as error:
        verdict.outcome, verdict.errors = FactOutcome.WRONG, error.normalized_messages()
    except BadInput as error:
        verdict.outcome, verdict.errors = FactOutcome.WRONG, dict(error.errors)
    except FristError as error:
        verdict.outcome, verdict.errors = FactOutcome.WRONG, {"row": [str(error)]}
    else:
        return verdict, case, fact
    return verdict, None, None


def _store(
    tenant: Tenant, case_id: UUID, stated: Sequence[tuple[FactVerdict, Fact]], *, today: date, now: datetime, actor: str
) -> None:
    case = get_case(tenant, case_id, lock=True)
    for verdict, fact in stated:
        if not report_facts(tenant, case, [fact], today=today, now=now, actor=actor):
            verdict.outcome = FactOutcome.KNOWN
