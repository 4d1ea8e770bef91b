"""What differs between runs: parameters, metrics, tags, code, data and environment.

Works on run documents (the shape of `workbench runs show --json`), so it needs no store. A document
may carry `captures` with what was captured at the start (`git`, `patch`, `environment`); with it code is
compared byte for byte and environments package by package.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from workbench.base.direction import better_direction
from workbench.base.errors import InputError
from workbench.base.jsonvalue import dumps

if TYPE_CHECKING:
    from workbench.base.direction import Direction

Document = Mapping[str, Any]

# What says nothing by being different.
ALWAYS_DIFFERENT = frozenset({"started_at"})


class _Missing:
    """A run that has no such value, which is not the value null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Row:
    """One thing and its value in each run.

    Attributes:
        name: what it is.
        values: one per run; `MISSING` where the run has none.
        differs: whether any two runs differ.
    """

    name: str
    values: list[object]
    differs: bool


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric's last value in each run.

    Attributes:
        name: the metric.
        direction: "min" or "max", whichever is better.
        values: one per run; None where the run has none.
        deltas: value minus the baseline's; None where one of them is missing or not finite.
        best: whether the run has the best finite value; all False where every run has the same.
        differs: whether any two runs differ.
    """

    name: str
    direction: Direction
    values: list[float | None]
    deltas: list[float | None]
    best: list[bool]
    differs: bool

    def is_better(self, index: int) -> bool | None:
        """Whether the run at `index` is better than the baseline; None where it is equal or cannot be told."""
        delta = self.deltas[index]
        return None if not delta else (delta < 0) == (self.direction == "min")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side.

    Attributes:
        run_ids, names, statuses: of the runs, in the order asked for.
        baseline: index of the run that metrics are measured against.
        attributes, params, tags, code, data, environment, metrics: rows; only those that differ, unless all were
            asked for.
        code_changed: whether any run's code differs from the baseline's; a run with uncommitted changes that were
            not captured counts as changed.
    """

    run_ids: list[str]
    names: list[str]
    statuses: list[str]
    baseline: int
    attributes: list[Row] = field(default_factory=list)
    params: list[Row] = field(default_factory=list)
    tags: list[Row] = field(default_factory=list)
    code: list[Row] = field(default_factory=list)
    data: list[Row] = field(default_factory=list)
    environment: list[Row] = field(default_factory=list)
    metrics: list[MetricRow] = field(default_factory=list)
    code_changed: bool = False

    def to_json(self) -> dict[str, object]:
        """The JSON shape of `workbench runs compare --json`: params and tags as text, missing ones as null."""
        return {
            "runs": self.run_ids,
            "names": self.names,
            "baseline": self.run_ids[self.baseline],
            "params": _texts(self.params),
            "metrics": {row.name: row.values for row in self.metrics},
            "metric_deltas": {row.name: row.deltas for row in self.metrics},
            "metric_directions": {row.name: row.direction for row in self.metrics},
            "best": {
                row.name: [run_id for run_id, best in zip(self.run_ids, row.best, strict=True) if best]
                for row in self.metrics
            },
            "tags": _texts(self.tags),
            "attributes": {row.name: [_or_none(value) for value in row.values] for row in self.attributes},
            "code": _texts(self.code),
            "code_changed": self.code_changed,
            "datasets": _texts(self.data),
            "environment": _texts(self.environment),
        }


def compare_documents(
    documents: Sequence[Document],
    *,
    all: bool = False,
    baseline: int = 0,
    directions: Mapping[str, Direction] | None = None,
) -> Comparison:
    """Put runs side by side.

    Args:
        documents: one per run, two or more are useful.
        all: keep also what is the same everywhere, and system metrics.
        baseline: index of the run to measure against.
        directions: "min" or "max" by metric name, where the name does not tell.

    Raises:
        InputError: there is no run, or no run at `baseline`.
    """
    if not 0 <= baseline < len(documents):
        raise InputError("nothing to compare", "name two runs: workbench runs compare RUN RUN")

    def rows(values: Callable[[Document], Mapping[str, object]]) -> list[Row]:
        made = compare_values([values(document) for document in documents], all=all)
        return [row for row in made if all or row.name not in ALWAYS_DIFFERENT]

    measured = [_metrics(document, system=all) for document in documents]
    metrics = [
        _metric_row(name, [column.get(name) for column in measured], baseline, directions) for name in _union(measured)
    ]
    states = [code_identity(document) for document in documents]
    return Comparison(
        run_ids=[str(document["run_id"]) for document in documents],
        names=[str(document.get("name") or document["run_id"][:8]) for document in documents],
        statuses=[str(document.get("status") or "") for document in documents],
        baseline=baseline,
        attributes=rows(_attributes),
        params=rows(lambda document: document.get("params") or {}),
        tags=rows(lambda document: document.get("tags") or {}),
        code=rows(_code),
        data=rows(_data),
        environment=rows(_environment),
        metrics=[row for row in metrics if all or row.differs],
        code_changed=len(states) > 1 and (len(set(states)) > 1 or states[0][1] == UNKNOWN_PATCH),
    )


def compare_values(columns: Sequence[Mapping[str, object]], *, all: bool = False) -> list[Row]:
    """Named values side by side, compared as JSON values.

    Args:
        columns: one per run, or whatever is compared.
        all: keep also what is the same everywhere.
    """
    made = [_row(name, [column.get(name, MISSING) for column in columns]) for name in _union(columns)]
    return [row for row in made if all or row.differs]


def text_of(value: object) -> str:
    """A parameter as text: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else dumps(value)


UNKNOWN_PATCH = "?"


def code_identity(document: Document) -> tuple[str | None, str]:
    """Commit and the hash of the uncommitted changes: empty for none, `UNKNOWN_PATCH` where they were not captured."""
    git = _git(document)
    patch = ((document.get("captures") or {}).get("patch") or {}).get("sha256")
    return git.get("commit"), str(patch) if patch else UNKNOWN_PATCH if git.get("dirty") else ""


def _git(document: Document) -> Mapping[str, Any]:
    captured = (document.get("captures") or {}).get("git")
    return {**(document.get("git") or {}), **(captured or {})}


def _attributes(document: Document) -> dict[str, object]:
    source = document.get("source") or {}
    attributes = {
        "experiment": document.get("experiment"),
        "status": document.get("status"),
        "started_at": document.get("started_at"),
        "duration_s": document.get("duration_s"),
        "parent_run_id": document.get("parent_run_id"),
        "command": " ".join(map(str, source.get("command") or [])),
        "note": document.get("note"),
    }
    return {name: value for name, value in attributes.items() if value not in (None, "")}


def _code(document: Document) -> dict[str, object]:
    commit, patch = code_identity(document)
    if commit is None:
        return {}
    git = _git(document)
    changes = f" + changes {patch[:7]}" if patch not in ("", UNKNOWN_PATCH) else " + changes" if patch else ""
    rows: dict[str, object] = {"code": commit[:7] + changes}
    return rows | ({"branch": git["branch"]} if git.get("branch") else {})


def _data(document: Document) -> dict[str, object]:
    return {
        str(dataset.get("name") or dataset.get("path")): str(dataset.get("digest") or "")
        for dataset in document.get("datasets") or []
    }


def _environment(document: Document) -> dict[str, object]:
    captured: Mapping[str, Any] = (document.get("captures") or {}).get("environment") or {}
    known = {"python": document.get("python"), **captured}
    facts = {name: known[name] for name in ("python", "platform", "cpu_model") if known.get(name)}
    return facts | dict(captured.get("packages") or {})


def _metrics(document: Document, *, system: bool) -> dict[str, object]:
    named = {**(document.get("metrics") or {}), **((document.get("system_metrics") or {}) if system else {})}
    return {name: value for name, value in named.items() if system or not name.startswith("system/")}


def _metric_row(
    name: str, logged: Sequence[object], baseline: int, directions: Mapping[str, Direction] | None
) -> MetricRow:
    values = [_number(value) for value in logged]
    direction = better_direction(name, directions)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    differs = len({repr(value) for value in values}) > 1
    best = (min(finite) if direction == "min" else max(finite)) if finite and differs else None
    base = values[baseline]
    deltas = [
        value - base if value is not None and base is not None and math.isfinite(value - base) else None
        for value in values
    ]
    return MetricRow(name, direction, values, deltas, [best is not None and value == best for value in values], differs)


def _number(value: object) -> float | None:
    """A metric's value; JSON documents write NaN and infinities as strings, which `float` reads."""
    return float(value) if isinstance(value, (int, float, str)) else None


def _row(name: str, values: list[object]) -> Row:
    return Row(name, values, len({_canonical(value) for value in values}) > 1)


def _canonical(value: object) -> str:
    """Equal for equal JSON values: the order of keys and the spelling of a number (1, 1.0) do not matter."""
    if value is MISSING:
        return ""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{dumps(str(key))}:{_canonical(value[key])}" for key in sorted(value, key=str)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return dumps(value)


def _union(columns: Sequence[Mapping[str, object]]) -> list[str]:
    """Every name once, in the order of first appearance."""
    return list(dict.fromkeys(name for column in columns for name in column))


def _texts(rows: Sequence[Row]) -> dict[str, list[str | None]]:
    return {row.name: [None if value is MISSING else text_of(value) for value in row.values] for row in rows}


def _or_none(value: object) -> object:
    return None if value is MISSING else value
