"""`--preset evidently`: the tests, thresholds and verdicts that Evidently 0.7 chooses by default.

For people who compare. What is a defect there is one here, but for what docs/drift.md lists; the default rule of this
package is another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, ndtr

from workbench.drift import divergences
from workbench.drift.binning import histogram, sturges_edges
from workbench.drift.categories import paired
from workbench.drift.frequencies import z_statistic
from workbench.drift.merge import distances, ks_p_value
from workbench.drift.numbers import Numbers
from workbench.drift.options import Options
from workbench.drift.report import Document, column_document, plain_floats
from workbench.drift.sample import Counts
from workbench.drift.summary import Summary, summarise
from workbench.drift.verdict import Verdict

if TYPE_CHECKING:
    from workbench.drift.check import Reference
    from workbench.drift.source import Table

SMALL_ROWS = 1000
"""Up to this many reference values tests are chosen by p-value, beyond it distances."""
FEW_VALUES = 5
FEW_WHOLE_NUMBERS = 10
P_VALUE, DISTANCE = 0.05, 0.1


def evidently_column(name: str, reference: Reference, current: Table, options: Options) -> Document | None:
    """The row of one column; None for one that Evidently's preset leaves out, such as a time."""
    from workbench.drift.check import both_sides, compare_one

    plain = compare_one(name, reference, current, Options(kinds=options.kinds))
    row = column_document(Verdict(plain, "not tested"))
    row |= {"test": None, "score": None, "threshold": None, "floor": None, "over_floor": None, "p_value": None}
    row |= {"p_adjusted": None, "findings": [], "reason": plain.reason, "drifted": False}
    if plain.reference is None or plain.current is None:
        return row
    ours, theirs = both_sides(name, reference, current, options)
    assert ours is not None and theirs is not None
    kind = evidently_kind(theirs)
    if kind is None:
        return row | {"reason": f"left out by this preset: {theirs.dtype}", "kind": plain.kind}
    if not ours.values or not theirs.values or ours.family != theirs.family:
        return row | {"reason": plain.reason or "no values", "kind": kind}
    if kind == "text":
        return row | {"reason": "a text: its classifier is not part of this preset", "kind": kind}
    ours, theirs = (_with_categories(side, table, name) for side, table in ((ours, reference), (theirs, current)))
    if kind == "numeric" and (ours.numbers is None or theirs.numbers is None):
        return row
    test, score, drifted = evidently_test(kind, ours, theirs)
    is_p = test in ("ks", "chisquare", "z")
    tested: Document = plain_floats(
        {
            "kind": kind,
            "test": test,
            "score": score,
            "threshold": P_VALUE if is_p else DISTANCE,
            "p_value": score if is_p else None,
            "drifted": drifted,
            "verdict": "drift" if drifted else "ok",
            "reason": "",
        }
    )
    return row | tested


def evidently_kind(current: Summary) -> str | None:
    """What Evidently takes a column for, which it tells from the current data as pandas reads it."""
    numbers = current.numbers
    if current.family == "boolean":
        return None if current.nulls else "categorical"
    if current.family == "numeric" and numbers is not None:
        whole = current.dtype.startswith(("Int", "UInt")) and not current.nulls
        few = numbers.distinct is not None and numbers.distinct <= FEW_WHOLE_NUMBERS
        return "categorical" if whole and current.dtype.startswith("Int") and few else "numeric"
    if current.family == "text" and current.categories is not None:
        return "text" if current.categories.distinct > 0.5 * current.categories.n else "categorical"
    return None


def evidently_test(kind: str, reference: Summary, current: Summary) -> tuple[str, float, bool]:
    """The test that is chosen, its score (a p-value or a distance) and whether it is drift."""
    small = reference.values <= SMALL_ROWS
    pair = None
    if reference.categories is not None and current.categories is not None:
        pair = paired(reference.categories, current.categories)
    numeric = kind == "numeric" and (pair is None or len(pair.values) > FEW_VALUES)
    if numeric:
        assert reference.numbers is not None and current.numbers is not None
        return _numbers(reference.numbers, current.numbers, small)
    assert pair is not None
    if not small:
        score = divergences.jensen_shannon(pair.reference, pair.current)
        return "jensenshannon", score, score >= DISTANCE
    if len(pair.values) > 2:
        score = chi_square(pair.reference, pair.current)
        return "chisquare", score, score < P_VALUE
    score = _proportions(pair.reference, pair.current)
    return "z", score, score < P_VALUE


def psi_of_numbers(reference: Numbers, current: Numbers, *, whole: bool = False) -> float:
    """PSI over bins of equal width by Sturges' rule on both sides together."""
    low, high = min(reference.low, current.low), max(reference.high, current.high)
    edges = sturges_edges(low, high, reference.n + current.n, whole=whole)
    return divergences.psi_as_evidently(histogram(reference.sample, edges), histogram(current.sample, edges))


def chi_square(reference: Counts, current: Counts) -> float:
    """The p-value of a one-sample test against the reference as if it were exact: a new value makes it 0."""
    expected = reference * (current.sum() / reference.sum())
    if np.any((expected == 0) & (current > 0)):
        return 0.0
    kept = expected > 0
    statistic = float(np.sum((current[kept] - expected[kept]) ** 2 / expected[kept]))
    return float(chdtrc(len(reference) - 1, statistic))


def _proportions(reference: Counts, current: Counts) -> float:
    if len(reference) == 1:
        return 1.0
    z = z_statistic(int(reference[0]), int(reference.sum()), int(current[0]), int(current.sum()))
    return float(2 * (1 - ndtr(abs(z))))


def _numbers(reference: Numbers, current: Numbers, small: bool) -> tuple[str, float, bool]:
    found = distances(reference.sample, current.sample)
    if small:
        score = ks_p_value(found.ks, reference.sample, current.sample)
        return "ks", score, score <= P_VALUE
    score = found.wasserstein / max(reference.std, 0.001)
    return "wasserstein", score, score >= DISTANCE


def _with_categories(side: Summary, source: Any, name: str) -> Summary:
    """The same with its values counted, where a test by value may need them."""
    if side.categories is not None or side.family != "numeric":
        return side
    table = source if hasattr(source, "schema") else getattr(source, "table", None)
    few = side.numbers is not None and side.numbers.distinct is not None and side.numbers.distinct <= SMALL_ROWS
    return summarise(table, name, "categorical") if few and table is not None else side
