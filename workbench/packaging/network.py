"""Proxies, certificates and package indexes: taken from the environment, handed on as environment, and kept nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
_INDEXES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")
_FURTHER_INDEXES = ("UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL")
_PIP = ("PIP_TRUSTED_HOST", "PIP_TIMEOUT", "PIP_RETRIES")
CERTIFICATES_IN_CONTAINER = "/run/workbench-certificates.pem"


def certificates(environment: Mapping[str, str] = os.environ) -> str | None:
    """The file of certificates that this machine is told to trust; None where none is named."""
    named = (environment.get(name) for name in _CERTIFICATES)
    return next((os.path.realpath(path) for path in named if path and os.path.isfile(path)), None)


def for_uv(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of uv: this one's, where what is said to pip or to requests alone holds for uv as well."""
    found = dict(environment)
    index, further = _first(environment, _INDEXES), _first(environment, _FURTHER_INDEXES)
    if index and not (environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL")):
        found["UV_DEFAULT_INDEX"] = index
    if further and not (environment.get("UV_INDEX") or environment.get("UV_EXTRA_INDEX_URL")):
        found["UV_INDEX"] = further
    trusted = certificates(environment)
    if trusted and not environment.get("SSL_CERT_FILE"):
        found["SSL_CERT_FILE"] = trusted
    return found


def for_pip(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of pip within a container: proxies, indexes and where its certificates are mounted."""
    handed_on = (*_PROXIES, *(name.lower() for name in _PROXIES), *_PIP)
    found = {name: environment[name] for name in handed_on if environment.get(name)}
    index, further = _first(environment, _INDEXES[::-1]), _first(environment, _FURTHER_INDEXES[::-1])
    if index:
        found["PIP_INDEX_URL"] = index
    if further:
        found["PIP_EXTRA_INDEX_URL"] = further
    if certificates(environment):
        found |= dict.fromkeys(("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), CERTIFICATES_IN_CONTAINER)
    return found


def without_credentials(text: str) -> str:
    """A text in which no address has a user or a password."""
    return re.sub(r"(\w+://)[^/\s@]+@", r"\1***@", text)


def _first(environment: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)
