"""Drift inside one group of rows that the whole hides."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.drift.checks import choice, normal
from workbench.base.errors import InputError
from workbench.drift.options import Options
from workbench.drift.segments import MOST_SEGMENTS, check_segments
from workbench.drift.source import Table, table_of

N = 2000


def shop(seed: int, shift: float = 0.0) -> Table:
    """Prices in two countries, which move in opposite directions."""
    country = np.array(choice(N, "ab", seed=seed))
    away = np.where(country == "a", shift, -shift)
    return table_of(pl.DataFrame({"country": country, "price": normal(N, seed=seed) * 3 + away}))


def test_segments_drift_where_the_whole_does_not() -> None:
    document = check_segments(shop(0), shop(1, 1.0), "country", Options())
    assert sorted(document["drifted_segments"]) == ["a", "b"]
    assert document["drifted_columns"] == ["price"]
    assert {one["segment"]: one["rows"]["reference"] for one in document["segments"]}.keys() == {"a", "b"}
    assert check_segments(shop(0), shop(1), "country", Options())["dataset_drift"] is False


def test_p_values_are_corrected_over_all_segments() -> None:
    document = check_segments(shop(0), shop(1), "country", Options(correction="bonferroni"))
    column = document["segments"][0]["columns"][0]
    assert column["p_adjusted"] == pytest.approx(min(1, 4 * column["p_value"]))


def test_rare_values_are_left_out_and_counted() -> None:
    data = table_of(pl.DataFrame({"by": [f"v{i % 30}" for i in range(N)], "x": normal(N)}))
    document = check_segments(data, data, "by", Options())
    assert (len(document["segments"]), document["segments_left_out"]) == (MOST_SEGMENTS, 10)


def test_a_side_without_the_column_is_an_error() -> None:
    with pytest.raises(InputError, match="has no column 'city'"):
        check_segments(shop(0), shop(1), "city", Options())
