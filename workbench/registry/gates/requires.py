"""Gates on what has to be there."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from workbench.registry.gates.candidate import Candidate, Facts
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.settings import Settings


@dataclass(frozen=True)
class Requires(Judge):
    """`requires`: tags of the version, files of the model or the run, a model card, a description."""

    tags: tuple[str, ...]
    files: tuple[str, ...]
    card: bool
    description: bool

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        found = cls(take.texts("tags"), take.texts("files"), take.get("card", False), take.get("description", False))
        if not any(vars(found).values()):
            raise take.error("it requires nothing", "tags, files, card or description")
        return found

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        missing = self._missing(candidate.facts)
        if missing:
            return Verdict(False, f"{candidate.facts.shown} has no {', no '.join(missing)}", {"missing": missing})
        return Verdict(True, "all that is required is there")

    def _missing(self, facts: Facts) -> list[str]:
        paths = [*facts.files, *facts.run_files]
        missing = [f"tag {tag}" for tag in self.tags if not facts.version.tags.get(tag)]
        missing += [f"file {glob}" for glob in self.files if not any(fnmatchcase(path, glob) for path in paths)]
        missing += ["model card"] if self.card and not facts.card else []
        missing += ["description"] if self.description and not (facts.version.description or "").strip() else []
        return missing
