"""A user's own SQL."""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as Connection

from tests.store.synthetic import add_run, empty_store
from workbench.base.errors import FilterError, InputError, WorkbenchError
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.sql import ask, query, validate_select
from workbench.store.store import Store


@pytest.fixture
def db() -> Connection:
    db = empty_store()
    add_run(db, "a", metrics={"auc": [0.5]})
    add_run(db, "b")
    return db


def test_a_select_gives_names_types_and_rows(db: Connection) -> None:
    names, types, rows = query(db, "SELECT name, exit_code + 1 AS n FROM runs ORDER BY name -- newest last")
    assert (names, types, rows) == (["name", "n"], ["VARCHAR", "INTEGER"], [("a", 1), ("b", 1)])
    assert query(db, "FROM runs", limit=1)[2][0][1] == "a"


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (SELECT 1) FROM x", "DESCRIBE runs", "SHOW TABLES", "SUMMARIZE metrics", "EXPLAIN SELECT 1",
        "VALUES (1)", "FROM runs;", "select count(*) filter (status = 'finished') from runs",
    ],
)  # fmt: skip
def test_what_reads_is_allowed(db: Connection, sql: str) -> None:
    assert query(db, sql)[2]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM run", "UPDATE run SET name = 'x'", "INSERT INTO meta VALUES ('a', 'b')", "DROP TABLE run",
        "CREATE TABLE x AS SELECT 1", "COPY runs TO '/tmp/x.csv'", "ATTACH 'x.db'", "DETACH memory", "SET threads = 1",
        "PRAGMA version", "CALL pragma_version()", "SELECT 1; DELETE FROM run", "LOAD json", "INSTALL httpfs", "",
        "-- nothing", "BEGIN", "EXPLAIN ANALYZE DELETE FROM run", "WITH x AS (DELETE FROM run RETURNING *) FROM x",
        "EXPORT DATABASE '/tmp/x'", "CHECKPOINT", "VACUUM", "EXECUTE x", "PREPARE x AS SELECT 1",
    ],
)  # fmt: skip
def test_what_writes_is_refused_and_changes_nothing(db: Connection, sql: str) -> None:
    with pytest.raises(WorkbenchError):
        query(db, sql)
    assert query(db, "SELECT count(*) FROM run")[2] == [(2,)]


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("SELEC 1", 0),
        ("SELECT nme FROM runs", 7),
        ("SELECT 1,\n  nme\nFROM runs", 12),
        ("SELECT 'ü', nme FROM runs", 12),
        (f"SELECT {', '.join(['name'] * 60)}, nme, {', '.join(['name'] * 60)} FROM runs", 367),
        ("SELECT * FROM rns", 14),
    ],
)
def test_duckdb_mistakes_are_pointed_at(db: Connection, sql: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        query(db, sql)
    assert (caught.value.position, caught.value.text) == (position, sql)
    assert "Error:" not in caught.value.message


def test_duckdb_suggestions_become_hints(db: Connection) -> None:
    with pytest.raises(FilterError) as caught:
        query(db, "SELECT * FROM rns")
    assert caught.value.hint == 'did you mean "runs"?'


@pytest.mark.parametrize("sql", ["SELECT 1 / 'x'", "SELECT CAST('a' AS INTEGER)", "SELECT '\ud800'"])
def test_other_errors_are_input_errors(db: Connection, sql: str) -> None:
    with pytest.raises((InputError, FilterError)):
        query(db, sql)
    assert query(db, "SELECT 1")[2] == [(1,)], "the connection goes on working"


def test_two_statements_are_refused_by_number(db: Connection) -> None:
    with pytest.raises(InputError, match="these are 2 statements"):
        validate_select(db, "SELECT 1; SELECT 2")


def test_a_question_to_a_store_cannot_read_files(project: Project) -> None:
    run_id = "a" * 32
    writer = JournalWriter(project.journal_dir, run_id, durability="process")
    writer.event("start", experiment="x", name="n")
    writer.close()
    store = Store(project)
    assert ask(store, "SELECT run_id, name FROM runs") == (["run_id", "name"], [(run_id, "n")])
    with pytest.raises(WorkbenchError):
        ask(store, f"SELECT * FROM read_text('{project.settings_path}')")
