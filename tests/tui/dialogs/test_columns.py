"""Columns are chosen, ordered, aggregated and typed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.tui.dialogs.asking import SMALL, Asking, asked, typed
from workbench.base.errors import FilterError
from workbench.store.columns import parse_column
from workbench.tui.dialogs.column_picks import FORMS, metric_of
from workbench.tui.dialogs.columns import Columns

if TYPE_CHECKING:
    from workbench.store.choices import ColumnChoice


@dataclass(frozen=True)
class Choice:
    """Looks like a `store.choices.ColumnChoice`."""

    expression: str
    kind: str
    n_runs: int


def choices(*all_of_them: tuple[str, str, int]) -> list[ColumnChoice]:
    """As the store gives them."""
    return cast("list[ColumnChoice]", [Choice(*one) for one in all_of_them])


CHOICES = choices(
    ("attributes.name", "attributes", 3),
    ("metrics.auc", "metrics", 3),
    ("metrics.`val loss`", "metrics", 2),
    ("params.lr", "params", 1),
    ("tags.kind", "tags", 1),
)


def columns(*shown: str) -> Columns:
    """The dialog over a small store, with the real language."""

    def check(text: str) -> str | None:
        try:
            parse_column(text)
        except FilterError as error:
            return error.message
        return None

    return Columns(CHOICES, shown, check=check, twin=lambda all_of_them: " ".join(f"-c {one}" for one in all_of_them))


def rows(app: Asking) -> list[str]:
    """What the list shows, each row as mark and name."""
    lines = [line.strip("│ ") for line in app.shown.split("\n")]
    start = next(index for index, line in enumerate(lines) if "in the list" in line) + 1
    found = []
    for line in lines[start:]:
        if not line:
            break
        found.append(line.split("  ")[0])
    return found


def test_shown_columns_come_first_in_their_order() -> None:
    """Then everything else; an aggregate stands for its metric."""
    assert rows(asked(columns("params.lr", "max(auc)"))) == [
        "✓ params.lr",
        "✓ max(auc)",
        "attributes.name",
        "metrics.`val loss`",
        "tags.kind",
    ]


def test_enter_answers_the_columns_in_order() -> None:
    """Unchanged where nothing was changed."""
    assert asked(columns("params.lr", "max(auc)"), "enter").answers == [["params.lr", "max(auc)"]]


def test_space_shows_and_hides() -> None:
    """A column that is shown anew is the last one, and the cursor goes on to the next."""
    assert asked(columns("params.lr"), "space", "enter").answers == []
    assert "show at least one column" in asked(columns("params.lr"), "space", "enter").shown
    assert asked(columns("params.lr"), "j", "space", "space", "enter").answers == [
        ["params.lr", "attributes.name", "metrics.auc"]
    ]


def test_shown_columns_are_moved() -> None:
    """The cursor goes with them; at the ends nothing happens."""
    start = ("params.lr", "tags.kind", "attributes.name")

    assert asked(columns(*start), "J", "J", "J", "enter").answers == [["tags.kind", "attributes.name", "params.lr"]]
    assert asked(columns(*start), "j", "K", "K", "enter").answers == [["tags.kind", "params.lr", "attributes.name"]]


def test_a_goes_through_the_values_of_a_metric() -> None:
    """Last, max, min, mean, first, the step of the best, and around."""
    seen = [asked(columns("metrics.auc"), *["a"] * times, "enter").answers[0][0] for times in range(7)]

    assert seen == [
        "metrics.auc",
        "max(auc)",
        "min(auc)",
        "mean(auc)",
        "first(auc)",
        "step(best(auc))",
        "metrics.auc",
    ]


def test_a_before_a_metric_is_shown_chooses_its_value() -> None:
    """The row keeps what was chosen."""
    assert asked(columns("params.lr"), "j", "j", "a", "a", "space", "enter").answers == [["params.lr", "min(auc)"]]


def test_plus_shows_one_more_value_of_the_same_metric() -> None:
    """Behind the first one, and never the same twice."""
    assert asked(columns("max(auc)", "params.lr"), "plus", "plus", "enter").answers == [
        ["max(auc)", "min(auc)", "mean(auc)", "params.lr"]
    ]
    assert asked(columns("max(auc)", "min(auc)"), "a", "enter").answers == [["mean(auc)", "min(auc)"]]
    everything = [FORMS[0].format("metrics.auc"), *(form.format("auc") for form in FORMS[1:])]
    assert asked(columns(*everything), "plus", "a", "enter").answers == [everything]


@pytest.mark.parametrize("key", ["a", "plus"])
def test_only_metrics_have_values_to_choose_from(key: str) -> None:
    """It says so."""
    app = asked(columns("params.lr"), key)

    assert "this is for metrics" in app.shown


def test_columns_are_found_by_name() -> None:
    """Enter keeps what is found, escape forgets it and then closes."""
    app = asked(columns("params.lr"), "slash", *typed("kd"), "enter", "space")
    assert app.shown.count("tags.kind") == 2  # in the list and in the command
    assert rows(app) == ["✓ tags.kind"]
    assert asked(columns("params.lr"), "slash", *typed("kd"), "down", "space", "enter").answers == [
        ["params.lr", "tags.kind"]
    ]
    again = asked(columns("params.lr"), "slash", *typed("kd"), "enter", "escape")
    assert again.answers == []
    assert len(rows(again)) == 5


def test_the_keys_that_are_shown_are_those_that_work() -> None:
    """While something is typed, letters are no keys."""
    assert "enter apply" in asked(columns("params.lr")).shown
    typing = asked(columns("params.lr"), "slash").shown
    assert "enter ok" in typing
    assert "space show/hide" not in typing
    assert "space show/hide" in asked(columns("params.lr"), "slash", "enter").shown


def test_a_column_is_typed_and_checked() -> None:
    """Letters are letters while typing."""
    app = asked(columns("params.lr", "tags.kind"), "c", *typed("max(auc) as best"), "enter", "enter")
    assert app.answers == [["params.lr", "max(auc) as best", "tags.kind"]]
    wrong = asked(columns("params.lr"), "c", *typed("max(auc"), "enter")
    assert "✗" in wrong.shown
    assert wrong.answers == []
    assert "✗" not in asked(columns("params.lr"), "c", *typed("max(auc"), "enter", ")").shown
    assert asked(columns("params.lr"), "c", "enter", "enter").answers == [["params.lr"]]


def test_the_default_columns_come_back() -> None:
    """An empty list means them."""
    assert asked(columns("params.lr"), "0").answers == [[]]


def test_every_value_that_is_offered_is_a_column() -> None:
    """Also of metrics with odd names."""
    for form in FORMS:
        for name in ("auc", "`val loss`", "`a/b`"):
            parse_column(form.format(name))


@pytest.mark.parametrize(
    ("expression", "metric"),
    [
        ("auc", "auc"),
        ("metrics.auc", "auc"),
        ("max(metrics.auc)", "auc"),
        ("step( best(auc) ) as `where it was`", "auc"),
        ("max(`val loss`)", "`val loss`"),
    ],
)
def test_the_metric_of_an_expression(expression: str, metric: str) -> None:
    """However it is written."""
    assert metric_of(expression) == metric


def calls_of(act: Callable[[], object]) -> int:
    """How many functions are called in it, directly or not."""
    events: list[str] = []
    sys.setprofile(lambda frame, event, argument: events.append(event))
    try:
        act()
    finally:
        sys.setprofile(None)
    return sum(event in ("call", "c_call") for event in events)


def test_twelve_thousand_columns_stay_quick() -> None:
    """Each is looked at once at most, whatever is done to one."""
    many = choices(*((f"metrics.metric_{index:05}", "metrics", index) for index in range(12_000)))

    async def measure(app: Asking, pilot: Any) -> None:
        dialog = cast("Columns", app.dialog)
        for act in (
            dialog.action_show_or_hide,
            dialog.action_next_aggregate,
            dialog.action_move_up,
            dialog.action_reset,
        ):
            assert calls_of(act) <= 200 + 6 * len(many), act

    dialog = Columns(many, ["params.lr"])
    app = asked(dialog, "G", "slash", "9", "9", "9", "enter", then=measure)
    assert app.answers == [[]]


def test_the_list_is_in_sight_on_a_small_screen() -> None:
    """At least the row of the cursor."""
    assert "✓ params.lr" in asked(columns("params.lr"), size=SMALL).shown
