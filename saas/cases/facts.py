"""From rows to `CaseFacts`: the one place that gathers what the rules may know. A few set-wise reads for any number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from saas.cases.books import book_of, family_of
from saas.cases.lifecycle import still_counts
from saas.cases.lost_costs import lost_of
from saas.dispatch.models import SENT, UNDER_WAY
from saas.kernel.bulk import id_list
from saas.kernel.db import driver
from saas.ledger.balances import CaseBalance
from saas.rules.facts import (
    CaseFacts,
    ClaimFacts,
    DebtorKind,
    Fact,
    HoldFacts,
    HoldReason,
    NoticeFacts,
    Outstanding,
    Pause,
    Stage,
    Step,
)
from saas.rules.money import NO_MONEY, Ore
from tenants.resolve import Tenant

_KINDS, _STAGES, _STEPS, _REASONS = (
    {e.value: e for e in DebtorKind},
    {e.value: e for e in Stage},
    {e.value: e for e in Step},
    {e.value: e for e in HoldReason},
)
_DEMAND = Step.PAYMENT_DEMAND.value

_CASES = """
select c.id, c.case_key, c.number, c.stage, c.creditor_id, r.slug, r.vat_deductible, d.kind, d.vulnerable,
       d.deceased_on, d.bankrupt_on,
       (d.address_lines <> '[]'::jsonb and d.postcode <> '' and d.city <> '' and not d.protected_address) as postable,
       case when c.stage = 30 then (  -- the filter keeps the planner on the index of the pair, whatever is due when
         select min(s.next_action_on) filter (where s.stage = 30 and s.id <> c.id and s.next_action_on > %(today)s)
         from collection_case s
         where s.tenant_id = c.tenant_id and s.debtor_id = c.debtor_id and s.creditor_id = c.creditor_id
       ) end as sibling_ready_on
from collection_case c
join debtor d on d.tenant_id = c.tenant_id and d.id = c.debtor_id
join creditor r on r.tenant_id = c.tenant_id and r.id = c.creditor_id
where c.tenant_id = %(tenant)s and c.id = any(%(cases)s::uuid[])
"""
_CLAIMS = """
select case_id, id, invoice_number, kind, description, principal_ore, invoiced_on, due_on, extra
from claim where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) order by due_on, id
"""
_LETTERS = """
select x.case_id, x.step, x.state, x.sent_on, x.deadline_on, x.fee_ore, encode(l.pdf_sha256, 'hex') as proof,
       x.claim_ids
from dispatch x left join stored_letter l on l.tenant_id = x.tenant_id and l.dispatch_id = x.id
where x.tenant_id = %(tenant)s and x.case_id = any(%(family)s::uuid[])
  and x.step <> '' and x.state not in ('failed', 'withdrawn')
order by x.sent_on, x.id
"""
_PAUSES = """
select c.case_id, p.claim_id, p.from_on, p.until_on, p.reason
from interest_pause p join claim c on c.tenant_id = p.tenant_id and c.id = p.claim_id
where p.tenant_id = %(tenant)s and c.case_id = any(%(cases)s::uuid[]) order by p.from_on, p.id
"""
_LOSSES = """
select case_id, scope, restarts, decided_on from cost_loss
where tenant_id = %(tenant)s and case_id = any(%(family)s::uuid[]) order by id
"""
_EARLIER = """
select case_id, step, sent_on, deadline_on, fee_ore, proof, claim_id from earlier_notice
where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) order by sent_on, id
"""
_HOLDS = """
select case_id, reason, since, until, note, lifted_on from case_hold
where tenant_id = %(tenant)s and case_id = any(%(family)s::uuid[])
"""
_FACTS = """
select case_id, name, value, source, reported_on, good_until from reported_fact
where tenant_id = %(tenant)s and case_id = any(%(family)s::uuid[]) order by reported_on, id
"""


class Known(NamedTuple):
    """A case's facts with the key that encrypts its records."""

    facts: CaseFacts
    case_key: bytes | None


def facts_of(tenant: Tenant, case_ids: Sequence[UUID], today: date) -> dict[UUID, CaseFacts]:
    """The facts of each case as of now; ids that are not this tenant's are left out."""
    return {case_id: known.facts for case_id, known in known_of(tenant, case_ids, today).items()}


def known_of(tenant: Tenant, case_ids: Sequence[UUID], today: date) -> dict[UUID, Known]:
    """As `facts_of`, with each case's wrapped key beside it."""
    connection, agency = driver(tenant.session), tenant.has_licence
    family = family_of(tenant, case_ids)
    asked = {"tenant": tenant.id, "cases": id_list(case_ids), "family": id_list(family), "today": today}
    book = book_of(tenant, case_ids, family)
    claims, earlier = _by_case(connection, _CLAIMS, asked), _by_case(connection, _EARLIER, asked)
    joined = family if len(family) > len(case_ids) else None
    letters, holds, facts, losses = (
        _by_case(connection, query, asked, joined) for query in (_LETTERS, _HOLDS, _FACTS, _LOSSES)
    )
    pauses = _by_case(connection, _PAUSES, asked)
    none: list[Any] = []
    return {
        case_id: Known(
            _case_facts(
                case_id,
                row,
                agency,
                tenant.policy.fee_interest,
                book.get(case_id) or CaseBalance.empty(),
                claims.get(case_id, none),
                letters.get(case_id, none),
                earlier.get(case_id, none),
                holds.get(case_id, none),
                facts.get(case_id, none),
                pauses.get(case_id, none),
                losses.get(case_id, none),
                today,
            ),
            case_key,
        )
        for case_id, case_key, *row in connection.execute(_CASES, asked)
    }


def _case_facts(
    case_id: UUID,
    row: Sequence[Any],
    agency: bool,
    fee_interest: bool,
    book: CaseBalance,
    claims: list[Any],
    letters: list[Any],
    earlier: list[Any],
    holds: list[Any],
    facts: list[Any],
    pauses: list[Any],
    losses: list[Any],
    today: date,
) -> CaseFacts:
    number, stage, creditor_id, creditor_slug, vat_deductible, kind, vulnerable, deceased_on, bankrupt_on, *more = row
    postable, sibling_ready_on = more
    lost_costs, restarted_on = lost_of(losses) if losses else ("", None)
    notices = _notices(letters, earlier, agency=agency, several=len(claims) > 1)
    if restarted_on:
        notices = tuple(n for n in notices if still_counts(n.step, n.sent_on, restarted_on))
    if losses:
        notices = _less_lost(notices, book.notice_fee_charged_ore)
    return CaseFacts(
        case_id=case_id,
        case_number=number,
        stage=_STAGES[stage],
        debtor_kind=_KINDS[kind],
        creditor_id=creditor_id,
        creditor_slug=creditor_slug,
        agency_licence=agency,
        vat_deductible=vat_deductible,
        vulnerable=vulnerable,
        postable=postable,
        claims=_claims(book, claims, pauses),
        notices=notices,
        holds=tuple(
            [
                HoldFacts(_REASONS[reason], since, until, note)
                for reason, since, until, note, lifted_on in holds
                # more time that has just ended still has its grace: the rules say when it is over, the night lifts it
                if lifted_on is None and (until is None or until >= today or reason == HoldReason.DEFERRED)
            ]
        ),
        outstanding=Outstanding(
            Ore(sum(book.principal_left.values())),
            book.interest_left_ore,
            book.notice_fee_left_ore,
            book.collection_fee_left_ore,
            book.compensation_left_ore,
            book.fee_interest_left_ore,
        ),
        charged_notice_fees_ore=book.notice_fee_charged_ore,
        charged_collection_fee_ore=book.collection_fee_charged_ore,
        charged_compensation_ore=book.compensation_charged_ore,
        fee_charges=book.collection_fee_charges if fee_interest else (),
        fee_payments=book.collection_fee_payments if fee_interest else (),
        paid_fee_interest_ore=Ore(book.fee_interest_booked_ore - book.fee_interest_left_ore),
        letter_under_way=any([state in UNDER_WAY for _, state, *_ in letters]),
        held_days_since_demand=_held_days(notices, holds, today) if holds else 0,
        sibling_ready_on=sibling_ready_on,
        facts=tuple([Fact(*fact) for fact in facts]),
        deceased_on=deceased_on,
        bankrupt_on=bankrupt_on,
        lost_costs=lost_costs,
    )


def _claims(book: CaseBalance, claims: list[Any], pauses: list[Any]) -> tuple[ClaimFacts, ...]:
    """The claims as rightly owed. One that was withdrawn is none, unless nothing else is left to tell of."""
    told = [_claim(book, *claim) for claim in claims]
    if pauses:
        told = [replace(c, interest_pauses=pauses_of(pauses, c.id)) for c in told]
    return tuple([c for c in told if c.principal_ore] or told)


def pauses_on(tenant: Tenant, case_ids: Sequence[UUID]) -> dict[UUID, tuple[Pause, ...]]:
    """When interest does not run on the claims of these cases, by claim; claims without a pause are left out."""
    asked = {"tenant": tenant.id, "cases": id_list(case_ids)}
    rows = [row for _, *row in driver(tenant.session).execute(_PAUSES, asked)]
    return {row[0]: pauses_of(rows, row[0]) for row in rows}


def pauses_of(rows: Iterable[Any], claim_id: UUID) -> tuple[Pause, ...]:
    """A claim's pauses of interest, in date order; those that meet are one (law C7). Rows: claim, from, until, why."""
    merged: list[Pause] = []
    for claim, from_on, until_on, reason in rows:
        if claim != claim_id:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.until_on is not None and last.until_on < from_on):
            merged.append(Pause(from_on, until_on, reason))
        elif last.until_on is not None and (until_on is None or until_on > last.until_on):
            merged[-1] = last._replace(until_on=until_on)
    return tuple(merged)


def _claim(
    book: CaseBalance,
    claim_id: UUID,
    invoice_number: str,
    kind: str,
    description: str,
    principal_ore: Ore,
    invoiced_on: date,
    due_on: date,
    extra: dict[str, Any],
) -> ClaimFacts:
    return ClaimFacts(
        claim_id,
        invoice_number,
        kind,
        description,
        book.principal_of(claim_id) if claim_id in book.principal_left else principal_ore,
        book.principal_left.get(claim_id, NO_MONEY),
        invoiced_on,
        due_on,
        book.principal_moves.get(claim_id, ()),
        extra=tuple(sorted(extra.items())) if extra else (),
    )


def _notices(letters: list[Any], earlier: list[Any], *, agency: bool, several: bool) -> tuple[NoticeFacts, ...]:
    """Letters with proof of sending, the creditor's own among them, oldest first.

    What an agency charges with its demand is a collection fee, not a notice fee. Which claims a letter was about only
    matters among several: a letter of a case joined into this one was about that case's own (law B16).
    """
    ours = [
        NoticeFacts(
            _STEPS[step],
            sent_on,
            deadline_on,
            NO_MONEY if agency and step == _DEMAND else fee_ore,
            False,
            proof or "",
            tuple(claim_ids) if several else (),
        )
        for step, state, sent_on, deadline_on, fee_ore, proof, claim_ids in letters
        if state == SENT
    ]
    theirs = [
        NoticeFacts(_STEPS[step], sent_on, deadline_on, fee_ore, True, proof, (claim_id,) if several else ())
        for step, sent_on, deadline_on, fee_ore, proof, claim_id in earlier
    ]
    return tuple(sorted(theirs + ours, key=lambda n: n.sent_on) if theirs else ours)


def _less_lost(notices: tuple[NoticeFacts, ...], charged_ore: int) -> tuple[NoticeFacts, ...]:
    """The letters with what still stands of their fees: what was lost was taken off the newest first (law B19)."""
    over_ore, told = sum(n.fee_ore for n in notices) - charged_ore, []
    for notice in reversed(notices):
        off_ore = max(0, min(over_ore, notice.fee_ore))
        over_ore -= off_ore
        told.append(replace(notice, fee_ore=Ore(notice.fee_ore - off_ore)) if off_ore else notice)
    return tuple(reversed(told))


def _held_days(notices: tuple[NoticeFacts, ...], holds: list[Any], today: date) -> int:
    """Days on hold after the demand's printed deadline; they do not count towards the heavy fee (law E6)."""
    demand = next((n for n in reversed(notices) if n.step is Step.PAYMENT_DEMAND), None)
    if demand is None:
        return 0
    held: set[date] = set()
    for _, since, until, _, lifted_on in holds:
        first = max(since, demand.deadline_on + timedelta(days=1))
        last = min(day for day in (lifted_on, until, today) if day is not None)
        held.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return len(held)


def _by_case(
    connection: Connection[Any], query: str, asked: dict[str, Any], family: dict[UUID, UUID] | None = None
) -> dict[UUID, list[Any]]:
    """The rows without their first column, the case, by the case they count with."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for case_id, *row in connection.execute(query, asked):
        found[family[case_id] if family else case_id].append(row)
    return found
