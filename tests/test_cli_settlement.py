"""The settlement's commands, as a person at a terminal runs them."""

from datetime import date

import pytest
from click.testing import CliRunner

from saas import cli
from saas.kernel.queue import rq_queue
from saas.payments.settlement import daily
from saas.payments.settlement.daily import settle_day
from tenants.resolve import open_tenant
from tenants.sandbox import move_clock
from tests.builders import at
from tests.payments.settlement.house import bank_of, folder_of, let_money_out, payouts
from tests.payments.world import World
from workers import jobs, schedule

DAY = date(2026, 3, 12)


@pytest.fixture
def world(agency) -> World:
    made = World(agency)
    case = made.case(amount="1 000,00", due_on="2026-02-10")
    made.pay(case, 100_000, date(2026, 3, 9))
    with open_tenant(agency) as tenant:
        move_clock(tenant, DAY, actor="cli")
    return made


@pytest.fixture
def run(world):
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug

    def command(*arguments, ok=True):
        result = CliRunner().invoke(cli.frist, [*arguments, "--tenant", slug], catch_exceptions=ok)
        assert not ok or result.exit_code == 0, result.output
        return result.output

    return command


def test_remit_says_what_stays_and_why_then_what_leaves(world, run):
    assert "to pay 950,00, stays: no mandate" in run("remit")
    let_money_out(world.tenant_id)
    assert "stays" not in run("payments", "remit")
    assert payouts(world.tenant_id) == []
    told = run("remit", "--book")
    assert "payment order: tenants/" in told
    assert "laid out for the bank: " in told
    assert "to pay 950,00" in run("remit")


def test_a_day_with_the_bank_in_it(world, run, tmp_path):
    let_money_out(world.tenant_id)
    assert "0 files from the bank, 1 orders laid out" in run("payments", "settle-day")
    bank_of(world.tenant_id).work(DAY)
    (answer,) = (folder_of(world.tenant_id) / "answers").glob("*.xml")
    assert "carried out 2, rejected 0" in run("payments", "bank-news", str(answer))
    assert world.totals().ordered_ore == 0
    assert run("payments", "bank-balance", "0,00", "--on", "2026-03-12").strip() == "reconciled"
    assert "deviates" in run("payments", "bank-balance", "1.00", "--on", "2026-03-12")
    assert "99990200005\tapproved" in run("payments", "mandates")
    assert "deviates" in run("payments", "alerts")


def test_statement_files_are_written_where_they_are_asked_for(world, run, tmp_path):
    arguments = ("--from", "2026-03-01", "--to", "2026-03-31", "--out", str(tmp_path / "out"))
    told = run("payments", "statement", "--creditor", "nordlys-kraft", *arguments)
    assert "closing 1 000,00" in told
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".csv", ".pdf", ".xlsx"]


def test_an_invoice_is_issued_for_a_month_that_is_over(world, run):
    let_money_out(world.tenant_id)
    run("remit", "--book")
    with open_tenant(world.tenant_id) as tenant:
        move_clock(tenant, date(2026, 4, 1), actor="cli")
    told = run("payments", "invoice", "--from", "2026-03-01", "--to", "2026-03-31")
    assert told == "1\tnordlys-kraft\tnet 50,00, VAT 12,50, to pay 12,50\n"


def test_the_job_settles_and_runs_twice_without_harm(world):
    let_money_out(world.tenant_id)
    for _ in range(2):
        jobs.settle(str(world.tenant_id))
    assert [payout.paid_ore for payout in payouts(world.tenant_id)] == [95_000]


def test_the_watch_asks_for_it_when_the_bank_has_answered(world, servers):
    let_money_out(world.tenant_id)
    jobs.settle(str(world.tenant_id))
    bank_of(world.tenant_id).work(DAY)
    schedule.look_after(world.tenant_id, servers.redis)
    asked = [job for job in rq_queue(servers.redis).jobs if job.id == f"settle-{world.tenant_id}"]
    assert len(asked) == 1
    for job in rq_queue(servers.redis).jobs:
        job.delete()
    jobs.settle(str(world.tenant_id))
    assert world.totals().ordered_ore == 0


def test_a_part_that_fails_keeps_no_other_from_being_done(world, monkeypatch):
    let_money_out(world.tenant_id)

    def broken(*_, **__):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(daily, "take_answers", broken)
        patched.setattr(daily, "reconcile_days", broken)
        with pytest.raises(RuntimeError):
            settle_day(world.tenant_id, DAY, folder_of(world.tenant_id), now=at(DAY))
    assert len(payouts(world.tenant_id)) == 1
    assert len(list(folder_of(world.tenant_id).glob("out/*.xml"))) == 1
