"""Stores that come to rest at once: what counts as settled after seconds counts after milliseconds here."""

from __future__ import annotations

import time

import pytest

from workbench.store import file, ingest

_SETTLES_NS = 20_000_000


def settle_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files and folders settled 20 ms after they have changed; the system's clock of files is no finer than 10."""
    monkeypatch.setattr(file, "_SETTLES_AFTER_NS", _SETTLES_NS)
    monkeypatch.setattr(ingest, "_FOLDER_SETTLES_AFTER_NS", _SETTLES_NS)


def settle() -> None:
    """Wait until everything that was written is settled."""
    time.sleep(2.5 * _SETTLES_NS / 1e9)
