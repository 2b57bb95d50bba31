"""`frist objections …` and `frist cases …` as a case handler types them."""

from uuid import UUID

import pytest
from click.testing import CliRunner, Result

from saas.cases.lifecycle import get_case
from saas.cases.objections import raise_objection
from saas.cli import frist
from saas.kernel.errors import BadInput
from saas.rules.objections import ObjectionKind
from tenants.resolve import open_tenant
from tests.builders import MONDAY, at, register


@pytest.fixture
def slug(agency: UUID) -> str:
    with open_tenant(agency) as tenant:
        return tenant.slug


def run(slug: str, *words: object) -> Result:
    return CliRunner().invoke(frist, [*map(str, words), "--tenant", slug], catch_exceptions=False)


def test_objections_are_listed_and_answered(agency: UUID, slug: str) -> None:
    number = register(agency).verdicts[0].case_number
    with open_tenant(agency) as tenant:
        case = get_case(tenant, number=number)
        row = raise_objection(
            tenant, case.id, kind=ObjectionKind.OTHER, text="Nei.", today=MONDAY, now=at(MONDAY), actor="debtor"
        )
    listed = run(slug, "objections", "list").output
    assert listed.split("\t")[:3] == [str(number), str(row.id), "2026-03-02"]
    answered = run(slug, "objections", "answer", number, row.id, "adjusted", "--reason", "Ja.", "--taken-off", 24_000)
    assert answered.output == f"{number}: adjusted, new deadline 2026-03-19; objection\n"
    assert run(slug, "objections", "list").output == ""
    assert "answered" in run(slug, "objections", "list", "--case", number).output


def test_costs_are_lost_and_estates_reported(agency: UUID, slug: str) -> None:
    number = register(agency).verdicts[0].case_number
    lost = run(slug, "cases", "lose-costs", number, "--reason", "wrong_hours", "--note", "Ringt klokka 22.")
    assert lost.output == f"{number}: 0,00 kr taken off, 0,00 kr of it had been paid\n"
    for command, option in (("death", "--died-on"), ("bankruptcy", "--opened-on")):
        assert run(slug, "cases", command, number, option, "2026-03-01").output == f"{number}: on hold\n"
        assert run(slug, "cases", command, number, "--wrong").output == f"{number}: released\n"
        with pytest.raises(BadInput):
            run(slug, "cases", command, number)


def test_interest_is_paused_for_the_creditors_delay(agency: UUID, slug: str) -> None:
    number = register(agency).verdicts[0].case_number
    words = ("cases", "pause-interest", number, "--from", "2026-02-20", "--note", "Feil kontonummer.")
    assert run(slug, *words).output == f"{number}: interest pauses on 1 invoices\n"
    assert run(slug, *words).output == f"{number}: interest pauses on 0 invoices\n"


def test_the_coming_act_is_told_for_a_case_and_counted_for_the_portfolio(agency: UUID, slug: str) -> None:
    number = register(agency).verdicts[0].case_number
    register(agency)
    told = run(slug, "cases", "coming-act", number).output
    assert "Brev med gebyr (§ 19)\n    " in told
    counted = run(slug, "cases", "coming-act").output.splitlines()
    assert counted[:2] == ["2 open cases", "2\tanother next step today"]
    assert "2\tBrev med gebyr (§ 19)" in counted
    assert any(line.startswith("0\t") for line in counted)
