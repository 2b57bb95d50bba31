"""`frist account …` keeps an agreement and never shows its secrets."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from saas.cli import frist
from saas.kernel.errors import BadInput
from tenants.resolve import open_tenant
from tests.payments.card import install_stripe

SETTINGS = {"secret_key": "sk_test_hemmelig", "webhook_secret": "whsec_hemmelig", "checkout_origin": "https://pay.x.no"}


@pytest.fixture
def slug(agency: UUID) -> str:
    install_stripe()
    with open_tenant(agency) as tenant:
        return tenant.slug


def run(*words: str) -> Result:
    return CliRunner().invoke(frist, ["account", *words])


def test_an_agreement_is_kept_listed_and_switched_off(slug: str, tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    file.write_text(json.dumps(SETTINGS))
    kept = run("set", "stripe", "--tenant", slug, "--settings", str(file))
    assert kept.exit_code == 0, kept.output
    assert f"/webhooks/stripe/{slug}" in kept.output
    assert "The plugin is off" in kept.output
    listed = run("list", "--tenant", slug).output
    assert listed.startswith("stripe\ton\t")
    assert "https://pay.x.no" in listed
    off = run("set", "stripe", "--tenant", slug, "--off")
    assert off.exit_code == 0
    assert run("list", "--tenant", slug).output.startswith("stripe\toff\t"), "what is kept stays"
    assert "hemmelig" not in kept.output + listed + off.output
    assert run("remove", "stripe", "--tenant", slug).exit_code == 0
    assert run("list", "--tenant", slug).output == ""


def test_a_wrong_setting_is_named_and_not_repeated(slug: str, tmp_path: Path) -> None:
    file = tmp_path / "stripe.json"
    file.write_text(json.dumps(SETTINGS | {"secret_key": "hemmelig"}))
    refused = run("set", "stripe", "--tenant", slug, "--settings", str(file))
    assert isinstance(refused.exception, BadInput)
    assert list(refused.exception.errors) == ["secret_key"]
    assert "hemmelig" not in str(refused.exception.errors)
    assert run("list", "--tenant", slug).output == ""


def test_nothing_is_kept_for_a_provider_there_is_none_of(slug: str) -> None:
    assert run("set", "ocr_giro", "--tenant", slug).exit_code != 0
    assert run("set", "stripe", "--tenant", slug).exit_code != 0, "and nothing without settings"
