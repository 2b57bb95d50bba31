"""The watched folder: bank files laid there are taken in by themselves, once, and laid away with a verdict."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from saas.kernel import clock
from saas.kernel.config import settings
from saas.kernel.queue import connection, rq_queue
from saas.payments import bank_files
from saas.payments import folder as folders
from saas.payments.folder import Taken, take_folder, waiting
from saas.payments.inbox import ImportReport, import_bank_file
from saas.simulators.bank import SimPayment
from tenants.resolve import open_tenant
from tests.builders import at
from tests.payments.world import DAY, World
from workers.jobs import take_bank_files
from workers.schedule import look_after

LATER = timedelta(minutes=1)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "fjord"
    folder.mkdir()
    return folder


def take(world: World, folder: Path, after: timedelta = LATER) -> list[Taken]:
    return take_folder(world.tenant_id, folder, now=at(DAY), wall_now=clock.wall_now() + after)


def amounts(world: World) -> list[int]:
    return [payment.amount_ore for payment in world.payments()]


def verdict_in(folder: Path) -> dict:
    """What stands beside the only file there."""
    (told,) = folder.glob("*.verdict.json")
    assert (folder / told.name.removesuffix(".verdict.json")).exists()
    return json.loads(told.read_text())


def test_a_file_is_taken_in_and_laid_away_with_its_verdict(world, inbox):
    content = world.file(SimPayment("11", 100))
    (inbox / "anything at all").write_bytes(content)
    assert waiting(inbox, clock.wall_now() + LATER)
    (taken,) = take(world, inbox)
    assert (taken.name, taken.outcome) == ("anything at all", "done")
    assert verdict_in(inbox / "done") == {
        "outcome": "done", "format": "ocr_giro", "already": False, "payments": 1, "sum_ore": 100, "taken_in": 1,
        "verdicts": [],
    }  # fmt: skip
    (laid,) = (path for path in (inbox / "done").iterdir() if path.suffix != ".json")
    assert laid.read_bytes() == content
    assert laid.name.endswith("-anything at all")
    assert not waiting(inbox, clock.wall_now() + LATER)
    assert amounts(world) == [100]


def test_a_wrong_file_is_laid_away_as_refused_and_says_which_record(world, inbox):
    (inbox / "bad.txt").write_bytes(world.file(SimPayment("11", 100)).replace(b"NY0910", b"NY0999", 1))
    (inbox / "good.txt").write_bytes(world.file(SimPayment("22", 200)))
    assert {one.name: one.outcome for one in take(world, inbox)} == {"bad.txt": "refused", "good.txt": "done"}
    told = verdict_in(inbox / "refused")
    assert told["outcome"] == "refused"
    assert [(v["record"], v["level"], v["code"]) for v in told["verdicts"]] == [(3, "error", "wrong_field")]
    assert amounts(world) == [200]


def test_a_file_that_is_still_written_to_is_left_until_it_has_settled(world, inbox):
    (inbox / "file").write_bytes(world.file(SimPayment("11", 100)))
    assert take(world, inbox, timedelta()) == []
    assert not waiting(inbox, clock.wall_now())
    assert amounts(world) == []
    assert len(take(world, inbox)) == 1
    assert amounts(world) == [100]


def test_an_old_date_on_a_new_file_does_not_make_it_settled(world, inbox):
    (inbox / "file").write_bytes(world.file(SimPayment("11", 100)))
    os.utime(inbox / "file", (0, 0))
    assert take(world, inbox, timedelta()) == []
    assert amounts(world) == []


@pytest.mark.parametrize("name", [".hidden", "file.part", "file.PARTIAL", "file.tmp", "file.filepart"])
def test_a_file_under_way_has_a_name_that_is_left_alone_until_it_is_renamed(world, inbox, name):
    (inbox / name).write_bytes(world.file(SimPayment("11", 100)))
    assert take(world, inbox) == []
    assert amounts(world) == []
    (inbox / name).rename(inbox / "whole.txt")
    assert len(take(world, inbox)) == 1
    assert amounts(world) == [100]


def test_folders_links_and_pipes_are_left_alone(world, inbox, tmp_path):
    (tmp_path / "elsewhere").write_bytes(world.file(SimPayment("11", 100)))
    (inbox / "link").symlink_to(tmp_path / "elsewhere")
    (inbox / "folder").mkdir()
    os.mkfifo(inbox / "pipe")
    assert take(world, inbox) == []
    assert (tmp_path / "elsewhere").exists()
    assert amounts(world) == []


def test_a_folder_nobody_has_made_is_an_empty_one(world, tmp_path):
    assert not waiting(tmp_path / "nobody", clock.wall_now())
    assert take(world, tmp_path / "nobody") == []
    assert amounts(world) == []


def test_the_same_content_under_two_names_counts_once(world, inbox):
    content = world.file(SimPayment("11", 100))
    (inbox / "one.txt").write_bytes(content)
    (inbox / "two.txt").write_bytes(content)
    taken = take(world, inbox)
    assert sorted(one.report.already for one in taken if one.report) == [False, True]
    assert amounts(world) == [100]


def test_another_file_under_a_name_used_before_is_another_file(world, inbox):
    for ore in (100, 200):
        (inbox / "today.txt").write_bytes(world.file(SimPayment("11", ore)))
        take(world, inbox)
    assert amounts(world) == [100, 200]
    assert len(list((inbox / "done").glob("*-today.txt"))) == 2


@pytest.mark.parametrize("name", ["æøå 日本.xml", "a\nb\x07.txt", "x" * 250, os.fsdecode(b"latin-\xe6.txt")])
def test_any_name_a_file_may_have_is_taken(world, inbox, name):
    (inbox / name).write_bytes(world.file(SimPayment("11", 100)))
    assert len(take(world, inbox)) == 1
    assert verdict_in(inbox / "done")["taken_in"] == 1
    assert amounts(world) == [100]


@pytest.mark.parametrize("where", ["before the import", "after the import", "after the verdict"])
def test_a_round_that_was_stopped_is_finished_by_the_next(world, inbox, monkeypatch, where):
    (inbox / "file").write_bytes(world.file(SimPayment("11", 100)))

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        if where == "before the import":
            stopped.setattr(folders, "import_bank_file", stop)
        elif where == "after the import":
            stopped.setattr(folders, "_lay_away", stop)
        else:
            rename = Path.rename
            stopped.setattr(Path, "rename", lambda a, b: stop() if b.parent.name == "done" else rename(a, b))
        with pytest.raises(KeyboardInterrupt):
            take(world, inbox)
    assert amounts(world) == ([] if where == "before the import" else [100])
    assert waiting(inbox, clock.wall_now())
    (taken,) = take(world, inbox)
    assert (taken.name, taken.outcome) == ("file", "done")
    assert verdict_in(inbox / "done")["payments"] == 1
    assert list((inbox / "taking").iterdir()) == []
    assert amounts(world) == [100]


def test_a_file_that_changes_while_it_is_read_waits_for_the_next_round(world, inbox, monkeypatch):
    content = world.file(SimPayment("11", 100))
    (inbox / "file").write_bytes(content[:400])

    def write_on(tenant_id: UUID, path: Path, *rest: object) -> ImportReport:
        def go_on(*_: object) -> None:
            path.write_bytes(content)

        return import_bank_file(tenant_id, path, *rest, progress=go_on)

    with monkeypatch.context() as slow:
        slow.setattr(folders, "import_bank_file", write_on)
        slow.setattr(bank_files, "PIECE_BYTES", 100)
        assert take(world, inbox) == []
    assert amounts(world) == []
    (taken,) = take(world, inbox)
    assert (taken.name, taken.outcome) == ("file", "done")
    assert amounts(world) == [100]


def test_two_rounds_at_once_take_each_file_once(world, inbox):
    for n in range(6):
        (inbox / f"file {n}").write_bytes(world.file(SimPayment("11", 100 + n)))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: take(world, inbox), range(3)))
    assert sorted(amounts(world)) == [100 + n for n in range(6)]
    assert len(list((inbox / "done").glob("*.verdict.json"))) == 6
    assert len(list((inbox / "done").iterdir())) == 12


def test_the_watch_asks_for_the_job_and_the_job_places_what_the_folder_brings(world, servers, monkeypatch):
    case = world.case()
    with open_tenant(world.tenant_id) as tenant:
        inbox = settings().inbox_folder / tenant.slug
    inbox.mkdir(parents=True)
    look_after(world.tenant_id, servers.redis)
    queue, job_id = rq_queue(servers.redis), f"inbox-{world.tenant_id}"
    assert queue.fetch_job(job_id) is None
    (inbox / "file").write_bytes(world.file(SimPayment(case.kid, 1_000, DAY)))
    monkeypatch.setattr(folders, "SETTLE_SECONDS", 0)
    look_after(world.tenant_id, servers.redis)
    asked = queue.fetch_job(job_id)
    assert (asked.func_name, asked.args) == ("workers.jobs.take_bank_files", [str(world.tenant_id)])
    for _ in range(2):
        take_bank_files(str(world.tenant_id))
    assert [(p.state, p.case_id, p.amount_ore) for p in world.payments()] == [("placed", case.id, 1_000)]
    connection(servers.redis).delete(asked.key)
