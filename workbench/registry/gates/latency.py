"""Gates on the time that a prediction takes."""

from __future__ import annotations

from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any, Self

from workbench.base.errors import InputError
from workbench.registry.gates.candidate import Candidate, copy_files
from workbench.registry.gates.child import call
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.limits import shown
from workbench.registry.gates.settings import Settings


@dataclass(frozen=True)
class Latency(Judge):
    """`latency`: the median time of a prediction on the model's input example is at most `max_ms`."""

    max_ms: float
    predictions: int
    warm_up: int
    allow_pickle: bool

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        found = cls(
            take.positive("max_ms"),
            take.get("predictions", 20),
            take.get("warm_up", 3),
            take.get("allow_pickle", False),
        )
        if not found.predictions:
            raise take.error("predictions is 1 or more")
        return found

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        if not candidate.facts.files:
            raise InputError(f"the store has no files of {candidate.facts.shown}")
        with TemporaryDirectory(prefix="workbench-gate-") as folder:
            copy_files(candidate.project, candidate.facts.files, folder)
            arguments = {
                "folder": folder,
                "predictions": self.predictions,
                "warm_up": self.warm_up,
                "allow_pickle": self.allow_pickle,
            }
            root = candidate.project.root
            found = call(f"{__name__}:timed", arguments, cwd=root, timeout_s=timeout_s, own_code=True)
        assert isinstance(found, dict)
        p50_ms = float(found["p50_ms"])
        detail = (
            f"p50 of {self.predictions} predictions of {found['rows']} rows is {shown(round(p50_ms, 3))} ms, "
            f"at most {shown(self.max_ms)} ms is wanted"
        )
        return Verdict(p50_ms <= self.max_ms, detail, found)


def timed(folder: str, predictions: int, warm_up: int, allow_pickle: bool) -> dict[str, Any]:
    """How long the predictions of a model take; what the process of its own does.

    Returns:
        `p50_ms`, `p95_ms`, `max_ms`, `load_s`, the number of `predictions` and of `rows` in each.

    Raises:
        InputError: the model has no input example.
        RefusedError: it could run code, and `allow_pickle` is not set.
    """
    from statistics import median
    from time import perf_counter

    from workbench.tracking.predictor import open_predictor

    started = perf_counter()
    predict, example = open_predictor(folder, allow_pickle=allow_pickle)
    load_s = perf_counter() - started
    times_ms = []
    for _ in range(warm_up + predictions):
        started = perf_counter()
        predict(example)
        times_ms.append((perf_counter() - started) * 1000)
    times_ms = sorted(times_ms[warm_up:])
    return {
        "p50_ms": median(times_ms),
        "p95_ms": times_ms[max(0, -(-len(times_ms) * 95 // 100) - 1)],
        "max_ms": times_ms[-1],
        "load_s": load_s,
        "predictions": predictions,
        "rows": len(example) if hasattr(example, "__len__") else 1,
    }
