"""The same folders on the print house's own server, by SFTP.

Nothing is kept here in between: what counts is what stands on the server. A batch is written beside and renamed, so it
appears whole or not at all, and is looked for before it is written, so the same one leaves once.
"""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from plugins.print_post.batch import Known, files_of
from plugins.print_post.manifest import FILE, letters_in, manifest
from plugins.print_post.receipts import (
    MAX_BYTES,
    RECEIPTS,
    RETURNS,
    TAKEN,
    UnreadableReceipt,
    called,
    digest,
    parse,
    parts_of,
)
from saas.hooks import Account, ChannelDown, OutgoingBatch, ReceiptPage

CALL_SECONDS = 9.0
_T = TypeVar("_T")


class Stopped(Exception):
    """Wrong keys, or another server than agreed. The text is a code."""


def is_agreed(account: Account) -> bool:
    """Whether letters go to a server, not to a folder of this machine."""
    return bool(account.public.get("sftp_host"))


def put(account: Account, batch: OutgoingBatch) -> Known | None:
    """Like `batch.put`. Raises Stopped or ChannelDown."""
    return _run(_put(account, batch))


def waiting(account: Account, settled_at: datetime | None) -> tuple[list[ReceiptPage], tuple[str, ...]]:
    """Like `receipts.waiting`. Raises ChannelDown."""
    return _down_when_stopped(_waiting(account, settled_at))


def take(account: Account, name: str) -> None:
    """Like `receipts.take`. Raises ChannelDown, ValueError."""
    folder, file, wanted = parts_of(name)
    _down_when_stopped(_take(account, folder, file, wanted))


def _down_when_stopped(work: Coroutine[Any, Any, _T]) -> _T:
    try:
        return _run(work)
    except Stopped as problem:
        raise ChannelDown(str(problem)) from None


def _run(work: Coroutine[Any, Any, _T]) -> _T:
    """Raises Stopped or ChannelDown."""
    import asyncssh  # only for who has such an agreement

    try:
        return asyncio.run(work)
    except asyncssh.PermissionDenied:
        raise Stopped("sftp_login") from None
    except asyncssh.HostKeyNotVerifiable:
        raise Stopped("sftp_other_server") from None
    except (OSError, TimeoutError, asyncssh.Error) as error:
        raise ChannelDown(f"sftp: {type(error).__name__}") from None


@asynccontextmanager
async def _server(account: Account) -> AsyncIterator[Any]:
    """A session: only the agreed key, only the agreed server, nothing of this machine's own settings."""
    import asyncssh

    agreed = account.public
    connecting = asyncssh.connect(
        agreed["sftp_host"],
        agreed["sftp_port"],
        username=agreed["sftp_user"],
        client_keys=[asyncssh.import_private_key(account.secrets["sftp_key"])],
        known_hosts=([asyncssh.import_public_key(agreed["sftp_host_key"])], [], []),
        preferred_auth="publickey",
        agent_path=None,
        config=[],
    )
    connection = await asyncio.wait_for(connecting, CALL_SECONDS)
    try:
        yield await _in_time(connection.start_sftp_client())
    finally:
        connection.abort()  # nothing is left to say, and nobody waits for goodbyes


async def _in_time(call: Awaitable[_T]) -> _T:
    return await asyncio.wait_for(call, CALL_SECONDS)


async def _put(account: Account, batch: OutgoingBatch) -> Known | None:
    home = account.public["sftp_folder"]
    async with _server(account) as server:
        for place in ("outgoing", TAKEN):  # in this order: the print house moves a batch from one to the other
            if await _in_time(server.exists(there := posixpath.join(home, place, batch.batch_id))):
                if await _in_time(server.exists(posixpath.join(there, FILE))):
                    return letters_in(await _read(server, posixpath.join(there, FILE)))
                if place == TAKEN:
                    return letters_in(manifest(batch))  # cleared by the print house: taken is taken
        partial = posixpath.join(home, "partial", batch.batch_id)
        if await _in_time(server.exists(partial)):
            await _in_time(server.rmtree(partial))  # half written by a killed predecessor
        for folder in (partial, posixpath.join(home, "outgoing")):
            await _in_time(server.makedirs(folder, exist_ok=True))
        for name, content in files_of(batch):
            await _write(server, posixpath.join(partial, name), content)
        await _in_time(server.rename(partial, posixpath.join(home, "outgoing", batch.batch_id)))
    return None


async def _waiting(account: Account, settled_at: datetime | None) -> tuple[list[ReceiptPage], tuple[str, ...]]:
    good: list[ReceiptPage] = []
    bad = []
    async with _server(account) as server:
        for folder in (RECEIPTS, RETURNS):
            place = posixpath.join(account.public["sftp_folder"], folder)
            if not await _in_time(server.isdir(place)):
                continue
            for name in sorted(await _in_time(server.listdir(place))):
                if name.startswith(".") or not name.endswith(".csv"):
                    continue
                try:
                    page = await _page(server, place, folder, name, settled_at)
                except UnreadableReceipt as error:
                    bad.append(str(error))
                else:
                    good += [page] if page else []
    return good, tuple(bad)


async def _page(server: Any, place: str, folder: str, name: str, settled_at: datetime | None) -> ReceiptPage | None:
    """None for a file that has not settled. Raises UnreadableReceipt."""
    import asyncssh

    told = await _in_time(server.lstat(posixpath.join(place, name)))
    if told.type != asyncssh.FILEXFER_TYPE_REGULAR:
        raise UnreadableReceipt(f"{called(folder, name)} er ikke en vanlig fil.")
    if told.size > MAX_BYTES:
        raise UnreadableReceipt(f"{called(folder, name)} er større enn {MAX_BYTES // 1_000_000} MB.")
    if settled_at is not None and told.mtime > settled_at.timestamp():
        return None
    return parse(folder, name, await _read(server, posixpath.join(place, name)))


async def _take(account: Account, folder: str, name: str, wanted: str) -> None:
    async with _server(account) as server:
        place = posixpath.join(account.public["sftp_folder"], folder)
        source = posixpath.join(place, name)
        if not await _in_time(server.exists(source)) or digest(await _read(server, source)) != wanted:
            return  # taken before, or it says more by now and is read again
        await _in_time(server.makedirs(posixpath.join(place, TAKEN), exist_ok=True))
        target = posixpath.join(place, TAKEN, name)
        if await _in_time(server.exists(target)):
            target = posixpath.join(place, TAKEN, f"{name.removesuffix('.csv')}.{wanted}.csv")
        if await _in_time(server.exists(target)):
            await _in_time(server.remove(source))  # the very same lies there already
        else:
            await _in_time(server.rename(source, target))


async def _read(server: Any, path: str) -> bytes:
    async def read() -> bytes:
        async with server.open(path, "rb") as file:
            content: bytes = await file.read()
            return content

    return await _in_time(read())


async def _write(server: Any, path: str, content: bytes) -> None:
    async def write() -> None:
        async with server.open(path, "wb") as file:
            await file.write(content)

    await _in_time(write())
