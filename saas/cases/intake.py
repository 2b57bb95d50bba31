"""Registering claims (mottak av krav): one use case for the API, the web form and bulk files.

Every row is checked first and gets a verdict. A file with a wrong row registers nothing unless told to take the valid
ones. Sending the same again is harmless: what is known already is a duplicate and is never doubled.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from saas.cases.claim_fields import claim_schema
from saas.cases.csv_file import FileRow
from saas.cases.intake_known import kids_in_use, known_claims, lock_intake
from saas.cases.intake_outcome import Outcome, Verdict
from saas.cases.intake_plan import Accepted, PlannedCase, debtor_identity, plan_cases, settle_fees
from saas.cases.intake_refused import not_refused
from saas.cases.intake_write import write_cases
from saas.cases.schemas import ClaimSchema, handed_in_notices
from saas.kernel.errors import BadInput, Forbidden, NotFound, Refused
from saas.kernel.ids import NIL
from saas.rules.facts import Stage, Step
from saas.rules.law import load_law
from tenants.models import Creditor
from tenants.resolve import Tenant


@dataclass(slots=True)
class IntakeReport:
    """A verdict per row. `registered` tells whether anything was written."""

    verdicts: list[Verdict]
    registered: bool = False
    new_cases: int = 0
    principal_ore: int = 0  # of accepted rows

    @property
    def counts(self) -> dict[str, int]:
        """How many of each outcome."""
        found = Counter(v.outcome for v in self.verdicts)
        return {str(outcome): found[outcome] for outcome in Outcome}

    @property
    def has_errors(self) -> bool:
        """Whether any row was rejected."""
        return any(v.outcome is Outcome.REJECTED for v in self.verdicts)


def register_claims(
    tenant: Tenant,
    rows: Iterable[Mapping[str, Any] | FileRow],
    *,
    creditor_id: UUID,
    today: date,
    now: datetime,
    actor: str,
    accept_valid: bool = False,
    dry_run: bool = False,
) -> IntakeReport:
    """Register claims on cases, all or nothing; with `accept_valid` the valid rows of a file with wrong ones.

    `dry_run` gives the same verdicts and writes nothing. Raises NotFound for an unknown creditor, Refused when the
    tenant may not collect for it (INKL § 4), BadInput when there is no row.
    """
    creditor = _creditor(tenant, creditor_id)
    verdicts, accepted = _check(claim_schema(tenant, creditor_id, today), rows)
    lock_intake(tenant, creditor.id)
    cases = _sort_out(tenant, creditor, accepted, today)
    _answer_repeats(verdicts)
    report = IntakeReport([verdict for verdict, _ in verdicts])
    taken = [row for case in cases for row in case.rows]
    report.principal_ore = sum(row.claim.amount for row in taken)
    report.new_cases = sum(1 for case in cases if case.is_new)
    if not dry_run and taken and (accept_valid or not report.has_errors):
        write_cases(tenant, creditor, cases, today=today, now=now, actor=actor)
        report.registered = True
    _give_numbers(verdicts)
    return report


def _creditor(tenant: Tenant, creditor_id: UUID) -> Creditor:
    if tenant.creditor_id != NIL:
        raise Forbidden("Krav registreres i tenantens egen økt, med oppdragsgiveren gitt av hvem som spør.")
    creditor = tenant.session.get(Creditor, (tenant.id, creditor_id))
    if creditor is None:
        raise NotFound("Vi finner ikke oppdragsgiveren.")
    if not tenant.has_licence and creditor.orgnr != tenant.settings.orgnr:
        raise Refused("no_licence", "Uten inkassobevilling kan dere bare kreve inn egne krav.", {"rule": "INKL § 4"})
    return creditor


def _check(
    schema: ClaimSchema, rows: Iterable[Mapping[str, Any] | FileRow]
) -> tuple[list[tuple[Verdict, Accepted | None]], list[Accepted]]:
    """A verdict for each row, with what was understood of the valid ones."""
    verdicts: list[tuple[Verdict, Accepted | None]] = []
    for position, row in enumerate(rows, start=1):
        line, values, problem = row if isinstance(row, FileRow) else (position, row, "")
        verdicts.append(_check_row(schema, line, values, problem))
    if not verdicts:
        raise BadInput({"rows": ["Det er ingen krav her. Legg til minst ett."]}, "Det er ingen krav å registrere.")
    return verdicts, [row for _, row in verdicts if row is not None]


def _check_row(
    schema: ClaimSchema, line: int, values: Mapping[str, Any], problem: str
) -> tuple[Verdict, Accepted | None]:
    if problem:
        return Verdict(line, Outcome.REJECTED, errors={"row": [problem]}), None
    try:
        claim = schema.load(values)
    except ValidationError as error:
        given = values.get("invoice_number") if isinstance(values, Mapping) else None
        shown = given[:50] if isinstance(given, str) else ""
        return Verdict(line, Outcome.REJECTED, errors=error.normalized_messages(), invoice_number=shown), None
    notices, notes = handed_in_notices(claim)
    if not claim.postable:
        notes.append("Skyldneren mangler full postadresse. Saken venter til den er registrert.")
    stage = Stage.REGISTERED
    if notices:
        stage = Stage.NOTICED if any(n.step is Step.COLLECTION_NOTICE for n in notices) else Stage.REMINDED
    verdict = Verdict(line, Outcome.ACCEPTED, notes=notes, invoice_number=claim.invoice_number)
    return verdict, Accepted(claim, debtor_identity(claim), notices, stage, verdict)


def _sort_out(tenant: Tenant, creditor: Creditor, accepted: list[Accepted], today: date) -> list[PlannedCase]:
    """Take out duplicates and KIDs that mean somebody else; the rest is put on cases."""
    fresh = not_refused(tenant, creditor, _without_duplicates(tenant, creditor, accepted), today)
    cases = plan_cases(tenant, creditor, fresh, today)
    _check_kids(tenant, cases)
    cases = [case for case in cases if case.rows]
    law = load_law()
    for case in cases:
        settle_fees(case, creditor, law, today)
    return cases


def _without_duplicates(tenant: Tenant, creditor: Creditor, accepted: list[Accepted]) -> list[Accepted]:
    known = known_claims(tenant, creditor.id, {row.claim.invoice_number for row in accepted})
    first: dict[tuple[str, str], Accepted] = {}
    for row in accepted:
        invoice_number = row.claim.invoice_number
        others = known.get(invoice_number, {})
        earlier = first.setdefault((invoice_number, row.identity), row)
        if row.identity in others:
            row.verdict.outcome, row.verdict.case_number = Outcome.DUPLICATE, others[row.identity]
        elif earlier is not row:
            row.verdict.outcome, row.same_as = Outcome.DUPLICATE, earlier
        elif others:
            numbers = ", ".join(str(number) for number in sorted(set(others.values())))
            row.verdict.notes.append(
                f"Fakturanummeret er brukt før, med en annen skyldner (sak {numbers}). Sjekk at det ikke er samme krav."
            )
    return [row for row in accepted if row.verdict.outcome is Outcome.ACCEPTED]


def _check_kids(tenant: Tenant, cases: list[PlannedCase]) -> None:
    """An invoice's KID means one debtor. The same debtor's other case keeps it; a row of another debtor is wrong."""
    asked = {row.claim.kid for case in cases for row in case.rows if row.claim.kid}
    owners: dict[str, tuple[UUID, str]] = kids_in_use(tenant, asked) if asked else {}
    for case in cases:
        for row in list(case.rows):
            if not row.claim.kid:
                continue
            owner_case, owner_identity = owners.setdefault(row.claim.kid, (case.id, row.identity))
            if owner_case == case.id:
                row.adds_kid = True
            elif owner_identity == row.identity:
                row.verdict.notes.append("Fakturaens KID brukes alt på en annen sak mot samme skyldner, og blir der.")
            else:
                row.verdict.outcome = Outcome.REJECTED
                row.verdict.errors["kid"] = ["KID på fakturaen brukes alt på en sak mot en annen skyldner. Sjekk den."]
                case.rows.remove(row)


def _answer_repeats(verdicts: list[tuple[Verdict, Accepted | None]]) -> None:
    """A row that repeats a rejected one is rejected with it."""
    for verdict, row in verdicts:
        if row is not None and row.same_as is not None and row.same_as.verdict.outcome is Outcome.REJECTED:
            verdict.outcome, verdict.errors = Outcome.REJECTED, row.same_as.verdict.errors


def _give_numbers(verdicts: list[tuple[Verdict, Accepted | None]]) -> None:
    for verdict, row in verdicts:
        if row is None or verdict.outcome is Outcome.REJECTED:
            continue
        case = (row.same_as or row).case
        if case is not None and case.number:
            verdict.case_number = case.number
