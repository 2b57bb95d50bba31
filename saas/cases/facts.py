"""From rows to `CaseFacts`: the one place that gathers what the rules may know. A few set-wise reads for any number."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import namedtuple_row

from saas.cases.books import book_of, family_of
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

_CASES = """
select c.id, c.number, c.stage, c.creditor_id, c.case_key, r.slug, r.vat_deductible, d.kind, d.vulnerable,
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
select case_id, id, invoice_number, kind, description, principal_ore, invoiced_on, due_on
from claim where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) order by due_on, id
"""
_LETTERS = """
select x.case_id, x.step, x.state, x.sent_on, x.deadline_on, x.fee_ore, encode(l.pdf_sha256, 'hex') as proof
from dispatch x left join stored_letter l on l.tenant_id = x.tenant_id and l.dispatch_id = x.id
where x.tenant_id = %(tenant)s and x.case_id = any(%(family)s::uuid[])
  and x.state in ('queued', 'ready', 'handed_over', 'sent')
order by x.sent_on, x.id
"""
_EARLIER = """
select case_id, step, sent_on, deadline_on, fee_ore, proof from earlier_notice
where tenant_id = %(tenant)s and case_id = any(%(cases)s::uuid[]) order by sent_on, id
"""
_HOLDS = """
select case_id, reason, since, until, note, lifted_on from case_hold
where tenant_id = %(tenant)s and case_id = any(%(family)s::uuid[])
"""
_FACTS = """
select case_id, name, value, source, reported_on from reported_fact
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
    connection = driver(tenant.session)
    family = family_of(tenant, case_ids)
    asked = {"tenant": tenant.id, "cases": id_list(case_ids), "family": id_list(family), "today": today}
    book = book_of(tenant, case_ids, family)
    claims, earlier = _by_case(connection, _CLAIMS, asked), _by_case(connection, _EARLIER, asked)
    letters, holds, facts = (_by_case(connection, query, asked, family) for query in (_LETTERS, _HOLDS, _FACTS))
    none: list[Any] = []
    agency = tenant.has_licence
    return {
        row.id: Known(
            _case_facts(
                row,
                agency,
                book.get(row.id) or CaseBalance.empty(),
                claims.get(row.id, none),
                letters.get(row.id, none),
                earlier.get(row.id, none),
                holds.get(row.id, none),
                facts.get(row.id, none),
                today,
            ),
            row.case_key,
        )
        for row in _rows(connection, _CASES, asked)
    }


def _case_facts(
    row: Any,
    agency: bool,
    book: CaseBalance,
    claims: list[Any],
    letters: list[Any],
    earlier: list[Any],
    holds: list[Any],
    facts: list[Any],
    today: date,
) -> CaseFacts:
    notices = _notices(letters, earlier, agency=agency)
    return CaseFacts(
        case_id=row.id,
        case_number=row.number,
        stage=_STAGES[row.stage],
        debtor_kind=_KINDS[row.kind],
        creditor_id=row.creditor_id,
        creditor_slug=row.slug,
        agency_licence=agency,
        vat_deductible=row.vat_deductible,
        vulnerable=row.vulnerable,
        postable=row.postable,
        claims=tuple(_claim(c, book) for c in claims),
        notices=notices,
        holds=tuple(
            HoldFacts(_REASONS[h.reason], h.since, h.until, h.note)
            for h in holds
            if h.lifted_on is None and (h.until is None or h.until >= today)
        ),
        outstanding=Outstanding(
            Ore(sum(book.principal_left.values())),
            book.interest_left_ore,
            book.notice_fee_left_ore,
            book.collection_fee_left_ore,
        ),
        charged_notice_fees_ore=book.notice_fee_charged_ore,
        charged_collection_fee_ore=book.collection_fee_charged_ore,
        letter_under_way=any(x.state in UNDER_WAY for x in letters),
        held_days_since_demand=_held_days(notices, holds, today) if holds else 0,
        sibling_ready_on=row.sibling_ready_on,
        facts=tuple(Fact(f.name, f.value, f.source, f.reported_on) for f in facts),
    )


def _claim(c: Any, book: CaseBalance) -> ClaimFacts:
    return ClaimFacts(
        c.id,
        c.invoice_number,
        c.kind,
        c.description,
        c.principal_ore,
        book.principal_left.get(c.id, NO_MONEY),
        c.invoiced_on,
        c.due_on,
        book.principal_moves.get(c.id, ()),
    )


def _notices(letters: list[Any], earlier: list[Any], *, agency: bool) -> tuple[NoticeFacts, ...]:
    """Letters with proof of sending, the creditor's own among them, oldest first.

    What an agency charges with its demand is a collection fee, not a notice fee.
    """
    ours = [
        NoticeFacts(
            _STEPS[x.step],
            x.sent_on,
            x.deadline_on,
            NO_MONEY if agency and x.step == Step.PAYMENT_DEMAND else x.fee_ore,
            False,
            x.proof or "",
        )
        for x in letters
        if x.state == SENT
    ]
    theirs = [NoticeFacts(_STEPS[e.step], e.sent_on, e.deadline_on, e.fee_ore, True, e.proof) for e in earlier]
    return tuple(sorted(theirs + ours, key=lambda n: n.sent_on) if theirs else ours)


def _held_days(notices: tuple[NoticeFacts, ...], holds: list[Any], today: date) -> int:
    """Days on hold after the demand's printed deadline; they do not count towards the heavy fee (law E6)."""
    demand = next((n for n in reversed(notices) if n.step is Step.PAYMENT_DEMAND), None)
    if demand is None:
        return 0
    held: set[date] = set()
    for hold in holds:
        first = max(hold.since, demand.deadline_on + timedelta(days=1))
        last = min(day for day in (hold.lifted_on, hold.until, today) if day is not None)
        held.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return len(held)


def _rows(connection: Connection[Any], query: str, asked: dict[str, Any]) -> list[Any]:
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(query, asked).fetchall()


def _by_case(
    connection: Connection[Any], query: str, asked: dict[str, Any], family: dict[UUID, UUID] | None = None
) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in _rows(connection, query, asked):
        found[family[row.case_id] if family else row.case_id].append(row)
    return found
