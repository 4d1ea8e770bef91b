"""`--preset evidently`: the tests, thresholds and verdicts that Evidently 0.7 chooses by default.

Other tests are computed as it does where somebody asks for them. For people who compare: what is a defect there is one
here, but for what docs/drift.md lists; the default rule of this package is another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import chdtrc, ndtr

from workbench.drift import divergences
from workbench.drift.binning import histogram, sturges_edges
from workbench.drift.categories import Pair, paired
from workbench.drift.frequencies import z_statistic
from workbench.drift.merge import distances, ks_p_value
from workbench.drift.numbers import Numbers
from workbench.drift.options import Options
from workbench.drift.report import Document, column_document, plain_floats
from workbench.drift.sample import Counts
from workbench.drift.summary import COUNTED_NUMBERS, Summary, summarise
from workbench.drift.verdict import Verdict

if TYPE_CHECKING:
    from workbench.drift.check import Reference
    from workbench.drift.source import Table

SMALL_ROWS = 1000
"""Up to this many reference values tests are chosen by p-value, beyond it distances."""
FEW_VALUES = 5
FEW_WHOLE_NUMBERS = 10
P_VALUE, DISTANCE = 0.05, 0.1
P_VALUES = ("ks", "chisquare", "z")
"""Tests whose score is a p-value; the others are distances."""
FITTING = {"ks": ("numeric",), "wasserstein": ("numeric",), "chisquare": ("categorical",), "z": ("categorical",)}
"""The kinds of columns of tests that do not fit every one."""


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
    asked = options.asked_test(name, kind)
    if asked and kind not in FITTING.get(asked, (kind,)):
        return row | {"reason": f"{asked} does not fit a column of kind {kind}", "kind": kind}
    pair = _pair(ours, theirs)
    if kind != "numeric" and pair is None:
        return row | {"reason": "a side has no counts of its values", "kind": kind}
    if asked == "z" and pair is not None and len(pair.values) > 2:
        return row | {"reason": f"z compares two values, there are {len(pair.values)}", "kind": kind}
    test = asked or evidently_test(kind, ours, theirs)
    is_p = test in P_VALUES
    threshold = options.asked_threshold(name, kind)
    threshold = (P_VALUE if is_p else DISTANCE) if threshold is None else threshold
    score = evidently_score(test, kind, ours, theirs)
    drifted = _is_drift(test, score, threshold)
    tested: Document = plain_floats(
        {
            "kind": kind,
            "test": test,
            "score": score,
            "threshold": threshold,
            "p_value": score if is_p else None,
            "drifted": drifted,
            "verdict": "drift" if drifted else "ok",
            "reason": "",
        }
    )
    return row | tested


def _is_drift(test: str, score: float, threshold: float) -> bool:
    if test in P_VALUES:
        return score <= threshold if test == "ks" else score < threshold
    return score >= threshold


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


def evidently_test(kind: str, reference: Summary, current: Summary) -> str:
    """The test that Evidently chooses by default."""
    small = reference.values <= SMALL_ROWS
    pair = _pair(reference, current)
    if kind == "numeric" and (pair is None or len(pair.values) > FEW_VALUES):
        return "ks" if small else "wasserstein"
    assert pair is not None
    if not small:
        return "jensenshannon"
    return "chisquare" if len(pair.values) > 2 else "z"


def evidently_score(test: str, kind: str, reference: Summary, current: Summary) -> float:
    """What a test says of two columns: a p-value or a distance.

    Args:
        test: one of `options.EVIDENTLY_TESTS`; those of numbers alone go with the kind `numeric`.
    """
    if test in ("ks", "wasserstein"):
        assert reference.numbers is not None and current.numbers is not None
        return _score_of_numbers(test, reference.numbers, current.numbers)
    if test in ("chisquare", "z"):
        ours, theirs = _counts(reference, current)
        return chi_square(ours, theirs) if test == "chisquare" else _proportions(ours, theirs)
    measure = {
        "psi": divergences.psi_as_evidently,
        "kl_div": divergences.kl_as_evidently,
        "jensenshannon": divergences.jensen_shannon,
    }[test]
    few = reference.categories is not None and reference.categories.distinct <= COUNTED_NUMBERS
    by_value = current.categories is not None and (few or kind != "numeric" or reference.numbers is None)
    return measure(*(_counts if by_value else _bins)(reference, current))


def _pair(reference: Summary, current: Summary) -> Pair | None:
    if reference.categories is None or current.categories is None:
        return None
    return paired(reference.categories, current.categories)


def _counts(reference: Summary, current: Summary) -> tuple[Counts, Counts]:
    """Rows of each value."""
    pair = _pair(reference, current)
    assert pair is not None
    return pair.reference, pair.current


def _bins(reference: Summary, current: Summary) -> tuple[Counts, Counts]:
    """Rows in bins of equal width by Sturges' rule on both sides together."""
    ours, theirs = reference.numbers, current.numbers
    assert ours is not None and theirs is not None
    whole = all(side.dtype.startswith(("Int", "UInt")) and not side.nulls for side in (reference, current))
    low, high = min(ours.low, theirs.low), max(ours.high, theirs.high)
    edges = sturges_edges(low, high, ours.n + theirs.n, whole=whole)
    return histogram(ours.sample, edges), histogram(theirs.sample, edges)


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


def _score_of_numbers(test: str, reference: Numbers, current: Numbers) -> float:
    found = distances(reference.sample, current.sample)
    if test == "ks":
        return ks_p_value(found.ks, reference.sample, current.sample)
    return found.wasserstein / max(reference.std, 0.001)


def _with_categories(side: Summary, source: Any, name: str) -> Summary:
    """The same with its values counted, where a test by value may need them."""
    if side.categories is not None or side.family != "numeric":
        return side
    table = source if hasattr(source, "schema") else getattr(source, "table", None)
    few = side.numbers is not None and side.numbers.distinct is not None and side.numbers.distinct <= SMALL_ROWS
    return summarise(table, name, "categorical") if few and table is not None else side
