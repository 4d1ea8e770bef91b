"""What the environment says of indexes, proxies and certificates reaches uv and pip, each in its own words."""

from __future__ import annotations

from pathlib import Path

from workbench.packaging.network import CERTIFICATES_IN_CONTAINER, for_pip, for_uv, without_credentials


def test_an_index_for_pip_is_one_for_uv(tmp_path: Path) -> None:
    found = for_uv({"PIP_INDEX_URL": "https://x/simple", "PIP_EXTRA_INDEX_URL": "https://y"})
    assert (found["UV_DEFAULT_INDEX"], found["UV_INDEX"]) == ("https://x/simple", "https://y")
    own = for_uv({"PIP_INDEX_URL": "https://x", "UV_INDEX_URL": "https://mine"})
    assert "UV_DEFAULT_INDEX" not in own


def test_certificates_that_pip_or_requests_are_told_of_hold_for_uv(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    assert for_uv({"REQUESTS_CA_BUNDLE": str(bundle)})["SSL_CERT_FILE"] == str(bundle)
    assert "SSL_CERT_FILE" not in for_uv({"PIP_CERT": str(tmp_path / "missing.pem")})


def test_a_container_gets_what_pip_needs_and_nothing_else(tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    found = for_pip(
        {"UV_INDEX_URL": "https://u:t@x", "https_proxy": "http://p", "SSL_CERT_FILE": str(bundle), "AWS_SECRET": "s"}
    )
    assert found == {
        "PIP_INDEX_URL": "https://u:t@x", "https_proxy": "http://p", "PIP_CERT": CERTIFICATES_IN_CONTAINER,
        "REQUESTS_CA_BUNDLE": CERTIFICATES_IN_CONTAINER, "SSL_CERT_FILE": CERTIFICATES_IN_CONTAINER,
    }  # fmt: skip


def test_addresses_lose_their_passwords() -> None:
    assert without_credentials("at https://me:t0k@x/y and http://z") == "at https://***@x/y and http://z"
