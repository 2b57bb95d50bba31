"""Agreements at the desk without a browser: one form for every party, secrets go in and never come out."""

import base64
import re
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from saas.access.users import add_user
from saas.dispatch.health import note_stopped
from saas.kernel import clock
from saas.kernel.ids import NIL
from saas.kernel.servers import Servers
from saas.outgoing import LOOPBACK_SETTING
from tenants.account_states import account_changes
from tenants.accounts import account_of, account_row, set_account
from tenants.installed import installed_plugins
from tenants.resolve import open_tenant
from tests.builders import at, make_agency
from tests.dispatch.world import certificate
from tests.plugins.digipost.world import PASSWORD as OPENS
from tests.portals.conftest import Visitor, World
from tests.portals.world import PASSWORD, slug_of

SMS = {"base_url": "https://sms.example", "user": "fjord", "password": "hemmelig-en", "source": "Fjord",
       "source_ton": "ALPHANUMERIC", "platform_id": "0", "platform_partner_id": "0", "gate": "gate1",
       "report_user": "frist", "report_secret": "hemmelig-hemmelig-to", "validity_hours": "48", "max_segments": "2",
       "segment_cost_ore": "49", "enabled": "on"}  # fmt: skip


@pytest.fixture
def admin(app: Flask, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> tuple[Visitor, UUID]:
    """An administrator signed in at a fresh agency, on a machine that is not a developer's."""
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    tenant_id = make_agency(servers)
    slug = slug_of(tenant_id)
    with open_tenant(tenant_id) as tenant:
        add_user(tenant, email=f"anne@{slug}.no", name="Anne Admin", password=PASSWORD, role="admin",
                 creditor_id=NIL, now=at(clock.today(tenant)), actor="cli")  # fmt: skip
    visitor = Visitor(app.test_client(), slug)
    visitor.sign_in(World(tenant_id, slug, {"admin": f"anne@{slug}.no"}, 0, 0, 0, 0), "admin")
    return visitor, tenant_id


def save(visitor: Visitor, slug: str, **typed: Any) -> TestResponse:
    visitor.get(f"/admin/accounts/{slug}")
    return visitor.post(f"/admin/accounts/{slug}", **typed)


def secrets_kept(tenant_id: UUID, slug: str) -> dict[str, str]:
    with open_tenant(tenant_id) as tenant:
        return dict(account_of(tenant, slug).secrets)


def test_only_an_administrator_comes_in(visitor: Visitor, world: World) -> None:
    for who in ("handler", "nordlys-kraft"):
        visitor.sign_in(world, who)
        assert visitor.get("/admin/accounts").status_code == 403
        assert visitor.get("/admin/accounts/sms").status_code == 403


def test_every_party_there_can_be_an_agreement_with_has_a_form_from_its_own_schema(admin: tuple[Visitor, UUID]) -> None:
    visitor, _ = admin
    told = visitor.get("/admin/accounts").get_data(as_text=True)
    slugs = re.findall(r'/admin/accounts/(\w+)"', told)
    expected = {"digipost", "email", "sms", "print_post", "stripe", "vipps"} & installed_plugins().keys()
    assert expected <= set(slugs)
    assert "portal_mailbox" not in slugs, "there is nothing to agree on"
    for slug in slugs:
        page = visitor.get(f"/admin/accounts/{slug}")
        assert page.status_code == 200
        assert f"/webhooks/{slug}/" in page.get_data(as_text=True)


def test_an_agreement_is_set_changed_and_its_secrets_stay_behind_their_mask(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    saved = save(visitor, "sms", **SMS)
    assert saved.status_code == 303, saved.get_data(as_text=True)
    told = visitor.get(saved.location).get_data(as_text=True)
    assert "Lagret." in told
    assert told.count('value="••••••••"') == 2
    assert "hemmelig-" not in told
    masks = {"password": "••••••••", "report_secret": "••••••••"}
    assert save(visitor, "sms", **(SMS | masks | {"segment_cost_ore": "55"})).status_code == 303
    assert secrets_kept(tenant_id, "sms") == {"password": "hemmelig-en", "report_secret": "hemmelig-hemmelig-to"}
    assert save(visitor, "sms", **(SMS | masks | {"report_secret": ""})).status_code == 303
    assert secrets_kept(tenant_id, "sms") == {"password": "hemmelig-en", "report_secret": ""}
    history = visitor.get("/admin/accounts/sms").get_data(as_text=True)
    assert "Pris for én del (øre): 55 → 49" in history
    assert "Passord for leveringsmeldinger: hemmelig → byttet" in history
    assert "Anne Admin" in history
    assert "hemmelig-" not in history


def test_the_history_tells_before_and_after_and_no_secret(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    save(visitor, "sms", **SMS)
    off = {name: value for name, value in SMS.items() if name != "enabled"}
    save(visitor, "sms", **(off | {"password": "hemmelig-ny"}))
    with open_tenant(tenant_id) as tenant:
        newest, first = account_changes(tenant, "sms")
    assert first.before is None
    assert (newest.before, newest.after) == (first.after, {**(first.after or {}), "enabled": False})
    assert (first.secrets_changed, newest.secrets_changed) == (("password", "report_secret"), ("password",))
    assert "hemmelig" not in str((newest, first))


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_kept(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    answer = save(visitor, "sms", **(SMS | {"source": "Inkasso AS", "user": ""}))
    told = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="user-error"' in told
    assert "<title>Feil: " in told
    assert "hemmelig-" not in told
    assert told.count("Skriv den på nytt.") == 2, "a secret just typed is not sent back"
    with open_tenant(tenant_id) as tenant:
        assert account_row(tenant, "sms") is None


def test_a_half_typed_secret_is_no_secret(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    save(visitor, "sms", **SMS)
    answer = save(visitor, "sms", **(SMS | {"password": "••••••••mer"}))
    assert answer.status_code == 422
    assert 'id="password-error"' in answer.get_data(as_text=True)
    assert secrets_kept(tenant_id, "sms")["password"] == "hemmelig-en"


@pytest.mark.parametrize(
    ("slug", "field", "address"),
    [
        ("sms", "base_url", "http://127.0.0.1:8423"),
        ("sms", "base_url", "https://10.0.0.1"),
        ("email", "host", "127.0.0.1"),
        ("email", "host", "localhost"),
        ("print_post", "sftp_host", "169.254.169.254"),
    ],
)
def test_no_address_may_lead_into_our_own_net(admin: tuple[Visitor, UUID], slug: str, field: str, address: str) -> None:
    visitor, _ = admin
    answer = save(visitor, slug, **(SMS | {field: address}))
    assert answer.status_code == 422
    told = answer.get_data(as_text=True)
    assert re.search(rf'id="{field}-error">Adressen (fører til et nett|må begynne med)', told)


def test_what_the_operator_has_set_stays_while_the_rest_is_changed(admin: tuple[Visitor, UUID]) -> None:
    """Whoever runs the installation may point at this machine; an administrator who changes the price keeps it so."""
    visitor, tenant_id = admin
    here = SMS | {"base_url": "http://127.0.0.1:8423"}
    settings = {name: value for name, value in here.items() if name != "enabled" and not value.isdecimal()}
    with open_tenant(tenant_id) as tenant:
        set_account(tenant, "sms", settings, enabled=True, now=clock.now(tenant), actor="cli")
    assert save(visitor, "sms", **here).status_code == 303


def test_a_certificate_is_handed_in_as_a_file(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    typed: dict[str, Any] = {"broker_id": "800001", "sender_id": "", "base_url": "", "password": "sim-sim-sim-sim",
                             "identify_by": ["national_id", "orgnr"], "notification_hours": "", "concurrency": "4",
                             "enabled": "on"}  # fmt: skip
    pkcs12 = base64.b64decode(certificate())
    wrong = save(visitor, "digipost", **typed, certificate_file=(BytesIO(b"tull"), "frist.p12"))
    assert wrong.status_code == 422
    assert 'id="certificate-error"' in wrong.get_data(as_text=True)
    typed["password"] = OPENS
    saved = save(visitor, "digipost", **typed, certificate_file=(BytesIO(pkcs12), "frist.p12"))
    assert saved.status_code == 303, saved.get_data(as_text=True)
    assert secrets_kept(tenant_id, "digipost")["certificate"] == base64.b64encode(pkcs12).decode()
    again = typed | {"certificate": "••••••••", "password": "••••••••", "concurrency": "2"}
    assert save(visitor, "digipost", **again).status_code == 303
    assert secrets_kept(tenant_id, "digipost")["password"] == OPENS


def test_an_agreement_is_removed_once_it_is_off(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    save(visitor, "sms", **SMS)
    visitor.get("/admin/accounts/sms")
    assert "Fjern avtalen" not in visitor.last
    assert visitor.post("/admin/accounts/sms/remove").status_code == 409
    save(visitor, "sms", **{name: value for name, value in SMS.items() if name != "enabled"})
    visitor.get("/admin/accounts/sms")
    gone = visitor.post("/admin/accounts/sms/remove")
    assert gone.status_code == 303
    assert "Avtalen er fjernet." in visitor.get(gone.location).get_data(as_text=True)
    with open_tenant(tenant_id) as tenant:
        assert account_row(tenant, "sms") is None
    assert "Fjernet" in visitor.get("/admin/accounts/sms").get_data(as_text=True)


def test_a_channel_that_stopped_for_its_agreement_is_opened_again_from_there(admin: tuple[Visitor, UUID]) -> None:
    visitor, tenant_id = admin
    save(visitor, "sms", **SMS)
    with open_tenant(tenant_id) as tenant:
        note_stopped(tenant, "sms", "401", wall_now=clock.wall_now(), now=clock.now(tenant))
    assert "Kanalen er stoppet" in visitor.get("/admin/accounts/sms").get_data(as_text=True)
    assert visitor.post("/admin/dispatch/channels/sms/open").status_code == 303
    assert "Kanalen er stoppet" not in visitor.get("/admin/accounts/sms").get_data(as_text=True)


def test_a_party_there_is_no_plugin_for_is_not_found(admin: tuple[Visitor, UUID]) -> None:
    visitor, _ = admin
    for slug in ("ingen", "portal_mailbox", "quiet_weeks"):
        assert visitor.get(f"/admin/accounts/{slug}").status_code == 404
