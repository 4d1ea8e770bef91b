"""What charts ask about runs besides curves."""

from __future__ import annotations

from tests.store.synthetic import add_run, empty_store
from workbench.store.labels import RunLabel, run_labels
from workbench.store.metric_keys import metric_order


def test_labels_come_in_the_order_asked_for_without_runs_that_are_gone() -> None:
    db = empty_store()
    first, second = add_run(db, "a"), add_run(db, "b", status="running", deleted=True)
    assert run_labels(db, [second, "f" * 32, first, second]) == [
        RunLabel(second, "b", "running"),
        RunLabel(first, "a", "finished"),
    ]


def test_the_metrics_of_most_runs_come_first_and_those_of_the_machine_last() -> None:
    db = empty_store()
    one = add_run(db, "a", metrics={"z": [1.0], "val/loss": [1.0], "system/cpu": [1.0], "only": [1.0]})
    two = add_run(db, "b", metrics={"z": [1.0], "val/loss": [1.0], "system/cpu": [1.0]})
    add_run(db, "c", metrics={"other": [1.0]})
    assert metric_order(db, [one, two]) == ["z", "val/loss", "only", "system/cpu"]
    assert metric_order(db, []) == []
