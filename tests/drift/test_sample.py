"""Samples: ranks, quantiles, and points that stand for numbers with an error that is known."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.drift.strategies import numbers
from workbench.drift.merge import distances
from workbench.drift.sample import Floats, Sample


@given(numbers(), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_the_errors_of_a_compressed_sample_are_bounds(values: Floats, points: int) -> None:
    whole = Sample.of(values)
    small = whole.compressed(points)
    found = distances(whole, small)
    assert small.n == whole.n
    assert len(small.values) <= points or small is whole
    assert found.ks <= small.rank_error + 1e-12
    assert found.wasserstein <= small.shift_error * (1 + 1e-9) + 1e-9


@given(numbers(), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_a_sample_with_counts_is_compressed_within_its_errors(values: Floats, points: int) -> None:
    counted = Sample(*Sample.of(values).frequencies())
    small = counted.compressed(points)
    assert small.n == counted.n
    assert distances(counted, small).ks <= small.rank_error + 1e-12


def test_the_rank_error_is_half_a_cell_where_numbers_differ() -> None:
    small = Sample.of(np.arange(100_000.0)).compressed(1000)
    assert small.rank_error <= 1 / 2000 + 1e-9
    assert len(small.values) == 1000


def test_equal_numbers_lose_nothing() -> None:
    small = Sample.of(np.zeros(10_000)).compressed(10)
    assert (small.rank_error, small.shift_error) == (0, 0)


@given(st.lists(numbers(), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_merged_samples_are_the_sample_of_all(parts: list[Floats]) -> None:
    merged = Sample.merged([Sample.of(part) for part in parts])
    assert np.array_equal(np.sort(merged.expanded()), np.sort(np.concatenate(parts)))


@given(numbers(), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_quantiles_are_values_that_occur(values: Floats, share: float) -> None:
    [found] = Sample.of(values).quantiles([share])
    assert found == np.quantile(values, share, method="inverted_cdf") or np.isclose(
        stats.percentileofscore(values, found, "weak") / 100, share, atol=1 / len(values) + 1e-9
    )
    assert found in values


@given(numbers(), st.lists(st.floats(-5, 5), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_ranks_count_ties_on_the_side_that_is_asked_for(values: Floats, points: list[float]) -> None:
    sample = Sample.of(values)
    assert sample.at_most(points).tolist() == [int(np.sum(values <= point)) for point in points]
    assert sample.below(points).tolist() == [int(np.sum(values < point)) for point in points]
