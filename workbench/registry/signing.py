"""Signing governance events with a local Ed25519 key (RFC 8032), by the library `cryptography`.

The private key lies in the user's own configuration, never in a project. A project's `workbench.toml` names people's
public keys.
"""

from __future__ import annotations

import base64
import os
from binascii import Error as Base64Error
from typing import TYPE_CHECKING

from workbench.base.errors import InputError, RefusedError, store_error
from workbench.registry.policy import PUBLIC_KEY

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def key_path() -> str:
    """Where this user's private key lies: `WORKBENCH_KEY`, else the user's configuration folder."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.environ.get("WORKBENCH_KEY") or os.path.join(base, "workbench", "ed25519.pem")


class Signer:
    """A private key.

    Attributes:
        public_key: `ed25519:` and base64.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = PUBLIC_KEY + base64.b64encode(key.public_key().public_bytes_raw()).decode()

    def sign(self, hash: str) -> str:
        """The signature of an event's hash, base64."""
        return base64.b64encode(self._key.sign(hash.encode())).decode()


def load_signer() -> Signer | None:
    """This user's key; None where there is none.

    Raises:
        InputError: the file is no Ed25519 key in PEM, or it cannot be read.
    """
    path = key_path()
    try:
        with open(path, "rb") as file:
            pem = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"cannot read the key {path}: {error.strerror}") from None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path} is no private key: {error}", "workbench audit key --new makes one") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} is no Ed25519 key", "workbench audit key --new makes one")
    return Signer(key)


def create_key() -> Signer:
    """Make a key for this user, readable by nobody else.

    Raises:
        RefusedError: there is one already.
        StoreError: it cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    path = key_path()
    key = Ed25519PrivateKey.generate()
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise RefusedError(f"there is a key already: {path}", "workbench audit key shows it") from None
    except OSError as error:
        raise store_error(error, path) from None
    with os.fdopen(fd, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return Signer(key)


def is_signed(hash: str, public_key: str, signature: str) -> bool:
    """Whether this key made this signature of an event's hash. Nothing that is no key or no signature fits.

    Base64 that another spelling could replace is no signature: an event's seal is over the text.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not public_key.startswith(PUBLIC_KEY):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(_decoded(public_key.removeprefix(PUBLIC_KEY)))
        key.verify(_decoded(signature), hash.encode())
    except (InvalidSignature, ValueError, Base64Error):
        return False
    return True


def _decoded(text: str) -> bytes:
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("the base64 is not in its usual form")
    return value
