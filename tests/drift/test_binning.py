"""Bins: deciles of spiked data, Sturges' rule and histograms as NumPy has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from tests.drift.strategies import numbers
from workbench.drift.binning import decile_counts, decile_edges, drawn_counts, drawn_edges, histogram, sturges_edges
from workbench.drift.sample import Floats, Sample


@given(numbers(), numbers())
@settings(max_examples=100, deadline=None)
def test_sturges_bins_and_their_counts_are_numpys(a: Floats, b: Floats) -> None:
    both = np.concatenate([a, b])
    edges = sturges_edges(both.min(), both.max(), len(both))
    expected = np.histogram_bin_edges(both, "sturges")
    assert np.allclose(edges, expected, rtol=1e-12)
    assert histogram(Sample.of(a), expected).tolist() == np.histogram(a, expected)[0].tolist()


def test_whole_numbers_have_no_bins_narrower_than_1() -> None:
    values = np.array([1, 2, 3, 4] * 50)
    assert np.array_equal(sturges_edges(1, 4, 200, whole=True), np.histogram_bin_edges(values, "sturges"))


def test_a_spike_makes_fewer_bins_and_a_value_on_an_edge_is_below_it() -> None:
    sample = Sample.of(np.concatenate([np.zeros(60), np.arange(1, 41)]))
    edges = decile_edges(sample)
    assert edges.tolist() == [0, 10, 20, 30]
    assert decile_counts(sample, edges).tolist() == [60, 10, 10, 10, 10]


@given(numbers(), numbers())
@settings(max_examples=60, deadline=None)
def test_no_row_is_lost_in_any_bin(a: Floats, b: Floats) -> None:
    ours, theirs = Sample.of(a), Sample.of(b)
    assert decile_counts(theirs, decile_edges(ours)).sum() == len(b)
    edges = drawn_edges(ours, theirs)
    assert drawn_counts(ours, edges).sum() == len(a)
    assert np.all(np.diff(edges) > 0)


@pytest.mark.parametrize("values", [[1e308, -1e308], [5e-324, 1e-323], [3.0]])
def test_odd_ranges_can_be_drawn(values: list[float]) -> None:
    sample = Sample.of(values)
    assert drawn_counts(sample, drawn_edges(sample, sample)).sum() == len(values)


def test_bins_of_whole_numbers_hold_equally_many_of_them() -> None:
    sample = Sample.of(np.arange(0, 60).repeat(10))
    edges = drawn_edges(sample, sample)
    assert set(np.diff(edges)) == {3.0}
    counts = drawn_counts(sample, edges)
    assert set(counts[1:-1]) == {30}
    assert counts.sum() == 600
    few = Sample.of([0.0, 1.0, 2.0] * 10)
    assert drawn_counts(few, drawn_edges(few, few)).tolist()[:3] == [10, 10, 10]
