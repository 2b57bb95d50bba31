"""Typed settings from the environment (`FRIST_…`). A missing one stops start-up by name."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from environs import Env

from saas.kernel.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation may decide. Empty URLs mean the embedded servers."""

    home: Path  # data of the embedded servers, files, generated keys
    database_url: str  # application role; '' = embedded PostgreSQL
    database_owner_url: str  # owner role, for migrations and provisioning
    redis_url: str  # '' = embedded Redis
    files_url: str  # where documents are kept; a folder by default
    print_folder: Path  # batch folders for the print house
    order_folder: Path  # <order_folder>/<tenant>/out: payment orders for the bank; /answers: what it says
    inbox_folder: Path  # bank files laid in <inbox_folder>/<tenant> are taken in by themselves
    public_url: str  # what letters and links point at
    master_key: bytes  # 32 bytes; wraps the key of each case
    old_master_keys: tuple[bytes, ...]  # those before it: what they sealed is still read, until `frist keys rotate`
    https: bool  # cookies only over TLS
    proxies: int  # how many proxies stand in front; their forwarded address is believed, nobody else's
    new_act_from: date | None  # the day inkassoloven of 2026 is in force, once the King has decided it (law m1)


@cache
def settings() -> Settings:
    """Read the environment once. Raises ConfigurationError naming what is missing or wrong."""
    env = Env(prefix="FRIST_")
    home = Path(env.str("HOME", ".frist")).expanduser().absolute()
    database_url, owner_url = env.str("DATABASE_URL", ""), env.str("DATABASE_OWNER_URL", "")
    if bool(database_url) != bool(owner_url):
        raise ConfigurationError("FRIST_DATABASE_URL and FRIST_DATABASE_OWNER_URL go together: one is missing.")
    public_url = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    return Settings(
        home=home,
        database_url=database_url,
        database_owner_url=owner_url,
        redis_url=env.str("REDIS_URL", ""),
        files_url=env.str("FILES_URL", "") or (home / "files").as_uri(),
        print_folder=Path(env.str("PRINT_FOLDER", "") or home / "print").absolute(),
        order_folder=Path(env.str("ORDER_FOLDER", "") or home / "orders").absolute(),
        inbox_folder=Path(env.str("INBOX_FOLDER", "") or home / "inbox").absolute(),
        public_url=public_url,
        master_key=_master_key(env.str("MASTER_KEY", ""), home, embedded=not database_url),
        old_master_keys=_old_keys(env.str("OLD_MASTER_KEYS", "")),
        https=public_url.startswith("https://"),
        proxies=env.int("PROXIES", 0),
        new_act_from=env.date("NEW_ACT_FROM", None),
    )


def _master_key(configured: str, home: Path, *, embedded: bool) -> bytes:
    if configured:
        return _key(configured, "FRIST_MASTER_KEY")
    if not embedded:
        raise ConfigurationError("FRIST_MASTER_KEY is missing: 64 hexadecimal digits, kept apart from the database.")
    return _generated_key(home / "master.key")


def _old_keys(configured: str) -> tuple[bytes, ...]:
    """Separated by commas, the newest first."""
    return tuple(_key(text.strip(), "FRIST_OLD_MASTER_KEYS") for text in configured.split(",") if text.strip())


def _key(configured: str, name: str) -> bytes:
    try:
        key = bytes.fromhex(configured)
    except ValueError:
        raise ConfigurationError(f"{name} must be 64 hexadecimal digits.") from None
    if len(key) != 32:
        raise ConfigurationError(f"{name} must be 64 hexadecimal digits.")
    return key


def _generated_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    new.touch(mode=0o600, exist_ok=False)
    new.write_text(secrets.token_hex(32))
    with suppress(FileExistsError):
        path.hardlink_to(new)  # whole or not at all, and only the first of several processes
    new.unlink()
    return bytes.fromhex(path.read_text())
