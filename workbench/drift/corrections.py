"""P-values of many tests: what each would be if it had been chosen among all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

METHODS = ("none", "bonferroni", "holm", "bh")


def corrected(p_values: Sequence[float], method: str = "holm") -> list[float]:
    """Adjusted p-values in the same order: compared with alpha, they decide as the method does.

    Args:
        p_values: of all tests that belong together.
        method: `holm` (Holm 1979) and `bonferroni` bound the probability of any false alarm, whatever depends on what;
            `bh` (Benjamini and Hochberg 1995) bounds the share of false alarms among alarms; `none`.

    Raises:
        KeyError: there is no such method.
    """
    return _METHODS[method](list(p_values))


def _none(p: list[float]) -> list[float]:
    return p


def _bonferroni(p: list[float]) -> list[float]:
    return [min(1.0, value * len(p)) for value in p]


def _holm(p: list[float]) -> list[float]:
    """From the least on: each times the tests that are left, and never below the one before."""
    adjusted, highest = [0.0] * len(p), 0.0
    for rank, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        highest = max(highest, min(1.0, p[index] * (len(p) - rank)))
        adjusted[index] = highest
    return adjusted


def _bh(p: list[float]) -> list[float]:
    """From the greatest on: each times the tests over its rank, and never above the one after."""
    adjusted, least = [0.0] * len(p), 1.0
    for rank, index in reversed(list(enumerate(sorted(range(len(p)), key=p.__getitem__), start=1))):
        least = min(least, p[index] * len(p) / rank)
        adjusted[index] = least
    return adjusted


_METHODS: dict[str, Callable[[list[float]], list[float]]] = {
    "none": _none,
    "bonferroni": _bonferroni,
    "holm": _holm,
    "bh": _bh,
}
