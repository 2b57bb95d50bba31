"""`frist import facts`, as a person at a terminal runs it."""

from pathlib import Path

from click.testing import CliRunner

from saas import cli
from saas.kernel.servers import Servers
from tenants.resolve import open_tenant
from tests.builders import make_agency, register


def test_a_file_of_facts_is_stored_and_a_wrong_one_is_not(servers: Servers, tmp_path: Path) -> None:
    agency = make_agency(servers)
    number = register(agency).verdicts[0].case_number
    with open_tenant(agency) as tenant:
        slug = tenant.slug
    file = tmp_path / "avtaler.csv"

    def run(text: str, *more: str) -> tuple[int, str]:
        file.write_text(text)
        told = CliRunner().invoke(cli.frist, ["import", "facts", str(file), "--tenant", slug, *more])
        return told.exit_code, told.output

    good = f"sak;opplysning;verdi\n{number};strømavtale;ja\n"
    assert run(good, "--dry-run") == (0, "0 stored, 0 known; nothing stored\n")
    assert run(good, "--creditor", "nordlys-kraft") == (0, "1 stored, 0 known\n")
    assert run(good, "--creditor", "nordlys-kraft") == (0, "0 stored, 1 known\n")
    code, told = run(good + "1;strømavtale;ja\n")
    assert code == 1
    assert told == "line 3: row: Vi finner ikke saken.\n0 stored, 0 known; nothing stored\n"
