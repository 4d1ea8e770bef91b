"""A run as it comes from elsewhere, in the words of our journals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.base.jsonvalue import nonfinite_name

Point = tuple[int, str, int]
"""A step, the value as a journal writes it, microseconds since the epoch."""


@dataclass(slots=True)
class IncomingFile:
    """A file of a run that may have to be stored.

    Attributes:
        path: its name within the run.
        kind: `file` or `model`.
        size_bytes: as its source says.
        changed_us: when it changed last, microseconds since the epoch; None where its source does not say.
        place: where its source finds it.
        sha256: of its contents, where they are known to be in the store.
    """

    path: str
    kind: str
    size_bytes: int
    changed_us: int | None
    place: str
    sha256: str | None = None


@dataclass(slots=True)
class IncomingRun:
    """A run.

    Attributes:
        run_id: 32 hex digits.
        started_us: microseconds since the epoch, which is the time of every fact that has none of its own.
        fields: what `set` events set, `experiment` and `name` among them; None is not there.
        end: the value of the field `end`; None while it runs, as far as its source knows.
        params, tags, captures: by name.
        datasets: what their `data` events say, by id.
        files: what it has stored.
        outputs: stream, text, whether a newline follows, microseconds.
        series: how many points each metric has and its highest step.
    """

    run_id: str
    started_us: int
    fields: dict[str, object]
    end: dict[str, object] | None = None
    params: dict[str, object] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    captures: dict[str, object] = field(default_factory=dict)
    datasets: dict[str, dict[str, object]] = field(default_factory=dict)
    files: list[IncomingFile] = field(default_factory=list)
    outputs: list[tuple[int, str, bool, int]] = field(default_factory=list)
    series: dict[str, tuple[int, int]] = field(default_factory=dict)


class Series:
    """The points of one metric of a run, in the order in which they are written."""

    __slots__ = ("_points",)

    def __init__(self, points: Sequence[Point]) -> None:
        self._points = points

    def __len__(self) -> int:
        return len(self._points)

    def points(self) -> Sequence[Point]:
        """The points."""
        return self._points

    def lines(self, number: int) -> list[str]:
        """The points as lines of a journal in which the metric has this number."""
        return [f"\t{number}\t{step}\t{value}\t{t}\n" for step, value, t in self._points]

    def last_us(self) -> int:
        """The time of the last one; there is at least one."""
        return max(point[2] for point in self._points)


@dataclass(slots=True)
class Tally:
    """What was brought in, and what was not.

    Attributes:
        bytes: of the contents of artifacts.
        kept: facts that were changed here since they were imported, and stay so.
        warnings: one sentence each.
    """

    new_runs: int = 0
    updated_runs: int = 0
    unchanged_runs: int = 0
    points: int = 0
    params: int = 0
    tags: int = 0
    artifacts: int = 0
    bytes: int = 0
    kept: int = 0
    warnings: list[str] = field(default_factory=list)
    model_files: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    """By the id of a logged model, SHA-256 and size of its files."""

    def add(self, other: Tally) -> None:
        """Count what another one has."""
        for name in self.__slots__:
            mine, theirs = getattr(self, name), getattr(other, name)
            if isinstance(mine, dict):
                mine.update(theirs)
            else:
                setattr(self, name, mine + theirs)


def end_value(status: str, ended_us: int, started_us: int) -> dict[str, object]:
    """The field `end` of a run: `t` orders ends and restarts and is never before the start, `at` is what people see."""
    t = max(ended_us, started_us)
    return {"t": t, "at": ended_us, "status": status, "exit_code": None, "error": None}


def shown_value(value: float) -> str:
    """A number as a journal writes it: the shortest text that reads back the same."""
    return repr(value) if value - value == 0.0 else nonfinite_name(value)
