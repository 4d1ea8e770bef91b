"""`JournalWriter.points`: any metrics, steps and times in one block."""

from __future__ import annotations

import math
import re
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import START_US
from workbench.base.errors import InputError
from workbench.base.ids import new_run_id
from workbench.base.jsonvalue import loads
from workbench.base.project import Project, create_project
from workbench.journal.reader import read_journal
from workbench.journal.writer import MAX_STEP, MAX_TIME_US, JournalWriter
from workbench.store.store import Store

Point = tuple[str, float, int, int]

POINTS = st.lists(
    st.tuples(
        st.sampled_from(["loss", "auc", "a b", "x\ty", "läng", ""]),
        st.floats(allow_nan=False),
        st.integers(-MAX_STEP, MAX_STEP),
        st.integers(-MAX_TIME_US, MAX_TIME_US),
    ),
    max_size=20,
)


def open_writer(project: Project) -> JournalWriter:
    return JournalWriter(project.journal_dir, new_run_id(), durability="process", on_error="raise")


def names_defined(path: str) -> list[str]:
    """The names of metrics in the order in which the journal numbers them."""
    with open(path, "rb") as file:
        found = [re.search(rb'(\{"e":"key".*?\})\t', line) for line in file]
    events: list[Any] = [loads(event[1].decode()) for event in found if event]
    return [event["name"] for event in events]


def points_in(path: str) -> list[Point]:
    return [(name, value, step, t) for name, step, value, t in read_journal(path).metrics]


@given(batches=st.lists(POINTS, max_size=4))
@settings(max_examples=60)
def test_points_are_read_back_as_they_were_given(
    batches: list[list[Point]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    writer = open_writer(create_project(str(tmp_path_factory.mktemp("points"))))
    for batch in batches:
        writer.points(batch)
    writer.close()
    assert points_in(writer.path) == [point for batch in batches for point in batch]


def test_one_call_is_one_block(project: Project) -> None:
    writer = open_writer(project)
    writer.points([("loss", float(step), step, START_US + step) for step in range(1000)])
    with open(writer.path, "rb") as file:
        assert sum(line.startswith(b"#") for line in file) == 2  # what opens the journal, and this
    writer.close()


def test_no_points_are_no_block(project: Project) -> None:
    writer = open_writer(project)
    writer.points([])
    assert read_journal(writer.path).metrics == []
    writer.close()


@pytest.mark.parametrize(
    "bad", [("auc", 1.0, MAX_STEP + 1, START_US), ("auc", 1.0, 0, MAX_TIME_US + 1), ("auc", 1.0, -MAX_STEP - 1, 0)]
)
def test_one_bad_point_refuses_all_and_leaves_the_names_as_they_were(project: Project, bad: Point) -> None:
    writer = open_writer(project)
    with pytest.raises(InputError):
        writer.points([("loss", 0.5, 0, START_US), bad])
    writer.points([("auc", 0.9, 1, START_US), ("loss", 0.4, 1, START_US)])
    writer.close()
    assert points_in(writer.path) == [("auc", 0.9, 1, START_US), ("loss", 0.4, 1, START_US)]


def test_what_is_not_finite_is_kept(project: Project) -> None:
    writer = open_writer(project)
    writer.points([("x", value, 0, START_US) for value in (math.nan, math.inf, -math.inf, -0.0)])
    writer.close()
    values = [point[1] for point in points_in(writer.path)]
    assert math.isnan(values[0])
    assert [repr(value) for value in values[1:]] == ["inf", "-inf", "-0.0"]


def test_points_and_metrics_share_the_numbers_of_names(project: Project) -> None:
    writer = open_writer(project)
    writer.metrics({"loss": 0.5}, 0, START_US)
    writer.points([("loss", 0.4, 1, START_US), ("auc", 0.9, 1, START_US)])
    writer.metric("auc", 0.91, 2)
    writer.close()
    assert names_defined(writer.path) == ["loss", "auc"]
    assert [point[:2] for point in read_journal(writer.path).metrics] == [
        ("loss", 0),
        ("loss", 1),
        ("auc", 1),
        ("auc", 2),
    ]


def test_threads_may_share_a_writer(project: Project) -> None:
    writer = open_writer(project)

    def log(name: str) -> None:
        for step in range(100):
            writer.points([(name, 1.0, step, START_US), ("both", 1.0, step, START_US)])

    threads = [threading.Thread(target=log, args=(f"m{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    contents = read_journal(writer.path)
    assert not contents.gaps
    assert len(contents.metrics) == 800
    assert sorted(names_defined(writer.path)) == ["both", "m0", "m1", "m2", "m3"]


def test_the_store_has_what_the_points_say(project: Project) -> None:
    writer = open_writer(project)
    writer.points([("loss", 0.5, 3, START_US), ("loss", 0.7, -1, START_US + 1), ("auc", math.inf, 0, 0)])
    writer.close()
    with Store(project) as store, store.reading() as db:
        rows = db.execute("SELECT key, step, value, epoch_us(time) FROM metrics ORDER BY key, step").fetchall()
        assert rows == [("auc", 0, math.inf, 0), ("loss", -1, 0.7, START_US + 1), ("loss", 3, 0.5, START_US)]
        assert db.execute("SELECT last, last_step FROM metric_summaries WHERE key = 'loss'").fetchall() == [(0.5, 3)]
