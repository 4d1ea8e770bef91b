"""What can be a column."""

from __future__ import annotations

from tests.store.synthetic import add_run, empty_store
from workbench.store.choices import ColumnChoice, column_choices
from workbench.store.fields import ATTRIBUTES
from workbench.store.runs import RunQuery, list_runs


def test_the_most_frequent_come_first_and_the_systems_metrics_last() -> None:
    db = empty_store()
    add_run(db, "a", params={"lr": 1, "depth": 2}, metrics={"loss": [1.0], "system/cpu": [1.0]}, tags={"team": "red"})
    add_run(db, "b", params={"lr": 1, "x": 2}, metrics={"x": [1.0], "loss": [2.0]}, tags={"team": None}, note="n")
    choices = column_choices(db)
    assert [choice.expression for choice in choices[: len(ATTRIBUTES)]] == list(ATTRIBUTES)
    assert ColumnChoice("note", "attributes", 1) in choices
    assert ColumnChoice("name", "attributes", 2) in choices
    assert choices[len(ATTRIBUTES) :] == [
        ColumnChoice("lr", "params", 2),
        ColumnChoice("depth", "params", 1),
        ColumnChoice("params.x", "params", 1),
        ColumnChoice("loss", "metrics", 2),
        ColumnChoice("metrics.x", "metrics", 1),
        ColumnChoice("team", "tags", 1),
        ColumnChoice("system/cpu", "metrics", 1),
    ]


def test_every_choice_is_a_column() -> None:
    db = empty_store()
    odd = ["a b", "1st", "select", 'quo"te', "back`tick", "é", "a.b", "status", "max", "-x", "metrics.loss"]
    add_run(db, "a", params=dict.fromkeys(odd, 1), metrics={f"{name}!": [1.0] for name in odd}, tags={"a b": "1"})
    choices = column_choices(db)
    page = list_runs(db, RunQuery(columns=[choice.expression for choice in choices]))
    [row] = page.rows
    for choice, value in zip(choices, row, strict=True):
        assert (value is not None) == bool(choice.n_runs), choice
    assert page.notices == []


def test_an_empty_store_has_attributes_only() -> None:
    assert {choice.kind for choice in column_choices(empty_store())} == {"attributes"}
