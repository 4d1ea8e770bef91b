"""`--preset evidently`: which test is chosen where, and the verdicts at the borders."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import entropy

from tests.drift.checks import checked, choice, column, normal
from workbench.base.errors import InputError


def preset(reference: Any, current: Any, **options: Any) -> dict[str, Any]:
    return column(reference, current, preset="evidently", **options)


@pytest.mark.parametrize(("rows", "test"), [(1000, "ks"), (1001, "wasserstein")])
def test_the_rows_of_the_reference_choose_the_test_of_numbers(rows: int, test: str) -> None:
    assert preset(normal(rows), normal(5000, 0, 1))["test"] == test


@pytest.mark.parametrize(
    ("values", "rows", "test"),
    [(2, 900, "z"), (5, 900, "chisquare"), (6, 900, "ks"), (5, 1200, "jensenshannon"), (6, 1200, "wasserstein")],
)
def test_numbers_with_up_to_five_values_are_categories(values: int, rows: int, test: str) -> None:
    data = np.arange(rows) % values + 0.5
    assert preset(data, data)["test"] == test


@pytest.mark.parametrize(
    ("values", "rows", "test"), [("ab", 900, "z"), ("abc", 900, "chisquare"), ("ab", 1200, "jensenshannon")]
)
def test_the_tests_of_categories(values: str, rows: int, test: str) -> None:
    assert preset(choice(rows, values), choice(rows, values))["test"] == test


def test_whole_numbers_with_up_to_ten_values_are_categories_by_the_current_data() -> None:
    few, many = np.arange(400) % 10, np.arange(400) % 11
    assert preset(few, few)["kind"] == "categorical"
    assert preset(few, many)["kind"] == "numeric"
    assert preset(few, pl.Series("x", [*few.tolist(), None]))["kind"] == "numeric"


def test_nulls_are_not_seen_and_constants_divide_by_a_thousandth() -> None:
    half = [None if i % 2 else value for i, value in enumerate(normal(4000, 0, 1).tolist())]
    assert preset(normal(4000), half)["verdict"] == "ok"
    values = np.append(np.full(1100, 5.0), np.arange(5))
    shifted = np.append(np.full(1100, 5.01), np.arange(6))
    assert preset(np.full(1100, 5.0), np.full(1100, 5.01))["test"] == "jensenshannon"
    assert preset(values, shifted)["test"] == "wasserstein"


def test_one_new_value_in_a_hundred_rows_is_drift_as_it_is_there() -> None:
    found = preset([*"ab"] * 50, [*"ab"] * 49 + ["a", "c"])
    assert (found["test"], found["p_value"], found["verdict"]) == ("chisquare", 0.0, "drift")


def test_the_data_drifts_from_half_of_its_columns_on() -> None:
    reference = {"a": normal(500), "b": normal(500)}
    document = checked(reference, {"a": normal(500, 1, 1), "b": normal(500, 0, 1)}, preset="evidently")
    assert (document["drifted_share"], document["dataset_drift"], document["preset"]) == (0.5, True, "evidently")


def test_what_aborts_a_report_there_is_a_row_with_a_reason_here() -> None:
    reference = pl.DataFrame({"empty": pl.Series([None] * 50, dtype=pl.Float64), "gone": [1.0] * 50, "n": normal(50)})
    document = checked(reference, reference.drop("gone"), preset="evidently")
    found = {one["column"]: (one["verdict"], one["reason"]) for one in document["columns"]}
    assert found["empty"] == ("not tested", "no values in the reference and the current data")
    assert found["gone"] == ("not tested", "not in the current data")
    assert found["n"] == ("ok", "")


def test_psi_over_bins_of_equal_width() -> None:
    reference, current = normal(2000), normal(2000, 0.5, 1)
    edges = np.histogram_bin_edges(np.concatenate([reference, current]), "sturges")
    p, q = (np.histogram(side, edges)[0] / 2000 for side in (reference, current))
    p, q = (np.where(side == 0, 1e-4, side) for side in (p, q))
    found = preset(reference, current, tests={"": "psi"})
    assert found["score"] == pytest.approx(float(np.sum((p - q) * np.log(p / q))))
    assert (found["threshold"], found["p_value"], found["verdict"]) == (0.1, None, "drift")


def test_numbers_with_few_values_are_binned_by_value() -> None:
    reference, current = np.arange(400) % 4 / 2, np.arange(400) % 5 / 2
    p, q = np.array([1, 1, 1, 1, 4e-4]) / 4, np.full(5, 0.2)
    found = preset(reference, current, tests={"numeric": "kl_div"})
    assert found["score"] == pytest.approx(entropy(p, q))


def test_a_threshold_of_a_column_decides() -> None:
    reference, current = normal(500), normal(500, 0.1, 1)
    p_value = preset(reference, current)["p_value"]
    for threshold, verdict in ((p_value, "drift"), (p_value * 0.99, "ok")):
        found = preset(reference, current, thresholds={"x": threshold})
        assert (found["test"], found["threshold"], found["verdict"]) == ("ks", threshold, verdict)


@pytest.mark.parametrize(
    ("values", "test", "kind"), [(normal(50), "z", "numeric"), (choice(50), "wasserstein", "categorical")]
)
def test_a_test_that_does_not_fit_is_not_made(values: Any, test: str, kind: str) -> None:
    found = preset(values, values, tests={"": test})
    assert (found["verdict"], found["reason"]) == ("not tested", f"{test} does not fit a column of kind {kind}")


def test_z_is_for_two_values() -> None:
    found = preset(choice(50), choice(50), tests={"": "z"})
    assert (found["verdict"], found["reason"]) == ("not tested", "z compares two values, there are 3")


def test_what_the_preset_lacks_is_refused() -> None:
    for options in ({"tests": {"": "tvd"}}, {"multivariate": True}):
        with pytest.raises(InputError, match="preset evidently"):
            preset(normal(9), normal(9), **options)
