"""What a monitor looks at, as windows of rows: the prediction log of a deployment, or files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from workbench.base.errors import NotFoundError
from workbench.base.project import Project
from workbench.data.prediction_logs import ROWS, files_in, log_folder
from workbench.data.sources import is_remote
from workbench.drift.monitors.due import Window
from workbench.drift.monitors.monitor import Examined
from workbench.drift.monitors.settings import Settings

if TYPE_CHECKING:
    from workbench.drift.baseline import Baseline
    from workbench.drift.source import Table


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of a window.

    Attributes:
        table: the columns that are compared, and those of roles.
        refused: requests without values that were refused.
        unreadable: lines that could not be read.
        notes: what was done to read them.
        prediction, score: the columns of a log that hold what the model said and how sure it was; "" elsewhere.
        positive: of two classes, the one that the column `score` is about, where the log shows it.
        scores: the column of each class's score, where there are more than two.
    """

    table: Table
    refused: int = 0
    unreadable: int = 0
    notes: tuple[str, ...] = ()
    prediction: str = ""
    score: str = ""
    positive: object = None
    scores: Mapping[str, str] = field(default_factory=dict)

    @property
    def outputs(self) -> set[str]:
        """The columns that the model made."""
        return {name for name in (self.prediction, self.score, *self.scores.values()) if name}


class RowSource(Protocol):
    """Rows that a monitor divides into windows."""

    name: str
    """What people call it."""
    is_log: bool
    """Whether it is a prediction log, whose rows have a time."""

    def span_us(self) -> tuple[int | None, int | None]:
        """The times of the first and the last row, microseconds since the epoch; at least about."""

    def parts(self, windows: Sequence[Window]) -> Iterator[tuple[Window, Part]]:
        """The rows of windows of time, in order."""

    def by_rows(self, size: int, done: Examined, closed_us: int) -> Iterator[tuple[Window, Part, Examined]]:
        """Windows of `size` rows that are full, from where `done` ends, each with how far the source is done then."""

    def whole(self) -> tuple[Window, Part]:
        """All rows."""

    def signature(self) -> str:
        """What changes when the source does; nothing is read for it."""


def open_rows(project: Project, settings: Settings, time: str, baseline: Baseline, *, keys: bool) -> RowSource:
    """The source of a monitor.

    Args:
        time: the column of times of files.
        baseline: what columns are compared with: a column is read as what it is there.
        keys: whether labels are joined, so that the keys of rows are wanted.

    Raises:
        NotFoundError: it is not there.
        InputError: it cannot be read.
    """
    folder = log_of(project, settings)
    if folder is not None:
        from workbench.drift.monitors.log_source import LogSource

        return LogSource(folder, settings.source, baseline, keys=keys)
    from workbench.drift.monitors.file_source import FileSource

    return FileSource(project, settings.source, time)


def log_of(project: Project, settings: Settings) -> str | None:
    """The folder of the prediction log that a source is, or None: a deployment's, or a folder that looks like one.

    Raises:
        NotFoundError: the deployment has none.
    """
    if settings.deployment is not None:
        folder = log_folder(project, settings.deployment)
        if not os.path.isdir(folder):
            raise NotFoundError(
                f"{settings.deployment} has no prediction log in this project",
                f"workbench package run …, or: workbench package logs {settings.deployment} --pull",
            )
        return folder
    folder = path_of(project, settings.source)
    if os.path.isdir(folder) and any(os.path.basename(file.name).startswith(ROWS) for file in files_in(folder)):
        return folder
    return None


def path_of(project: Project, source: str) -> str:
    """Where a file, folder or pattern lies: relative ones below the project's root, wherever cron starts."""
    return source if is_remote(source) else os.path.join(project.root, os.path.expanduser(source))
