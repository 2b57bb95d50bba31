"""Agreements through the API: set, shown without secrets, changed by their mask, removed."""

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa

from saas.dispatch.models import Dispatch
from saas.documents.letter import LetterKind
from saas.documents.particulars import PaymentReceived
from saas.kernel.servers import Servers
from saas.outgoing import LOOPBACK_SETTING
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.api.conftest import Caller
from tests.api.test_claims import is_problem
from tests.builders import MONDAY
from tests.dispatch.world import claim, post

Keys = Callable[..., Caller]
SMS = {"base_url": "https://sms.example", "user": "fjord", "password": "hemmelig-en", "source": "Fjord",
       "gate": "gate1", "report_secret": "hemmelig-hemmelig-to"}  # fmt: skip


def test_an_agreement_is_kept_and_its_secrets_are_answered_as_masks(agency: UUID, call: Keys) -> None:
    send = call(agency, "admin")
    assert send("GET", "/accounts/sms").get_json()["kept"] is False
    kept = send("PUT", "/accounts/sms", {"enabled": True, "settings": SMS}, key="a-1").get_json()
    assert (kept["kept"], kept["enabled"], kept["asks"]) == (True, True, True)
    assert (kept["settings"]["password"], kept["settings"]["user"]) == ("••••••••", "fjord")
    changed = send("PUT", "/accounts/sms", {"enabled": True, "settings": kept["settings"] | {"max_segments": 3}})
    assert changed.get_json()["settings"]["max_segments"] == 3
    send("PUT", "/accounts/sms", {"enabled": False})
    newest, middle, first = send("GET", "/accounts/sms/changes").get_json()["changes"]
    assert (first["before"], first["secrets_changed"]) == (None, ["password", "report_secret"])
    assert middle["secrets_changed"] == [], "the mask keeps the secret"
    assert (newest["before"]["enabled"], newest["after"]["enabled"]) == (True, False)
    everything = "".join(
        send("GET", f"/accounts{path}").get_data(as_text=True) for path in ("", "/sms", "/sms/changes")
    )
    assert "hemmelig" not in everything
    assert send("DELETE", "/accounts/sms").status_code == 204
    assert send("GET", "/accounts/sms").get_json()["kept"] is False


@pytest.mark.parametrize("role", ["handler", "creditor"])
def test_nobody_else_sees_or_sets_agreements(agency: UUID, call: Keys, role: str) -> None:
    send = call(agency, role)
    is_problem(send("GET", "/accounts"), 403, "forbidden")
    is_problem(send("PUT", "/accounts/sms", {"enabled": True, "settings": SMS}), 403, "forbidden")
    is_problem(send("DELETE", "/accounts/sms"), 403, "forbidden")


@pytest.mark.parametrize(
    "settings",
    [{}, SMS | {"ukjent": 1}, SMS | {"source": "Inkasso"}, SMS | {"base_url": "http://127.0.0.1:1"}, None],
)  # fmt: skip
def test_settings_that_do_not_do_are_named_and_nothing_is_kept(
    agency: UUID, call: Keys, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LOOPBACK_SETTING, raising=False)
    send = call(agency, "admin")
    answer = send("PUT", "/accounts/sms", {"enabled": True, "settings": settings})
    is_problem(answer, 422, "bad_input")
    assert "hemmelig" not in answer.get_data(as_text=True)
    assert send("GET", "/accounts/sms").get_json()["kept"] is False


def test_a_party_there_is_not_and_an_agreement_in_use_are_told_apart(agency: UUID, call: Keys) -> None:
    send = call(agency, "admin")
    for method, path in (("GET", "/accounts/ingen"), ("PUT", "/accounts/quiet_weeks"), ("DELETE", "/accounts/sms")):
        body = {"enabled": True, "settings": {}} if method == "PUT" else None
        is_problem(send(method, path, body), 404, "not_found")
    send("PUT", "/accounts/sms", {"enabled": True, "settings": SMS})
    is_problem(send("DELETE", "/accounts/sms"), 409, "agreement_in_force")


def test_an_agreement_stays_while_a_letter_is_on_its_way_there(servers: Servers, call: Keys) -> None:
    with post(servers, claim()) as world:
        world.tell(LetterKind.PAYMENT_RECEIVED, PaymentReceived(Ore(10_000), MONDAY, Ore(50_000)))
        world.work_off()
        (letter, *_) = world.letters()
        assert letter.channel == "digipost"
        send = call(world.tenant_id, "admin")
        send("PUT", "/accounts/digipost", {"enabled": False})
        for state, status in (("unknown", 409), ("handed_over", 409), ("sent", 204)):
            with open_tenant(world.tenant_id) as tenant:
                tenant.session.execute(sa.update(Dispatch).where(Dispatch.id == letter.id).values(state=state))
            assert send("DELETE", "/accounts/digipost").status_code == status
