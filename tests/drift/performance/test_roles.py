"""Which problem rows are of, and how classes of different types compare."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from tests.drift.performance.samples import SCORES
from workbench.base.errors import InputError
from workbench.drift.performance.outcomes import outcomes_of
from workbench.drift.performance.roles import Roles, class_text, class_texts, problem_of


def rows(label: list[Any], prediction: list[Any]) -> pl.DataFrame:
    return pl.DataFrame({"label": label, "prediction": prediction})


@pytest.mark.parametrize(
    ("frame", "problem"),
    [
        (rows([0, 1, 1], [1, 1, 0]), "binary"),
        (rows([0.0, 1.0, None], [1, 1, 0]), "binary"),
        (rows([True, False], [True, True]), "binary"),
        (rows(["a", "b"], ["a", "a"]), "binary"),
        (rows(["a", "b"], ["a", "c"]), "binary"),  # two labels decide
        (rows(["a", "b", "c"], ["a", "a", "a"]), "multiclass"),
        (rows([1, 2, 3], [1, 2, 2]), "multiclass"),
        (rows([1.5, 2.0, 3.0], [1.0, 2.0, 3.0]), "regression"),
        (rows([1, 2, 3], [1.2, 2.0, 3.0]), "regression"),
        (rows(list(range(30)), list(range(30))), "regression"),
        (rows([f"c{i}" for i in range(30)], [f"c{i}" for i in range(30)]), "multiclass"),
        (pl.DataFrame({"prediction": [0.5, 1.5]}), "regression"),
    ],
)
def test_values_tell_the_problem(frame: pl.DataFrame, problem: str) -> None:
    assert problem_of(frame, Roles("label", "prediction")) == problem


def test_scores_and_people_tell_the_problem_before_values_do() -> None:
    frame = rows([1.5, 2.5], [1.0, 2.0])
    assert problem_of(frame, Roles("label", "prediction", "p")) == "binary"
    assert problem_of(frame, Roles("label", "prediction", positive="yes")) == "binary"
    assert problem_of(frame, Roles("label", "prediction", SCORES)) == "multiclass"
    assert problem_of(frame, Roles("label", "prediction", SCORES), "regression") == "regression"
    with pytest.raises(InputError, match="no problem 'ranking'"):
        problem_of(frame, Roles("label", "prediction"), "ranking")
    with pytest.raises(InputError, match="no column 'said'"):
        problem_of(frame, Roles("label", "said"))


def test_classes_compare_whatever_their_type() -> None:
    for values in ([1, 0, None], [1.0, 0.0, None], [True, False, None], ["1", "0", None], ["true", "False", None]):
        assert class_texts(pl.Series(values)).to_list() == ["1", "0", None]
    assert class_texts(pl.Series([1.0, float("nan")])).to_list() == ["1", None]
    assert class_text(3) == "3" and class_text("cat") == "cat"


def test_roles_survive_json() -> None:
    for roles in (
        Roles("y", "f"),
        Roles("y", "f", SCORES, key=["a", "b"], weight="w"),
        Roles("y", "f", "p", positive=True, key="id"),
    ):
        again = Roles.from_document(roles.as_document())
        assert (again.columns, again.score, again.keys) == (roles.columns, roles.score, roles.keys)
    assert again.positive == "1"


def test_the_positive_class_is_1_or_has_to_be_named() -> None:
    frame = rows(["no", "yes", "no"], ["no", "no", "yes"])
    with pytest.raises(InputError, match="which class is the positive one of no, yes") as caught:
        outcomes_of(frame, Roles("label", "prediction"), "binary")
    assert caught.value.hint == "--positive yes"
    assert outcomes_of(frame, Roles("label", "prediction", positive="no"), "binary").truth.tolist() == [1, 0, 1]
    scored = frame.with_columns(p=pl.lit(0.5))
    assert outcomes_of(scored, Roles("label", "prediction", {"yes": "p"}), "binary").truth.tolist() == [0, 1, 0]
    with pytest.raises(InputError, match="no row is of the positive class maybe"):
        outcomes_of(frame, Roles("label", "prediction", positive="maybe"), "binary")


def test_rows_without_a_prediction_a_label_or_a_weight_are_left_out() -> None:
    frame = pl.DataFrame(
        {"label": [1, None, 0, 1, 0], "prediction": [1, 1, None, 0, 0], "w": [1.0, 1, 1, None, 2], "p": [0.9] * 5}
    )
    found = outcomes_of(frame, Roles("label", "prediction", "p", weight="w"), "binary")
    assert (found.rows, found.left_out, found.weights.tolist()) == (2, 3, [1, 2])
    assert found.kept.tolist() == [True, False, False, False, True]
    assert found.effective_rows == pytest.approx(9 / 5)
    assert outcomes_of(frame, Roles("label", "prediction"), "binary", labelled=False).rows == 4


def test_columns_that_cannot_be_what_they_are_named_as_are_errors() -> None:
    frame = pl.DataFrame({"label": [1, 0], "prediction": [0.3, 0.7], "w": [1, -1], "many": [[1], [2]], "t": ["a", "b"]})
    for roles, problem, message in (
        (Roles("label", "prediction"), "binary", "numbers such as 0.3, no classes"),
        (Roles("label", "label", weight="w"), "binary", "a weight below 0: -1"),
        (Roles("many", "label"), "binary", "many of the data holds no classes"),
        (Roles("t", "prediction"), "regression", "t of the data holds no numbers"),
        (Roles("label", "label", "t"), "binary", "t of the data holds no numbers"),
        (Roles("gone", "label"), "binary", "no column 'gone'"),
        (Roles("label", "label", "w"), "multiclass", "a column for each"),
        (Roles("label", "label", {"0": "w"}, positive=1), "binary", "no score is of the positive class 1"),
    ):
        with pytest.raises(InputError, match=message):
            outcomes_of(frame, roles, problem)  # type: ignore[arg-type]


def test_predictions_that_are_never_a_label_are_the_wrong_column() -> None:
    frame = rows(["a", "b"] * 20, ["x", "y"] * 20)
    with pytest.raises(InputError, match="no prediction of the data is a label: x, y are said, a, b are true"):
        outcomes_of(frame, Roles("label", "prediction"), "multiclass")
    assert outcomes_of(frame.head(10), Roles("label", "prediction"), "multiclass").rows == 10
