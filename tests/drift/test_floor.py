"""Noise floors: what 99 of 100 comparisons of equal data stay below."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from workbench.drift import floor
from workbench.drift.categories import Pair
from workbench.drift.measures import measure_categories, measure_numbers
from workbench.drift.numbers import numbers_of
from workbench.drift.sample import Sample

REPETITIONS = 200


def test_the_spread_of_a_normal_distribution() -> None:
    sample = Sample.of(np.random.default_rng(0).normal(size=200_000))
    assert floor.spread_of(sample) == pytest.approx(1.614, abs=0.01)
    counted = Sample(sample.values[::2].copy(), np.full(100_000, 2))
    assert floor.spread_of(counted) == pytest.approx(floor.spread_of(sample), abs=1e-3)
    assert floor.spread_of(Sample.of([3.0])) == 0


@pytest.mark.parametrize(("n", "m"), [(100, 100), (2000, 200)])
@pytest.mark.parametrize("test", ["wasserstein", "ks", "psi", "jensenshannon", "hellinger", "tvd"])
def test_numbers_without_drift_stay_below_their_floor(test: str, n: int, m: int) -> None:
    above = 0
    for seed in range(REPETITIONS):
        random = np.random.default_rng([seed, n])
        ours, theirs = (numbers_of(pl.Series(random.normal(size=size))) for size in (n, m))
        found = measure_numbers(ours, theirs, test)
        above += found.effect > found.floor
    assert above / REPETITIONS <= 0.05


@pytest.mark.parametrize("test", ["jensenshannon", "psi", "chisquare", "tvd", "l_infinity"])
def test_categories_without_drift_stay_below_theirs(test: str) -> None:
    weights = 1 / np.arange(1, 21)
    above = 0
    for seed in range(REPETITIONS):
        random = np.random.default_rng(seed)
        ours, theirs = (random.multinomial(1000, weights / weights.sum()) for _ in range(2))
        found = measure_categories(Pair([str(i) for i in range(20)], ours, theirs), test)
        above += found.effect > found.floor
    assert above / REPETITIONS <= 0.05


def test_floors_fall_with_the_root_of_the_rows() -> None:
    for one in (floor.ks_floor, lambda n, m: floor.distance_floor(10, n, m)):
        assert one(400, 400) == pytest.approx(one(100, 100) / 2)
    assert floor.psi_floor(10, 400, 400) == pytest.approx(floor.psi_floor(10, 100, 100) / 4)


def test_ends() -> None:
    assert floor.psi_floor(1, 10, 10) == 0
    assert floor.wasserstein_floor(1.0, 0.0, 10, 10) == math.inf
    assert floor.proportion_floor(0.0, 10, 10) == 0
    assert floor.noise(4, 2) == 0.75
