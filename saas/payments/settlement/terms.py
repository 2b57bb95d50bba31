"""What an agency and a creditor have agreed on money (oppdragsavtale), as of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from saas.rules.money import Ore
from tenants.models import CreditorAgreement
from tenants.resolve import Tenant

_BP = 10_000


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement: in hundredths of a percent what the agency keeps of what it collects, and the creditor's share
    of the collection fees debtors pay."""

    valid_from: date
    commission_bp: int
    fee_share_bp: int
    vat_set_off: bool = False  # the VAT of invoices is kept back from what is held, as the commission is


NOTHING_AGREED = Terms(date.min, 0, 0)


def agreed_terms(tenant: Tenant) -> dict[UUID, tuple[Terms, ...]]:
    """Each creditor's agreements, the oldest first. Who has no licence takes no commission, whatever stands there."""
    found: dict[UUID, tuple[Terms, ...]] = {}
    if not tenant.has_licence:
        return found
    query = sa.select(CreditorAgreement).where(CreditorAgreement.tenant_id == tenant.id)
    for row in tenant.session.scalars(query.order_by(CreditorAgreement.valid_from)):
        terms = Terms(row.valid_from, row.commission_bp, row.fee_share_bp, row.vat_set_off)
        found[row.creditor_id] = (*found.get(row.creditor_id, ()), terms)
    return found


def terms_on(agreed: Sequence[Terms], day: date) -> Terms:
    """The agreement in force on `day`."""
    return max((terms for terms in agreed if terms.valid_from <= day), key=_from, default=NOTHING_AGREED)


def _from(terms: Terms) -> date:
    return terms.valid_from


def by_agreement(agreed: Sequence[Terms], by_day: Mapping[date, int]) -> dict[Terms, int]:
    """Øre that came on each day, summed by the agreement in force on that day."""
    sums: dict[Terms, int] = {}
    for day, ore in by_day.items():
        terms = terms_on(agreed, day)
        sums[terms] = sums.get(terms, 0) + ore
    return sums


def commission_to_date(agreed: Sequence[Terms], base_by_day: Mapping[date, int]) -> Ore:
    """The commission of all that ever came, agreement by agreement, each rounded down to the øre.

    The agreement of the value day decides: a new one changes nothing for money that came before it, however late that
    money is settled. Counted from the beginning, so that what is taken back takes its commission with it.
    """
    sums = by_agreement(agreed, base_by_day)
    return Ore(sum(max(0, base) * terms.commission_bp // _BP for terms, base in sums.items()))


def fee_share_to_date(agreed: Sequence[Terms], fees_by_day: Mapping[date, int]) -> Ore:
    """The creditor's share of the collection fees debtors ever paid, as `commission_to_date`."""
    sums = by_agreement(agreed, fees_by_day)
    return Ore(sum(max(0, fees) * terms.fee_share_bp // _BP for terms, fees in sums.items()))
