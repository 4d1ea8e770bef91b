"""The three conditions, each of which alone prevents drift."""

from __future__ import annotations

import pytest

from workbench.drift.comparison import Comparison, Missing
from workbench.drift.measures import Measured
from workbench.drift.options import Options
from workbench.drift.verdict import judge, ranked, significance


@pytest.mark.parametrize(
    ("effect", "floor", "p", "expected"),
    [
        (0.2, 0.05, 0.001, "drift"),
        (0.1, 0.05, 0.001, "drift"),  # the threshold itself
        (0.2, 0.05, 0.01, "ok"),  # an accident
        (0.2, 0.2, 0.001, "ok"),  # noise
        (0.07, 0.05, 0.001, "warn"),
        (0.05, 0.01, 0.001, "warn"),  # half of the threshold
        (0.04, 0.01, 0.001, "ok"),  # too small to matter
    ],
)
def test_all_three_have_to_hold(effect: float, floor: float, p: float, expected: str) -> None:
    assert significance(effect, floor, p, threshold=0.1, alpha=0.01) == expected


def compared(name: str, p: float, effect: float = 1.0, missing: Missing | None = None) -> Comparison:
    return Comparison(name, "numeric", None, None, "ks", 0.1, Measured(effect, 0.05, p), missing=missing)


def test_p_values_of_all_columns_and_of_missing_values_are_corrected_together() -> None:
    gaps = Missing(0.0, 0.5, 0.004, 0.01)
    verdicts = judge([compared("a", 0.004, missing=gaps), compared("b", 0.9)], Options())
    assert verdicts[0].p_adjusted == verdicts[0].missing_p_adjusted == pytest.approx(0.012)
    assert verdicts[0].verdict == "ok"
    alone = judge([compared("a", 0.004)], Options())
    assert alone[0].verdict == "drift"


def test_missing_values_have_a_verdict_of_their_own() -> None:
    def found(change: float, floor: float = 0.001) -> tuple[str, str]:
        [one] = judge([compared("a", 0.9, missing=Missing(0.0, change, 1e-9, floor))], Options())
        return one.verdict, one.missing_verdict

    assert found(0.05) == ("drift", "drift")
    assert found(0.02) == ("warn", "warn")
    assert found(0.005) == ("ok", "ok")
    assert found(0.5, floor=0.6) == ("ok", "ok")


def test_drift_comes_first_then_the_effect_in_multiples_of_the_floor() -> None:
    found = judge([compared("small", 1e-9, 0.2), compared("none", 0.9, 5.0), compared("large", 1e-9, 0.9)], Options())
    assert [one.comparison.column for one in ranked(found)] == ["large", "small", "none"]
    assert found[0].over_floor == pytest.approx(4)
