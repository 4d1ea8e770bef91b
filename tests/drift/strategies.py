"""Columns that hypothesis makes: with ties, gaps and constants."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.drift.sample import Floats

few = st.integers(-3, 3).map(float)
many = st.floats(-1e6, 1e6, allow_subnormal=False)


def numbers(least: int = 1, most: int = 60) -> st.SearchStrategy[Floats]:
    """Finite numbers, often equal ones."""
    return st.one_of(
        *(arrays.arrays(np.float64, st.integers(least, most), elements=elements) for elements in (few, many)),
        st.builds(lambda value, size: np.full(size, value), many, st.integers(least, most)),
    )


def counts(most: int = 30) -> st.SearchStrategy[tuple[list[int], list[int]]]:
    """Rows of the same values on both sides, each side with at least one."""
    sides = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=most)
    both = sides.map(lambda pairs: ([a for a, _ in pairs], [b for _, b in pairs]))
    return both.filter(lambda found: bool(sum(found[0])) and bool(sum(found[1])))
