"""Gates on a metric of the run, and reading one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

from workbench.base.errors import InputError
from workbench.registry.gates.candidate import Candidate, Facts
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.limits import Limits, shown
from workbench.registry.gates.settings import Settings


@dataclass(frozen=True)
class Metric(Judge):
    """`metric`: a metric is at least `min` and at most `max`."""

    metric: str
    limits: Limits

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        found = cls(take.require("metric", str), Limits.declared(take))
        if not found.limits:
            raise take.error("it has neither min nor max")
        return found

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        value = metric_of(candidate.facts, self.metric)
        at_registration = self.metric in candidate.facts.registered_metrics
        detail = f"{self.metric} is {shown(value)}, {self.limits.wanted}"
        detail += "" if at_registration else "; the run has had it since after the version was registered"
        measured = {"value": value, "at_registration": at_registration}
        return Verdict(self.limits.hold(value), detail, measured)


def metric_of(facts: Facts, name: str) -> float:
    """A metric of a version: as it was registered, else as its run has it now.

    Raises:
        InputError: there is none, or it is NaN.
    """
    value = facts.registered_metrics.get(name, facts.metrics.get(name))
    if value is None:
        raise InputError(f"{facts.shown} has no metric {name}")
    if math.isnan(value):
        raise InputError(f"{name} of {facts.shown} is NaN")
    return value
