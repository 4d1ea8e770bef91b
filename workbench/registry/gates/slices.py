"""Gates on every slice of the data, so that a good average hides nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from workbench.registry.gates.candidate import Candidate
from workbench.registry.gates.child import call
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.limits import Limits, shown
from workbench.registry.gates.prediction_file import PredictionFile, maybe_predictions
from workbench.registry.gates.settings import Settings

MOST_KEPT = 200
"""Slices that a result lists, the worst first."""


@dataclass(frozen=True)
class Slices(Judge):
    """`slices`: a measure keeps to its limits in every slice that is large enough, and slices are not too far apart."""

    file: PredictionFile
    by: str
    limits: Limits
    max_gap: float | None
    min_rows: int

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        by = take.require("by", str)
        file = maybe_predictions(take, by=by)
        if file is None:
            raise take.error("it has no predictions")
        found = cls(file, by, Limits.declared(take), take.maybe("max_gap", float), take.get("min_rows", 30))
        if not found.limits and found.max_gap is None:
            raise take.error("it has neither min nor max nor max_gap")
        return found

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        with self.file.copied(candidate, candidate.facts) as [path]:
            arguments = {
                "path": path,
                "name": f"{self.file.path} of {candidate.facts.shown}",
                "roles": dict(self.file.roles),
                "measure": self.file.measure,
                "min_rows": self.min_rows,
            }
            found = call(f"{__name__}:sliced", arguments, cwd=candidate.project.root, timeout_s=timeout_s)
        assert isinstance(found, list)
        return self.verdict(found)

    def verdict(self, slices: Sequence[Mapping[str, Any]]) -> Verdict:
        """What slices mean.

        Args:
            slices: as `sliced` returns them.
        """
        judged = [one for one in slices if one["judged"]]
        measured = {"slices": [dict(one) for one in slices[:MOST_KEPT]], "judged": len(judged), "of": len(slices)}
        if not judged:
            return Verdict(False, f"no slice by {self.by} can be judged: none has {self.min_rows} rows", measured)
        worst, best = judged[0], judged[-1]
        gap = abs(best["value"] - worst["value"])
        broken = [one for one in judged if not self.limits.hold(one["value"])]
        too_far = self.max_gap is not None and gap > self.max_gap
        parts = [f"{self.file.measure} is {shown(worst['value'])} where {self.by} is {worst['slice']}, the worst slice"]
        if self.limits:
            parts.append(f"{self.limits.wanted}{f', which {len(broken)} slices miss' if len(broken) > 1 else ''}")
        if self.max_gap is not None:
            parts.append(
                f"{shown(gap)} from the best one ({best['slice']}), a gap of at most {shown(self.max_gap)} is wanted"
            )
        if len(judged) < len(slices):
            parts.append(f"{len(slices) - len(judged)} of {len(slices)} slices are not judged")
        return Verdict(not broken and not too_far, "; ".join(parts), {**measured, "gap": gap})


def sliced(path: str, name: str, roles: Mapping[str, Any], measure: str, min_rows: int) -> list[dict[str, object]]:
    """A measure in each slice of a file of predictions; what the process of its own does.

    Returns:
        `slice`, `rows`, `value` and whether it is `judged`: those with too few rows, or where the measure has no value
        (None), are not. The worst one first, those that are not judged last.

    Raises:
        InputError: the file cannot be read, or does not suit the measure.
    """
    import math

    from workbench.data.measures import BETTER, value
    from workbench.data.predictions import Roles, read_predictions

    frame = read_predictions(path, Roles(**roles), name)
    found: list[dict[str, object]] = []
    for rows in frame.partition_by("by", maintain_order=True):
        measure_there = value(measure, rows["label"].to_numpy(), rows["prediction"].to_numpy())
        has_value = not math.isnan(measure_there)
        found.append(
            {
                "slice": str(rows["by"][0]),
                "rows": rows.height,
                "value": measure_there if has_value else None,
                "judged": has_value and rows.height >= min_rows,
            }
        )
    sign = 1 if BETTER[measure] == "max" else -1
    return sorted(found, key=lambda one: (not one["judged"], sign * (one["value"] or 0.0)))  # type: ignore[operator]
