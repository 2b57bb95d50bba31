"""A tenant from a profile, on the real database."""

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from saas.kernel import history
from saas.kernel.db import directory_session
from saas.kernel.errors import BadInput, NotFound, Refused
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from tenants.models import Creditor, CreditorAgreement, PluginSwitch, TenantEntry
from tenants.plugins import switch_plugin
from tenants.profile import read_profile
from tenants.provision import ProvisionedTenant, add_creditor, provision
from tenants.resolve import find_tenant, open_tenant

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
LILLEBY = {
    "slug": "lilleby-vann",
    "name": "Lilleby Vann AS",
    "orgnr": "300 000 010",
    "address_lines": ["Vannveien 1", "0001 Oslo"],
    "email": "post@lilleby-vann.example",
    "payout_account": "9999.01.00019",
    "vat_deductible": True,
}


def raw(name: str) -> dict[str, Any]:
    """A shipped profile as plain data that a test may bend."""
    checked = read_profile(name)
    for creditor in checked["creditors"]:
        for agreement in creditor["agreements"]:
            agreement["valid_from"] = agreement["valid_from"].isoformat()
    return deepcopy(checked)


def make(servers: Servers, profile: Any, slug: str, **more: Any) -> ProvisionedTenant:
    return provision(profile, owner_dsn=servers.database_owner, slug=slug, now=NOW, **more)


def rows(tenant_id: UUID) -> dict[str, int]:
    """How many rows of each kind a tenant has."""
    with open_tenant(tenant_id) as tenant:
        counts = {
            table.__tablename__: tenant.session.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.tenant_id == tenant_id)
            )
            for table in (Creditor, CreditorAgreement, PluginSwitch, history.HistoryEvent)
        }
        counter = "select next_number from case_counter where tenant_id = :tenant"
        return {**counts, "next": tenant.session.scalar(sa.text(counter), {"tenant": tenant_id})}


def test_the_agency_profile_gives_an_agency_with_two_creditors(servers: Servers) -> None:
    made = make(servers, "agency", "two-creditors", sandbox_on=MONDAY)
    assert made.created
    assert set(made.creditors) == {"nordlys-kraft", "bygda-bredband"}
    with open_tenant(made.tenant_id) as tenant:
        assert tenant.has_licence
        assert tenant.sandbox_on == MONDAY
        assert tenant.hooks_for(made.creditors["nordlys-kraft"]).slugs == (
            "ocr_giro",
            "portal_mailbox",
            "power_contract",
            "print_post",
            "quiet_weeks",
        )
        assert "power_contract" not in tenant.hooks_for(made.creditors["bygda-bredband"]).slugs
    assert find_tenant(slug="two-creditors") == made.tenant_id


def test_the_power_profile_gives_a_company_that_is_its_own_single_creditor(servers: Servers) -> None:
    made = make(servers, "power", "own-claims")
    with open_tenant(made.tenant_id) as tenant:
        creditor = tenant.session.scalars(sa.select(Creditor).where(Creditor.tenant_id == tenant.id)).one()
        assert not tenant.has_licence
        assert tenant.sandbox_on is None
        assert creditor.orgnr == tenant.settings.orgnr
        assert "power_contract" in tenant.hooks_for(creditor.id).slugs


def test_provisioning_twice_changes_nothing_the_second_time(servers: Servers) -> None:
    first = make(servers, "agency", "twice", sandbox_on=MONDAY)
    before = rows(first.tenant_id)
    second = make(servers, "agency", "twice", sandbox_on=date(2027, 1, 1))
    assert (second.tenant_id, second.creditors, second.created) == (first.tenant_id, first.creditors, False)
    assert rows(first.tenant_id) == before
    assert before["next"] == 100_001
    with open_tenant(first.tenant_id) as tenant:
        assert tenant.sandbox_on == MONDAY


def test_provisioning_again_updates_settings_and_adds_what_is_missing(servers: Servers) -> None:
    profile = raw("agency")
    first = make(servers, profile, "grows")
    with open_tenant(first.tenant_id) as tenant:
        revision = tenant.settings.revision
    profile["tenant"]["phone"] = "55 11 11 11"
    profile["creditors"][0]["agreements"].append({"valid_from": "2027-01-01", "commission_bp": 600})
    profile["creditors"].append(LILLEBY)
    second = make(servers, profile, "grows")
    with open_tenant(first.tenant_id) as tenant:
        assert tenant.settings.phone == "55 11 11 11"
        assert tenant.settings.revision > revision
        creditor = tenant.session.get(Creditor, (tenant.id, second.creditors["lilleby-vann"]))
        assert creditor is not None
        assert (creditor.number, creditor.orgnr, creditor.payout_account) == (3, "300000010", "99990100019")
    assert rows(first.tenant_id)["creditor_agreement"] == 3


def test_a_plugin_a_person_has_switched_off_stays_off_when_provisioned_again(servers: Servers) -> None:
    made = make(servers, "agency", "switched-off")
    with open_tenant(made.tenant_id) as tenant:
        switch_plugin(tenant, "quiet_weeks", enabled=False, now=NOW, actor="cli")
    make(servers, "agency", "switched-off")
    with open_tenant(made.tenant_id) as tenant:
        assert "quiet_weeks" not in tenant.hooks_for(NIL).slugs


def test_a_commission_that_stands_is_not_altered_after_the_fact(servers: Servers) -> None:
    profile = raw("agency")
    make(servers, profile, "commission")
    profile["creditors"][0]["agreements"][0]["commission_bp"] = 900
    with pytest.raises(BadInput, match="provisjon"):
        make(servers, profile, "commission")


def test_a_creditor_keeps_its_number_and_organisation_number(servers: Servers) -> None:
    profile = raw("agency")
    make(servers, profile, "numbers")
    profile["creditors"][0]["number"] = 7
    with pytest.raises(BadInput, match="kan ikke endres"):
        make(servers, profile, "numbers")


def test_a_profile_for_somebody_without_a_licence_who_collects_for_others_is_refused(servers: Servers) -> None:
    profile = raw("agency")
    profile["tenant"]["licence_number"] = None
    with pytest.raises(BadInput, match="Uten inkassobevilling"):
        make(servers, profile, "no-licence")
    with pytest.raises(NotFound):
        find_tenant(slug="no-licence")


def test_an_agency_that_loses_its_licence_cannot_be_provisioned_while_it_has_clients(servers: Servers) -> None:
    profile = raw("agency")
    own = {**LILLEBY, "orgnr": profile["tenant"]["orgnr"]}
    make(servers, {**profile, "creditors": [*profile["creditors"], own]}, "loses-licence")
    alone = {**profile, "tenant": {**profile["tenant"], "licence_number": None}, "creditors": [own]}
    with pytest.raises(Refused, match="Uten inkassobevilling"):
        make(servers, alone, "loses-licence")


def test_a_failed_provisioning_leaves_nothing_behind_not_even_the_directory_entry(servers: Servers) -> None:
    profile = raw("agency")
    profile["plugins"]["quiet_weeks"] = {"settings": {"weeks": [54]}}
    with pytest.raises(BadInput):
        make(servers, profile, "half-made")
    with pytest.raises(NotFound):
        find_tenant(slug="half-made")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("orgnr", "311111001"),
        ("orgnr", "31111100"),
        ("client_account", "99990100001"),
        ("client_account", "9999010000"),
        ("brand_colour", "teal"),
        ("brand_colour", "#FFD24D"),
        ("slug", "Fjord Inkasso"),
        ("slug", "fjord\n"),
        ("email", "post"),
        ("name", ""),
    ],
)
def test_a_wrong_number_colour_or_name_is_told_by_field(field: str, value: str) -> None:
    profile = raw("agency")
    profile["tenant"][field] = value
    with pytest.raises(BadInput) as caught:
        read_profile(profile)
    assert field in caught.value.errors["tenant"]  # type: ignore[operator]


@pytest.mark.parametrize(
    "policy", [{"be_nice": True}, {"grace_banking_days": 2}, {"max_deferral_days": -1}, {"day_basis": "360"}]
)
def test_a_policy_that_is_unknown_or_takes_from_the_debtor_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        read_profile({**raw("agency"), "policy": policy})


def test_two_creditors_cannot_have_the_same_number() -> None:
    profile = raw("agency")
    profile["creditors"][1]["number"] = profile["creditors"][0]["number"]
    with pytest.raises(BadInput):
        read_profile(profile)


def test_an_agency_takes_on_a_creditor_under_the_lowest_free_number(agency: UUID) -> None:
    with open_tenant(agency) as tenant:
        creditor = add_creditor(tenant, LILLEBY, now=NOW, actor="cli")
        assert creditor.number == 3
        with pytest.raises(BadInput) as caught:
            add_creditor(tenant, LILLEBY, now=NOW, actor="cli")
    assert "slug" in caught.value.errors


def test_somebody_without_a_licence_cannot_take_on_a_creditor(power: UUID) -> None:
    with open_tenant(power) as tenant, pytest.raises(Refused) as caught:
        add_creditor(tenant, LILLEBY, now=NOW, actor="cli")
    assert caught.value.code == "no_licence"


def test_the_application_role_cannot_add_to_the_directory(servers: Servers) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), directory_session() as session:
        session.execute(sa.insert(TenantEntry).values(id=NIL, slug="intruder", created_at=NOW))


def test_what_provisioning_did_stands_in_an_unbroken_history(servers: Servers) -> None:
    made = make(servers, "agency", "on-record")
    with open_tenant(made.tenant_id) as tenant:
        kinds = set(tenant.session.scalars(sa.select(history.HistoryEvent.kind)))
        assert kinds == {"tenant.created", "creditor.added", "creditor.agreed", "plugin.switched"}
        assert history.check_chain(tenant.session) == []
