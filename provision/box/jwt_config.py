"""The JWT config file of an app, what may be wrong with it, and the assertions that are signed with its key."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import Any

from box_sdk_gen import BoxJWTAuth, BoxSDKError, JWTConfig
from box_sdk_gen.internal.utils import (
    JwtAlgorithm,
    JwtKey,
    JwtSignOptions,
    PrivateKeyDecryptor,
    create_jwt_assertion,
)
from box_sdk_gen.managers.authorization import AuthorizationManager, RequestAccessTokenGrantType
from box_sdk_gen.networking.network import NetworkSession
from box_sdk_gen.schemas.access_token import AccessToken
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provision.errors import JobError, SignInRefused

#: what Box compares literally, whatever the address (developer.box.com, JWT without SDK)
_AUDIENCE = "https://api.box.com/oauth2/token"
#: seconds that an assertion is good for; Box takes 60 at most
_GOOD_FOR = 30

_DOWNLOAD = "download it from the Developer Console (Configuration > Add and Manage Public Keys)"
#: what has to be in the file, by where it stands
_NEEDED = {
    "boxAppSettings.clientID": ("boxAppSettings", "clientID"),
    "boxAppSettings.clientSecret": ("boxAppSettings", "clientSecret"),
    "boxAppSettings.appAuth.publicKeyID": ("boxAppSettings", "appAuth", "publicKeyID"),
    "boxAppSettings.appAuth.privateKey": ("boxAppSettings", "appAuth", "privateKey"),
}


class BoxTimeJwt(BoxJWTAuth):
    """Signs in with assertions that end by Box's clock: ``skew`` is how many seconds ours is ahead of it."""

    def __init__(self, config: JWTConfig) -> None:
        super().__init__(config)
        self.skew = 0.0

    def refresh_token(self, *, network_session: NetworkSession | None = None) -> AccessToken:
        """A token for a fresh assertion; one that was used is refused."""
        config = self.config
        assertion = create_jwt_assertion(
            {"exp": int(time.time() - self.skew) + _GOOD_FOR, "box_sub_type": self.subject_type},
            JwtKey(key=config.private_key, passphrase=config.private_key_passphrase),
            JwtSignOptions(
                algorithm=config.algorithm or JwtAlgorithm.RS256,
                audience=_AUDIENCE,
                subject=self.subject_id,
                issuer=config.client_id,
                jwtid=str(uuid.uuid4()),
                keyid=config.jwt_key_id,
                private_key_decryptor=config.private_key_decryptor,
            ),
        )
        return AuthorizationManager(network_session=network_session or NetworkSession()).request_access_token(
            RequestAccessTokenGrantType.URN_IETF_PARAMS_OAUTH_GRANT_TYPE_JWT_BEARER,
            assertion=assertion,
            client_id=config.client_id,
            client_secret=config.client_secret,
        )


class _AnyKey(PrivateKeyDecryptor):
    """Opens keys with a passphrase and keys that have none."""

    def decrypt_private_key(self, encrypted_private_key: str, passphrase: str) -> Any:
        """The key. Raises ValueError or TypeError for one that this passphrase does not open."""
        locked = "ENCRYPTED" in encrypted_private_key
        return load_pem_private_key(encrypted_private_key.encode(), passphrase.encode() if locked else None)


def jwt_config(path: Path) -> JWTConfig:
    """The config of a file, once its key could be opened: better said now than at the first assertion.

    Raises JobError for a file that is none or lacks something, SignInRefused for one whose key cannot be used.
    """
    told = _spelt(_read(path))
    missing = [where for where, way in _NEEDED.items() if not _at(told, way)]
    if told.get("enterpriseID") in (None, "", "0") and not told.get("userID"):
        missing.append("enterpriseID")  # the console writes 0 for an app that is of no enterprise yet
    if missing:
        raise _lacks(path, missing)
    told["boxAppSettings"]["appAuth"].setdefault("passphrase", "")
    try:
        config = JWTConfig.from_config_json_string(json.dumps(told), private_key_decryptor=_AnyKey())
    except (ValueError, KeyError, TypeError, AttributeError, BoxSDKError):
        raise _no_config(path) from None
    config.private_key_passphrase = config.private_key_passphrase or ""
    _expect_usable(config.private_key, config.private_key_passphrase)
    return config


def _spelt(told: dict[str, Any]) -> dict[str, Any]:
    """The same with ids as text, which Box wants, and line ends in the key, which variables of an environment write as two signs."""
    auth = {**told["boxAppSettings"]["appAuth"]}
    key = auth.get("privateKey")
    auth["privateKey"] = key.replace("\\n", "\n") if isinstance(key, str) else key
    ids = {str(name): _text(told[name]) for name in ("enterpriseID", "userID") if name in told}
    auth |= {name: _text(auth[name]) for name in ("publicKeyID", "passphrase") if name in auth}
    return {**told, **ids, "boxAppSettings": {**told["boxAppSettings"], "appAuth": auth}}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _read(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise JobError(
            f"The JWT config file {path} cannot be read ({error.strerror}).",
            cause="a wrong path in box.auth.config_file, or a file of another user",
            remedy=_DOWNLOAD,
        ) from None
    except ValueError:
        raise _no_config(path) from None
    if not isinstance(told, dict) or not isinstance(_at(told, ("boxAppSettings", "appAuth")), dict):
        raise _no_config(path)
    return told


def _at(told: Any, way: tuple[str, ...]) -> Any:
    for name in way:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _no_config(path: Path) -> JobError:
    return JobError(
        f"The file {path} is not a Box JWT config file.",
        cause="another JSON file, or one that was cut off",
        remedy=_DOWNLOAD,
    )


def _lacks(path: Path, missing: list[str]) -> JobError:
    return JobError(
        f"The JWT config file {path} lacks {', '.join(missing)}.",
        cause="a file that was put together by hand, or downloaded before the app had a key pair",
        remedy=_DOWNLOAD,
    )


def _expect_usable(text: str, passphrase: str) -> None:
    """Raise SignInRefused for a key that signs nothing, and say why."""
    if "-----BEGIN" not in text:
        raise _bad_key("it is no key in PEM form", "a path, or other text, in the place of the key")
    if "ENCRYPTED" in text and not passphrase:
        raise _bad_key(
            "it is encrypted, and boxAppSettings.appAuth.passphrase is missing",
            "a passphrase that was taken out of the file",
        )
    try:
        key = _AnyKey().decrypt_private_key(text, passphrase)
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        wrong = "the passphrase does not open it" if "ENCRYPTED" in text else "it cannot be read"
        raise _bad_key(wrong, "a wrong passphrase, or a key that was cut off when it was copied") from None
    if not isinstance(key, RSAPrivateKey):
        raise _bad_key(
            "it is no RSA key", "a key pair of another kind; Box takes RSA keys of 2,048 bits or more"
        )


def _bad_key(why: str, cause: str) -> SignInRefused:
    return SignInRefused(
        f"The private key of the JWT config file cannot be used: {why}.",
        cause=cause,
        remedy="download a fresh config file from the Developer Console",
    )
