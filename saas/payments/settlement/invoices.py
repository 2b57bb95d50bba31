"""The agency's invoices to creditors (faktura): its commission and the fees debtors paid it, with VAT (law B12).

The agency sells its work to the creditor, so all of it carries VAT, also the part a debtor paid. That part and the
commission are in the agency's hands already: what is left to pay is the VAT, unless the agreement lets it be kept back
too. A creditor who cannot deduct VAT has had it added to the debtor's fee, so it is in what was paid (B12). A period's
invoice is all to its end less what was invoiced before, so that money placed late with an old value day is invoiced
once; below zero it is a credit note. Interest on a fee is interest, outside the VAT base.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from saas.documents.values import in_groups, in_words, percent
from saas.kernel import files, history
from saas.kernel.db import driver
from saas.kernel.errors import Refused
from saas.kernel.ids import NIL, new_id
from saas.ledger.models import EARNED, MONEY, OWED_CREDITOR
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import AgencyInvoice
from saas.payments.settlement.collected import VAT_SET_OFF, collected
from saas.payments.settlement.mandates import Mandates, mandates_of
from saas.payments.settlement.papers import paper
from saas.payments.settlement.remittance import LOCK
from saas.payments.settlement.statement_files import parties
from saas.payments.settlement.terms import agreed_terms, terms_on
from saas.rules.law import load_law
from saas.rules.money import NO_MONEY, Ore, kroner, round_half_up
from tenants.models import Creditor
from tenants.resolve import Tenant

COMMISSION_LINE, FEES_LINE, SHARE_LINE = "commission", "collection_fee", "fee_share"
_WORDS = {
    COMMISSION_LINE: "Provisjon av det vi har drevet inn",
    FEES_LINE: "Salær som skyldnerne har betalt",
    SHARE_LINE: "Deres andel av salæret",
}
_CREDIT_DAYS = 14

# All there ever was to the end of the period, by value day.
_EARNED = """
select creditor_id,
       coalesce(sum(case when credit = 'earned' then amount_ore else -amount_ore end)
                filter (where 'owed_creditor' in (debit, credit) and kind in ('commission', 'paid_out')), 0)::bigint,
       coalesce(sum(case when credit = 'earned' then amount_ore else -amount_ore end)
                filter (where 'claims_held' in (debit, credit) and component = 'collection_fee'), 0)::bigint,
       coalesce(sum(case when credit = 'earned' then amount_ore else -amount_ore end)
                filter (where 'owed_creditor' in (debit, credit) and kind = 'fee_share'), 0)::bigint
from transfer
where tenant_id = %(tenant)s and value_on <= %(last)s and 'earned' in (debit, credit)
group by creditor_id
"""
_INVOICED = """
select creditor_id, line ->> 'what', sum(coalesce(line ->> 'gross_ore', line ->> 'net_ore')::bigint)::bigint
from agency_invoice, jsonb_array_elements(lines) line where tenant_id = %(tenant)s group by 1, 2
"""
_NUMBER = """
insert into invoice_counter (tenant_id, next_number) values (%s, 2)
on conflict (tenant_id) do update set next_number = invoice_counter.next_number + 1 returning next_number - 1
"""


def issue_due_invoices(tenant: Tenant, today: date, *, now: datetime, actor: str) -> list[AgencyInvoice]:
    """The invoices of the month before; what was earned earlier and never invoiced stands on them too."""
    last = today.replace(day=1) - timedelta(days=1)
    return issue_invoices(tenant, last.replace(day=1), last, today=today, now=now, actor=actor) if _any(tenant) else []


def issue_invoices(
    tenant: Tenant, first: date, last: date, *, today: date, now: datetime, actor: str
) -> list[AgencyInvoice]:
    """Invoice each creditor for what was earned on it to the end of the period and not invoiced before.

    Numbered in one unbroken series of the tenant's: the number is taken in the same transaction. Issued once for a
    period, never changed. Raises Refused before the period is over, and without a licence; UnknownLaw.
    """
    if not tenant.has_licence:
        raise Refused("no_licence", "Uten inkassobevilling har dere ingen å fakturere for inndriving.")
    if last >= today:
        raise Refused("not_over", "Perioden er ikke over.")
    driver(tenant.session).execute(LOCK, (tenant.id,))
    lines = _lines_due(tenant, last)
    creditors = tenant.session.scalars(
        sa.select(Creditor).where(Creditor.tenant_id == tenant.id, Creditor.id.in_(lines)).order_by(Creditor.number)
    ).all()
    issued = _issued(tenant, first, last)
    return [
        _issue(tenant, one, lines[one.id], (first, last), today, now, actor)
        for one in creditors
        if one.id not in issued
    ]


def invoices_of(tenant: Tenant, creditor_id: UUID | None = None) -> Sequence[AgencyInvoice]:
    """The invoices, the newest first."""
    query = sa.select(AgencyInvoice).where(AgencyInvoice.tenant_id == tenant.id)
    if creditor_id is not None:
        query = query.where(AgencyInvoice.creditor_id == creditor_id)
    return tenant.session.scalars(query.order_by(AgencyInvoice.number.desc())).all()


def to_pay_ore(invoice: AgencyInvoice) -> Ore:
    """What the creditor is to pay: the VAT, less what debtors paid of it and what was kept back.

    The rest the agency has.
    """
    return Ore(invoice.vat_ore - _vat_inside(invoice.lines) - invoice.set_off_ore)


def _vat_inside(lines: Sequence[Mapping[str, Any]]) -> int:
    """What of the VAT debtors have paid with the fee, the creditor being one who cannot deduct it (law B12, W20)."""
    return sum(_gross(line) - int(line["net_ore"]) for line in lines)


def _gross(line: Mapping[str, Any]) -> int:
    return int(line.get("gross_ore", line["net_ore"]))


# --- what is to be invoiced -----------------------------------------------------------------------------------------


def _any(tenant: Tenant) -> bool:
    query = "select from transfer where tenant_id = %s and 'earned' in (debit, credit) limit 1"
    return tenant.has_licence and driver(tenant.session).execute(query, (tenant.id,)).fetchone() is not None


def _issued(tenant: Tenant, first: date, last: date) -> set[UUID]:
    """Those who have an invoice of any of these days: what comes late stands on the next."""
    rows = tenant.session.scalars(
        sa.select(AgencyInvoice.creditor_id).where(
            AgencyInvoice.tenant_id == tenant.id,
            AgencyInvoice.period_from <= last,
            AgencyInvoice.period_to >= first,
        )
    )
    return set(rows)


def _lines_due(tenant: Tenant, last: date) -> dict[UUID, list[dict[str, Any]]]:
    connection, asked = driver(tenant.session), {"tenant": tenant.id, "last": last}
    before = {(row[0], row[1]): row[2] for row in connection.execute(_INVOICED, asked)}
    found: dict[UUID, list[dict[str, Any]]] = {}
    for creditor_id, *earned in connection.execute(_EARNED, asked):
        for what, ore in zip((COMMISSION_LINE, FEES_LINE, SHARE_LINE), earned, strict=True):
            new_ore = ore - before.get((creditor_id, what), 0)
            if new_ore:
                found.setdefault(creditor_id, []).append({"what": what, "net_ore": new_ore})
    return found


# --- issuing --------------------------------------------------------------------------------------------------------


def _issue(
    tenant: Tenant,
    creditor: Creditor,
    lines: list[dict[str, Any]],
    period: tuple[date, date],
    today: date,
    now: datetime,
    actor: str,
) -> AgencyInvoice:
    rate = load_law().vat_rate(period[1]).value
    if not creditor.vat_deductible:
        lines = [_with_vat_inside(line, rate) for line in lines]
    net_ore = sum(line["net_ore"] for line in lines)
    no_vat_yet_ore = sum(line["net_ore"] for line in lines if "gross_ore" not in line)
    vat_ore = Ore(round_half_up(Decimal(no_vat_yet_ore) * rate / 100) + _vat_inside(lines))
    number = driver(tenant.session).execute(_NUMBER, (tenant.id,)).fetchone()
    assert number is not None, "the statement returns a row"
    invoice = AgencyInvoice(
        tenant_id=tenant.id,
        id=new_id(),
        creditor_id=creditor.id,
        number=number[0],
        issued_on=today,
        period_from=period[0],
        period_to=period[1],
        net_ore=net_ore,
        vat_percent=rate,
        vat_ore=vat_ore,
        lines=lines,
        path="",
        set_off_ore=0,
    )
    invoice.set_off_ore = _set_off(tenant, invoice, now)
    pdf = paper("invoice", _facts(tenant, creditor, invoice), today)
    invoice.path = f"tenants/{tenant.id}/invoices/{invoice.number}-{hashlib.sha256(pdf).hexdigest()[:16]}.pdf"
    files.put_once(invoice.path, pdf)
    tenant.session.add(invoice)
    tenant.session.flush()
    body = {
        "invoice": str(invoice.id),
        "number": invoice.number,
        "creditor": str(creditor.id),
        "net_ore": net_ore,
        "vat_ore": vat_ore,
        "set_off_ore": invoice.set_off_ore,
    }
    history.record(tenant.session, "invoice.issued", at=now, actor=actor, body=body)
    return invoice


def _with_vat_inside(line: dict[str, Any], rate: Decimal) -> dict[str, Any]:
    """The line without the VAT in it, where it is of a fee that debtors paid with VAT: 712.00 is 569.60 and 142.40."""
    if line["what"] == COMMISSION_LINE:
        return line
    gross_ore = line["net_ore"]
    return {**line, "net_ore": gross_ore - round_half_up(gross_ore * rate / (100 + rate)), "gross_ore": gross_ore}


def _set_off(tenant: Tenant, invoice: AgencyInvoice, now: datetime) -> Ore:
    """Keep the VAT back from what is held, when that is agreed on: never more than is held (law I8, INKL § 16)."""
    terms = terms_on(agreed_terms(tenant).get(invoice.creditor_id, ()), invoice.issued_on)
    held = collected(tenant).get(invoice.creditor_id)
    ore = Ore(min(to_pay_ore(invoice), held.held_ore if held else 0)) if terms.vat_set_off else NO_MONEY
    if ore <= 0:
        return NO_MONEY
    leg = Leg(OWED_CREDITOR, EARNED, MONEY, ore)
    source = f"{VAT_SET_OFF}:{invoice.id}"
    post(tenant.session, [Entry(source, VAT_SET_OFF, invoice.creditor_id, None, (leg,), invoice.issued_on)], now)
    return ore


def _facts(tenant: Tenant, creditor: Creditor, invoice: AgencyInvoice) -> dict[str, Any]:
    is_credit, left_ore = invoice.net_ore < 0, to_pay_ore(invoice)
    title = f"{'Kreditnota' if is_credit else 'Faktura'} {invoice.number}"
    due_on = invoice.issued_on + timedelta(days=_CREDIT_DAYS)
    own = mandates_of(tenant).get(NIL, Mandates()).standing
    account = f"konto {in_groups(own.account, 4, 2, 5)}" if own else "vår egen konto, som dere får av oss,"
    by_what = {line["what"]: _gross(line) for line in invoice.lines}
    kept_ore = by_what.get(COMMISSION_LINE, 0)
    paid_ore = by_what.get(FEES_LINE, 0) + by_what.get(SHARE_LINE, 0)
    sums = [
        ["Uten merverdiavgift", kroner(invoice.net_ore)],
        [f"Merverdiavgift {percent(Decimal(invoice.vat_percent).normalize())}", kroner(invoice.vat_ore)],
        ["Provisjonen er trukket i oppgjør", kroner(-kept_ore)],
        ["Salæret har skyldnerne betalt oss", kroner(-paid_ore)],
        ["Merverdiavgiften er trukket i oppgjør", kroner(-invoice.set_off_ore)],
    ]
    zero = kroner(0)
    note = (
        "Beløpet går tilbake til dere."
        if left_ore < 0
        else f"Betal innen {in_words(due_on)} til {account} og merk betalingen «faktura {invoice.number}»."
        if left_ore
        else "Det er ingenting å betale. Fakturaen er bilag for det som er trukket."
    )
    return parties(tenant, creditor.name, creditor.orgnr, creditor.address_lines) | {
        "title": title,
        "facts": [
            ["Dato", in_words(invoice.issued_on)],
            ["Periode", f"{in_words(invoice.period_from)} til {in_words(invoice.period_to)}"],
            ["Forfall", in_words(due_on) if left_ore > 0 else "Ingenting å betale"],
        ],
        "lines": [[_WORDS[line["what"]], kroner(line["net_ore"])] for line in invoice.lines],
        "sums": [sums[0], sums[1], *(row for row in sums[2:] if row[1] != zero)],
        "to_pay": ["Å betale" if left_ore >= 0 else "Til gode", kroner(abs(left_ore))],
        "note": note,
    }
