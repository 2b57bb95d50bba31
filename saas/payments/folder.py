"""The watched folder (innboks): bank files laid below a tenant's own folder are taken in by themselves.

`<folder>/<tenant>/` is where files are laid; `taking/` holds those at hand, `done/` and `refused/` those that have been
looked at, each beside a verdict. A file is first moved to `taking/` under a name nobody else has, so whatever is laid
under its old name afterwards is another file. Stopped at any line, the next round goes on: a file is taken in by its
content, once.
"""

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog

from saas.hooks import BankVerdict
from saas.payments.bank_files import ChangedMeanwhile, FileRefused, Findings, plain_name
from saas.payments.inbox import ImportReport, import_bank_file

SETTLE_SECONDS = 30
"""A file nobody has touched for so long is whole, as far as anybody can tell from outside."""

TAKING, DONE, REFUSED = "taking", "done", "refused"
VERDICT_SUFFIX = ".verdict.json"
_UNDER_WAY = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".swp")  # names of files not yet whole
_TAKEN_NAME = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}-(?P<name>.+)", re.DOTALL)
_LONGEST_NAME = 150  # bytes: room for what is put before and after it

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: done (also when it was known) or refused."""

    name: str
    outcome: str
    report: ImportReport | None = None


def waiting(folder: Path, wall_now: datetime) -> bool:
    """Whether a tenant's folder holds files to take in, or one that was begun with."""
    return any(True for _ in _begun(folder)) or any(True for _ in _settled(folder, wall_now))


def take_folder(
    tenant_id: UUID, folder: Path, *, now: datetime, wall_now: datetime, actor: str = "folder"
) -> list[Taken]:
    """Take in every file of a tenant's folder that is whole, and those a stopped round left. Run by two: each once.

    `now` is the tenant's time, `wall_now` the clock on the wall, by which the file system counts.
    """
    for path in list(_settled(folder, wall_now)):
        _claim(path, folder, wall_now)
    taken = (_take(tenant_id, path, folder, now, actor) for path in sorted(_begun(folder)))
    return [one for one in taken if one is not None]


def _settled(folder: Path, wall_now: datetime) -> Iterator[Path]:
    """Files of the folder itself that are whole. The time is that of the last change by anybody, also of the name."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.lower().endswith(_UNDER_WAY):
                continue
            try:
                about = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue  # somebody moved it at this very moment
            if stat.S_ISREG(about.st_mode) and wall_now.timestamp() - about.st_ctime >= SETTLE_SECONDS:
                yield folder / entry.name


def _begun(folder: Path) -> Iterator[Path]:
    if (folder / TAKING).is_dir():
        yield from (path for path in (folder / TAKING).iterdir() if _TAKEN_NAME.fullmatch(path.name))


def _claim(path: Path, folder: Path, wall_now: datetime) -> None:
    """Make the file this round's own; when another was quicker it is theirs."""
    name = os.fsdecode(os.fsencode(path.name)[-_LONGEST_NAME:])
    target = folder / TAKING / f"{wall_now:%Y%m%dT%H%M%S}-{uuid4().hex[:8]}-{name}"
    target.parent.mkdir(exist_ok=True)
    try:
        path.rename(target)
    except FileNotFoundError:
        return


def _take(tenant_id: UUID, path: Path, folder: Path, now: datetime, actor: str) -> Taken | None:
    """Take in one file and lay it away. None: it could not be read now, and stays for the next round."""
    named = _TAKEN_NAME.fullmatch(path.name)
    assert named is not None, "only such names are asked for"
    name = plain_name(named["name"])
    try:
        report = import_bank_file(tenant_id, path, name, now, actor)
    except FileNotFoundError:
        return None  # another round has laid it away
    except (ChangedMeanwhile, PermissionError) as trouble:
        log.warning("bank_file_waits", file=name, why=type(trouble).__name__)
        return None
    except FileRefused as refused:
        log.error("bank_file_refused", file=name, codes=dict(refused.findings.codes))
        _lay_away(path, folder / REFUSED, {"outcome": REFUSED, "verdicts": refused.findings.as_json()})
        return Taken(name, REFUSED)
    _lay_away(path, folder / DONE, _told(report))
    return Taken(name, DONE, report)


def _told(report: ImportReport) -> dict[str, Any]:
    return {
        "outcome": DONE,
        "format": report.format,
        "already": report.already,
        "payments": report.payments,
        "sum_ore": report.sum_ore,
        "taken_in": report.taken_in,
        "verdicts": _as_json(report.verdicts),
    }


def _as_json(verdicts: tuple[BankVerdict, ...]) -> list[dict[str, Any]]:
    return Findings(list(verdicts)).as_json()


def _lay_away(path: Path, where: Path, verdict: dict[str, Any]) -> None:
    """The verdict first, then the file: one without the other is a round that was stopped, and is written over."""
    where.mkdir(exist_ok=True)
    told = where / f"{path.name}{VERDICT_SUFFIX}"
    partial = told.with_name(f".{told.name}.{uuid4().hex}")
    partial.write_text(json.dumps(verdict, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(told)
    try:
        path.rename(where / path.name)
    except FileNotFoundError:
        return  # another round did
