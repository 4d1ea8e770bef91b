"""What a drift check is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.base.errors import InputError
from workbench.drift.corrections import METHODS

KINDS = ("numeric", "categorical", "boolean", "text", "datetime", "identifier", "constant")
DEFAULT_TESTS = {
    "numeric": "wasserstein",
    "categorical": "jensenshannon",
    "boolean": "jensenshannon",
    "text": "text",
    "datetime": "none",
    "constant": "tvd",
}
THRESHOLDS = {
    "wasserstein": 0.1,
    "ks": 0.1,
    "psi": 0.25,
    "jensenshannon": 0.1,
    "hellinger": 0.1,
    "kl_div": 0.1,
    "tvd": 0.1,
    "l_infinity": 0.1,
    "chisquare": 0.1,
    "z": 0.1,
    "text": 0.1,
    "epoch": 0.1,
    "weekday": 0.1,
    "hour": 0.1,
}
"""The least effect that is called drift. In standard deviations for wasserstein, text and epoch; in nats for
jensenshannon and kl_div; a share of rows for tvd, l_infinity and z; D for ks; Cramér's V for chisquare."""
TESTS = (*THRESHOLDS, "none")
PRESETS = ("evidently",)
EVIDENTLY_TESTS = ("ks", "wasserstein", "psi", "jensenshannon", "kl_div", "chisquare", "z")
"""Tests that the preset computes as Evidently does."""

Chosen = Mapping[str, str]


@dataclass(frozen=True)
class Options:
    """How to compare.

    Attributes:
        columns: only these, in this order; empty is all.
        ignore: columns to leave out.
        kinds: what columns are, where what is recognised is wrong.
        tests: the test of a column, of a kind or, under the empty name, of all columns; the first of these that is
            there counts.
        thresholds: the least effect that is drift, found the same way.
        alpha: the p-value, after the correction, below which a difference is no accident.
        correction: one of `corrections.METHODS`, over all tests of a check.
        min_rows: with fewer values on a side the verdict is `insufficient`.
        missing_threshold: the change of the share of missing values that is drift; a fifth of it is a warning.
        share: the share of drifted columns from which on the data set has drifted; None is any column.
        preset: `evidently` compares and decides as Evidently does, by default with its default tests and thresholds.
        multivariate: also compare all columns together.
    """

    columns: Sequence[str] = ()
    ignore: Sequence[str] = ()
    kinds: Chosen = field(default_factory=dict)
    tests: Chosen = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    alpha: float = 0.01
    correction: str = "holm"
    min_rows: int = 30
    missing_threshold: float = 0.05
    share: float | None = None
    preset: str | None = None
    multivariate: bool = False

    def __post_init__(self) -> None:
        """Raises InputError where a name is unknown or a number makes no sense."""
        _known(self.kinds.values(), KINDS, "kind of column")
        _known(self.tests.values(), TESTS, "test")
        _known([self.correction], METHODS, "correction")
        _known([self.preset] if self.preset else [], PRESETS, "preset")
        if self.preset:
            _known(self.tests.values(), EVIDENTLY_TESTS, f"test of the preset {self.preset}")
            if self.multivariate:
                raise InputError(f"the preset {self.preset} compares no columns together", "leave one of them out")
        if not 0 < self.alpha < 1:
            raise InputError(f"alpha is {self.alpha}; it is a probability between 0 and 1")
        if self.share is not None and not 0 <= self.share <= 1:
            raise InputError(f"the share is {self.share}; it is between 0 and 1")
        if any(not threshold >= 0 for threshold in self.thresholds.values()):
            raise InputError("a threshold is a number that is not negative")

    def test_of(self, column: str, kind: str) -> str:
        """The test that a column is to have."""
        return self.asked_test(column, kind) or DEFAULT_TESTS.get(kind, "none")

    def threshold_of(self, column: str, kind: str, test: str) -> float:
        """The least effect of a column that is drift."""
        asked = self.asked_threshold(column, kind)
        return THRESHOLDS.get(test, 0.1) if asked is None else asked

    def asked_test(self, column: str, kind: str) -> str | None:
        """The test that was asked for; None is the default."""
        return next((self.tests[name] for name in (column, kind, "") if name in self.tests), None)

    def asked_threshold(self, column: str, kind: str) -> float | None:
        """The threshold that was asked for; None is the default."""
        return next((self.thresholds[name] for name in (column, kind, "") if name in self.thresholds), None)

    def wants(self, column: str) -> bool:
        """Whether a column is compared."""
        return (not self.columns or column in self.columns) and column not in self.ignore


def _known(names: object, allowed: Sequence[str], what: str) -> None:
    for name in names:  # type: ignore[attr-defined]
        if name not in allowed:
            raise InputError(f"there is no {what} {name!r}", f"one of: {', '.join(allowed)}")
