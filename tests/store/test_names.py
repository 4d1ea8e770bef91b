"""The names that runs use, and which of them are still known at the next visit."""

from __future__ import annotations

from tests.store.synthetic import add_run, empty_store
from workbench.store.names import Names


def test_names_of_an_earlier_visit_are_taken_over_until_a_param_is_new() -> None:
    db = empty_store()
    add_run(db, "a", params={"lr": 0.1}, metrics={"loss": [1.0]}, tags={"team": "red"})
    first = Names(db)
    assert [set(first.metrics), set(first.params), set(first.tags)] == [{"loss"}, {"lr"}, {"team"}]
    assert Names(db, first).params is first.params
    add_run(db, "b", params={"depth": 3}, metrics={"auc": [1.0]}, tags={"owner": "ada"})
    second = Names(db, first)
    assert [set(second.metrics), set(second.params)] == [{"loss", "auc"}, {"lr", "depth"}]
    assert second.tags == {"team", "owner"}


def test_a_param_that_takes_the_place_of_a_purged_one_is_new() -> None:
    db = empty_store()
    add_run(db, "a", params={"lr": 0.1})
    first = Names(db)
    assert first.params == {"lr"}
    db.execute("INSERT INTO run_key VALUES (1, 'a', true)")
    db.execute("UPDATE param SET name = 'depth'")
    assert Names(db, first).params == {"depth"}


def test_the_shortest_expression_still_means_one_thing() -> None:
    db = empty_store()
    add_run(db, "a", params={"lr": 0.1, "x": 1, "status": "odd", "a b": 1}, metrics={"x": [1.0]})
    names = Names(db)
    assert names.shortest("params", "lr") == "lr"
    assert names.shortest("params", "x") == "params.x"
    assert names.shortest("metrics", "x") == "metrics.x"
    assert names.shortest("params", "status") == "params.status"
