"""Claims, cases and everything that begins with them, written set by set in the transaction at hand."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.types.json import Jsonb

from saas.cases.intake_known import kids_in_use
from saas.cases.intake_plan import Accepted, PlannedCase
from saas.cases.models import Case, CaseHold, Claim, EarlierNotice, KidAlias, ReportedFact
from saas.cases.schemas import ClaimInput
from saas.kernel import crypto, history
from saas.kernel.bulk import copy_rows, insert_rows
from saas.kernel.db import driver, tenant_session
from saas.kernel.ids import new_id
from saas.ledger.models import CLAIMS_HELD, NOTICE_FEE, PRINCIPAL, RECEIVABLE
from saas.ledger.post import Entry, Leg, post
from saas.rules.facts import HoldReason
from saas.rules.kid import make_kid
from saas.rules.money import Ore
from tenants.models import Creditor
from tenants.resolve import Tenant

FIRST_NUMBER = 100_001
_MANY = 500
_DEBTOR = [
    ("tenant_id", "uuid"), ("id", "uuid"), ("identity", "text"), ("kind", "text"), ("name", "text"),
    ("national_id", "text"), ("orgnr", "text"), ("address", "text"), ("postcode", "text"), ("city", "text"),
    ("country", "text"), ("email", "text"), ("phone", "text"), ("language", "text"), ("vulnerable", "bool"),
]  # fmt: skip
_CASE = (
    "tenant_id", "id", "number", "creditor_id", "debtor_id", "debtor_name", "kid", "stage", "stage_since",
    "next_action_on", "waits_for", "case_key", "link_token", "registered_on", "closed_because",
)  # fmt: skip
_CLAIM = (
    "tenant_id", "id", "creditor_id", "case_id", "debtor_id", "debtor_name", "invoice_number", "kind", "description",
    "principal_ore", "invoiced_on", "due_on", "extra",
)  # fmt: skip
_NOTICE = (
    "tenant_id", "id", "creditor_id", "case_id", "claim_id", "step", "sent_on", "deadline_on", "fee_ore", "proof"
)  # fmt: skip
_HOLD = (
    "tenant_id", "id", "creditor_id", "case_id", "reason", "since", "until", "note", "placed_by", "lifted_by",
)  # fmt: skip
_FACT = ("tenant_id", "id", "creditor_id", "case_id", "name", "value", "source", "reported_on")


def write_cases(
    tenant: Tenant, creditor: Creditor, cases: Sequence[PlannedCase], *, today: date, now: datetime, actor: str
) -> None:
    """Write planned cases with their claims, KIDs, notices, facts, ledger entries and history; gives them numbers."""
    if len(cases) > _MANY:
        # Foreign keys are checked by plans kept per connection. One made while the tables were small scans them whole
        # for each row, so a large file plans anew, with its parents already in.
        driver(tenant.session).execute("discard plans")
    debtors = _write_debtors(tenant, cases)
    new = [case for case in cases if case.is_new]
    kids = _draw_numbers(tenant, creditor, new, {row.claim.kid for case in cases for row in case.rows})
    keys = {case.id: crypto.new_case_key(case.id) for case in new}
    connection = driver(tenant.session)
    insert_rows(connection, cast(sa.Table, Case.__table__), _CASE, [
        (tenant.id, case.id, case.number, creditor.id, debtors[case.identity], case.rows[0].claim.debtor_name,
         kids[case.id], int(case.stage), today, _first_look(case, today), "", keys[case.id],
         secrets.token_urlsafe(16), today, "")
        for case in new
    ])  # fmt: skip
    _wake(tenant, [case for case in cases if not case.is_new], today)
    rows = [(case, row) for case in cases for row in case.rows]
    insert_rows(connection, cast(sa.Table, Claim.__table__), _CLAIM, [
        (tenant.id, row.claim_id, creditor.id, case.id, debtors[case.identity], row.claim.debtor_name,
         row.claim.invoice_number, row.claim.kind, row.claim.description, row.claim.amount, row.claim.invoiced_on,
         row.claim.due_on, row.claim.extra)
        for case, row in rows
    ])  # fmt: skip
    _write_kids(tenant, creditor, new, kids, rows)
    _write_notices_and_money(tenant, creditor, rows, today=today, now=now)
    _write_facts(tenant, creditor, rows, today)
    _write_holds(tenant, creditor, rows, today)
    for case in cases:
        wrapped = keys.get(case.id) or cast(Any, case.standing).case_key
        _record(tenant, case, crypto.case_cipher(case.id, bytes(wrapped)), now=now, actor=actor)


def _write_holds(tenant: Tenant, creditor: Creditor, rows: Sequence[tuple[PlannedCase, Accepted]], today: date) -> None:
    """Cases of claims a plugin doubts: nothing is sent before a person has looked."""
    insert_rows(driver(tenant.session), cast(sa.Table, CaseHold.__table__), _HOLD, [
        (tenant.id, new_id(), creditor.id, case.id,
         HoldReason.PLUGIN_TROUBLE if row.held_because == "plugin_trouble" else HoldReason.PERSON, today, None,
         row.held_because, "plugin", "")
        for case, row in rows if row.held_because
    ])  # fmt: skip


def _write_debtors(tenant: Tenant, cases: Iterable[PlannedCase]) -> dict[str, UUID]:
    """Debtor identity → id. A known debtor keeps what we know; only a missing address and vulnerability are added.

    Another creditor's file may bring the same debtor at the same moment: whoever is first makes the row.
    """
    newest: dict[str, Accepted] = {}
    vulnerable: set[str] = set()
    for case in cases:
        for row in case.rows:
            newest[row.identity] = row
            if row.claim.vulnerable:
                vulnerable.add(row.identity)
    connection = driver(tenant.session)
    copy_rows(connection, "intake_debtor", _DEBTOR, (
        (tenant.id, new_id(), identity, c.debtor_kind, c.debtor_name, c.national_id, c.orgnr,
         "\n".join(c.address_lines), c.postcode, c.city, c.country, c.email, c.phone, c.language,
         identity in vulnerable)
        for identity, c in ((identity, row.claim) for identity, row in newest.items())
    ))  # fmt: skip
    connection.execute(
        """insert into debtor (tenant_id, id, identity, kind, name, national_id, orgnr, address_lines, postcode, city,
                               country, email, phone, language, vulnerable, protected_address)
           select tenant_id, id, identity, kind, name, national_id, orgnr,
                  to_jsonb(string_to_array(address, E'\\n')), postcode, city, country, email, phone, language,
                  vulnerable, false
           from intake_debtor order by identity on conflict (tenant_id, identity) do nothing"""
    )
    connection.execute("delete from intake_debtor")
    found = connection.execute(
        "select identity, id, address_lines = '[]'::jsonb, vulnerable from debtor"
        " where tenant_id = %s and identity = any(%s)",
        (tenant.id, list(newest)),
    ).fetchall()
    without_address = [(newest[i].claim, id_) for i, id_, blank, _ in found if blank and newest[i].claim.address]
    _add_to_debtors(tenant, without_address, [id_ for i, id_, _, known in found if i in vulnerable and not known])
    return {identity: debtor_id for identity, debtor_id, _, _ in found}


def _add_to_debtors(tenant: Tenant, addresses: Sequence[tuple[ClaimInput, UUID]], vulnerable: Sequence[UUID]) -> None:
    connection = driver(tenant.session)
    if addresses:
        with connection.cursor() as cursor:
            cursor.executemany(
                "update debtor set address_lines = %s, postcode = %s, city = %s, country = %s"
                " where tenant_id = %s and id = %s",
                [(Jsonb(c.address_lines), c.postcode, c.city, c.country, tenant.id, id_) for c, id_ in addresses],
            )
    if vulnerable:
        connection.execute(
            "update debtor set vulnerable = true where tenant_id = %s and id = any(%s)",
            (tenant.id, list(vulnerable)),
        )


def _draw_numbers(
    tenant: Tenant, creditor: Creditor, cases: Sequence[PlannedCase], invoice_kids: set[str]
) -> dict[UUID, str]:
    """Give new cases numbers and return their KIDs: creditor (3), case number (8), check digit.

    A number whose KID already means something, because a creditor's own KID looks like one of ours, is passed over.
    """
    kids: dict[UUID, str] = {}
    waiting = list(cases)
    while waiting:
        first = _take_numbers(tenant.id, len(waiting))
        for offset, case in enumerate(waiting):
            case.number = first + offset
            kids[case.id] = make_kid(f"{creditor.number:03d}{case.number:08d}")
        used = kids_in_use(tenant, [kids[case.id] for case in waiting]).keys() | invoice_kids
        waiting = [case for case in waiting if kids[case.id] in used]
    return kids


def _take_numbers(tenant_id: UUID, count: int) -> int:
    """The first of `count` numbers, in a transaction of its own.

    The counter would else be locked until a file of 200 000 rows is in, and hold up every other creditor. A number
    lost to a rollback is only a gap.
    """
    with tenant_session(tenant_id) as session:
        return int(
            session.execute(
                sa.text(
                    "insert into case_counter as c (tenant_id, next_number) values (:tenant, :first + :count)"
                    " on conflict (tenant_id) do update set next_number = c.next_number + :count"
                    " returning next_number - :count"
                ),
                {"tenant": tenant_id, "first": FIRST_NUMBER, "count": count},
            ).scalar_one()
        )


def _first_look(case: PlannedCase, today: date) -> date:
    """The first day something could happen; the night decides what."""
    return max(today, min(row.claim.due_on for row in case.rows))


def _wake(tenant: Tenant, cases: Sequence[PlannedCase], today: date) -> None:
    """Let the night look at cases that got a claim; a case that waits for a person goes on waiting."""
    if cases:
        driver(tenant.session).execute(
            """update collection_case c set next_action_on = least(c.next_action_on, w.look_on)
               from unnest(%s::uuid[], %s::date[]) w(id, look_on)
               where c.tenant_id = %s and c.id = w.id and c.next_action_on is not null""",
            ([case.id for case in cases], [_first_look(case, today) for case in cases], tenant.id),
        )


def _write_kids(
    tenant: Tenant,
    creditor: Creditor,
    new: Sequence[PlannedCase],
    kids: dict[UUID, str],
    rows: Sequence[tuple[PlannedCase, Accepted]],
) -> None:
    account = tenant.settings.client_account
    own = [(tenant.id, account, kids[case.id], creditor.id, case.id) for case in new]
    invoices = {row.claim.kid: case.id for case, row in rows if row.adds_kid}
    known = kids_in_use(tenant, invoices) if invoices else {}
    own += [(tenant.id, account, kid, creditor.id, case_id) for kid, case_id in invoices.items() if kid not in known]
    insert_rows(
        driver(tenant.session),
        cast(sa.Table, KidAlias.__table__),
        ("tenant_id", "account", "kid", "creditor_id", "case_id"),
        own,
    )


def _write_notices_and_money(
    tenant: Tenant, creditor: Creditor, rows: Sequence[tuple[PlannedCase, Accepted]], *, today: date, now: datetime
) -> None:
    """The creditor's earlier letters, and in the book what the debtor owes: principal and the lawful fees."""
    notices: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for case, row in rows:
        entries.append(_entry(f"claim:{row.claim_id}", "claim_registered", PRINCIPAL, creditor, case, row,
                              row.claim.amount, today))  # fmt: skip
        for n, fee_ore in zip(row.notices, row.fees, strict=True):
            notice_id = new_id()
            notices.append((tenant.id, notice_id, creditor.id, case.id, row.claim_id, str(n.step), n.sent_on,
                            n.deadline_on, fee_ore, n.proof))  # fmt: skip
            if fee_ore:
                entries.append(_entry(f"earlier:{notice_id}", "fee_charged", NOTICE_FEE, creditor, case, row,
                                      fee_ore, today))  # fmt: skip
    insert_rows(driver(tenant.session), cast(sa.Table, EarlierNotice.__table__), _NOTICE, notices)
    post(tenant.session, entries, now)


def _entry(
    source: str,
    kind: str,
    component: str,
    creditor: Creditor,
    case: PlannedCase,
    row: Accepted,
    amount_ore: Ore,
    value_on: date,
) -> Entry:
    leg = Leg(RECEIVABLE, CLAIMS_HELD, component, amount_ore, row.claim_id)
    return Entry(source=source, kind=kind, creditor_id=creditor.id, case_id=case.id, legs=(leg,), value_on=value_on)


def _write_facts(tenant: Tenant, creditor: Creditor, rows: Sequence[tuple[PlannedCase, Accepted]], today: date) -> None:
    """What the creditor said of a running contract, dated today: `power.active_contract`, or `grid.` for grid rent."""
    insert_rows(driver(tenant.session), cast(sa.Table, ReportedFact.__table__), _FACT, [
        (tenant.id, new_id(), creditor.id, case.id, f"{_contract(row)}.active_contract", row.claim.active_contract,
         creditor.name, today)
        for case, row in rows
        if row.claim.active_contract is not None
    ])  # fmt: skip


def _contract(row: Accepted) -> str:
    return "grid" if row.claim.kind == "grid" else "power"


def _record(tenant: Tenant, case: PlannedCase, cipher: AESGCM, *, now: datetime, actor: str) -> None:
    claims = [_told(row) for row in case.rows]
    if case.is_new:
        body = {"number": case.number, "stage": case.stage.name.lower(), "claims": claims}
        history.record(
            tenant.session, "case.registered", at=now, actor=actor, body=body, case_id=case.id, cipher=cipher
        )
        return
    for claim in claims:
        history.record(tenant.session, "claim.added", at=now, actor=actor, body=claim, case_id=case.id, cipher=cipher)


def _told(row: Accepted) -> dict[str, Any]:
    """What history keeps of a claim as it came in."""
    c = row.claim
    told: dict[str, Any] = {
        "id": str(row.claim_id),
        "invoice_number": c.invoice_number,
        "kind": c.kind,
        "amount_ore": c.amount,
        "invoiced_on": c.invoiced_on,
        "due_on": c.due_on,
        "debtor": c.debtor_name,
    }
    if row.notices:
        told["notices"] = [
            {"step": str(n.step), "sent_on": n.sent_on, "deadline_on": n.deadline_on, "proof": n.proof,
             "asked_ore": n.fee_ore, "fee_ore": fee_ore}
            for n, fee_ore in zip(row.notices, row.fees, strict=True)
        ]  # fmt: skip
    if row.verdict.notes:
        told["notes"] = row.verdict.notes
    return told
