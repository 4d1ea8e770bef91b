"""Keys: made once, kept from others, and nothing that is nearly a signature is one."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from workbench.base.errors import InputError, RefusedError, SettingsError
from workbench.registry.policy import parse_rules
from workbench.registry.signing import create_key, is_signed, key_path, load_signer

HASH = "5" * 64


def test_a_key_is_made_once_and_readable_by_its_owner_alone() -> None:
    assert load_signer() is None
    made = create_key()
    loaded = load_signer()
    assert loaded is not None and loaded.public_key == made.public_key
    assert made.public_key.startswith("ed25519:") and len(base64.b64decode(made.public_key[8:])) == 32
    assert stat.S_IMODE(os.stat(key_path()).st_mode) == 0o600
    with pytest.raises(RefusedError, match="there is a key already"):
        create_key()


def test_the_key_lies_in_the_users_configuration_or_where_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert key_path() == str(tmp_path / "home/.config/workbench/ed25519.pem")
    monkeypatch.setenv("WORKBENCH_KEY", str(tmp_path / "mine.pem"))
    create_key()
    assert os.listdir(tmp_path / "home/.config") == [] and (tmp_path / "mine.pem").exists()


def test_a_file_that_is_no_such_key_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_KEY", str(tmp_path / "key.pem"))
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, message in ((b"text", "is no private key"), (b"", "is no private key"), (other, "is no Ed25519 key")):
        (tmp_path / "key.pem").write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            load_signer()
        assert caught.value.hint == "workbench audit key --new makes one"


def test_a_signature_is_of_one_hash_and_one_key() -> None:
    signer = create_key()
    signature = signer.sign(HASH)
    assert is_signed(HASH, signer.public_key, signature)
    os.unlink(key_path())
    other = create_key()
    assert not is_signed("6" * 64, signer.public_key, signature)
    assert not is_signed(HASH, other.public_key, signature)
    assert not is_signed(HASH, signer.public_key, other.sign(HASH))


@pytest.mark.parametrize("text", ["", "ed25519:", "rsa:AAAA", "ed25519:AAAA", "ed25519:é", "ed25519:=" + "A" * 43])
def test_what_is_no_key_signs_nothing(text: str) -> None:
    assert not is_signed(HASH, text, create_key().sign(HASH))


@pytest.mark.parametrize("text", ["", "AAAA", "é", "====", "A" * 88])
def test_what_is_no_signature_fits_nothing(text: str) -> None:
    assert not is_signed(HASH, create_key().public_key, text)


def test_another_spelling_of_a_signature_is_none() -> None:
    signer = create_key()
    signature = signer.sign(HASH)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(signature[85])
    spelled = signature[:85] + alphabet[last ^ 1] + "=="  # the last four bits of it are none of the signature's
    assert base64.b64decode(spelled) == base64.b64decode(signature)
    assert not is_signed(HASH, signer.public_key, spelled)
    assert not is_signed(HASH, signer.public_key, signature + "\n")


def test_the_rules_name_the_keys_of_people_one_or_several() -> None:
    rules = parse_rules('[people]\nana = "ed25519:a"\n"ben c" = ["ed25519:b", "ed25519:c"]\n')
    assert rules.people == {"ana": ("ed25519:a",), "ben c": ("ed25519:b", "ed25519:c")}


@pytest.mark.parametrize("value", ['"ana"', '["ed25519:a", "b"]', "1", "[1]", "true"])
def test_what_is_no_key_in_the_rules_is_said_with_its_line(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^workbench\.toml:2:1: "):
        parse_rules(f"[people]\nana = {value}\n")
