"""The store's tables as files, one for each, for whatever reads Parquet or CSV."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from workbench.base.errors import InputError, StoreError
from workbench.store.store import Store

TABLES = {
    "runs": "run_id",
    "params": "run_id, name",
    "metrics": "run_id, key, step, time, value",
    "tags": "run_id, name",
    "artifacts": "run_id, path",
    "datasets": "run_id, name, digest",
}
"""Views of docs/sql.md, and the order of their rows."""
_FORMS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER"}


@dataclass(frozen=True)
class WrittenTable:
    """A table that was written: its name, its file and how many rows it has."""

    name: str
    path: str
    rows: int


def write_tables(store: Store, folder: str, form: str, run_ids: Sequence[str]) -> list[WrittenTable]:
    """Write the rows of these runs of each table to `folder/TABLE.FORM`; each file is complete or not there.

    Args:
        form: `parquet` or `csv`.

    Raises:
        InputError: the folder cannot be made.
        StoreError: the store cannot be read, or a file not written.
    """
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {folder}: {(error.strerror or str(error)).lower()}") from None
    written = []
    with store.reading(wait_s=30) as db:
        db.execute("CREATE OR REPLACE TEMP TABLE leaving AS SELECT unnest($1::VARCHAR[]) AS run_id", [list(run_ids)])
        for name, order in TABLES.items():
            path = os.path.join(folder, f"{name}.{form}")
            building = f"{path}.{os.getpid()}.partial"
            quoted = building.replace("'", "''")
            try:
                db.execute(
                    f"COPY (SELECT t.* FROM {name} t SEMI JOIN leaving USING (run_id) ORDER BY {order}) "
                    f"TO '{quoted}' ({_FORMS[form]})"
                )
                [(rows,)] = db.execute(f"SELECT count(*) FROM {name} SEMI JOIN leaving USING (run_id)").fetchall()
                os.replace(building, path)
            except (duckdb.IOException, OSError) as error:
                reason = str(error).splitlines()[0].rpartition(": ")[2].lower()
                raise StoreError(f"cannot write {path}: {reason}", "check the folder and the disk") from None
            finally:
                if os.path.lexists(building):
                    os.unlink(building)
            written.append(WrittenTable(name, path, rows))
    return written
