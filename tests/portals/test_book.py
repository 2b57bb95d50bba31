"""The book's page: staff see whether it holds, what stands where on any day, and what is due."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from saas.kernel.ids import NIL
from saas.ledger.audit import check_and_note
from saas.ledger.invariants import INVARIANTS
from saas.ledger.models import EARNED, IN_TRANSIT, MONEY
from saas.ledger.post import Entry, Leg, post
from saas.payments.models import Reconciliation
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import at
from tests.portals.conftest import FRIDAY, Visitor, World
from tests.portals.world import add_people, slug_of


@pytest.fixture(autouse=True)
def clean(world: World) -> Iterator[None]:
    """What a test did to the sums is made good; kept checks stay, the newest counts."""
    yield
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(sa.text("delete from ledger_sum where ore = 4242"))


def seen(visitor: Visitor, world: World, query: str = "") -> str:
    visitor.sign_in(world, "handler")
    response = visitor.get(f"/admin/book{query}")
    assert response.status_code == 200
    return response.get_data(as_text=True).replace("\xa0", " ")


def check(tenant_id: UUID) -> None:
    with open_tenant(tenant_id) as tenant:
        check_and_note(tenant, at(FRIDAY))


def test_a_book_never_checked_says_how_it_is_checked(app: Flask, world: World, agency: UUID) -> None:
    slug = slug_of(agency)
    fresh = replace(world, tenant_id=agency, slug=slug, people=add_people(agency, slug))
    told = seen(Visitor(app.test_client(), slug), fresh)
    assert "Boken er ikke kontrollert ennå" in told
    assert told.count("Ikke kontrollert</span>") == len(INVARIANTS)
    assert "Klientkontoen er ikke avstemt mot banken ennå." in told


def test_a_book_that_holds_says_so_and_when(visitor: Visitor, world: World) -> None:
    check(world.tenant_id)
    told = seen(visitor, world)
    assert "Boken stemmer." in told
    assert "kontrollert 06.03.2026 kl. 09.00" in told
    assert told.count("Stemmer</span>") == len(INVARIANTS)


def test_a_broken_rule_stands_on_top_with_its_findings_in_words(visitor: Visitor, world: World) -> None:
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(
            sa.text(
                "insert into ledger_sum (tenant_id, id, period, period_on, creditor_id, account, component, ore)"
                " values (:t, :id, 'day', '2026-03-06', :id, 'earned', 'money', 4242)"
            ),
            {"t": world.tenant_id, "id": uuid4()},
        )
        check_and_note(tenant, at(FRIDAY).replace(hour=10))
    told = seen(visitor, world)
    assert "Én regel er brutt" in told
    assert "konto Opptjent, ikke uttatt, penger: summen er 42,42 kr, posteringene 0,00 kr." in told


def test_balances_of_another_day_stand_beside_todays(visitor: Visitor, world: World) -> None:
    told = seen(visitor, world, "?on=02.03.2026")
    assert '<th scope="col" class="num">I dag</th><th scope="col" class="num">02.03.2026</th>' in told
    fees = told.split('<th scope="row">Gebyr</th>')[1].split("</tr>")[0]
    assert fees.count("<td") == 2
    assert '<th scope="col" class="num">I dag</th></tr>' in seen(visitor, world, "?on=2026-03-06")
    assert "0,00 kr" in seen(visitor, world, "?on=2020-01-01")


@pytest.mark.parametrize("on", ["2026-03-07", "i går", ""])
def test_a_day_that_has_not_been_is_asked_for_again(visitor: Visitor, world: World, on: str) -> None:
    visitor.sign_in(world, "handler")
    response = visitor.get(f"/admin/book?on={on}")
    assert response.status_code == 422
    assert "<title>Feil:" in visitor.last


def test_a_top_up_due_stands_on_top(visitor: Visitor, world: World) -> None:
    def moves(*accounts: str) -> None:
        entry = Entry(f"t:{uuid4()}", "t", NIL, None, (Leg(*accounts, MONEY, Ore(4_250)),), date(2026, 3, 5))
        with open_tenant(world.tenant_id) as tenant:
            post(tenant.session, [entry], at(FRIDAY))

    moves(EARNED, IN_TRANSIT)
    assert "Etterfylling: 42,50 kr." in seen(visitor, world)
    moves(IN_TRANSIT, EARNED)
    assert "Etterfylling" not in seen(visitor, world)


def test_the_last_reconciliation_is_shown(visitor: Visitor, world: World) -> None:
    with open_tenant(world.tenant_id) as tenant:
        for day, bank_ore in ((date(2026, 3, 5), 100), (date(2026, 3, 4), 700)):
            tenant.session.add(
                Reconciliation(
                    tenant_id=world.tenant_id, reconciled_on=day, bank_ore=bank_ore, ledger_ore=123, owed_ore=123,
                    in_transit_ore=0, deviations=[{"kind": "missing"}], checked_at=at(FRIDAY),
                )
            )  # fmt: skip
    told = seen(visitor, world)
    assert "05.03.2026" in told
    assert "1,00 kr" in told
    assert "Ett avvik." in told


def test_a_creditors_people_do_not_see_the_book(visitor: Visitor, world: World) -> None:
    visitor.sign_in(world, "nordlys-kraft")
    assert visitor.get("/admin/book").status_code == 403
