"""What the drift screen says where it has nothing to show."""

from __future__ import annotations

from workbench.output.spans import Line
from workbench.tui.questions.drift_view import DriftView


def no_columns(view: DriftView | None) -> list[Line]:
    """Why a window shows no columns.

    Args:
        view: what is shown; None while it is not known.
    """
    if view is None:
        return [[("…", "dim")]]
    if not view.names:
        return [[("no window was looked at yet", "")], [("R", "key"), (" looks at those that are due", "dim")]]
    return [[("the window has no rows that could be compared", "")]]


def nothing_watched() -> list[Line]:
    """How to begin, where nothing is watched."""
    return [
        [("Nothing is watched yet", "bold")],
        [],
        [("Watch what a deployed model is asked:", "")],
        [("workbench monitor add NAME --source deployment:NAME", "accent")],
        [],
        [("or compare two files, and keep the result:", "")],
        [("workbench drift check -r OLD --current NEW --save", "accent")],
    ]
