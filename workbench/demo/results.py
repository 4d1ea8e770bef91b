"""What the demo's trainings came to, and what to try next with them."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.demo.training import RunView, Training
from workbench.demo.watching import NAME
from workbench.store.runs import run_documents
from workbench.store.store import Store
from workbench.tracking.compare import Comparison, compare_documents

if TYPE_CHECKING:
    from workbench.demo.serving import Served
    from workbench.demo.watching import Watched


@dataclass(frozen=True)
class Command:
    """A command to try next: its words after the program's name, and what it shows."""

    words: tuple[str, ...]
    shows: str

    def __str__(self) -> str:
        # `uv run` puts the program on the path of its own child alone, not of the shell that it came from.
        program = ("uv", "run", "workbench") if "UV_RUN_RECURSION_DEPTH" in os.environ else ("workbench",)
        return shlex.join((*program, *self.words))


@dataclass(frozen=True)
class Results:
    """The end of a demo.

    Attributes:
        best: for each data set its best finished run of each model, the lowest validation loss first.
        compared: the runs of `best` on the data set with the most of them.
        comparison: of the best two of `compared`: code, parameters and metrics; None where there are fewer.
        changed: a run and its repetition with changed code, if both finished.
        failed: runs that were meant to fail and did.
        surprises: runs that ended as they should not have.
        next: commands that work in the project's folder.
    """

    best: dict[str, list[RunView]]
    compared: list[RunView]
    comparison: Comparison | None
    changed: tuple[RunView, RunView] | None
    failed: list[RunView]
    surprises: list[RunView]
    next: list[Command]


def summarize(training: Training) -> Results:
    """Judge the trainings after the last snapshot.

    Raises:
        StoreError: the project's store cannot be read.
    """
    runs = training.runs
    best = best_by_data(runs)
    compared = max(best.values(), key=lambda views: (len(views), views[0].planned.data), default=[])
    comparison = None
    if len(compared) > 1:
        with Store(training.workspace.project).reading() as db:
            documents = run_documents(db, [str(view.run_id) for view in compared[:2]])
        full = compare_documents(documents)
        comparison = replace(full, attributes=[row for row in full.attributes if row.name == "duration_s"])
    changed = changed_pair(runs) if training.code_changed else None
    failed = [view for view in runs if view.planned.fails and not view.surprising]
    commands = next_commands(compared, changed if training.workspace.has_git else None, failed)
    return Results(best, compared, comparison, changed, failed, [view for view in runs if view.surprising], commands)


def best_by_data(runs: Sequence[RunView]) -> dict[str, list[RunView]]:
    """For each data set its best finished run of each model, chosen and sorted by the validation loss."""
    best: dict[str, list[RunView]] = {}
    for view in sorted((view for view in runs if view.state == "finished"), key=_loss):
        chosen = best.setdefault(view.planned.data, [])
        if view.planned.model not in [other.planned.model for other in chosen]:
            chosen.append(view)
    return best


def changed_pair(runs: Sequence[RunView]) -> tuple[RunView, RunView] | None:
    """Two finished runs with the same options, of which the later one ran with changed code."""
    finished = [view for view in runs if view.state == "finished"]
    for later in reversed(finished):
        for earlier in finished:
            same = (earlier.planned.arguments("") == later.planned.arguments("")) and earlier is not later
            if same:
                return earlier, later
    return None


def next_commands(
    compared: Sequence[RunView], changed: tuple[RunView, RunView] | None, failed: Sequence[RunView]
) -> list[Command]:
    """Commands whose answers are worth seeing, as far as the runs that they name exist."""
    commands = [Command(("runs", "list", "-s", "min(valid_loss)"), "the best first")]
    if failed:
        commands.append(Command(("runs", "show", failed[0].name), "why it failed"))
    if len(compared) > 1:
        names = [view.name for view in compared[:2]]
        commands.append(Command(("runs", "plot", *names, "-m", "valid_auc"), "another curve"))
    if changed:
        commands.append(Command(("runs", "diff", *(view.name for view in changed), "--code"), "what was changed"))
    commands.append(Command(("runs", "list", "-w", "metrics.test_accuracy > 0.96"), "those that fit"))
    return commands


def monitor_commands(watched: Watched | None) -> list[Command]:
    """Commands that go on with what is watched."""
    if watched is None:
        return []
    return [Command(("monitor", "show", NAME), "every day, every column, and how right it was")]


def image_commands(served: Served | None) -> list[Command]:
    """Commands that go on with the image of the best model."""
    if served is None:
        return []
    return [
        Command(("package", "inspect", served.built.tag), "what is in the image"),
        Command(("package", "run", served.built.tag), "serve it again"),
    ]


def folder_command(root: str) -> str:
    """What to type so that the commands find the project: usually `cd FOLDER`."""
    if os.environ.get("WORKBENCH_DIR"):  # it would win over the working directory
        return f"export WORKBENCH_DIR={shlex.quote(root)}"
    return f"cd {shlex.quote(os.path.relpath(root))}"


def _loss(view: RunView) -> float:
    return view.best_loss if view.best_loss is not None else float("inf")
