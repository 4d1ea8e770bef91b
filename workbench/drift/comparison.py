"""One column of both sides compared: numbers, not yet a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.drift import frequencies
from workbench.drift.categories import Categories, Pair, paired
from workbench.drift.floor import proportion_floor
from workbench.drift.kinds import FEW_VALUES
from workbench.drift.measures import (
    CATEGORICAL_TESTS,
    NUMERIC_TESTS,
    Measured,
    measure_categories,
    measure_numbers,
)
from workbench.drift.numbers import Numbers
from workbench.drift.options import Options
from workbench.drift.pictures import Picture, picture_of_numbers, picture_of_pair
from workbench.drift.sample import Sample
from workbench.drift.structure import Finding, category_findings, number_findings
from workbench.drift.summary import Summary

VALUE_TESTS = ("weekday", "hour")
BY_VALUE_TESTS = ("jensenshannon", "chisquare", "z")
"""Tests that compare numbers with few values value by value; the others keep to their order."""


@dataclass(frozen=True)
class Missing:
    """Missing values on both sides.

    Attributes:
        reference, current: shares of rows.
        p_value: of a test of two proportions.
        floor: what the difference stays below by chance.
    """

    reference: float
    current: float
    p_value: float
    floor: float

    @property
    def change(self) -> float:
        """The difference of the shares."""
        return abs(self.current - self.reference)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What is known of one column before anything is decided.

    Attributes:
        column, kind: which, and what it is.
        reference, current: its facts on each side; None where the side lacks the column.
        test: what was compared; None where nothing was.
        threshold: the least effect that is drift.
        measured: the numbers of the test; None where there was none.
        parts: the same of each statistic of free text.
        missing: missing values; None where a side lacks the column or its rows.
        findings: values that are new, gone or out of range beyond chance, and the like.
        picture: both distributions.
        outcome: `tested`, `not tested`, `insufficient`, `drift` or `warn`: the last three stand whatever the numbers.
        reason: why, where it is not tested, or stands.
    """

    column: str
    kind: str
    reference: Mapping[str, Any] | None
    current: Mapping[str, Any] | None
    test: str | None = None
    threshold: float | None = None
    measured: Measured | None = None
    parts: Mapping[str, Measured] = field(default_factory=dict)
    missing: Missing | None = None
    findings: Sequence[Finding] = ()
    picture: Picture | None = None
    outcome: str = "tested"
    reason: str = ""

    def p_values(self) -> list[float]:
        """Of every test of this column, in a fixed order; the missing values come last."""
        tests = [part.p_value for part in self.parts.values()] or ([self.measured.p_value] if self.measured else [])
        return tests + ([self.missing.p_value] if self.missing else [])


def compare(column: str, reference: Summary, current: Summary, options: Options, columns: int = 1) -> Comparison:
    """Compare one column that both sides have.

    Args:
        columns: how many there are: with more of them, a finding has to be less probable by chance.
    """
    kind = _kind(reference, current, options.kinds.get(column))
    ours, theirs = reference.facts(), current.facts()
    facts: dict[str, Any] = {"missing": missing_values(reference, current)}

    def untested(outcome: str, reason: str) -> Comparison:
        return Comparison(column, kind, ours, theirs, outcome=outcome, reason=reason, **facts)

    if "other" in (reference.family, current.family):
        return untested("not tested", f"values of type {reference.dtype} are not compared")
    if not reference.rows or not current.rows:
        return untested("insufficient", f"no rows in the {'current data' if reference.rows else 'reference'}")
    empty = [side for side, summary in (("reference", reference), ("current data", current)) if not summary.values]
    if empty:
        return untested("insufficient", f"no values in the {' and the '.join(empty)}")
    if reference.family != current.family:
        return untested("drift", f"the type has changed: {reference.dtype} → {current.dtype}")
    pair = _pair(kind, reference, current)
    few = min(reference.values, current.values)
    if few < options.min_rows:
        facts["picture"] = _draw(reference, current, kind, pair)
        return untested("insufficient", f"{few} values; {options.min_rows} are needed")
    if kind == "identifier":
        return untested("not tested", "identifier")
    test = options.test_of(column, kind)
    if test == "none":
        facts["picture"] = _draw(reference, current, kind, pair)
        reason = "time passes; --test weekday, hour or epoch compares it" if kind == "datetime" else "not asked for"
        return untested("not tested", reason)
    if kind == "numeric" and pair is not None and not any(name in options.tests for name in (column, kind, "")):
        test = "jensenshannon"
    parts = _parts(kind, test, reference, current, pair)
    if not parts:
        return untested("not tested", f"{test} does not fit a column of kind {kind}")
    threshold = options.threshold_of(column, kind, test)
    named = max(parts.values(), key=_how_far)
    return Comparison(
        column, kind, ours, theirs, test, threshold, named, parts if len(parts) > 1 else {},
        findings=_findings(reference, current, kind, pair, options.alpha / max(1, columns)),
        picture=_draw(reference, current, kind, pair, test), **facts,
    )  # fmt: skip


def absent(column: str, reference: Summary | None, current: Summary | None) -> Comparison:
    """A column that only one side has."""
    where = "current data" if current is None else "reference"
    there = reference or current
    assert there is not None
    ours, theirs = (side.facts() if side else None for side in (reference, current))
    kind = {"empty": "categorical", "other": "categorical"}.get(there.kind, there.kind)
    return Comparison(column, kind, ours, theirs, outcome="warn", reason=f"not in the {where}")


def missing_values(reference: Summary, current: Summary) -> Missing | None:
    """The shares of missing values, and whether they differ beyond chance; None where a side has no rows."""
    n, m = reference.rows, current.rows
    if not n or not m:
        return None
    p = frequencies.two_proportions(reference.missing, n, current.missing, m)
    share = (reference.missing + current.missing) / (n + m)
    return Missing(reference.missing / n, current.missing / m, p, proportion_floor(share, n, m))


def _kind(reference: Summary, current: Summary, wanted: str | None) -> str:
    """What the column is: as the reference has it; an identifier or a text only where both sides look like one."""
    if wanted is not None:
        return wanted
    kind = reference.kind if reference.kind not in ("empty", "other") else current.kind
    if kind == "identifier" and current.kind not in ("identifier", "empty") and current.values >= 20:
        return "numeric" if reference.family == "numeric" else "categorical"
    return {"empty": "categorical", "other": "categorical"}.get(kind, kind)


def _pair(kind: str, reference: Summary, current: Summary) -> Pair | None:
    """The counts of both sides by value, of what is compared so: categories, and numbers with few values."""
    ours, theirs = reference.categories, current.categories
    if ours is None or theirs is None or kind in ("identifier", "text", "constant"):
        return None
    if kind == "numeric" and max(ours.distinct, theirs.distinct) > FEW_VALUES:
        return None
    return paired(ours, theirs)


def _parts(kind: str, test: str, reference: Summary, current: Summary, pair: Pair | None) -> dict[str, Measured]:
    """What a test measures: one thing, of free text three; nothing where it does not fit."""
    if kind == "text" and test == "text":
        ours, theirs = reference.text, current.text
        if ours is None or theirs is None:
            return {}
        samples = {
            "length": (ours.length, theirs.length, None),
            "words": (ours.words, theirs.words, None),
            "unknown words": (ours.unknown, theirs.unknown, 1.0),
        }
        return {
            name: measure_numbers(_plain(a), _plain(b), "wasserstein", scale)
            for name, (a, b, scale) in samples.items()
            if a.n and b.n
        }
    if kind == "datetime" and test in VALUE_TESTS:
        a, b = (getattr(side, f"{test}s") for side in (reference, current))
        return {test: measure_categories(paired(a, b), "jensenshannon")} if a.n and b.n else {}
    if kind == "constant":
        return _constant(test, reference, current)
    if test == "epoch":
        test = "wasserstein"
    if pair is not None and (kind != "numeric" or test in BY_VALUE_TESTS):
        return {test: measure_categories(pair, test)} if test in CATEGORICAL_TESTS else {}
    if reference.numbers is None or current.numbers is None or test not in NUMERIC_TESTS:
        return {}
    return {test: measure_numbers(reference.numbers, current.numbers, test)}


def _constant(test: str, reference: Summary, current: Summary) -> dict[str, Measured]:
    """How many current values differ from the reference's only one."""
    if test not in CATEGORICAL_TESTS:
        return {}
    if reference.numbers is not None and current.numbers is not None:
        value, n = reference.numbers.low, current.numbers.n
        near = max(abs(value) * 1e-9, 5e-324)
        same = int(np.diff(current.numbers.sample.below([value - near, np.nextafter(value + near, np.inf)]))[0])
    else:
        assert reference.categories is not None and current.categories is not None
        frame, n = current.categories.frame, current.categories.n
        only = reference.categories.frame.get_column("value")[0]
        same = int(frame.filter(frame.get_column("value") == only).get_column("rows").sum())
    counts = [
        Categories.summed([_counts({"same": rows, "other": others})])
        for rows, others in ((reference.values, 0), (same, n - same))
    ]
    return {test: measure_categories(paired(*counts), test)}


def _counts(rows: Mapping[str, int]) -> Any:
    import polars as pl

    kept = {value: count for value, count in rows.items() if count}
    return pl.DataFrame({"value": list(kept), "rows": list(kept.values())}, {"value": pl.String, "rows": pl.Int64})


def _plain(sample: Sample) -> Numbers:
    """A sample as numbers."""
    values, weights = sample.values, sample.weights
    mean = float(np.average(values, weights=weights))
    std = float(np.sqrt(np.average((values - mean) ** 2, weights=weights)))
    return Numbers(sample, mean, std, float(values[0]), float(values[-1]), sample.distinct)


def _how_far(measured: Measured) -> tuple[bool, float]:
    """Which statistic speaks for a column: the largest effect among those that are above their floor."""
    return measured.effect > measured.floor, measured.effect


def _findings(reference: Summary, current: Summary, kind: str, pair: Pair | None, alpha: float) -> list[Finding]:
    if pair is not None:
        return category_findings(pair, alpha)
    if kind == "numeric" and reference.numbers is not None and current.numbers is not None:
        return number_findings(reference.numbers, current.numbers, alpha)
    return []


def _draw(
    reference: Summary, current: Summary, kind: str, pair: Pair | None, test: str | None = None
) -> Picture | None:
    if kind == "datetime" and test in VALUE_TESTS:
        a, b = (getattr(side, f"{test}s") for side in (reference, current))
        return picture_of_pair(paired(a, b), in_order=True)
    if pair is not None:
        return picture_of_pair(pair, in_order=kind == "numeric")
    if reference.text is not None and current.text is not None:
        return picture_of_numbers(reference.text.length, current.text.length)
    if reference.numbers is not None and current.numbers is not None:
        return picture_of_numbers(reference.numbers.sample, current.numbers.sample)
    if kind == "constant" and reference.categories is not None and current.categories is not None:
        return picture_of_pair(paired(reference.categories, current.categories))
    return None
