"""What stands in the place of a table without rows: why it is empty, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.spans import Line

if TYPE_CHECKING:
    from workbench.tui.questions.runs import View


def why_empty(view: View, n_runs: int, root: str) -> list[Line]:
    """The lines for a view without runs.

    Args:
        view: what is looked at.
        n_runs: how many runs the project has outside the trash.
        root: the project's folder.
    """
    if view.deleted:
        return [[("The trash is empty", "bold")], [], [("X", "key"), ("  shows the runs again", "")]]
    if view.where or view.experiment:
        what = f"none of {format_number(n_runs)} runs" if n_runs else "no run"
        return [[(f"The filter fits {what}", "bold")], [], [("esc", "key"), ("  takes the filter away", "")]]
    return [
        [("No runs yet", "bold")],
        [],
        [("Log some in another terminal, and they appear here:", "")],
        [],
        [("workbench run -- python train.py", "accent")],
        [("workbench demo", "accent"), ("                     trains real models in a new folder", "dim")],
        [],
        [("or in Python:", "")],
        [("import workbench as wb", "accent")],
        [("with wb.start_run() as run:", "accent")],
        [('    run.log({"loss": 0.1})', "accent")],
        [],
        [(f"project: {visible(root)}", "dim")],
    ]
