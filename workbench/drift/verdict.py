"""From numbers to a verdict: drift is what is no accident, is large enough, and is larger than noise would be.

Three conditions, all of them:

1. the p-value, corrected for all tests of the check, is below alpha: the difference is no accident;
2. the effect is at least the threshold: the difference matters;
3. the effect is above its noise floor: with so few rows, it is not what chance makes of equal data.

The first alone calls every difference in a million rows, the second alone every sample of a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.drift.comparison import Comparison
from workbench.drift.corrections import corrected
from workbench.drift.measures import Measured
from workbench.drift.options import Options
from workbench.drift.words import DRIFT, OK, RANK, WARN

__all__ = ["DRIFT", "OK", "RANK", "WARN", "Verdict", "judge", "ranked", "significance"]

WARNING = 0.5
"""The part of a threshold from which on a significant effect is a warning."""
MISSING_WARNING = 0.2
"""The same for missing values."""
NEGLIGIBLE = 1e-12
"""Where the noise floor is 0, the effect is compared with this."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What was decided about a column.

    Attributes:
        comparison: what it rests on.
        verdict: `ok`, `warn`, `drift`, `insufficient` or `not tested`.
        reasons: why, in words; empty for `ok`.
        p_adjusted: the corrected p-value of the test; None where there was none.
        part: the statistic of free text that speaks for the column.
        measured: the numbers of the test; of free text, those of `part`.
        missing_verdict: `ok`, `warn` or `drift`, of the missing values alone.
        missing_p_adjusted: their corrected p-value.
    """

    comparison: Comparison
    verdict: str
    reasons: tuple[str, ...] = ()
    p_adjusted: float | None = None
    part: str = ""
    measured: Measured | None = None
    missing_verdict: str = OK
    missing_p_adjusted: float | None = None

    @property
    def over_floor(self) -> float:
        """The effect in multiples of its noise floor: what columns are ranked by; 0 where nothing was tested."""
        if self.measured is None:
            return 0.0
        return self.measured.effect / max(self.measured.floor, NEGLIGIBLE)


@dataclass
class _Family:
    """P-values that are corrected together."""

    p_values: list[float] = field(default_factory=list)

    def add(self, comparison: Comparison) -> slice:
        start = len(self.p_values)
        self.p_values += comparison.p_values()
        return slice(start, len(self.p_values))


def judge(comparisons: Sequence[Comparison], options: Options) -> list[Verdict]:
    """Verdicts in the same order; the p-values of all comparisons are corrected together."""
    family = _Family()
    places = [family.add(comparison) for comparison in comparisons]
    adjusted = corrected(family.p_values, options.correction)
    return [_judged(one, adjusted[place], options) for one, place in zip(comparisons, places, strict=True)]


def ranked(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Drift first, then by the effect in multiples of its noise floor."""
    return sorted(verdicts, key=lambda one: (RANK[one.verdict], -one.over_floor, one.comparison.column))


def significance(effect: float, floor: float, p_adjusted: float, threshold: float, alpha: float) -> str:
    """The verdict of the three conditions."""
    if p_adjusted >= alpha or effect <= floor:
        return OK
    if effect >= threshold:
        return DRIFT
    return WARN if effect >= threshold * WARNING else OK


def _judged(comparison: Comparison, p_values: Sequence[float], options: Options) -> Verdict:
    missing_p = p_values[-1] if comparison.missing else None
    missing_verdict, missing_reason = _missing(comparison, missing_p, options)
    part, measured, p_adjusted, verdict = "", comparison.measured, None, OK
    if comparison.outcome != "tested":
        verdict = comparison.outcome
    elif comparison.parts:
        verdict, part, measured, p_adjusted = _worst_part(comparison, p_values, options)
    elif measured is not None:
        p_adjusted = p_values[0]
        verdict = _decided(measured, p_adjusted, comparison, options)
    reasons = [comparison.reason] if comparison.reason else []
    if part and verdict in (WARN, DRIFT):
        reasons.append(part)
    if comparison.findings:
        reasons += [finding.text for finding in comparison.findings]
        verdict = WARN if verdict == OK else verdict
    if missing_verdict != OK:
        reasons.append(missing_reason)
        verdict = min(verdict, missing_verdict, key=RANK.__getitem__)
    return Verdict(
        comparison, verdict, tuple(reasons), p_adjusted, part, measured, missing_verdict, missing_p
    )  # fmt: skip


def _worst_part(
    comparison: Comparison, p_values: Sequence[float], options: Options
) -> tuple[str, str, Measured, float]:
    found = [
        (_decided(measured, p, comparison, options), name, measured, p)
        for (name, measured), p in zip(comparison.parts.items(), p_values, strict=False)
    ]
    return min(found, key=lambda one: (RANK[one[0]], -one[2].effect / max(one[2].floor, NEGLIGIBLE)))


def _decided(measured: Measured, p_adjusted: float, comparison: Comparison, options: Options) -> str:
    assert comparison.threshold is not None
    return significance(measured.effect, measured.floor, p_adjusted, comparison.threshold, options.alpha)


def _missing(comparison: Comparison, p_adjusted: float | None, options: Options) -> tuple[str, str]:
    """The verdict on missing values, and why."""
    missing = comparison.missing
    if missing is None or p_adjusted is None or p_adjusted >= options.alpha or missing.change <= missing.floor:
        return OK, ""
    if missing.change < options.missing_threshold * MISSING_WARNING:
        return OK, ""
    verdict = DRIFT if missing.change >= options.missing_threshold else WARN
    return verdict, f"missing values: {_percent(missing.reference)} → {_percent(missing.current)}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
