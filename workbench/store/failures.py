"""What DuckDB's errors mean to the user of a store."""

from __future__ import annotations

import re

import duckdb

from workbench.base.errors import (
    DiskFullError,
    StoreBusyError,
    StoreError,
    StoreInterruptedError,
    StoreUnusableError,
)
from workbench.store.lock import process_label


class HeldByOtherError(StoreBusyError):
    """Another program has opened the DuckDB file itself."""


class DamagedError(StoreUnusableError):
    """The DuckDB file does not hold what was written to it."""


def interrupted() -> StoreInterruptedError:
    """What a visit ends with that `Store.interrupt` has reached."""
    return StoreInterruptedError("the visit to the store was interrupted", "ask again")


def held_by_other(error: duckdb.Error) -> HeldByOtherError | None:
    """Who has the file open, where that is why it cannot be attached."""
    text = str(error)
    if not _is_lock_conflict(text):
        return None
    held = re.search(r"PID (\d+)", text)
    holder = process_label(int(held[1])) if held else "another program"
    return HeldByOtherError(f"{holder} has the store's DuckDB file open", "close it there")


def explained(error: duckdb.Error, folder: str | None) -> StoreError:
    """The error that a user sees.

    Args:
        folder: where the store's file is; None where it is in memory.
    """
    if isinstance(error, duckdb.InterruptException):
        return interrupted()
    text = str(error).splitlines()[0]
    if "No space left" in text:
        return DiskFullError(
            f"no space left for the store in {folder}", "free some space; journals are complete and nothing is lost"
        )
    if _is_lock_conflict(text):
        return StoreBusyError(f"another program has opened the store: {text}", "close it and try again")
    damaged = isinstance(error, (duckdb.FatalException, duckdb.SerializationException))
    if damaged or "Corrupt database file" in text or "Could not read enough bytes" in text:
        return DamagedError(f"the store's cache is damaged: {text}", "workbench store rebuild")
    return StoreUnusableError(f"the store's cache cannot be used: {text}", "workbench store rebuild")


def _is_lock_conflict(text: str) -> bool:
    return "Conflicting lock" in text or "Could not set lock" in text
