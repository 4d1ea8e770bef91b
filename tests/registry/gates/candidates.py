"""Candidates made of what a gate looks at, and the outcome of one gate on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.base.project import Project
from workbench.registry.checks import GateResult
from workbench.registry.evidence import Files
from workbench.registry.gates.candidate import Candidate, Facts
from workbench.registry.gates.check import run_gate
from workbench.registry.gates.judge import Judge
from workbench.registry.gates.kinds import ready_gates
from workbench.registry.policy import Gate
from workbench.registry.records import Version
from workbench.store.blobs import BlobStore


def version(number: int, **fields: Any) -> Version:
    """`fraud/NUMBER`."""
    return Version(f"id-{number}", "m", "fraud", number, 0, 0, **fields)


def facts(number: int = 2, **known: Any) -> Facts:
    """What is known of `fraud/NUMBER`."""
    return Facts(**{"version": version(number), **known})


def candidate(
    project: Project,
    own: Facts | None = None,
    others: Mapping[Any, Facts | str | None] | None = None,
    **known: Any,
) -> Candidate:
    """`fraud/2`, and those that it is compared with."""
    return Candidate(project, own or facts(**known), others or {})


def judge_of(kind: str, **settings: Any) -> Judge:
    """The gate that settings declare."""
    return ready_gates([Gate("g", kind, settings, 7)], "workbench.toml")[0].judge


def outcome_of(judged: Candidate, kind: str, **settings: Any) -> GateResult:
    """What comes of one gate."""
    [gate] = ready_gates([Gate("g", kind, settings, 7)], "workbench.toml")
    return run_gate(gate, judged)


def stored(project: Project, files: Mapping[str, str]) -> Files:
    """Files with these texts, in the project's store."""
    return {path: BlobStore(project).put_bytes(text.encode()) for path, text in files.items()}
