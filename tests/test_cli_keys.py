"""`frist keys rotate`: everything under the new master key, and the old one can be thrown away."""

from uuid import UUID

import pytest
from click.testing import CliRunner

from saas.cases.facts import facts_of
from saas.cases.lifecycle import cipher_of, get_case
from saas.cli import frist
from saas.kernel import crypto
from saas.kernel.config import settings
from tenants.resolve import open_tenant
from tests.builders import register
from tests.cases.world import World

CACHES = (settings, crypto._derived, crypto._masters)


def _forget() -> None:
    for cached in CACHES:
        cached.cache_clear()


def test_keys_of_cases_are_wrapped_anew_and_open_without_the_old_master_key(
    agency: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(agency)
    (case,) = World(agency).cases()
    with open_tenant(agency) as tenant:
        sealed = crypto.encrypt(cipher_of(get_case(tenant, case.id)), b"what was said", case.id)
    first = settings().master_key.hex()
    try:
        monkeypatch.setenv("FRIST_MASTER_KEY", "22" * 32)
        monkeypatch.setenv("FRIST_OLD_MASTER_KEYS", first)
        _forget()
        done = CliRunner().invoke(frist, ["keys", "rotate"], catch_exceptions=False)
        assert "1 keys of cases" in done.output
        monkeypatch.delenv("FRIST_OLD_MASTER_KEYS")
        _forget()
        with open_tenant(agency) as tenant:
            again = get_case(tenant, case.id)
            assert crypto.decrypt(cipher_of(again), sealed, case.id) == b"what was said"
            assert facts_of(tenant, [case.id], World(agency).today)
        monkeypatch.setenv("FRIST_MASTER_KEY", first)  # and back, for the tests that follow
        monkeypatch.setenv("FRIST_OLD_MASTER_KEYS", "22" * 32)
        _forget()
        CliRunner().invoke(frist, ["keys", "rotate"], catch_exceptions=False)
    finally:
        monkeypatch.undo()
        _forget()
    with open_tenant(agency) as tenant:
        assert crypto.decrypt(cipher_of(get_case(tenant, case.id)), sealed, case.id) == b"what was said"


def test_a_tenant_with_something_no_key_opens_is_left_as_it_is_and_told_of(
    agency: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(agency)
    (case,) = World(agency).cases()
    with open_tenant(agency) as tenant:
        slug, sealed = tenant.slug, crypto.encrypt(cipher_of(get_case(tenant, case.id)), b"what was said", case.id)
    try:
        monkeypatch.setenv("FRIST_MASTER_KEY", "33" * 32)
        _forget()
        done = CliRunner().invoke(frist, ["keys", "rotate"], catch_exceptions=False)
    finally:
        monkeypatch.undo()
        _forget()
    assert done.exit_code == 1
    assert f"{slug}: left as it is" in done.output
    with open_tenant(agency) as tenant:
        assert crypto.decrypt(cipher_of(get_case(tenant, case.id)), sealed, case.id) == b"what was said"
