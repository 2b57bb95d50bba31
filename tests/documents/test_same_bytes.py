"""The same bytes for ever: golden hashes by version, two processes, and what is kept rendered again."""

import csv
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from saas.cases.lifecycle import cipher_of, get_case
from saas.cli_letters import letters
from saas.documents import recheck as rechecking
from saas.documents.letter import LetterKind, Sender
from saas.documents.mandatory import mandatory_missing
from saas.documents.models import StoredLetter
from saas.documents.preview import every_letter, from_sender, write_previews
from saas.documents.recheck import Verdict, recheck
from saas.documents.render import TEMPLATE_VERSION, page_count, render
from saas.documents.store import keep_letter
from saas.kernel import files
from saas.kernel.ids import new_id
from saas.kernel.servers import Servers
from tenants.resolve import open_tenant
from tests.builders import a_claim, make_agency, register
from tests.documents.letters import AGENCY, POWER_COMPANY

GOLDEN = Path(__file__).parent / "golden.csv"
HASHES = (
    "from hashlib import sha256; from saas.documents.preview import every_letter;"
    "from saas.documents.render import render;"
    "[print(name, sha256(render(letter)).hexdigest()) for name, letter in every_letter()]"
)


def _hashes() -> dict[str, str]:
    return {name: sha256(render(letter)).hexdigest() for name, letter in every_letter()}


def test_a_version_of_the_templates_gives_the_bytes_it_always_gave() -> None:
    """When this fails and no template changed, code changed what letters look like: raise `render.REVISION`.

    After a change of templates or REVISION: `python -m tests.documents.golden` writes the file anew.
    """
    with GOLDEN.open(encoding="utf-8", newline="") as handle:
        kept = {row["letter"]: row["sha256"] for row in csv.DictReader(handle)}
    assert kept.pop("version") == TEMPLATE_VERSION, "write golden.csv anew"
    assert kept == _hashes()


def test_another_process_gives_the_same_bytes_for_every_kind_and_language() -> None:
    root = str(Path(__file__).parents[2])
    told = subprocess.run(
        [sys.executable, "-c", HASHES], env={"PYTHONPATH": root}, capture_output=True, text=True, check=True
    ).stdout
    assert dict(line.split() for line in told.splitlines()) == _hashes()


def test_the_preview_is_one_flat_folder_with_a_contact_sheet(tmp_path: Path) -> None:
    written = write_previews(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in written)
    assert {path.name.split(".")[0] for path in written} >= {kind.value for kind in LetterKind}
    assert written[-1].read_bytes().startswith(b"\x89PNG")
    assert all(page_count(path.read_bytes()) <= 2 for path in written[:-1])


@pytest.mark.parametrize("sender", [AGENCY, POWER_COMPANY], ids=lambda sender: sender.name)
def test_every_letter_of_the_preview_is_complete_from_an_agency_and_from_a_creditor(sender: Sender) -> None:
    assert {name: mandatory_missing(from_sender(letter, sender)) for name, letter in every_letter()} == {
        name: [] for name, _ in every_letter()
    }


# --- what is kept -----------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(servers: Servers) -> tuple[UUID, list[UUID]]:
    """A tenant that has kept a letter of every kind."""
    tenant_id = make_agency(servers)
    number = register(tenant_id, a_claim(), creditor="nordlys-kraft").verdicts[0].case_number
    assert number is not None
    with open_tenant(tenant_id) as tenant:
        case = get_case(tenant, number=number)
        ids = [
            keep_letter(tenant, case.id, new_id(), letter, render(letter), cipher_of(case)).dispatch_id
            for _, letter in every_letter()
        ]
    return tenant_id, ids


def _verdicts(tenant_id: UUID) -> dict[UUID, Verdict]:
    with open_tenant(tenant_id) as tenant:
        return {each.dispatch_id: each.verdict for each in recheck(tenant)}


def test_every_letter_kept_is_the_same_when_rendered_again(kept: tuple[UUID, list[UUID]]) -> None:
    tenant_id, ids = kept
    assert _verdicts(tenant_id) == dict.fromkeys(ids, Verdict.SAME)
    with open_tenant(tenant_id) as tenant:
        slug = tenant.slug
    told = CliRunner().invoke(letters, ["recheck", "--tenant", slug])
    assert (told.exit_code, told.output) == (0, f"{len(ids)} letters: {len(ids)} same\n")


def test_an_altered_file_is_found(kept: tuple[UUID, list[UUID]], monkeypatch: pytest.MonkeyPatch) -> None:
    tenant_id, ids = kept
    with open_tenant(tenant_id) as tenant:
        path = tenant.session.scalar(sa.select(StoredLetter.path).where(StoredLetter.dispatch_id == ids[0]))
    real = files.get
    monkeypatch.setattr(files, "get", lambda asked: real(asked) + (b"x" if asked == path else b""))
    assert {i for i, verdict in _verdicts(tenant_id).items() if verdict is Verdict.ALTERED} == {ids[0]}


def test_a_letter_that_renders_otherwise_is_found_and_an_older_one_is_not_blamed(
    kept: tuple[UUID, list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id, _ = kept
    monkeypatch.setattr(rechecking, "render", lambda letter: render(letter) + b"%")
    assert set(_verdicts(tenant_id).values()) == {Verdict.DIFFERENT}
    monkeypatch.setattr(rechecking, "TEMPLATE_VERSION", "another")
    assert set(_verdicts(tenant_id).values()) == {Verdict.OLDER}


def test_the_letter_of_an_anonymised_case_cannot_be_read_and_is_not_wrong(kept: tuple[UUID, list[UUID]]) -> None:
    tenant_id, _ = kept
    with open_tenant(tenant_id) as tenant:
        tenant.session.execute(
            sa.text("update collection_case set case_key = null where tenant_id = :tenant"), {"tenant": tenant_id}
        )
    assert set(_verdicts(tenant_id).values()) == {Verdict.ANONYMISED}
