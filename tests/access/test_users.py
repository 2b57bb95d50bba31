"""People with a password."""

from dataclasses import replace
from time import perf_counter
from uuid import UUID

import pytest

from saas.access import users
from saas.access.roles import Role
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.history import check_chain
from saas.kernel.ids import NIL, new_id
from tenants.resolve import open_tenant
from tests import builders

NOW = builders.at(builders.MONDAY)
GOOD = "fire ord etter hverandre"


def add(tenant_id: UUID, **changes: object) -> UUID:
    row = {"email": "kari@firma.no", "name": "Kari Prøve", "password": GOOD, "role": "handler"} | changes
    with open_tenant(tenant_id) as tenant:
        return users.add_user(tenant, **row, now=NOW, actor="cli")  # type: ignore[arg-type]


def sign_in(tenant_id: UUID, email: str, password: str) -> users.Signed | None:
    with open_tenant(tenant_id) as tenant:
        return users.check_password(tenant, email, password)


def test_the_right_password_signs_in_whatever_the_case_of_the_address(agency: UUID) -> None:
    user_id = add(agency, email=" Kari@Firma.NO ")
    signed = sign_in(agency, "kari@firma.no", GOOD)
    assert signed == users.Signed(user_id, NIL, "Kari Prøve", Role.HANDLER)
    assert signed is not None
    assert signed.actor == f"user:{user_id}"


@pytest.mark.parametrize(
    ("email", "password"),
    [("kari@firma.no", "feil"), ("ingen@firma.no", GOOD), ("", ""), ("kari@firma.no\x00", "x"), ("a@b.no", "\ud800")],
)
def test_a_wrong_password_and_an_unknown_address_are_both_nobody(agency: UUID, email: str, password: str) -> None:
    add(agency)
    assert sign_in(agency, email, password) is None


def test_an_unknown_user_costs_as_much_time_as_a_wrong_password(agency: UUID) -> None:
    add(agency)
    sign_in(agency, "ingen@firma.no", GOOD)  # makes nobody's hash once

    def seconds(email: str) -> float:
        def once() -> float:
            begun = perf_counter()
            sign_in(agency, email, "feil passord her")
            return perf_counter() - begun

        return min(once() for _ in range(3))

    assert seconds("ingen@firma.no") > seconds("kari@firma.no") / 3


def test_a_closed_user_is_shut_out_at_once(agency: UUID) -> None:
    user_id = add(agency)
    with open_tenant(agency) as tenant:
        users.close_user(tenant, user_id, now=NOW, actor="cli")
    assert sign_in(agency, "kari@firma.no", GOOD) is None
    with open_tenant(agency) as tenant:
        assert users.find_user(tenant, user_id) is None


def test_a_new_password_ends_the_old_one(agency: UUID) -> None:
    user_id = add(agency)
    with open_tenant(agency) as tenant:
        users.set_password(tenant, user_id, "noe helt annet nå", now=NOW, actor="cli")
    assert sign_in(agency, "kari@firma.no", GOOD) is None
    assert sign_in(agency, "kari@firma.no", "noe helt annet nå") is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "kari"}, "email"),
        ({"email": "kari@firma"}, "email"),
        ({"email": "k ari@firma.no"}, "email"),
        ({"email": "k" * 250 + "@firma.no"}, "email"),
        ({"name": " "}, "name"),
        ({"password": "kort"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "aaaaaaaaaaaaaaa"}, "password"),
        ({"password": "kari@firma.no"}, "password"),
        ({"role": "konge"}, "role"),
        ({"role": "creditor"}, "creditor_id"),
        ({"role": "admin", "creditor_id": new_id()}, "creditor_id"),
        ({"role": "creditor", "creditor_id": new_id()}, "creditor_id"),
    ],
)
def test_a_user_that_cannot_be_is_told_which_field(agency: UUID, changes: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as told:
        add(agency, **changes)
    assert list(told.value.errors) == [field]


def test_one_address_is_one_user_and_two_tenants_do_not_know_of_each_other(agency: UUID, power: UUID) -> None:
    add(agency)
    with pytest.raises(BadInput, match="rettes"):
        add(agency, email="KARI@firma.no")
    assert sign_in(power, "kari@firma.no", GOOD) is None
    other = add(power)
    with open_tenant(agency) as tenant, pytest.raises(NotFound):
        users.close_user(tenant, other, now=NOW, actor="cli")


def test_a_creditors_user_belongs_to_that_creditor(agency: UUID) -> None:
    creditor_id = builders.creditor_of(agency)
    add(agency, role="creditor", creditor_id=creditor_id)
    signed = sign_in(agency, "kari@firma.no", GOOD)
    assert signed is not None
    assert replace(signed, user_id=NIL) == users.Signed(NIL, creditor_id, "Kari Prøve", Role.CREDITOR)


def test_letting_somebody_in_stands_in_the_history(agency: UUID) -> None:
    add(agency)
    with open_tenant(agency) as tenant:
        assert check_chain(tenant.session) == []
        kinds = tenant.session.connection().exec_driver_sql("select kind from history_event").scalars().all()
    assert "user.added" in kinds
