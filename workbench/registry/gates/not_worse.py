"""Gates that hold a version against another one: by rows that both predicted where there are such, else by a metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from workbench.base.direction import better_direction
from workbench.registry.gates.against import maybe_against, named, opponent
from workbench.registry.gates.candidate import Candidate, Facts, Reference
from workbench.registry.gates.child import call
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.limits import shown, signed
from workbench.registry.gates.metric import metric_of
from workbench.registry.gates.prediction_file import PredictionFile, maybe_predictions
from workbench.registry.gates.settings import Settings

LEAST_RESAMPLES = 100


@dataclass(frozen=True)
class NotWorse(Judge):
    """`not-worse`: no worse than another version by more than a tolerance.

    By rows, it fails where the version is worse by more than the tolerance with 95 % confidence: luck in drawing the
    rows is no reason to fail. By a metric, whose luck is not known, it fails where the number is worse.
    """

    metric: str
    against: Reference
    tolerance: float
    better: str
    file: PredictionFile | None
    resamples: int

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        metric = take.require("metric", str)
        against = maybe_against(take)
        if against is None:
            raise take.error("it has no against")
        tolerance = take.get("tolerance", 0.0)
        better = take.choice("direction", ("max", "min"), better_direction(metric))
        found = cls(metric, against, tolerance, str(better), maybe_predictions(take), take.get("resamples", 2000))
        if tolerance < 0:
            raise take.error("tolerance is 0 or more")
        if found.resamples < LEAST_RESAMPLES:
            raise take.error(f"resamples is {LEAST_RESAMPLES} or more")
        return found

    @property
    def others(self) -> Sequence[Reference]:
        """See `Judge`."""
        return (self.against,)

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        other = opponent(candidate, self.against)
        if isinstance(other, Verdict):
            return other
        if self.file is None:
            return self._by_metric(candidate.facts, other)
        without = [facts.shown for facts in (candidate.facts, other) if self.file.sha256(facts) is None]
        if without:
            return self._by_metric(candidate.facts, other, f"no {self.file.path} in the run of {' and '.join(without)}")
        found = self._compared(candidate, other, timeout_s)
        if "unpaired" in found:
            return self._by_metric(candidate.facts, other, f"the rows do not pair, {found['unpaired']}")
        return self._by_rows(other, found)

    def _by_metric(self, own: Facts, other: Facts, why: str = "") -> Verdict:
        a, b = metric_of(own, self.metric), metric_of(other, self.metric)
        worse = b - a if self.better == "max" else a - b
        detail = f"{self._said(self.metric, a, b, other)}{self._allowed}"
        detail += f"; compared by the metric alone: {why}" if why else ""
        return Verdict(worse <= self.tolerance, detail, {"value": a, "other": b, "difference": a - b, "by": "metric"})

    def _by_rows(self, other: Facts, found: Mapping[str, Any]) -> Verdict:
        assert self.file is not None
        at_best = found["high"] if found["better"] == "max" else found["low"]
        passed = at_best >= -self.tolerance if found["better"] == "max" else at_best <= self.tolerance
        detail = (
            f"{self._said(self.file.measure, found['a'], found['b'], other)}, at best {signed(at_best)} "
            f"with 95 % confidence ({found['rows']:,} rows){self._allowed}"
        )
        measured = {
            "value": found["a"],
            "other": found["b"],
            "difference": found["a"] - found["b"],
            "ci": [found["low"], found["high"]],
            "confidence": 0.95,
            "n": found["rows"],
            "resamples": self.resamples,
            "by": "rows",
        }
        return Verdict(passed, detail, measured)

    def _said(self, what: str, a: float, b: float, other: Facts) -> str:
        return f"{what} is {shown(a)}, and {shown(b)} in {named(other, self.against)}: {signed(a - b)}"

    @property
    def _allowed(self) -> str:
        return f", {shown(self.tolerance)} worse is allowed" if self.tolerance else ""

    def _compared(self, candidate: Candidate, other: Facts, timeout_s: float) -> Mapping[str, Any]:
        assert self.file is not None
        contents = (self.file.sha256(candidate.facts), self.file.sha256(other))
        with self.file.copied(candidate, candidate.facts, other) as paths:
            arguments = {
                "paths": paths,
                "names": [f"{self.file.path} of {facts.shown}" for facts in (candidate.facts, other)],
                "roles": dict(self.file.roles),
                "measure": self.file.measure,
                "resamples": self.resamples,
                "seed": int(sha256(" ".join(map(str, contents)).encode()).hexdigest()[:12], 16),
            }
            found = call(f"{__name__}:compared", arguments, cwd=candidate.project.root, timeout_s=timeout_s)
        assert isinstance(found, dict)
        return found


def compared(
    paths: Sequence[str], names: Sequence[str], roles: Mapping[str, Any], measure: str, resamples: int, seed: int
) -> dict[str, object]:
    """How two files of predictions compare, the candidate's first; what the process of its own does.

    Returns:
        `a`, `b`, `low`, `high` and `rows` as `workbench.data.bootstrap.Difference` has them, and which direction is
        `better`; or `unpaired`, why they cannot be compared row by row.

    Raises:
        InputError: a file cannot be read, or does not suit the measure.
    """
    from workbench.data.bootstrap import paired_bootstrap
    from workbench.data.measures import BETTER, weighted
    from workbench.data.predictions import Roles, UnpairedError, pair, read_predictions

    files = [read_predictions(path, Roles(**roles), name) for path, name in zip(paths, names, strict=True)]
    try:
        rows = pair(*files).group_by("label", "a", "b", maintain_order=True).len()
    except UnpairedError as error:
        return {"unpaired": error.message}
    labels = rows["label"].to_numpy()
    a, b = (weighted(measure, labels, rows[name].to_numpy()) for name in ("a", "b"))
    found = paired_bootstrap(a, b, rows["len"].cast(int).to_numpy(), resamples=resamples, seed=seed)
    return {**vars(found), "better": BETTER[measure]}
