"""Gates on the data that a run was trained with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.registry.gates.candidate import Candidate
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.settings import Settings

PASSED = "passed"


@dataclass(frozen=True)
class Data(Judge):
    """`data`: a tag of the run says that its data were validated and passed."""

    tag: str

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        return cls(take.get("tag", "data_validation"))

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        said = candidate.facts.run_tags.get(self.tag)
        if said is None:
            return Verdict(False, f"the run's data were not validated: it has no tag {self.tag}")
        return Verdict(said == PASSED, f"the run's tag {self.tag} is {said!r}, {PASSED!r} is wanted")
