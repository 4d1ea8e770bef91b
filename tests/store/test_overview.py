"""Counts over a whole store."""

from __future__ import annotations

from tests.store.synthetic import add_run, empty_store
from workbench.store.overview import experiments


def test_the_experiment_with_the_newest_run_comes_first() -> None:
    db = empty_store()
    for experiment in ("old", "both", "old", "both", "both"):
        add_run(db, "a", experiment=experiment)
    add_run(db, "a", experiment="trash", deleted=True)
    add_run(db, "a", experiment="both", deleted=True)
    assert experiments(db) == [("both", 3), ("old", 2)]
