"""Entries by hand, for tests of the book itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from saas.kernel.ids import NIL
from saas.ledger.models import CLAIMS_HELD, CLIENT_BANK, MONEY, OWED_CREDITOR, PRINCIPAL, RECEIVABLE, UNPLACED
from saas.ledger.post import Entry, Leg, post
from saas.rules.money import Ore
from tenants.resolve import Tenant, open_tenant
from tests.builders import at

DAY = date(2026, 3, 2)
CREDITOR = UUID(int=7)


def charge(case_id: UUID, component: str, ore: int, on: date = DAY, claim_id: UUID | None = None, **more: Any) -> Entry:
    """Something is put on a case."""
    leg = Leg(RECEIVABLE, CLAIMS_HELD, component, Ore(ore), claim_id)
    return Entry(f"test:{uuid4()}", more.pop("kind", "fee_charged"), CREDITOR, case_id, (leg,), on, **more)


def claim(case_id: UUID, ore: int, claim_id: UUID, on: date = DAY) -> Entry:
    leg = Leg(RECEIVABLE, CLAIMS_HELD, PRINCIPAL, Ore(ore), claim_id)
    return Entry(f"claim:{claim_id}", "claim_registered", CREDITOR, case_id, (leg,), on)


def money_in(ore: int, on: date = DAY) -> Entry:
    leg = Leg(CLIENT_BANK, UNPLACED, MONEY, Ore(ore))
    return Entry(f"payment:{uuid4()}", "payment_received", NIL, None, (leg,), on)


def pays(case_id: UUID, component: str, ore: int, on: date, claim_id: UUID | None = None) -> Entry:
    """Money that is in goes to a case."""
    legs = (
        Leg(UNPLACED, RECEIVABLE, component, Ore(ore), claim_id),
        Leg(CLAIMS_HELD, OWED_CREDITOR, component, Ore(ore), claim_id),
    )
    return Entry(f"placed:{uuid4()}", "payment_placed", CREDITOR, case_id, legs, on)


@contextmanager
def booked(tenant_id: UUID, *entries: Entry) -> Iterator[Tenant]:
    """The tenant with these entries in its book, in the same transaction."""
    with open_tenant(tenant_id) as tenant:
        post(tenant.session, entries, at(DAY))
        yield tenant


def rows(tenant: Tenant) -> list[Any]:
    return list(tenant.session.execute(sa.text("select * from transfer order by booked_at, entry_id, leg")))
