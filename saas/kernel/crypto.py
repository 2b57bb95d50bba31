"""A key per case: what is never deleted is encrypted with it, and destroying it anonymises the rest.

AES-GCM with a 12-byte random nonce in front of the ciphertext. The key of a case is wrapped by the master key, which
comes from configuration and is never in the database. Hashes elsewhere are over the ciphertext.
"""

import hashlib
import hmac
import os
from contextlib import suppress
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from saas.kernel.config import settings

_NONCE = 12


def new_case_key(case_id: UUID) -> bytes:
    """A fresh key for a case, wrapped; what the `case_key` column holds."""
    nonce = os.urandom(_NONCE)
    return nonce + _master().encrypt(nonce, AESGCM.generate_key(256), case_id.bytes)


def case_cipher(case_id: UUID, wrapped_key: bytes) -> AESGCM:
    """The cipher of a case. Raises cryptography's InvalidTag when the key belongs to another case or master key."""
    return AESGCM(_unwrapped(case_id, wrapped_key))


def _unwrapped(case_id: UUID, wrapped_key: bytes) -> bytes:
    nonce, sealed = wrapped_key[:_NONCE], wrapped_key[_NONCE:]
    for master in _masters():
        with suppress(InvalidTag):  # wrapped before the master key was changed
            return master.decrypt(nonce, sealed, case_id.bytes)
    raise InvalidTag


def rewrap_case_key(case_id: UUID, wrapped_key: bytes) -> bytes | None:
    """The case's key under the master key of today; None when it is already. Raises InvalidTag."""
    try:
        _masters()[0].decrypt(wrapped_key[:_NONCE], wrapped_key[_NONCE:], case_id.bytes)
    except InvalidTag:
        nonce = os.urandom(_NONCE)
        return nonce + _master().encrypt(nonce, _unwrapped(case_id, wrapped_key), case_id.bytes)
    return None


def encrypt(cipher: AESGCM, plain: bytes, about: UUID) -> bytes:
    """Ciphertext of `plain`, bound to the id of the row it stands in."""
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, about.bytes)


def decrypt(cipher: AESGCM, sealed: bytes, about: UUID) -> bytes:
    """The plain text again. Raises InvalidTag when anything was altered."""
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.bytes)


def keyed_hash(purpose: str, value: str) -> bytes:
    """HMAC of a short secret (letter code, API key) that must be found again but not read."""
    return hmac.new(derived_key(purpose), value.encode(), hashlib.sha256).digest()


def keyed_hashes(purpose: str, value: str) -> list[bytes]:
    """As `keyed_hash`, under each master key there has been: what was hashed cannot be hashed again under a new one."""
    return [hmac.new(key, value.encode(), hashlib.sha256).digest() for key in _derived(purpose)]


def derived_key(purpose: str) -> bytes:
    """A key of its own for each purpose, derived from the master key."""
    return _derived(purpose)[0]


# --- secrets that outlive a change of the master key ------------------------------------------------------------------

_KEY_NAME = 4


def seal_secret(purpose: str, plain: bytes, about: UUID) -> bytes:
    """`plain` under the master key of today, with the name of that key in front; bound to the row `about`."""
    return _name_of(derived_key(purpose)) + encrypt(AESGCM(derived_key(purpose)), plain, about)


def open_secret(purpose: str, sealed: bytes, about: UUID) -> bytes:
    """The plain text again. Raises InvalidTag when no master key there has been opens it.

    What was encrypted before keys had names is opened too.
    """
    for key in _derived(purpose):
        if sealed[:_KEY_NAME] == _name_of(key):
            return decrypt(AESGCM(key), sealed[_KEY_NAME:], about)
    for key in _derived(purpose):
        with suppress(InvalidTag):
            return decrypt(AESGCM(key), sealed, about)
    raise InvalidTag


def is_sealed_today(purpose: str, sealed: bytes) -> bool:
    """Whether it is sealed with the master key of today, and needs no rotation."""
    return sealed[:_KEY_NAME] == _name_of(derived_key(purpose))


def _name_of(key: bytes) -> bytes:
    return hashlib.sha256(b"name:" + key).digest()[:_KEY_NAME]


@cache
def _derived(purpose: str) -> tuple[bytes, ...]:
    """The purpose's key, from the master key of today first and then from those before it."""
    masters = (settings().master_key, *settings().old_master_keys)
    return tuple(hmac.new(master, b"frist:" + purpose.encode(), hashlib.sha256).digest() for master in masters)


@cache
def _masters() -> tuple[AESGCM, ...]:
    return tuple(AESGCM(key) for key in _derived("case-keys"))


def _master() -> AESGCM:
    return _masters()[0]
