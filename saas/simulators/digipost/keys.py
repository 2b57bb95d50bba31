"""Keys and certificates made when they are needed and thrown away afterwards. None is ever kept in the house."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

_DAYS = 30


@dataclass(frozen=True, slots=True)
class Keys:
    """A private key with a certificate signed by itself."""

    private: RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate

    @property
    def public(self) -> RSAPublicKey:
        return self.private.public_key()

    @property
    def pem(self) -> str:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def pkcs12(self, password: str) -> str:
        """Key and certificate as a PKCS#12 file, written as Base64."""
        lock = serialization.BestAvailableEncryption(password.encode())
        return base64.b64encode(pkcs12.serialize_key_and_certificates(
            b"frist", self.private, self.certificate, None, lock
        )).decode()  # fmt: skip


def throwaway_keys(name: str, now: datetime, bits: int = 2048) -> Keys:
    """New ones, good for a month."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .sign(private, hashes.SHA256())
    )
    return Keys(private, certificate)
