"""The course of metrics for sparklines."""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as Connection

from tests.store.synthetic import add_run, empty_store
from workbench.store import recent
from workbench.store.metrics import recent_values


def without_tails(*args: object) -> dict[int, list[float]]:
    raise AssertionError("a short metric is read whole")


@pytest.fixture
def db(monkeypatch: pytest.MonkeyPatch) -> Connection:
    """A store in which a metric of more than 100 points is long."""
    monkeypatch.setattr(recent, "LONG", 100)
    return empty_store()


def test_only_the_metrics_that_are_asked_for_are_read(db: Connection) -> None:
    uid = add_run(db, "a", metrics={"loss": [1.0, 2.0], "auc": [3.0], "f1": [4.0]})
    assert recent_values(db, uid, keys=["loss", "auc", "none"]) == {"auc": [3.0], "loss": [1.0, 2.0]}
    assert recent_values(db, uid, keys=[]) == {}
    assert recent_values(db, uid, keys=["\udcff"]) == {}
    assert recent_values(db, "no such run") == {}
    assert list(recent_values(db, uid)) == ["auc", "f1", "loss"]


def test_a_long_metric_has_the_same_course_as_when_it_is_read_whole(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = [float(step * step % 97) for step in range(1000)]
    late = [(step + 500, float(step)) for step in range(300)]
    uid = add_run(db, "a", metrics={"long": course, "other": course[::-1], "late": late, "short": course[:50]})
    values = recent_values(db, uid, limit=10)
    assert values["long"] == course[99::100]
    assert values["late"][-1] == 299.0
    with monkeypatch.context() as patched:
        patched.setattr(recent, "LONG", 10_000)
        patched.setattr(recent, "_tails", without_tails)
        assert recent_values(db, uid, limit=10) == values


def test_a_long_metric_with_gaps_is_read_whole(db: Connection) -> None:
    points = [(step, float(step)) for step in range(2000) if step % 100 < 90 or step > 1500]
    uid = add_run(db, "a", metrics={"gaps": points})
    assert recent_values(db, uid, limit=20)["gaps"] == [
        *(float(part * 100 + 89) for part in range(15)),
        *(float(part * 100 + 99) for part in range(15, 20)),
    ]


def test_what_a_resumed_run_logged_again_is_what_counts(db: Connection) -> None:
    before = [(step, 1.0, step) for step in range(200)]
    again = [(step, 2.0, 1000 + step) for step in range(50, 200)]
    uid = add_run(db, "a", metrics={"long": before + again})
    assert recent_values(db, uid, limit=4)["long"] == [1.0, 2.0, 2.0, 2.0]


def test_many_points_of_few_steps_are_read_whole(db: Connection) -> None:
    uid = add_run(db, "a", metrics={"m": [(index // 100, float(index), index) for index in range(300)]})
    assert recent_values(db, uid)["m"] == [99.0, 199.0, 299.0]
    far = add_run(db, "b", metrics={"m": [(-(2**62), 1.0, 0), (2**62, 2.0, 1)]})
    assert recent_values(db, far) == {"m": [1.0, 2.0]}
