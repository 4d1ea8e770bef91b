"""What `workbench sql` can ask about monitors, checks and datasets."""

from __future__ import annotations

from typing import Any

from tests.drift.checks import checked, normal
from tests.drift.monitors.watched import Watched, day_name, write_days
from workbench.drift.history import save_check
from workbench.drift.monitors.monitor import find_monitor, monitors
from workbench.drift.monitors.removing import remove, result_count


def asked(watched: Watched, question: str) -> list[tuple[Any, ...]]:
    with watched.reading() as db:
        return db.execute(question).fetchall()  # type: ignore[no-any-return]


def test_results_columns_and_metrics_are_rows(watched: Watched) -> None:
    write_days(watched.log, [0, 2])
    watched.add()
    watched.run()
    assert asked(watched, "SELECT name, source, divided, problem FROM monitors") == [
        ("shop", "deployment:shop", "1d", None)
    ]
    assert asked(
        watched, "SELECT monitor, window_name, rows, verdict, alert FROM monitor_results ORDER BY start_at"
    ) == [("shop", day_name(0), 200, "ok", None), ("shop", day_name(1), 200, "drift", "raised")]
    [(window, test, score, threshold)] = asked(
        watched, "SELECT window_name, test, score, threshold FROM monitor_columns WHERE verdict = 'drift'"
    )
    assert (window, test, threshold) == (day_name(1), "wasserstein", 0.1)
    assert score > 1
    assert asked(watched, "SELECT count(*) FROM monitor_performance") == [(0,)]


def test_stored_checks_are_rows(watched: Watched) -> None:
    save_check(watched.project, checked({"x": normal(200)}, {"x": normal(200, 3.0, 1)}), name="daily")
    assert asked(watched, "SELECT name, drift, drifted_columns FROM drift_checks") == [("daily", True, '["x"]')]


def test_a_monitor_that_is_removed_is_gone_and_its_results_only_if_that_is_said(watched: Watched) -> None:
    write_days(watched.log, [0, 2])
    watched.add()
    watched.run()
    for results, left in ((False, 2), (True, 0)):
        with watched.reading() as db:
            monitor = find_monitor(db, "shop")
            remove(db, watched.project, monitor, "ada", results=results)
        with watched.reading() as db:
            assert monitors(db) == []
            assert result_count(db, monitor) == left
        assert asked(watched, "SELECT count(*) FROM monitors") == [(0,)]
        watched.clock.advance(1)
        watched.add()
    assert [one.verdict for one in watched.run().results] == ["ok", "drift"]
