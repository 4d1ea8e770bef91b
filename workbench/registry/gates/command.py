"""Gates that are commands of the project's own."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Self

from workbench.registry.gates.candidate import Candidate, copy_files
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.process import own_environment, run_command
from workbench.registry.gates.settings import Settings
from workbench.tracking.capture.secrets import mask_command


@dataclass(frozen=True)
class Command(Judge):
    """`command`: a command exits with 0. It runs in the project's root, without a shell.

    Its environment says what it is about: `WORKBENCH_MODEL`, `WORKBENCH_VERSION`, `WORKBENCH_MODEL_DIR` (a copy of the
    model's files), `WORKBENCH_MODEL_RUN_ID`, and `WORKBENCH_DIR`. It is part of no run: `WORKBENCH_RUN_ID` would let
    what it logs go to the run that made the model.
    """

    run: tuple[str, ...]

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        found = take.raw("run")
        if isinstance(found, str):
            try:
                found = shlex.split(found)
            except ValueError as error:
                raise take.error(f"run cannot be split into words: {error}") from None
        if not isinstance(found, list) or not found or not all(isinstance(word, str) for word in found) or not found[0]:
            raise take.error("run is a command, a text or a list of texts", 'run = "pytest tests/model"')
        return cls(tuple(found))

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        facts, root = candidate.facts, candidate.project.root
        with TemporaryDirectory(prefix="workbench-gate-") as folder:
            copy_files(candidate.project, facts.files, folder)
            variables = own_environment() | {
                "WORKBENCH_DIR": root,
                "WORKBENCH_MODEL": facts.version.name,
                "WORKBENCH_VERSION": str(facts.version.number),
                "WORKBENCH_MODEL_DIR": folder,
                "WORKBENCH_MODEL_RUN_ID": facts.run_id or "",
            }
            finished = run_command(self.run, cwd=root, variables=variables, timeout_s=timeout_s)
        last = next((line.strip() for line in reversed(finished.output) if line.strip()), "")
        detail = f"{shlex.join(mask_command(self.run))}: {finished.end}{f', {last}' if last else ''}"
        return Verdict(finished.status == 0, detail, {"status": finished.status, "output": finished.output})
