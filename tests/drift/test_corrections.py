"""Corrections of p-values: known vectors, and laws."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from workbench.drift.corrections import METHODS, corrected

P = [0.01, 0.04, 0.03, 0.005, 0.9]
p_values = st.lists(st.floats(0, 1), max_size=20)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("none", P),
        ("bonferroni", [0.05, 0.2, 0.15, 0.025, 1.0]),
        ("holm", [0.04, 0.09, 0.09, 0.025, 0.9]),
        ("bh", [0.025, 0.05, 0.05, 0.025, 0.9]),
    ],
)
def test_a_known_vector(method: str, expected: list[float]) -> None:
    assert corrected(P, method) == pytest.approx(expected)


@given(p_values)
def test_bh_is_scipys(p: list[float]) -> None:
    if p:
        assert corrected(p, "bh") == pytest.approx(false_discovery_control(p).tolist())


@given(p_values)
def test_no_p_value_becomes_smaller_and_their_order_stays(p: list[float]) -> None:
    for method in METHODS:
        found = corrected(p, method)
        assert all(raw * (1 - 1e-12) <= after <= 1 for raw, after in zip(p, found, strict=True))
        order = sorted(range(len(p)), key=p.__getitem__)
        assert all(found[a] <= found[b] for a, b in pairwise(order))


@given(p_values)
def test_holm_lies_between_nothing_and_bonferroni(p: list[float]) -> None:
    for holm, bonferroni in zip(corrected(p, "holm"), corrected(p, "bonferroni"), strict=True):
        assert holm <= bonferroni
