"""A print house's SFTP server on loopback: one user, one key, and a folder a `PrintHouse` works in."""

import asyncio
import threading
from pathlib import Path

import asyncssh


class SftpSim:
    """Serves `folder` as the root of whoever logs in as `user` with the key `public_key`.

    `faults` happen to the next calls that open a file to write it: `full` refuses, `drop` breaks the connection, `hang`
    never answers. Use as a context manager; `port` and `host_key` tell where and who it is.
    """

    def __init__(self, folder: Path, *, user: str, public_key: str, port: int = 0) -> None:
        self.folder, self.user, self.public_key, self._port = folder, user, public_key, port
        self.faults: list[str] = []
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncssh.SSHAcceptor | None = None

    def __enter__(self) -> "SftpSim":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> int:
        """Where on 127.0.0.1 it listens."""
        assert self._server is not None, "entered"
        return int(self._server.get_port())

    @property
    def host_key(self) -> str:
        """What it shows that it is itself."""
        return self._key.export_public_key().decode().strip()

    async def _listen(self) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            self._port,
            server_host_keys=[self._key],
            authorized_client_keys=asyncssh.import_authorized_keys(self.public_key),
            server_factory=lambda: _OneUser(self.user),
            sftp_factory=lambda channel: _Files(channel, self),
            allow_scp=False,
        )

    async def _close(self) -> None:
        assert self._server is not None, "entered"
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


class _OneUser(asyncssh.SSHServer):
    def __init__(self, user: str) -> None:
        self._user = user

    def begin_auth(self, username: str) -> bool:
        """Everybody must show a key."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Never asked here: the authorised keys say who may come in."""
        return False


class _Files(asyncssh.SFTPServer):
    """The folder, and nothing outside it."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], sim: SftpSim) -> None:
        super().__init__(channel, chroot=str(sim.folder).encode())
        self._sim = sim

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """A file; to write it may go wrong."""
        fault = self._sim.faults.pop(0) if pflags & asyncssh.FXF_WRITE and self._sim.faults else ""
        if fault == "full":
            raise asyncssh.SFTPFailure("No space left on device")
        if fault == "drop":
            self.channel.get_connection().abort()
        if fault == "hang":
            await asyncio.sleep(30)
        return super().open(path, pflags, attrs)
