"""A key per case: what is never deleted is encrypted with it, and destroying it anonymises the rest.

AES-GCM with a 12-byte random nonce in front of the ciphertext. The key of a case is wrapped by the master key, which
comes from configuration and is never in the database. Hashes elsewhere are over the ciphertext.
"""

import hashlib
import hmac
import os
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from saas.kernel.config import settings

_NONCE = 12


def new_case_key(case_id: UUID) -> bytes:
    """A fresh key for a case, wrapped; what the `case_key` column holds."""
    nonce = os.urandom(_NONCE)
    return nonce + _master().encrypt(nonce, AESGCM.generate_key(256), case_id.bytes)


def case_cipher(case_id: UUID, wrapped_key: bytes) -> AESGCM:
    """The cipher of a case. Raises cryptography's InvalidTag when the key belongs to another case or master key."""
    return AESGCM(_master().decrypt(wrapped_key[:_NONCE], wrapped_key[_NONCE:], case_id.bytes))


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


@cache
def derived_key(purpose: str) -> bytes:
    """A key of its own for each purpose, derived from the master key."""
    return hmac.new(settings().master_key, b"frist:" + purpose.encode(), hashlib.sha256).digest()


@cache
def _master() -> AESGCM:
    return AESGCM(derived_key("case-keys"))
