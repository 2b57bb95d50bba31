"""The enterprise certificate's private key, out of its PKCS#12 file."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12


class WrongKey(Exception):
    """No PKCS#12 file, another password, or a key that is not RSA. Says nothing of what was in it."""


def open_key(certificate: str, password: str) -> RSAPrivateKey:
    """The private key in a PKCS#12 file written as Base64. Raises WrongKey."""
    try:
        key, _, _ = pkcs12.load_key_and_certificates(base64.b64decode(certificate), password.encode())
    except (ValueError, TypeError, binascii.Error):
        raise WrongKey from None
    if not isinstance(key, RSAPrivateKey):
        raise WrongKey
    return key
