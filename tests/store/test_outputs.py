"""The output of runs."""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as Connection

from tests.store.synthetic import add_run, empty_store
from workbench.store.outputs import last_lines, output_lines

UID = "a" * 32


@pytest.fixture
def db() -> Connection:
    db = empty_store()
    add_run(db, "a", uid=UID)
    add_run(db, "other", uid="b" * 32)
    write(db, 1, [(1, 10, 1, "one"), (1, 30, 2, "two"), (2, 7, 1, "worker"), (1, 50, 1, "three")])
    write(db, 2, [(3, 1, 1, "not ours")])
    return db


def write(db: Connection, run_id: int, lines: list[tuple[int, int, int, str]], begin: int = 0) -> None:
    for place, (file_id, seq, stream, text) in enumerate(lines, begin):
        db.execute(
            "INSERT INTO output VALUES ($1, $2, $3, $4, make_timestamp($5), $6, $6 NOT LIKE '%…')",
            [run_id, file_id, seq, stream, place, text],
        )


def texts(db: Connection, **options: object) -> list[str]:
    return [line.text for line in output_lines(db, UID, **options)]  # type: ignore[arg-type]


def test_lines_of_every_process_come_in_the_order_of_time(db: Connection) -> None:
    assert texts(db) == ["one", "two", "worker", "three"]
    [line, *_] = output_lines(db, UID)
    assert (line.stream, line.time_us, line.file_id, line.seq) == (1, 0, 1, 10)


def test_the_last_lines_and_one_stream(db: Connection) -> None:
    assert texts(db, last=2) == ["worker", "three"]
    assert texts(db, last=0) == []
    assert texts(db, stream=2) == ["two"]
    assert texts(db, stream=1, last=1) == ["three"]


def test_following_a_run_gives_each_line_once(db: Connection) -> None:
    seen = last_lines(db, UID)
    assert seen == {1: 50, 2: 7}
    assert texts(db, after=seen) == []
    write(db, 1, [(2, 9, 1, "late"), (4, 1, 1, "new process")], begin=0)
    assert texts(db, after=seen) == ["late", "new process"], "also lines whose clock is behind"


def test_a_run_that_wrote_nothing_has_no_lines(db: Connection) -> None:
    assert output_lines(db, "f" * 32) == []
    assert last_lines(db, "f" * 32) == {}


def test_the_beginning_of_a_line_is_joined_with_what_follows(db: Connection) -> None:
    write(db, 1, [(1, 60, 1, "Name: …"), (1, 61, 2, "between"), (1, 62, 1, "Ada")], begin=10)
    assert texts(db, last=3) == ["Name: …Ada", "between"]


def test_a_progress_bar_shows_its_last_state(db: Connection) -> None:
    write(db, 1, [(1, 60, 2, "10 %…"), (1, 61, 2, "\r50 %…"), (1, 62, 2, "\r100 %")], begin=10)
    assert texts(db, last=3) == ["100 %"]
    assert texts(db, last=1) == ["100 %"]
