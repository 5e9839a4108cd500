"""What a sandbox hands out to sign in with: the app's secrets, its key pair, a certificate for TLS."""

from __future__ import annotations

import functools
import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from .enterprise import App

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from .seed import SeedApp


def new_app(granted: SeedApp, service_id: str) -> App:
    """An app with fresh secrets; its RSA key is that of the process."""
    key, passphrase = _key(), secrets.token_hex(16)
    return App(
        client_id=secrets.token_hex(16),
        client_secret=secrets.token_hex(16),
        service_id=service_id,
        key_id=secrets.token_hex(4),
        public_key=_public_pem(key),
        private_key=_private_pem(key, passphrase),
        passphrase=passphrase,
        developer_token=secrets.token_hex(16),
        name=granted.name,
        access=granted.access,
        user_tokens=granted.user_tokens,
        as_user=granted.as_user,
        authorized=granted.authorized,
        scopes=granted.scopes,
    )


def jwt_config(app: App, enterprise_id: str) -> dict[str, object]:
    """The configuration file of a JWT app as Box's console hands it out (Box guide, Set up with JWT)."""
    key = {"publicKeyID": app.key_id, "privateKey": app.private_key, "passphrase": app.passphrase}
    settings = {"clientID": app.client_id, "clientSecret": app.client_secret, "appAuth": key}
    return {"boxAppSettings": settings, "enterpriseID": enterprise_id}


def certificate() -> bytes:
    """Certificate and key for 127.0.0.1 and localhost, signed by itself, for a year (PEM)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    key, now = _key(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provision sandbox")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    return signed.public_bytes(Encoding.PEM) + _private_pem(key, None).encode()


def is_good(path: Path) -> bool:
    """Whether a certificate of ours is there that is good for a week more."""
    from cryptography import x509

    try:
        held = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    return held.not_valid_after_utc > datetime.now(UTC) + timedelta(days=7)


@functools.cache  # finding the primes takes up to a tenth of a second; enterprises of one process can share them
def _key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _private_pem(key: RSAPrivateKey, passphrase: str | None) -> str:
    from cryptography.hazmat.primitives import serialization as form

    locked = form.BestAvailableEncryption(passphrase.encode()) if passphrase else form.NoEncryption()
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked).decode()


def _public_pem(key: RSAPrivateKey) -> str:
    from cryptography.hazmat.primitives import serialization as form

    shape = form.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(form.Encoding.PEM, shape).decode()
