"""Running a run again: its commit, its uncommitted changes, its packages, its command; then comparing the results.

The code is checked out beside the user's working tree, which stays as it is. Data that git does not
hold is linked from where it was. The new run is tagged `reproduces=<run id>`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import InputError, RefusedError, ToolError, WorkbenchError
from workbench.base.project import Project
from workbench.tracking.capture.secrets import MASK
from workbench.tracking.checkout import (
    checkout,
    code_path,
    link_inputs,
    named_paths,
    rebased_command,
    standing_in,
)
from workbench.tracking.compare import Comparison, compare_documents
from workbench.tracking.interpreter import choose_interpreter
from workbench.tracking.trees import code_state, has_commit

TAG = "reproduces"
MODES = ("auto", "current", "recreate")


@dataclass(frozen=True, slots=True)
class ReproductionPlan:
    """What it takes to run a run again.

    Attributes:
        document: the run.
        repository: root of the working tree that has the commit; empty where there is none.
        commit: of the code; empty where unknown.
        patch: uncommitted changes.
        command: as recorded.
        folder: working directory of the command, relative to the repository's root.
        environment: the captured one, or None.
        mode: "auto", "current" or "recreate".
        obstacles: why it cannot be run again; empty where it can.
        notes: what will not be as it was.
    """

    document: Mapping[str, Any]
    repository: str
    commit: str
    patch: bytes
    command: list[str]
    folder: str
    environment: Mapping[str, object] | None
    mode: str
    obstacles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def run_id(self) -> str:
        """The id of the run to reproduce."""
        return str(self.document["run_id"])

    def to_json(self) -> dict[str, object]:
        """The plan as a JSON value."""
        return {
            "run_id": self.run_id,
            "repository": self.repository or None,
            "commit": self.commit or None,
            "patch_bytes": len(self.patch),
            "command": self.command,
            "folder": self.folder,
            "python": (self.environment or {}).get("python"),
            "environment": self.mode,
            "obstacles": self.obstacles,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run that was run again.

    Attributes:
        run_id: of the new run.
        exit_status: of its command.
        comparison: the run and the new one, everything of them.
        output_diff: a unified diff of their outputs; empty where they are equal.
        worktree: the checkout where it was kept, else None.
        notes: what was not as it was.
    """

    run_id: str
    exit_status: int
    comparison: Comparison
    output_diff: list[str] = field(default_factory=list)
    worktree: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether the command succeeded and every metric and parameter came out exactly as before."""
        differing = {row.name for row in self.comparison.metrics if row.differs and not row.name.startswith("system/")}
        differing |= {row.name for row in self.comparison.params if row.differs}
        return self.exit_status == 0 and not differing

    def to_json(self) -> dict[str, object]:
        """The result as a JSON value."""
        return {
            "run_id": self.run_id,
            "reproduces": self.comparison.run_ids[0],
            "exit_status": self.exit_status,
            "same": self.same,
            "output_same": not self.output_diff,
            "worktree": self.worktree,
            "notes": self.notes,
            "comparison": self.comparison.to_json(),
        }


def plan_reproduction(
    document: Mapping[str, Any],
    captures: Mapping[str, object],
    read_blob: Callable[[str], bytes],
    *,
    environment: str = "auto",
    repositories: Sequence[str] = (),
) -> ReproductionPlan:
    """What it takes to run a run again, and why it may not be possible. Changes nothing.

    Args:
        document: the run, as `workbench runs show --json` has it.
        captures: what was captured at its start: git, patch, environment.
        read_blob: the bytes stored under a SHA-256.
        environment: "auto", "current" or "recreate"; see `choose_interpreter`.
        repositories: folders to look for the commit in, besides the one where the run was.

    Raises:
        InputError: `environment` is none of these.
    """
    if environment not in MODES:
        raise InputError(f"unknown environment: {environment}", f"one of: {', '.join(MODES)}")
    obstacles: list[str] = []
    notes: list[str] = []
    source = document.get("source") or {}
    command = [str(part) for part in source.get("command") or []]
    cwd = str(source.get("cwd") or "")
    obstacles += _command_obstacles(command)
    state = code_state(str(document.get("name") or "the run"), captures, read_blob)
    root = state.root or ""
    repository = ""
    if state.commit is None:
        obstacles.append(state.missing or "the run has no commit")
    else:
        notes += [state.missing] if state.missing else []
        folders = dict.fromkeys(folder for folder in (root, *repositories) if folder)
        repository = next((folder for folder in folders if has_commit(folder, str(state.commit))), "")
        if not repository:
            obstacles.append(f"no local repository has the commit {state.commit[:12]} (try: git fetch)")
    folder = os.path.relpath(cwd, root) if root and cwd else "."
    if folder.startswith(os.pardir):
        obstacles.append(f"the command ran outside of its repository, in {cwd}")
    captured = captures.get("git")
    skipped = captured.get("skipped") if isinstance(captured, Mapping) else None
    for entry in skipped or []:
        notes.append(f"not captured: {entry.get('path')} ({entry.get('reason')})")
    recorded = captures.get("environment")
    return ReproductionPlan(
        document,
        repository,
        state.commit or "",
        state.patch,
        command,
        folder,
        recorded if isinstance(recorded, Mapping) else None,
        environment,
        obstacles,
        notes,
    )


def reproduce(
    project: Project,
    plan: ReproductionPlan,
    *,
    environment: str | None = None,
    keep: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Reproduction:
    """Run a run again and compare.

    The working directory and environment of this process change while the command runs.

    Args:
        project: where the new run is recorded.
        plan: from `plan_reproduction`.
        environment: overrides the plan's.
        keep: leave the checkout for looking at.
        progress: told what is being done, in short sentences.

    Raises:
        RefusedError: the plan has obstacles.
        ToolError: git, uv or the command cannot be started, or the captured changes do not apply.
    """
    from workbench.tracking.launch import launch

    if plan.obstacles:
        raise RefusedError(f"the run cannot be reproduced: {plan.obstacles[0]}")
    say = progress or (lambda text: None)
    with checkout(plan.repository, plan.commit, plan.patch, keep=keep) as worktree:
        say(f"checked out {plan.commit[:7]}{' with its uncommitted changes' if plan.patch else ''}")
        interpreter = choose_interpreter(project, plan.environment, mode=environment or plan.mode, progress=say)
        cwd = os.path.join(plan.repository, plan.folder)
        inputs, data_notes = _data(project, plan)
        linked = link_inputs([*inputs, *named_paths(plan.command, cwd)], plan.repository, worktree)
        here = os.path.normpath(os.path.join(worktree, plan.folder))
        if not os.path.isdir(here):
            raise ToolError(f"the folder {plan.folder} is not in the commit")
        command = rebased_command(plan.command, interpreter, plan.repository, worktree)
        variables = {
            "PATH": os.path.dirname(interpreter.executable) + os.pathsep + os.environ.get("PATH", ""),
            "WORKBENCH_DIR": project.root,
        }
        path = code_path(interpreter, plan.repository, worktree)
        say(f"running: {' '.join(plan.command)}")
        with standing_in(here, variables | ({"PYTHONPATH": path} if path else {})):
            status = launch(
                project,
                command,
                experiment=plan.document.get("experiment"),
                params=plan.document.get("params") or {},
                tags={TAG: plan.run_id},
            )
    notes = [*plan.notes, *interpreter.notes, *data_notes, *(f"linked, not in git: {path}" for path in linked)]
    return _compared(project, plan, status, worktree if keep else None, notes)


def _command_obstacles(command: Sequence[str]) -> list[str]:
    if not command:
        return ["the run's command was not recorded"]
    if any("ipykernel" in part for part in command):
        return ["the run was started in a notebook, which has no command"]
    if len(command) == 1 and os.path.basename(command[0]).startswith("python"):
        return ["the run was started in an interactive session, which has no command"]
    if any(MASK in part for part in command):
        return ["the command holds a secret, which was not recorded"]
    return []


def _data(project: Project, plan: ReproductionPlan) -> tuple[list[str], list[str]]:
    """Paths of the run's datasets, and notes about those that are not what they were."""
    from workbench.tracking.datasets import dataset_event

    paths: list[str] = []
    notes: list[str] = []
    for dataset in plan.document.get("datasets") or []:
        path = os.path.join(project.root, str(dataset.get("path") or ""))
        name = dataset.get("name") or path
        paths.append(path)
        try:
            if dataset_event(project, path)["digest"] != dataset.get("digest"):
                notes.append(f"the data {name} has changed since the run")
        except WorkbenchError:
            notes.append(f"the data {name} is not at {path} any more")
    return paths, notes


def _compared(
    project: Project, plan: ReproductionPlan, status: int, worktree: str | None, notes: list[str]
) -> Reproduction:
    from workbench.store.outputs import output_lines
    from workbench.store.runs import RunQuery, run_documents
    from workbench.store.store import Store
    from workbench.tracking.diff import diff_output

    query = RunQuery(where=f"tags.{TAG} = '{plan.run_id}'", sort=["-attributes.started_at"], limit=1)
    with Store(project).reading() as db:
        found = run_documents(db, None, query)
        if not found:
            raise ToolError("the command could not be started as a run", "look at its messages above")
        documents = run_documents(db, [plan.run_id, found[0]["run_id"]])
        outputs = [[line.text for line in output_lines(db, document["run_id"])] for document in documents]
    comparison = compare_documents(documents, all=True)
    labels = (comparison.names[0], comparison.names[1])
    difference = diff_output(outputs[0], outputs[1], labels=labels)
    return Reproduction(comparison.run_ids[1], status, comparison, difference, worktree, notes)
