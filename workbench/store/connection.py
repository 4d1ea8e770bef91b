"""Connections to DuckDB that never reach out: no extension and no file is fetched from a network."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import duckdb
from duckdb import DuckDBPyConnection as Connection

T = TypeVar("T")
SMALL_MEMORY_BYTES = 64_000_000
"""A limit for programs that stay open for hours; an ordinary page of 100,000 runs needs a little less."""


def connect(
    temporary_folder: str | None = None, *, threads: int | None = None, memory_limit_bytes: int | None = None
) -> Connection:
    """An empty in-memory database, to which files are attached.

    Args:
        temporary_folder: where large sorts may spill; default the system's. DuckDB's own default would be a
            folder `.tmp` in the user's working directory.
        threads: how many threads a query may use; None is one for each core.
        memory_limit_bytes: how much DuckDB keeps in memory before it spills; None is most of the machine's.
    """
    spill = os.path.join(temporary_folder or tempfile.gettempdir(), f"workbench-spill-{os.getpid()}")
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": spill,
    }
    if threads is not None:
        config["threads"] = threads
    if memory_limit_bytes is not None:
        config["memory_limit"] = f"{memory_limit_bytes}B"
    return duckdb.connect(":memory:", config=config)


def give_back_memory(db: Connection, memory_limit_bytes: int) -> None:
    """Return to the system what DuckDB no longer uses: any change of the limit does, also one to what it is already."""
    db.execute(f"SET memory_limit = '{memory_limit_bytes}B'")


def within_memory(db: Connection, action: Callable[[], T]) -> T:
    """What `action` returns; it is carried out again without the limit where the memory limit of `db` is too small.

    DuckDB spills the sorts and joins that it can, but not the least that each of many of them needs.
    """
    try:
        return action()
    except duckdb.OutOfMemoryException:
        [(limit,)] = db.execute("SELECT current_setting('memory_limit')").fetchall()
        db.execute("RESET memory_limit")
        try:
            return action()
        finally:
            with suppress(duckdb.Error):  # not before what is held now is let go
                db.execute(f"SET memory_limit = '{limit}'")
