"""Which case each new claim belongs to, and which of the creditor's earlier fees the debtor owes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from saas.cases.intake_known import OpenCase, open_cases
from saas.cases.intake_outcome import Verdict
from saas.cases.schemas import ClaimInput, HandedInNotice
from saas.kernel.ids import new_id
from saas.rules.facts import ClaimFacts, DebtorKind, NoticeFacts, Stage, Step
from saas.rules.fees import DAYS_BEFORE_FEE, agency_fee_cap, notice_fee, within_cap
from saas.rules.law import Law, UnknownLaw
from saas.rules.money import NO_MONEY, Ore, kroner
from tenants.models import Creditor
from tenants.resolve import Tenant


@dataclass(slots=True, eq=False)
class Accepted:
    """A valid row on its way to a case. `fees` are what the debtor owes for each of `notices`."""

    claim: ClaimInput
    identity: str
    notices: list[HandedInNotice]
    stage: Stage
    verdict: Verdict
    claim_id: UUID = field(default_factory=new_id)
    case: "PlannedCase | None" = None
    same_as: "Accepted | None" = None  # the row of the same file it repeats
    adds_kid: bool = False
    fees: list[Ore] = field(default_factory=list)
    held_because: str = ""  # code of a plugin's doubt: a person looks before anything is sent


@dataclass(slots=True, eq=False)
class PlannedCase:
    """A case to make, or to add to. `number` is 0 until one is drawn."""

    identity: str
    stage: Stage
    id: UUID = field(default_factory=new_id)
    rows: list[Accepted] = field(default_factory=list)
    standing: OpenCase | None = None
    number: int = 0

    @property
    def is_new(self) -> bool:
        """Whether it is made now."""
        return self.standing is None


def debtor_identity(claim: ClaimInput) -> str:
    """What tells debtors apart. A person and that person's firm are two debtors: the law treats them differently."""
    if claim.orgnr:
        return f"orgnr:{claim.orgnr}"
    if claim.national_id:
        prefix = "fnr" if claim.debtor_kind == DebtorKind.PERSON else "fnr-firm"
        return f"{prefix}:{claim.national_id}"
    where = f"{claim.postcode}|{' '.join(claim.address_lines).lower()}"
    return f"name:{claim.debtor_kind}|{claim.debtor_name.lower()}|{where}"


def plan_cases(tenant: Tenant, creditor: Creditor, rows: Iterable[Accepted], today: date) -> list[PlannedCase]:
    """Put each row on a case: the debtor's open one, one made for this file, or its own (law B16, B17).

    Claims at the same stage share a case when none has to wait more than the tenant's join wait for another. Without
    that limit a case that gets a new invoice every month would never come to its reminder; the rest is joined before
    the demand. Letters sent before join claims only when the letters had the same dates.
    """
    by_debtor: dict[str, list[Accepted]] = defaultdict(list)
    for row in rows:
        by_debtor[row.identity].append(row)
    unsent = {identity for identity, found in by_debtor.items() if any(not row.notices for row in found)}
    standing = open_cases(tenant, creditor.id, unsent) if unsent else {}
    wait = timedelta(days=tenant.policy.join_wait_days)
    cases: list[PlannedCase] = []
    for identity, found in by_debtor.items():
        if len(found) == 1 and identity not in standing:
            cases.append(_new_case(found))
        else:
            cases += _cases_of_debtor(found, standing.get(identity, []), today, wait)
    return cases


def _cases_of_debtor(rows: list[Accepted], standing: list[OpenCase], today: date, wait: timedelta) -> list[PlannedCase]:
    open_now = {known.id: PlannedCase(known.identity, Stage.REGISTERED, known.id, [], known, known.number)
                for known in standing}  # fmt: skip
    made: list[PlannedCase] = []
    sent: dict[tuple[tuple[Step, date, date], ...], list[Accepted]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.claim.due_on):
        if row.notices:
            sent[tuple((n.step, n.sent_on, n.deadline_on) for n in row.notices)].append(row)
            continue
        case = next((c for c in (*open_now.values(), *made) if _fits(row, c, today, wait)), None)
        if case is None:
            made.append(_new_case([row]))
        else:
            _put(row, case)
    made += [_new_case(group) for group in sent.values()]
    return [*(case for case in open_now.values() if case.rows), *made]


def _new_case(rows: list[Accepted]) -> PlannedCase:
    case = PlannedCase(rows[0].identity, rows[0].stage)
    for row in rows:
        _put(row, case)
    return case


def _put(row: Accepted, case: PlannedCase) -> None:
    row.case = case
    case.rows.append(row)


def _fits(row: Accepted, case: PlannedCase, today: date, wait: timedelta) -> bool:
    """Whether the first letter on the case would have to wait no longer than `wait` for any of its claims."""
    due = [r.claim.due_on for r in case.rows] + [row.claim.due_on]
    if case.standing is not None:
        due += [case.standing.first_due_on, case.standing.last_due_on]
    return _ready_on(max(due), today) - _ready_on(min(due), today) <= wait


def _ready_on(due_on: date, today: date) -> date:
    return max(today, due_on + timedelta(days=DAYS_BEFORE_FEE))


# --- fees the creditor has already charged --------------------------------------------------------------------------


def settle_fees(case: PlannedCase, creditor: Creditor, law: Law, today: date) -> None:
    """Of the fees asked with earlier letters, what the law lets the debtor be charged (B1-B6, B23).

    One letter bears one fee, however many invoices it was about. A figure that is not known gives no fee.
    """
    with_notices = [row for row in case.rows if row.notices]
    if not with_notices:
        return
    asked_ore = sum(n.fee_ore for row in with_notices for n in row.notices)
    cap_ore = _cap(case, creditor, law, today) if asked_ore else NO_MONEY
    charged_ore, letters = 0, set[tuple[Step, str]]()
    for row in with_notices:
        facts = _claim_facts(row)
        before: list[NoticeFacts] = []
        for n in row.notices:
            fee_ore = NO_MONEY
            if n.fee_ore and (n.step, n.proof) not in letters:
                allowed_ore = _allowed(n, before, facts, law)
                fee_ore = within_cap(min(n.fee_ore, allowed_ore), cap_ore, charged_ore)
            letters.add((n.step, n.proof))
            charged_ore += fee_ore
            row.fees.append(fee_ore)
            before.append(NoticeFacts(n.step, n.sent_on, n.deadline_on, fee_ore, True, n.proof))
            if fee_ore < n.fee_ore:
                row.verdict.notes.append(_reduced(n, fee_ore))


def _allowed(n: HandedInNotice, before: list[NoticeFacts], claim: ClaimFacts, law: Law) -> Ore:
    try:
        return notice_fee(n.step, before, [claim], n.sent_on, law)
    except UnknownLaw:
        return NO_MONEY


def _cap(case: PlannedCase, creditor: Creditor, law: Law, today: date) -> Ore:
    consumer = case.rows[0].claim.debtor_kind == DebtorKind.PERSON
    claims = [_claim_facts(row) for row in case.rows]
    try:
        return agency_fee_cap(
            claims, today, heavy=False, consumer=consumer, vat_added=not creditor.vat_deductible, law=law
        )
    except UnknownLaw:
        return NO_MONEY


def _claim_facts(row: Accepted) -> ClaimFacts:
    c = row.claim
    return ClaimFacts(
        row.claim_id, c.invoice_number, c.kind, c.description, c.amount, c.amount, c.invoiced_on, c.due_on
    )


def _reduced(n: HandedInNotice, fee_ore: Ore) -> str:
    letter = "purringen" if n.step is Step.REMINDER else "inkassovarselet"
    return f"Gebyret i {letter} er satt til {kroner(fee_ore)} kr: mer gir ikke inkassoforskriften rett til."
