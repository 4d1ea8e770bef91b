"""What counts as a secret, and that ordinary machine learning does not."""

from __future__ import annotations

import time

import pytest

from workbench.tracking.capture.secrets import (
    find_secret,
    is_secret_file,
    is_secret_name,
    mask_command,
    mask_text,
    mask_url,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"


@pytest.mark.parametrize(
    "name",
    ["--api-key", "OPENAI_API_KEY", "HF_TOKEN", "--token", "db_password", "AWS_SECRET_ACCESS_KEY", "--auth",
     "client-secret", "WANDB_APIKEY", "pwd", "basic_auth", "github_pat_token"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["--max-tokens", "num_tokens", "token_dim", "tokenizer", "--pad-token-id", "lr", "author", "--key", "keys",
     "passes", "pattern", "--n-token-types", "primary_key", "authors"],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "path",
    [".env", "a/.env.production", "deploy.pem", "id_rsa", "x/id_ed25519.bak", "credentials", "aws-credentials.env",
     "credentials.json", "secrets.yaml", ".netrc", ".aws/config", "home/.ssh/known_hosts", "service-account-1.json"],
)  # fmt: skip
def test_files_of_secrets(path: str) -> None:
    assert is_secret_file(path)


@pytest.mark.parametrize(
    "path", [".env.example", "train.py", "secrets.py", "src/environment.py", "keys.py", "env/x.py"]
)
def test_files_of_other_things(path: str) -> None:
    assert not is_secret_file(path)


@pytest.mark.parametrize(
    ("command", "masked"),
    [
        ("train --api-key=XYZ --lr 0.1", "train --api-key=*** --lr 0.1"),
        ("train --api-key XYZ --lr 0.1", "train --api-key *** --lr 0.1"),
        ("train --password --lr 0.1", "train --password --lr 0.1"),
        ("env HF_TOKEN=abc python train.py", "env HF_TOKEN=*** python train.py"),
        ("train --max-tokens=512 --key=3 -p x", "train --max-tokens=512 --key=3 -p x"),
        ("load postgres://me:pw@db/x", "load postgres://***@db/x"),
        ("curl -H ghp_" + "a1" * 20, "curl -H ***"),
        ("train --jwt " + JWT, "train --jwt ***"),
        ("train --token= next", "train --token= next"),
        ("", ""),
    ],
)
def test_the_command_line_is_masked(command: str, masked: str) -> None:
    assert " ".join(mask_command(command.split(" "))) == masked


def test_code_on_the_command_line_stays_readable() -> None:
    code = "import os; token = os.environ['X']; print(token == 'a')"
    assert mask_command(["python", "-c", code]) == ["python", "-c", code]


def test_a_command_that_is_not_utf8_survives() -> None:
    assert mask_command(["x" * 20 + "\udcff"]) == ["x" * 20 + "\udcff"]


def test_a_url_loses_its_user_and_password() -> None:
    assert mask_url("https://me:pw@host/x") == "https://***@host/x"
    assert mask_url("git@host:me/x.git") == "git@host:me/x.git"
    assert mask_url("https://host/@scope/x") == "https://host/@scope/x"


def test_an_issued_token_is_masked_in_text() -> None:
    assert mask_text(f"bearer {JWT}!") == "bearer ***!"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"-----BEGIN RSA PRIVATE KEY-----\n", "private key"),
        (b"-----BEGIN PRIVATE KEY-----\n", "private key"),
        (b"x = 'AKIAIOSFODNN7EXAMPLE'", "aws access key"),
        (b"github_pat_" + b"A1" * 30, "github token"),
        (b"sk-proj-" + b"a1B2" * 8, "api key"),
        (b'{"api_key": "aB3dE5gH7jK9mN1p"}', "value of api_key"),
        (b"MY_DB_PASSWORD=aB3dE5gH7jK9mN1p", "value of MY_DB_PASSWORD"),
        (b"url = 'postgresql://me:hunter2@db/x'", "password in a URL"),
    ],
)
def test_secrets_in_contents_are_found(content: bytes, kind: str) -> None:
    assert find_secret(b"import os\n" + content + b"\n") == kind


@pytest.mark.parametrize(
    "content",
    [
        b"token = os.environ['HF_TOKEN']",
        b"password = getpass.getpass()",
        b"max_tokens = 123456789012",
        b"tokenizer = AutoTokenizer.from_pretrained('gpt2')",
        b"auth_token: str | None = None",
        b"api_key = config.services.openai2.key1",
        b"see https://user:password@example.org and https://{user}:{password}@host",
        b"author = 'a1b2c3d4e5f6g7h8'",
        b"secret = '****************'",
    ],
)
def test_code_that_handles_secrets_holds_none(content: bytes) -> None:
    assert find_secret(content) is None


@pytest.mark.parametrize("unit", [b"a1B2-.", b"token", b"https://a", b"http://aaaa", b"eyJ", b"passwords: ", b"x" * 9])
def test_a_megabyte_of_anything_is_searched_quickly(unit: bytes) -> None:
    started = time.process_time()
    find_secret(unit * (1_000_000 // len(unit)))
    assert time.process_time() - started < 3.0
