from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import duckdb
import pytest

from tests.store.journals import VIEWS, empty_store
from workbench.store.location import machine_id
from workbench.store.schema import SCHEMA_VERSION


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    db = empty_store()
    yield db
    db.close()


def test_a_new_store_knows_its_schema_and_its_machine(db: duckdb.DuckDBPyConnection) -> None:
    assert dict(db.execute("FROM meta").fetchall()) == {"schema_version": str(SCHEMA_VERSION), "machine": machine_id()}


def test_every_documented_view_answers_on_an_empty_store(db: duckdb.DuckDBPyConnection) -> None:
    views = {row[0] for row in db.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
    assert views == set(VIEWS)
    for view in views:
        assert db.execute(f"FROM {view}").fetchall() == []


def test_views_show_ids_that_mean_something_elsewhere(db: duckdb.DuckDBPyConnection) -> None:
    columns = db.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_name IN "
        "(SELECT view_name FROM duckdb_views() WHERE NOT internal)"
    ).fetchall()
    assert {kind for _, name, kind in columns if name == "run_id"} == {"VARCHAR"}
    assert not {name for _, name, _ in columns} & {"file_id", "key_id", "writer", "t"}


def test_every_fact_that_can_change_says_who_said_it_and_when(db: duckdb.DuckDBPyConnection) -> None:
    for table in ("run_field", "param", "tag", "capture", "artifact", "dataset"):
        columns = [row[0] for row in db.execute(f"DESCRIBE {table}").fetchall()]
        assert columns[0] == "run_id"
        assert columns[-3:] == ["t", "writer", "seq"]


def test_the_metric_table_has_no_key_that_would_double_it(db: duckdb.DuckDBPyConnection) -> None:
    assert db.execute("SELECT count(*) FROM duckdb_constraints() WHERE table_name = 'metric'").fetchall() == [(0,)]


def test_the_schema_is_part_of_the_package() -> None:
    for name in ("schema.sql", "views.sql"):
        assert files("workbench.store").joinpath(name).is_file()
