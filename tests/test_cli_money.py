"""`frist payments move|send-back|reverse|not-ours|suggest|direct`, and the file of direct payments."""

from collections.abc import Callable
from datetime import date

import pytest
from click.testing import CliRunner, Result

from saas import cli
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.payments.world import DAY, World

PAYER = "86011117947"
Run = Callable[..., Result]


@pytest.fixture
def world(agency) -> World:
    return World(agency)


@pytest.fixture
def run(world) -> Run:
    with open_tenant(world.tenant_id) as tenant:
        slug = tenant.slug

    def run_command(*arguments: object) -> Result:
        return CliRunner().invoke(cli.frist, [*map(str, arguments), "--tenant", slug])

    return run_command


def test_a_payment_is_moved_sent_back_and_reversed(world, run):
    one, two = world.case(amount="1 240,00"), world.case(amount="1 240,00")
    world.take_in(SimPayment(one.kid, 50_000, DAY, PAYER))
    world.place()
    (payment,) = world.payments()
    assert run("payments", "move", payment.id, two.number).output == f"moved to {two.number}\n"
    assert (world.book(one).paid_ore, world.book(two).paid_ore) == (0, 50_000)
    done = run("payments", "reverse", payment.id, "--amount", 20_000, "--on", "2026-03-02")
    assert (done.exit_code, done.output) == (0, "reversed\n"), done.output
    assert run("payments", "send-back", payment.id).output == f"300,00 to {PAYER}: due\n"
    assert world.book(two).paid_ore == 0
    assert run("payments", "reverse", payment.id).exit_code != 0
    world.check()


def test_waiting_payments_are_suggested_for_and_put_aside(world, run):
    case = world.case(amount="1 240,00")
    world.take_in(SimPayment("", 124_000, date(2026, 2, 27)))
    world.place()
    (payment,) = world.payments()
    assert f"{case.number}\tinvoice_sum" in run("payments", "suggest").output
    assert run("payments", "not-ours", payment.id).output == "noted\n"
    assert run("payments", "suggest").output == ""


def test_direct_payments_one_and_by_file(world, run, tmp_path):
    case = world.case(amount="1 240,00")
    for said in ("booked", "told before"):
        told = run("payments", "direct", case.number, 10_000, "--on", "2026-03-02", "--reference", "B1")
        assert told.output.endswith(f"{said}\n")
    file = tmp_path / "direct.csv"
    file.write_text(f"sak;beløp;dato\n{case.number};50,00;02.03.2026\n{case.number};x;02.03.2026\n")
    bad = run("import", "direct-payments", file)
    assert (bad.exit_code, bad.output.splitlines()[-1]) == (1, "0 booked, 0 told before; nothing booked")
    file.write_text(f"sak;beløp;dato\n{case.number};50,00;02.03.2026\n")
    assert run("import", "direct-payments", file).output == "1 booked, 0 told before\n"
    assert world.book(case).paid_ore == 15_000
    payment = world.payments()[0]
    assert run("payments", "withdraw-report", payment.id).output == "withdrawn\n"
    assert world.book(case).paid_ore == 5_000
    world.check()
