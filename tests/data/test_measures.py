from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from workbench.base.errors import InputError
from workbench.data.measures import BETTER, value, weighted
from workbench.registry.gates.prediction_file import MEASURES

LABELS = np.array([0.0, 0.0, 1.0, 1.0])
SCORES = np.array([0.1, 0.6, 0.6, 0.8])

row = st.tuples(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0), st.integers(0, 3))


def test_gates_offer_the_measures_that_there_are() -> None:
    assert set(MEASURES) == set(BETTER)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("accuracy", 0.0),
        ("error_rate", 1.0),
        ("mae", (0.1 + 0.6 + 0.4 + 0.2) / 4),
        ("rmse", ((0.01 + 0.36 + 0.16 + 0.04) / 4) ** 0.5),
        ("auc", 0.875),
        ("log_loss", log_loss(LABELS, SCORES)),
    ],
)
def test_measures_of_four_rows(measure: str, expected: float) -> None:
    assert value(measure, LABELS, SCORES) == pytest.approx(expected)


def test_classes_may_be_texts() -> None:
    labels, said = np.array(["cat", "dog", "dog"], dtype=object), np.array(["cat", "cat", "dog"], dtype=object)
    assert value("accuracy", labels, said) == pytest.approx(2 / 3)
    with pytest.raises(InputError, match="mae needs numbers"):
        value("mae", labels, said)


@settings(max_examples=50, deadline=None)
@given(st.lists(row, min_size=2, max_size=30).filter(lambda rows: {label for label, *_ in rows} == {0.0, 1.0}))
def test_the_area_under_the_curve_is_that_of_scikit_learn(rows: list[tuple[float, float, int]]) -> None:
    labels, scores = (np.array(column) for column in list(zip(*rows, strict=True))[:2])
    assert value("auc", labels, scores) == pytest.approx(roc_auc_score(labels, scores))


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(sorted(BETTER)),
    st.lists(row, min_size=1, max_size=20).filter(lambda rows: sum(n for *_, n in rows) > 0),
)
def test_a_row_that_counts_twice_is_a_row_that_is_there_twice(
    measure: str, rows: list[tuple[float, float, int]]
) -> None:
    labels, scores, counts = (np.array(column) for column in zip(*rows, strict=True))
    repeated: Any = value(measure, np.repeat(labels, counts), np.repeat(scores, counts))
    assert weighted(measure, labels, scores)(counts.astype(float)) == pytest.approx(repeated, nan_ok=True)


def test_one_class_alone_has_no_area() -> None:
    assert np.isnan(value("auc", np.array([1.0, 1.0]), np.array([0.2, 0.3])))


@pytest.mark.parametrize(
    ("measure", "labels", "said", "problem"),
    [
        ("auc", [0.0, 2.0], [0.1, 0.2], "labels that are 0 or 1"),
        ("log_loss", [0.0, 1.0], [0.1, 1.2], "between 0 and 1"),
        ("f1", [0.0, 1.0], [0.0, 1.0], "no measure 'f1'"),
    ],
)
def test_rows_that_do_not_suit_a_measure_are_named(
    measure: str, labels: list[float], said: list[float], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        value(measure, np.array(labels), np.array(said))
