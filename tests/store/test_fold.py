"""Folding lines into tables: last writer wins, summaries, names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import START_US
from tests.store.journals import JournalText, assert_summaries_recompute, catch_up, empty_store
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.fold import add_runs, merge
from workbench.store.ingest import load_stage
from workbench.store.store import Store


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    db = empty_store()
    yield db
    db.close()


def test_the_greatest_time_then_writer_then_place_wins(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    uid = "a" * 32
    for writer, t, value in (("1" * 16, 5, "early"), ("2" * 16, 7, "tie, small writer"), ("3" * 16, 7, "wins")):
        text = JournalText(uid, writer=writer)
        text.event("param", START_US + t, name="p", value="before, same time")
        text.event("param", START_US + t, name="p", value=value)
        text.event("param", START_US + t - 1, name="p", value="after, older")
        text.write(project)
        catch_up(db, project, tmp_path)
    assert db.execute("SELECT text FROM params").fetchall() == [("wins",)]


def test_a_removed_tag_stays_removed_until_it_is_set_later(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = JournalText().event("tag", START_US + 5, name="best", value=None)
    text.event("tag", START_US + 4, name="best", value="old").write(project)
    catch_up(db, project, tmp_path)
    assert db.execute("FROM tags").fetchall() == []
    assert db.execute("SELECT value FROM tag").fetchall() == [(None,)]
    text.event("tag", START_US + 6, name="best", value="").write(project)
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT name, value FROM tags").fetchall() == [("best", "")]


def test_a_parameter_has_its_json_its_text_and_its_number(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = JournalText()
    values = [0.1, 3, "3", "x", True, None, [1, 2], {"a": 1}, "NaN", "", "0x10", " 5", "1_000"]
    for number, value in enumerate(values):
        text.event("param", START_US, name=str(number), value=value)
    text.write(project)
    catch_up(db, project, tmp_path)
    rows = db.execute("SELECT value, text, number FROM params ORDER BY name::INTEGER").fetchall()
    assert [row[0] for row in rows[:8]] == ["0.1", "3", '"3"', '"x"', "true", None, "[1,2]", '{"a":1}']
    assert [row[1] for row in rows[:8]] == ["0.1", "3", "3", "x", "true", None, "[1,2]", '{"a":1}']
    assert [row[2] for row in rows[:8]] == [0.1, 3.0, 3.0, None, None, None, None, None]
    assert repr(rows[8][2]) == "nan"
    assert rows[9][1:] == ("", None)


def test_summaries_know_first_last_extremes_and_what_is_finite(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    nan, inf = float("nan"), float("inf")
    text = JournalText()
    points = [(2, 5, 1.0), (0, 9, nan), (1, 1, inf), (1, 2, -4.0), (2, 6, 3.0), (2, 6, 2.0), (3, 0, -4.0)]
    for step, t, value in points:
        text.metrics({"x": value}, step, START_US + t)
        text.write(project)
        catch_up(db, project, tmp_path)
        assert_summaries_recompute(db)
    [row] = db.execute(
        "SELECT n, first, first_step, last, last_step, min, min_step, max, max_step, total, n_finite "
        "FROM metric_summary"
    ).fetchall()
    assert repr(row[1]) == "nan"
    assert (row[0], *row[2:]) == (7, 0, -4.0, 3, -4.0, 1, inf, 1, -2.0, 5)


def test_a_metric_of_nothing_but_nan_has_no_extremes(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    JournalText().metrics({"x": float("nan")}, 0).metrics({"x": float("nan")}, 1).write(project)
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT n, min, min_step, max, max_step, total, n_finite FROM metric_summary").fetchall() == [
        (2, None, None, None, None, None, 0)
    ]


def test_two_journals_may_give_one_name_two_numbers(
    project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    uid = "a" * 32
    JournalText(uid).metrics({"a": 1.0, "b": 2.0}, 0).write(project)
    catch_up(db, project, tmp_path)
    JournalText(uid).metrics({"b": 3.0, "a": 4.0}, 1).write(project)
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT key, step, value FROM metrics ORDER BY ALL").fetchall() == [
        ("a", 0, 1.0), ("a", 1, 4.0), ("b", 0, 2.0), ("b", 1, 3.0),
    ]  # fmt: skip
    assert db.execute("SELECT count(*) FROM metric_key").fetchall() == [(2,)]


def test_printed_lines_keep_their_order(project: Project, db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    text = JournalText()
    for number in range(30):
        text.event("out", START_US, s=1 + number % 2, x=f"line {number}")
        text.write(project)
        if number % 7 == 0:
            catch_up(db, project, tmp_path, limit_bytes=100)
    catch_up(db, project, tmp_path)
    rows = db.execute("SELECT stream, text FROM outputs ORDER BY seq").fetchall()
    assert rows == [(1 + number % 2, f"line {number}") for number in range(30)]


def test_run_numbers_are_given_once_in_order(db: duckdb.DuckDBPyConnection) -> None:
    add_runs(db, ["b", "a", "b"])
    add_runs(db, ["a", "c"])
    add_runs(db, [])
    assert db.execute("SELECT uid, run_id FROM run_key ORDER BY run_id").fetchall() == [("b", 1), ("a", 2), ("c", 3)]


def test_merging_is_idempotent_and_commutes(db: duckdb.DuckDBPyConnection) -> None:
    rows = ["(1, 'k', 'a', 1, 'w', 1)", "(1, 'k', 'b', 2, 'w', 2)", "(2, 'k', 'c', 1, 'w', 1)"]
    rows.append("(NULL, 'k', 'd', 9, 'w', 1)")
    results = []
    for order in (rows, rows[::-1], rows + rows, rows[2:] + rows[:2]):
        db.execute("DELETE FROM tag")
        for row in order:
            merge(db, "tag", ("run_id", "name"), f"SELECT * FROM (VALUES {row}) v")
        results.append(db.execute("FROM tag ORDER BY ALL").fetchall())
    assert results[0] == [(1, "k", "b", 2, "w", 2), (2, "k", "c", 1, "w", 1)]
    assert all(result == results[0] for result in results)


def test_a_staging_file_lies_wherever_its_folder_is_called(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for name in ("k=5", "st*r", "b[r]"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "stage.tsv").write_text('1\t#\t{"e":"hb"}\t\t\t\t\n1\t\t\t0\t7\tNaN\t9\n')
        load_stage(db, str(folder / "stage.tsv"))
        rows = db.execute("SELECT f, text, k, step, value::VARCHAR, t FROM stage").fetchall()
        assert rows == [(1, '{"e":"hb"}', None, None, None, None), (1, None, 0, 7, "nan", 9)]


def test_a_visit_that_brings_more_facts_than_a_row_group_holds_keeps_them_all(project: Project) -> None:
    count = 130_000
    journal = JournalWriter(project.journal_dir, None, role="meta", durability="process", on_error="raise")
    for start in range(0, count, 10_000):
        numbers = range(start, start + 10_000)
        journal.events([{"e": "ent", "kind": "thing", "id": f"{i}", "name": "n", "value": i} for i in numbers])
    journal.close()
    with Store(project) as store:
        for look in (lambda: None, store.rebuild, store.rewrite):
            look()
            with store.reading(wait_s=30.0) as db:
                assert db.execute("SELECT count(*), count(id) FROM entity_field").fetchall() == [(count, count)]
