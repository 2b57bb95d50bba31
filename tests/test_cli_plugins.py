"""`frist plugin …`, as a person at a terminal runs it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from saas import cli
from saas.kernel.errors import BadInput, NotFound
from tenants.plugins import chosen_for
from tenants.resolve import open_tenant
from tests.builders import a_claim, creditor_of, register
from tests.tenants.conftest import Install, install  # noqa: F401 - the fixture

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(agency: UUID) -> Run:
    with open_tenant(agency) as tenant:
        slug = tenant.slug

    def run_command(*arguments: str, tenant: bool = True) -> tuple[int, str]:
        more = ["--tenant", slug] if tenant else []
        ended = CliRunner().invoke(cli.frist, ["plugin", *arguments, *more])
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return ended.exit_code, ended.output

    return run_command


def chosen(tenant_id: UUID, creditor: str) -> dict[str, dict[str, object]]:
    with open_tenant(tenant_id) as tenant:
        return {
            one.slug: dict(one.settings)
            for one in chosen_for(tenant.session, tenant.id, creditor_of(tenant_id, creditor))
        }


def test_a_plugin_is_switched_on_for_one_creditor_configured_and_off_again(agency: UUID, run: Run) -> None:
    on = run("enable", "small_fee", "--creditor", "nordlys-kraft", "--settings", '{"notice_fee_percent": 10}')
    assert on == (0, "small_fee: on for nordlys-kraft\n")
    assert chosen(agency, "nordlys-kraft")["small_fee"] == {"notice_fee_percent": 10}
    assert "small_fee" not in chosen(agency, "bygda-bredband")
    run("configure", "small_fee", '{"notice_fee_percent": 20}', "--creditor", "nordlys-kraft")
    assert chosen(agency, "nordlys-kraft")["small_fee"] == {"notice_fee_percent": 20}
    run("disable", "small_fee", "--creditor", "nordlys-kraft")
    run("configure", "small_fee", '{"notice_fee_percent": 30}', "--creditor", "nordlys-kraft")
    assert "small_fee" not in chosen(agency, "nordlys-kraft"), "configuring switches nothing on"
    run("enable", "small_fee", "--creditor", "nordlys-kraft")
    assert chosen(agency, "nordlys-kraft")["small_fee"] == {"notice_fee_percent": 30}
    assert "small_fee\tpå for 1 av" in run("list")[1]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("enable", "no_such"), NotFound),
        (("enable", "small_fee", "--settings", "nei"), BadInput),
        (("enable", "small_fee", "--settings", "[1]"), BadInput),
        (("configure", "small_fee", '{"unheard_of": 1}'), BadInput),
        (("configure", "small_fee", '{"notice_fee_percent": 101}'), BadInput),
        (("explain", "1"), NotFound),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_switched(
    agency: UUID, run: Run, command: tuple[str, ...], error: type
) -> None:
    with pytest.raises(error):
        run(*command)
    assert "small_fee" not in chosen(agency, "nordlys-kraft")


def test_explain_tells_which_plugin_says_what_and_on_which_fact(agency: UUID, run: Run) -> None:
    number = register(agency, a_claim(active_contract=True), creditor="nordlys-kraft").verdicts[0].case_number
    run("enable", "power_contract", "--creditor", "nordlys-kraft")
    run("enable", "small_fee")
    told = run("explain", str(number))[1].splitlines()
    (refusal,) = [line for line in told if line.startswith("power_contract\trefuse_deferral\t")]
    assert "Refusal: power_contract_active [power.active_contract = True, Nordlys Kraft AS, 2026-03-02]" in refusal
    assert any(
        line.startswith("power_contract\textend_portal\tStrømavtalen din: Nordlys Kraft AS meldte") for line in told
    )
    assert "small_fee\tlimit_fee\tcost notice_fee, lawful_ore 3800, amount_ore 1900" in told


def test_explain_tells_of_trouble_and_leaves_no_note_of_having_asked(agency: UUID, run: Run, install: Install) -> None:  # noqa: F811
    install("broken", "@hookimpl\ndef hold_case(self, case, today):\n    raise RuntimeError('Kari')")
    number = register(agency).verdicts[0].case_number
    run("enable", "broken")
    told = run("explain", str(number))[1]
    assert "broken\thold_case\tin trouble: RuntimeError" in told
    assert "Kari" not in told


def test_new_makes_a_package_and_check_says_what_is_wrong_with_one(run: Run, tmp_path: Path, install: Install) -> None:  # noqa: F811
    code, told = run("new", "my-rule", "--folder", str(tmp_path), tenant=False)
    assert (code, (tmp_path / "my-rule/frist_my_rule/__init__.py").exists()) == (0, True)
    assert "pytest" in told
    assert run("check", "small_fee", "--cases", "20", tenant=False) == (
        0, "small_fee: answers limit_fee; no harm in 20 cases\n",
    )  # fmt: skip
    install("nosy", "@hookimpl\ndef hold_case(self, case, today):\n    open('/etc/hostname')")
    code, told = run("check", "installed-nosy", tenant=False)
    assert code == 1
    assert "nosy: the setting limit has no label and no help and no example for the form" in told
    assert "hold_case is a pure hook and uses open" in told
    install("greedy", "@hookimpl\ndef hold_case(self, case, session):\n    return None")
    code, told = run("check", "greedy", tenant=False)
    assert (code, "answers no such hook" in told) == (1, True)
    with pytest.raises(NotFound):
        run("check", "nobody", tenant=False)
