"""Gates on the size of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.base.errors import InputError
from workbench.base.numbers import format_size
from workbench.registry.gates.candidate import Candidate
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.settings import Settings


@dataclass(frozen=True)
class Size(Judge):
    """`size`: its files have at most `max_bytes`, or `max_mb` (10^6 bytes)."""

    max_bytes: float

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        size_bytes, size_mb = take.maybe("max_bytes", int), take.maybe("max_mb", float)
        if (size_bytes is None) == (size_mb is None):
            raise take.error("it has either max_bytes or max_mb")
        found = cls(size_bytes if size_mb is None else size_mb * 1e6)  # type: ignore[arg-type]
        if found.max_bytes <= 0:
            raise take.error("the size is more than 0")
        return found

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        files = candidate.facts.files
        if not files:
            raise InputError(f"the store has no files of {candidate.facts.shown}")
        size_bytes = sum(size for _, size in files.values())
        detail = f"{format_size(size_bytes)} in {len(files)} files, at most {format_size(self.max_bytes)} is wanted"
        return Verdict(size_bytes <= self.max_bytes, detail, {"size_bytes": size_bytes, "files": len(files)})
