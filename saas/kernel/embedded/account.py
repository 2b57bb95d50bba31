"""Which system account a server runs as, and where that account may go.

Only root has the question: PostgreSQL refuses to run as root, so it runs as the user `pgserver`, who must be able to
reach both the data and the executables. We never change the permissions of a folder we did not make ourselves
(a home folder that was private stays private); what that user cannot reach is put, or copied, elsewhere.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saas.kernel.embedded.errors import EmbeddedServerError

SYSTEM_USER = "pgserver"


@dataclass(frozen=True)
class Account:
    """A system account other than our own."""

    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` that start a program as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether the permission bits of `folder` and all its parents let this account through."""
        return all(self._may_search(step.stat()) for step in (folder, *folder.parents))

    def _may_search(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)


def owner_of(data: Path) -> Account | None:
    """The account that must run the server of existing data: its owner. None when that is us, or nothing is there."""
    if os.geteuid() != 0 or not data.exists() or (found := data.stat()).st_uid == 0:
        return None
    return Account(found.st_uid, found.st_gid)


def postgres_account(data: Path) -> Account | None:
    """The account PostgreSQL runs as; None means our own. Raises EmbeddedServerError when root cannot provide one."""
    if os.geteuid() != 0:
        return None
    return owner_of(data) or _system_account(SYSTEM_USER)


def _system_account(name: str) -> Account:
    entry = _look_up(name) or _add(name)
    return Account(entry.pw_uid, entry.pw_gid)


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _add(name: str) -> pwd.struct_passwd:
    why = f"PostgreSQL does not run as root, and there is no user `{name}` to run it as"
    instead = "Add that user by hand, run as another user than root, or set FRIST_DATABASE_URL to a server of your own."
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None:
        raise EmbeddedServerError(f"{why}, nor the program `useradd` to make one. {instead}")
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    entry = _look_up(name)  # whatever useradd answered: another process may have been first
    if entry is None:
        raise EmbeddedServerError(f"{why}; `useradd` answered: {done.stderr.strip()}. {instead}")
    return entry


def public_folder(near: Path) -> Path:
    """A folder every account can enter, for what cannot lie in a private one: /var/lib, or temporary if `near` is."""
    temporary = Path(tempfile.gettempdir()).resolve()
    places = [Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    if temporary not in near.parents and not any(place in near.parents for place in places):
        places.insert(0, Path("/var/lib"))
    for place in places:
        if place.is_dir() and os.access(place, os.W_OK):
            return place
    raise EmbeddedServerError(f"none of {', '.join(map(str, places))} can be written; set FRIST_DATABASE_URL instead")


def reachable_install(package: Path, program: str, account: Account | None) -> Path:
    """The folder of an installed wheel, or a copy of it that `account` can run.

    `package` is the wheel's package folder; its shared libraries lie beside it in `<package>.libs`. A virtual
    environment under a private folder (root's own, say) is out of the account's reach, so the wheel is copied once.
    """
    if account is None or _runs(package / program, account):
        return package
    name = hashlib.sha256(f"{package} {package.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copied = public_folder(package) / f"frist-{package.name}-{name}" / package.name
    if not (copied.exists() and copied.stat().st_uid == os.geteuid() and _runs(copied / program, account)):
        _copy(package, copied.parent)
    if not _runs(copied / program, account):
        raise EmbeddedServerError(f"user id {account.uid} can run neither {package / program} nor its copy in {copied}")
    return copied


def _runs(program: Path, account: Account) -> bool:
    try:
        done = subprocess.run([program, "--version"], cwd="/", capture_output=True, check=False, **account.popen)  # noqa: S603
    except OSError:
        return False
    return done.returncode == 0


def _copy(package: Path, target: Path) -> None:
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f"{target.name}-"))
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (fresh, *fresh.rglob("*")):
        runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o755 if runnable else 0o644)
    shutil.rmtree(target, ignore_errors=True)
    try:
        fresh.rename(target)
    except OSError:  # another process put its own copy there first
        shutil.rmtree(fresh)
