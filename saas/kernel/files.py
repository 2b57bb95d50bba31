"""Documents at rest: object storage by URL, a local folder by default. Written once, never changed."""

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
