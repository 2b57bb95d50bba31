"""A provider's payout as the bank tells of it (oppgjør på konto): no debtor's payment, but money that was on its way.

It is told twice, by the provider and by the bank, in either order, and must count once. The bank's word says when it
came to the account; what the provider said of that is taken back. Where the provider tells nothing of its payouts, what
is in one is worked out from the payments on their way, when it can only be one thing. In doubt a person says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from saas.hooks import PaymentProvider, ProviderPayoutTold
from saas.kernel import history
from saas.kernel.db import driver, set_wise
from saas.kernel.errors import BadInput, Refused
from saas.kernel.ids import NIL
from saas.ledger.models import CLIENT_BANK, IN_TRANSIT, MONEY, UNPLACED, Transfer
from saas.ledger.post import Entry, Leg, post
from saas.payments.matching import BY_PAYOUT, Incoming
from saas.payments.models import Payment, ProviderPayout
from saas.payments.provider_payouts import book_payout
from saas.payments.providers import agreed, provider_named
from saas.payments.rows import payment_of
from saas.payments.settlement.remittance import LOCK
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant

IS_PAYOUT = "provider_payout"  # why such a row waits: it is not plain yet what is in it
IN_BANK = "payout_in_bank"
"""The kind of the entries by which a payout is where the bank has it."""
BANK, UNMATCHED, PLACED = "bank", "unmatched", "placed"
NEAR = timedelta(days=7)  # between the day the provider names and the bank's

_ON_THE_WAY = """
select value_on, sum(ore)::bigint from (
  select t.value_on, t.amount_ore as ore from payment p
  join transfer t on t.tenant_id = p.tenant_id and t.source = 'payment:' || p.id and t.debit = 'in_transit'
  where p.tenant_id = %(tenant)s and p.provider = %(provider)s
  union all
  select t.value_on, -t.amount_ore from payment p
  join transfer t on t.tenant_id = p.tenant_id and t.case_id = p.case_id and t.credit = 'in_transit'
    and t.source like 'reversed:' || p.id || ':%%'
  where p.tenant_id = %(tenant)s and p.provider = %(provider)s and p.gone_ore > 0
) moved group by 1 order by 1
"""


@dataclass(frozen=True, slots=True)
class KnownPayout:
    """A payout a provider has told of, that no row of the bank's has met."""

    id: UUID
    provider: str
    reference: str
    net_ore: Ore
    arrived_on: date


def naming_a_provider(tenant: Tenant, payments: Iterable[Incoming | Payment]) -> Mapping[UUID, str]:
    """Payment id → the provider its text names, of those the tenant has an agreement with."""
    patterns = [(provider.slug, _pattern(provider.bank_names)) for provider in agreed(tenant)]
    return {
        payment.id: slug
        for payment in payments
        for slug, pattern in patterns
        if payment.provider == BANK and not payment.kid and pattern.search(payment.text)
    }


def take_payouts(tenant_id: UUID, now: datetime, actor: str) -> int:
    """Let each payout in the bank's files meet what the provider told, as far as it is plain. Returns how many did.

    Each in a transaction of its own. What is not plain waits: for the provider to tell, or for a person.
    """
    with open_tenant(tenant_id) as tenant:
        waiting = tenant.session.scalars(
            sa.select(Payment.id)
            .where(Payment.tenant_id == tenant.id, Payment.state == UNMATCHED, Payment.why == IS_PAYOUT)
            .order_by(Payment.value_on, Payment.id)
        ).all()
    done = 0
    for payment_id in waiting:
        with open_tenant(tenant_id) as tenant:
            done += _take(tenant, payment_id, now, actor)
    return done


def payouts_it_may_be(tenant: Tenant, payment: Payment) -> list[KnownPayout]:
    """The payouts told of that come to just this sum and that no other row has met, the nearest day first."""
    told = ProviderPayout.gross_ore - ProviderPayout.fee_ore
    rows = tenant.session.scalars(
        sa.select(ProviderPayout).where(
            ProviderPayout.tenant_id == tenant.id, told == payment.amount_ore - payment.gone_ore, ~is_met()
        )
    )
    known = [KnownPayout(r.id, r.provider, r.reference, Ore(r.gross_ore - r.fee_ore), r.arrived_on) for r in rows]
    return sorted(known, key=lambda one: (abs(one.arrived_on - payment.value_on), one.arrived_on, one.id))


def is_met() -> sa.ColumnElement[bool]:
    """Whether a row of the bank's has met a payout, for a query of payouts."""
    return sa.exists().where(
        Transfer.tenant_id == ProviderPayout.tenant_id,
        Transfer.source == sa.func.concat("in_bank:", ProviderPayout.id),
    )


def untold(tenant: Tenant) -> Sequence[PaymentProvider]:
    """The tenant's providers that tell nothing of their payouts."""
    return [provider for provider in agreed(tenant) if not provider.tells_payouts]


def is_payout(tenant: Tenant, payment_id: UUID, payout_id: UUID, *, now: datetime, actor: str) -> None:
    """A person says which payout a row of the bank's is. Raises NotFound, Refused when it is not of that sum."""
    payment = _locked(tenant, payment_id)
    known = {one.id: one for one in payouts_it_may_be(tenant, payment)}
    if payout_id not in known:
        raise Refused("other_payout", "Oppgjøret er ikke på dette beløpet, eller det er funnet i banken alt.")
    _meet(tenant, payment, payout_id, now, actor)


def is_payout_of(tenant: Tenant, payment_id: UUID, provider: str, gross_ore: int, *, now: datetime, actor: str) -> None:
    """A person says that a row is a payout of a provider that tells nothing itself, and what was paid in all.

    The rest is the provider's fee. Raises NotFound, Refused, BadInput (`gross`).
    """
    payment = _locked(tenant, payment_id)
    if provider not in {one.slug for one in untold(tenant)}:
        raise BadInput({"provider": ["Velg hvem oppgjøret er fra."]})
    if gross_ore < payment.amount_ore:
        raise BadInput({"gross": ["Det som ble betalt i alt, er minst det som kom til banken."]})
    if gross_ore > sum(_movements(tenant, provider).values()):
        raise BadInput({"gross": ["Så mye er ikke på vei. Se etter i oppgjørsrapporten."]})
    _meet(tenant, payment, _noted(tenant, payment, provider, gross_ore, now, actor), now, actor)


# --- parts ------------------------------------------------------------------------------------------------------------


def _pattern(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})", re.IGNORECASE)


def _locked(tenant: Tenant, payment_id: UUID) -> Payment:
    """A row that waits, locked; creditors before it, so that one row at a time meets a payout. Raises NotFound,
    Refused."""
    driver(tenant.session).execute(LOCK, (tenant.id,))
    payment = payment_of(tenant, payment_id, lock=True)
    if payment.state != UNMATCHED or payment.provider != BANK or payment.gone_ore:
        raise Refused("does_not_wait", "Betalingen venter ikke på noen.")
    return payment


def _take(tenant: Tenant, payment_id: UUID, now: datetime, actor: str) -> bool:
    try:
        payment = _locked(tenant, payment_id)
    except Refused:
        return False  # somebody else has just done it
    slug = naming_a_provider(tenant, [payment]).get(payment.id)
    if slug is None:
        return False
    near = [one for one in payouts_it_may_be(tenant, payment) if one.provider == slug]
    payout_id = next((one.id for one in near if abs(one.arrived_on - payment.value_on) <= NEAR), None)
    if payout_id is None and not provider_named(slug).tells_payouts:
        gross_ore = _worked_out(tenant, payment, provider_named(slug))
        payout_id = _noted(tenant, payment, slug, gross_ore, now, actor) if gross_ore else None
    if payout_id is None:
        return False
    _meet(tenant, payment, payout_id, now, actor)
    return True


def _movements(tenant: Tenant, provider: str) -> dict[date, int]:
    """Value day → what came on its way from a provider, less what went back; what it has paid out stands first."""
    asked, connection = {"tenant": tenant.id, "provider": provider}, driver(tenant.session)
    with set_wise(connection):
        moved = {date.min: 0} | dict(connection.execute(_ON_THE_WAY, asked).fetchall())
    paid_out = sa.select(sa.func.coalesce(sa.func.sum(ProviderPayout.gross_ore), 0)).where(
        ProviderPayout.tenant_id == tenant.id, ProviderPayout.provider == provider
    )
    moved[date.min] -= int(tenant.session.scalar(paid_out) or 0)
    return moved


def _worked_out(tenant: Tenant, payment: Payment, provider: PaymentProvider) -> int:
    """What was paid in all for this payout: everything up to some day. 0 when that could be more than one sum.

    Just what was paid is surer than any sum with a fee off it.
    """
    running, fits = 0, set()
    for on, ore in _movements(tenant, provider.slug).items():
        running += ore
        fee_ore = running - payment.amount_ore
        if payment.amount_ore > 0 and on <= payment.value_on and 0 <= fee_ore * 1000 <= running * provider.fee_permille:
            fits.add(running)
    if payment.amount_ore in fits:
        return payment.amount_ore
    return fits.pop() if len(fits) == 1 else 0


def _noted(tenant: Tenant, payment: Payment, provider: str, gross_ore: int, now: datetime, actor: str) -> UUID:
    """The payout of a provider that tells nothing, booked as if it had."""
    reference, fee_ore = f"bank:{payment.id}", Ore(gross_ore - payment.amount_ore)
    told = ProviderPayoutTold(reference, Ore(gross_ore), fee_ore, payment.value_on, complete=True)
    book_payout(tenant, provider, told, on=payment.value_on, now=now, actor=actor)
    return tenant.session.scalars(
        sa.select(ProviderPayout.id).where(
            ProviderPayout.tenant_id == tenant.id,
            ProviderPayout.provider == provider,
            ProviderPayout.reference == reference,
        )
    ).one()


def _meet(tenant: Tenant, payment: Payment, payout_id: UUID, now: datetime, actor: str) -> None:
    """It is in the bank by the row, on the row's day, and not by what the provider said."""
    payout = tenant.session.get_one(ProviderPayout, (tenant.id, payout_id))
    by = tenant.session.scalars(
        sa.select(Transfer.entry_id).where(
            Transfer.tenant_id == tenant.id, Transfer.source == f"provider_payout:{payout.id}", Transfer.leg == 0
        )
    ).one()
    ore = payment.amount_ore
    back, out = Leg(IN_TRANSIT, CLIENT_BANK, MONEY, Ore(abs(ore))), Leg(UNPLACED, IN_TRANSIT, MONEY, Ore(abs(ore)))
    entries = [
        Entry(f"in_bank:{payout.id}", IN_BANK, NIL, None, (back if ore > 0 else back.opposite(),), payout.arrived_on,
              corrects=by, reason="told_by_bank"),
        Entry(f"placed:{payment.id}", IN_BANK, NIL, None, (out if ore > 0 else out.opposite(),), payment.value_on),
    ]  # fmt: skip
    post(tenant.session, entries, now)
    payment.state, payment.why, payment.matched_by, payment.case_id = PLACED, "", BY_PAYOUT, None
    tenant.session.flush()
    body = {"payout": str(payout.id), "provider": payout.provider, "reference": payout.reference,
            "payment": str(payment.id), "ore": ore, "on": payment.value_on.isoformat()}  # fmt: skip
    history.record(tenant.session, "provider_payout.in_bank", at=now, actor=actor, body=body)
