"""What the app remembers of a project between two starts: its view, its layout, its saved views.

A small JSON file in the user's state folder, never in the project: it says how one person likes to
look at it. A file that is missing, broken or from another version is the same as none; it never keeps
the app from starting.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields

from workbench.base.errors import WorkbenchError
from workbench.base.project import Project

VERSION = 1
MIN_SPLIT, MAX_SPLIT = 30, 80
SMOOTHINGS = (0.0, 0.6, 0.9, 0.97)


@dataclass
class RunsView:
    """One way to look at the runs.

    Attributes:
        where: the filter; empty for none.
        experiment: only this one; None is all.
        sort: sort keys, at most one from the app.
        columns: expressions of columns in their order; none are the default ones.
        hidden: expressions of columns that are not shown.
        deleted: the trash.
    """

    where: str = ""
    experiment: str | None = None
    sort: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    deleted: bool = False


@dataclass
class State:
    """Everything that is remembered.

    Attributes:
        view: how the runs were looked at last.
        views: saved views by name.
        marks: marked runs, by id.
        theme: name of the colour theme; empty is the app's own.
        detail: whether the run beside the table is shown.
        split_percent: share of the table's width, or of its height on narrow screens.
        smoothing: 0 to below 1.
        log_y: whether charts are logarithmic.
        x_axis: "step" or "time".
        filters: filters used before, the newest first.
        styles: escape codes of span styles in the theme, by name, for the first page; none where there are no colours.
        model: name of the model that was looked at last.
    """

    view: RunsView = field(default_factory=RunsView)
    views: dict[str, RunsView] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    theme: str = ""
    detail: bool = True
    split_percent: int = 55
    smoothing: float = 0.6
    log_y: bool = False
    x_axis: str = "step"
    filters: list[str] = field(default_factory=list)
    styles: dict[str, str] = field(default_factory=dict)
    model: str = ""

    def smooth_more(self) -> None:
        """The next weight of `SMOOTHINGS`; after the most, none."""
        self.smoothing = next((weight for weight in SMOOTHINGS if weight > self.smoothing), SMOOTHINGS[0])


def state_path(project: Project) -> str | None:
    """The file of a project, by the id of its store; None where the project has none."""
    try:
        store_id = project.store_id
    except WorkbenchError:
        return None
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "workbench", f"{store_id}.json")


def load_state(project: Project) -> State:
    """What is remembered of a project; never fails."""
    path = state_path(project)
    if path is None:
        return State()
    try:
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
    except (OSError, ValueError, RecursionError):
        return State()
    state = State()
    if not isinstance(known, dict) or known.get("version") != VERSION:
        return state
    _fill(state, known)
    _fill(state.view, known.get("view"))
    views = known.get("views")
    for name, view in (views if isinstance(views, dict) else {}).items():
        state.views[name] = RunsView()
        _fill(state.views[name], view)
    styles = known.get("styles")
    if isinstance(styles, dict) and all(isinstance(part, str) for pair in styles.items() for part in pair):
        state.styles = {name: codes for name, codes in styles.items() if set(codes) <= set("0123456789;")}
    state.split_percent = min(max(state.split_percent, MIN_SPLIT), MAX_SPLIT)
    state.smoothing = state.smoothing if 0 <= state.smoothing < 1 else 0.6
    state.x_axis = state.x_axis if state.x_axis in ("step", "time") else "step"
    return state


def save_state(project: Project, state: State) -> None:
    """Remember; a full or read-only disk is no reason to say anything."""
    path = state_path(project)
    if path is None:
        return
    with suppress(OSError):
        folder = os.path.dirname(path)
        os.makedirs(folder, exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=folder)
        try:
            with open(fd, "w", encoding="utf-8") as file:
                json.dump({"version": VERSION, **asdict(state)}, file, indent=1)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise


def _fill(empty: State | RunsView, known: object) -> None:
    """Take the values of `known` that are of the right type."""
    if not isinstance(known, dict):
        return
    for one in fields(empty):
        value, default = known.get(one.name), getattr(empty, one.name)
        if isinstance(default, (RunsView, dict)) or one.name not in known:
            continue
        if default is None:
            fits = value is None or isinstance(value, str)
        elif isinstance(default, list):
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        elif isinstance(default, float):
            fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        else:
            fits = type(value) is type(default)
        if fits:
            setattr(empty, one.name, value)
