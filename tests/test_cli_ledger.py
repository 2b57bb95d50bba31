"""`frist ledger …`, as a person at a terminal runs it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from saas import cli
from saas.kernel.errors import BadInput
from saas.ledger.audit import last_checks
from saas.ledger.models import EARNED, IN_TRANSIT, MONEY
from saas.ledger.post import Entry, Leg, post
from saas.rules.money import Ore
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import DAY, World

Run = Callable[..., Result]


@pytest.fixture
def world(agency) -> World:
    return World(agency)


@pytest.fixture
def run(world) -> Run:
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug

    def run_command(*arguments: str) -> Result:
        return CliRunner().invoke(cli.frist, ["ledger", *arguments, "--tenant", slug])

    return run_command


def test_an_audit_names_each_invariant_and_keeps_what_it_found(world, run):
    world.case(amount="100,00")
    told = run("audit")
    assert told.exit_code == 0, told.output
    assert "ok  client_account_is_somebodys" in told.stdout
    assert told.stdout.endswith("The book balances.\n")
    with open_tenant(world.tenant_id) as tenant:
        assert {check.findings for check in last_checks(tenant).values()} == {0}


def test_a_broken_book_is_told_with_status_1_and_can_be_made_whole(world, run):
    world.case(amount="100,00")
    with open_tenant(world.tenant_id) as tenant:
        tenant.session.execute(
            sa.text("update ledger_sum set ore = ore + 100 where period = 'day' and account = 'receivable'")
        )
    told = run("audit")
    assert told.exit_code == 1
    assert "     2  sums_are_the_transfers" in told.stdout
    assert "Utestående hos skyldnere, hovedstol: summen er 101,00 kr, posteringene 100,00 kr." in told.stdout.replace(
        "\xa0", " "
    )
    assert run("rebuild").stdout == "8 sums made anew.\n"
    assert run("audit").exit_code == 0


def test_a_top_up_due_is_told_apart_from_findings(world, run):
    leg = (Leg(EARNED, IN_TRANSIT, MONEY, Ore(4_250)),)
    nil = world.tenant_id
    with open_tenant(world.tenant_id) as tenant:
        post(tenant.session, [Entry("provider_payout:x", "provider_payout", nil, None, leg, DAY)], at(DAY))
    told = run("audit")
    assert (told.exit_code, "Top-up due: 42,50 kr" in told.stdout) == (0, True), told.stdout


def test_the_ledger_is_handed_out_to_a_file_or_to_the_terminal(world, run, tmp_path):
    world.case(amount="100,00")
    period = ("--from", "2026-03-01", "--to", "2026-03-31")
    out = tmp_path / "march.csv"
    assert run("export", *period, "--out", str(out)).exit_code == 0
    assert run("export", *period).stdout_bytes == out.read_bytes()
    assert len(out.read_text().splitlines()) == 2
    assert len(run("export", "--from", "2026-04-01", "--to", "2026-04-30").stdout.splitlines()) == 1


def test_a_period_that_ends_before_it_begins_is_refused(run):
    assert isinstance(run("export", "--from", "2026-03-02", "--to", "2026-03-01").exception, BadInput)
