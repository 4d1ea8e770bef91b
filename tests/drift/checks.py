"""Short ways to check data in tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from workbench.drift.check import check
from workbench.drift.options import Options
from workbench.drift.source import table_of

Document = dict[str, Any]


def checked(reference: Any, current: Any, **options: Any) -> Document:
    """The document of a check of two frames, or of what frames are made of."""
    ours, theirs = (
        table_of(side if isinstance(side, pl.DataFrame) else pl.DataFrame(side), name)
        for side, name in ((reference, "reference"), (current, "current"))
    )
    return check(ours, theirs, Options(**options))


def column(reference: Any, current: Any, **options: Any) -> Document:
    """The row of the one column `x` with these values on both sides."""
    sides = ({"x": side} if not isinstance(side, pl.DataFrame) else side for side in (reference, current))
    [found] = checked(*sides, **options)["columns"]
    assert isinstance(found, dict)
    return found


def normal(rows: int, shift: float = 0.0, seed: int = 0) -> Any:
    """Normal numbers."""
    return np.random.default_rng([seed, rows]).normal(shift, 1, rows)


def choice(rows: int, values: str = "abc", weights: Any = None, seed: int = 0) -> list[str]:
    """Letters."""
    return [str(value) for value in np.random.default_rng([seed, rows]).choice(list(values), rows, p=weights)]
