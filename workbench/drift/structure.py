"""What no distance shows: values that are new, gone or out of range, where chance does not explain them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.base.numbers import format_number
from workbench.drift import frequencies
from workbench.drift.categories import Pair
from workbench.drift.numbers import Numbers
from workbench.drift.sample import Counts

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """Something that a person should know of a column.

    Attributes:
        kind: `new values`, `vanished values`, `below range`, `above range`, `infinite values` or `look-alikes`.
        text: what it is, in words.
        p_value: how probable it is by chance.
        detail: values and their rows, or numbers.
    """

    kind: str
    text: str
    p_value: float
    detail: dict[str, Any] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"kind": self.kind, "text": self.text, "p_value": self.p_value, **self.detail}


def category_findings(pair: Pair, alpha: float) -> list[Finding]:
    """Values that only one side has.

    Args:
        alpha: what is more probable than this by chance is not mentioned.
    """
    found = []
    reference, current = pair.reference, pair.current
    new, gone = np.flatnonzero(reference == 0), np.flatnonzero(current == 0)
    n, m = int(reference.sum()), int(current.sum())
    if len(new):
        p = frequencies.only_on_one_side(current[new], reference + current, m, n)
        if p < alpha:
            values = _listed(pair.values, current, new)
            found.append(Finding("new values", _counted(len(new), "new value"), p, values))
            known = {_folded(value) for value, rows in zip(pair.values, reference, strict=True) if rows}
            alike = sum(_folded(pair.values[i]) in known for i in new)
            if alike:
                text = f"{alike} of them differ{'s' * (alike == 1)} from known values only in case or blanks"
                found.append(Finding("look-alikes", text, p, {"count": alike}))
    if len(gone):
        p = frequencies.only_on_one_side(reference[gone], reference + current, n, m)
        if p < alpha:
            values = _listed(pair.values, reference, gone)
            found.append(Finding("vanished values", _counted(len(gone), "value") + " gone", p, values))
    return found


def number_findings(reference: Numbers, current: Numbers, alpha: float) -> list[Finding]:
    """Numbers outside the reference's range, and infinite ones where it has none."""
    found = []
    below = int(current.sample.below([reference.low])[0])
    above = current.n - int(current.sample.at_most([reference.high])[0])
    sides = (
        ("below range", below, "below", reference.low, current.low),
        ("above range", above, "above", reference.high, current.high),
    )
    for kind, rows, word, bound, extreme in sides:
        p = frequencies.beyond_range(rows, reference.n, current.n)
        if p < alpha:
            text = f"{format_number(rows)} values {word} {format_number(bound)}"
            found.append(Finding(kind, text, p, {"rows": rows, "bound": bound, "extreme": extreme}))
    if current.infinite and not reference.infinite:
        p = frequencies.two_proportions(0, reference.n, current.infinite, current.n + current.infinite)
        if p < alpha:
            detail = {"rows": current.infinite}
            found.append(Finding("infinite values", f"{format_number(current.infinite)} infinite values", p, detail))
    return found


def _listed(values: Sequence[str], rows: Counts, which: NDArray[np.intp]) -> dict[str, Any]:
    most = sorted(which.tolist(), key=lambda i: (-rows[i], values[i]))[:SHOWN]
    shown = [{"value": values[i], "rows": int(rows[i])} for i in most]
    return {"count": len(which), "rows": int(rows[which].sum()), "values": shown}


def _counted(count: int, noun: str) -> str:
    return f"{format_number(count)} {noun}{'s' * (count != 1)}"


def _folded(value: str) -> str:
    return value.strip().casefold()
