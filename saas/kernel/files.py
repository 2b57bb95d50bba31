"""Documents at rest: object storage by URL, a local folder by default. Written once, never changed."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import urlparse

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from saas.kernel.config import settings


def put_once(path: str, content: bytes) -> None:
    """Keep `content` under `path`; what stands there already stays."""
    try:
        obstore.put(_store(), path, content, mode="create")
    except AlreadyExistsError:
        return


def put_pieces_once(path: str, pieces: Iterable[bytes]) -> None:
    """As `put_once`, for what is too large to hold: `pieces` are taken one by one.

    Nothing is seen under `path` before the last piece is there. Two at once may both write: give content its own path.
    """
    try:
        obstore.head(_store(), path)
    except FileNotFoundError:
        obstore.put(_store(), path, pieces, max_concurrency=2)


def get(path: str) -> bytes:
    """The bytes kept under `path`. Raises FileNotFoundError."""
    return bytes(obstore.get(_store(), path).bytes())


@cache
def _store() -> ObjectStore:
    url = settings().files_url
    if url.startswith("file://"):
        folder = Path(urlparse(url).path)
        folder.mkdir(parents=True, exist_ok=True)
        return LocalStore(folder)
    return from_url(url)
