"""Keys for machines."""

from uuid import UUID

import pytest

from saas.access.api_keys import check_key, new_key, revoke_key
from saas.access.roles import Role
from saas.kernel.errors import BadInput, NotFound
from saas.kernel.ids import NIL
from tenants.resolve import open_tenant
from tests import builders

NOW = builders.at(builders.MONDAY)


def make(tenant_id: UUID, role: str = "handler", creditor_id: UUID = NIL) -> str:
    with open_tenant(tenant_id) as tenant:
        return new_key(tenant, "Fakturasystemet", role, creditor_id, NOW)


def test_a_key_names_its_tenant_and_opens_what_its_role_may(agency: UUID) -> None:
    token = make(agency)
    with open_tenant(agency) as tenant:
        assert token.startswith(f"frist_{tenant.slug}_")
    holder = check_key(token)
    assert holder is not None
    assert (holder.tenant_id, holder.creditor_id, holder.role) == (agency, NIL, Role.HANDLER)
    assert holder.actor == f"key:{holder.key_id}"


def test_a_key_opens_nothing_at_the_neighbour(agency: UUID, power: UUID) -> None:
    token = make(agency)
    with open_tenant(power) as tenant:
        forged = f"frist_{tenant.slug}_{token.rpartition('_')[2]}"
    assert check_key(forged) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "frist_",
        "frist__",
        "frist_x_y",
        "Bearer",
        "frist_ingen_" + "0" * 48,
        "frist_\x00_a",
        "frist_å_b",
        "x" * 5000,
    ],
)
def test_what_is_not_a_key_opens_nothing(agency: UUID, token: str) -> None:
    assert check_key(token) is None


def test_a_changed_letter_opens_nothing(agency: UUID) -> None:
    token = make(agency)
    assert check_key(token[:-1] + ("0" if token[-1] != "0" else "1")) is None


def test_a_revoked_key_is_shut_at_once_and_the_neighbours_key_cannot_be_revoked(agency: UUID, power: UUID) -> None:
    token = make(agency)
    holder = check_key(token)
    assert holder is not None
    with open_tenant(power) as tenant, pytest.raises(NotFound):
        revoke_key(tenant, holder.key_id, now=NOW, actor="cli")
    assert check_key(token) == holder
    with open_tenant(agency) as tenant:
        revoke_key(tenant, holder.key_id, now=NOW, actor="cli")
    assert check_key(token) is None


def test_the_secret_itself_is_not_in_the_database(agency: UUID) -> None:
    secret = make(agency).rpartition("_")[2]
    with open_tenant(agency) as tenant:
        rows = tenant.session.connection().exec_driver_sql("select * from api_key").all()
        events = tenant.session.connection().exec_driver_sql("select body from history_event").scalars().all()
    assert rows
    assert secret not in repr(rows) + repr([bytes(event) for event in events])


@pytest.mark.parametrize(("role", "of_creditor"), [("creditor", False), ("admin", True), ("konge", False)])
def test_role_and_creditor_must_fit(agency: UUID, role: str, of_creditor: bool) -> None:
    with pytest.raises(BadInput):
        make(agency, role, builders.creditor_of(agency) if of_creditor else NIL)


def test_a_key_cannot_be_made_for_the_neighbours_creditor(agency: UUID, power: UUID) -> None:
    with pytest.raises(BadInput):
        make(agency, "creditor", builders.creditor_of(power))
