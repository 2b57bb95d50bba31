"""Real PostgreSQL and Redis for every test, in a home of their own that goes away at the end."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

_HOME = Path(tempfile.mkdtemp(prefix="frist-test-", dir="/var/tmp"))
_HOME.chmod(0o755)
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)  # after the servers' own leaving, which is registered later
os.environ["FRIST_HOME"] = str(_HOME)
for name in ("FRIST_DATABASE_URL", "FRIST_DATABASE_OWNER_URL", "FRIST_REDIS_URL", "FRIST_MASTER_KEY"):
    os.environ.pop(name, None)

from saas.kernel.db import engine  # noqa: E402
from saas.kernel.servers import Servers, open_servers  # noqa: E402
from tests import builders  # noqa: E402


@pytest.fixture(scope="session")
def home() -> Path:
    """FRIST_HOME of this test run."""
    return _HOME


@pytest.fixture(scope="session")
def servers(home: Path) -> Iterator[Servers]:
    """The embedded servers, migrated, this process connected as the application role."""
    opened = open_servers()
    yield opened
    engine().dispose()
    opened.release()


@pytest.fixture
def agency(servers: Servers) -> UUID:
    """A fresh licensed agency in a sandbox that stands at 2026-03-02."""
    return builders.make_agency(servers)


@pytest.fixture
def power(servers: Servers) -> UUID:
    """A fresh self-collecting power company in a sandbox that stands at 2026-03-02."""
    return builders.make_power(servers)
