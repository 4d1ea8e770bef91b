"""Connections to DuckDB that never reach out: no extension and no file is fetched from a network."""

from __future__ import annotations

import os
import tempfile

import duckdb
from duckdb import DuckDBPyConnection as Connection


def connect(temporary_folder: str | None = None) -> Connection:
    """An empty in-memory database, to which files are attached.

    Args:
        temporary_folder: where large sorts may spill; default the system's. DuckDB's own default would be a
            folder `.tmp` in the user's working directory.
    """
    spill = os.path.join(temporary_folder or tempfile.gettempdir(), f"workbench-spill-{os.getpid()}")
    return duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": spill,
        },
    )
