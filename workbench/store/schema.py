"""The tables of the DuckDB file: created, and recognised again.

There are no migrations: a change of `schema.sql` or `views.sql` is a new SCHEMA_VERSION, and a file
of an older one is built anew from the journals.
"""

from __future__ import annotations

from importlib.resources import files

import duckdb
from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import StoreTooNewError
from workbench.store.location import machine_id

SCHEMA_VERSION = 4
OUTDATED = "its schema is older"
READ_ORDER = {
    "metric": "run_id, key_id, step, ts",
    "metric_summary": "key_id, run_id",
    "param": "name, run_id",
    "tag": "name, run_id",
    "output": "run_id, file_id, seq",
    "entity_field": "kind, id, name",
}
"""The order in which each large table is read: a curve by its run, a column of a list by its name."""


class NotOursError(Exception):
    """The file is no store of this version: it is to be set aside or built anew."""


def create_schema(db: Connection) -> None:
    """Create every table and view in the empty database that is the current schema of `db`."""
    folder = files("workbench.store")
    db.execute("BEGIN")
    for name in ("schema.sql", "views.sql"):
        db.execute(folder.joinpath(name).read_text(encoding="utf-8"))
    db.execute("INSERT INTO meta VALUES ('schema_version', $1), ('machine', $2)", [str(SCHEMA_VERSION), machine_id()])
    db.execute("COMMIT")


def check_schema(db: Connection) -> None:
    """Make sure that the current schema of `db` is a store of this version and of this machine.

    Raises:
        StoreTooNewError: a newer workbench made it.
        NotOursError: it is something else, or older.
    """
    try:
        meta = dict(db.execute("SELECT key, value FROM meta WHERE key <> 'segment'").fetchall())
        version = int(meta["schema_version"])
    except (duckdb.Error, KeyError, ValueError):
        raise NotOursError("it is not a workbench store") from None
    if version > SCHEMA_VERSION:
        raise StoreTooNewError(
            f"the store's cache has schema {version}; this workbench knows up to {SCHEMA_VERSION}",
            "upgrade workbench, or build the cache anew: workbench store rebuild",
        )
    if version < SCHEMA_VERSION or (machine_id() and meta.get("machine", "") not in ("", machine_id())):
        raise NotOursError(OUTDATED)
