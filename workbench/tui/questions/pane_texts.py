"""The panes of a run that are texts: params, tags, code, data, artifacts, output, environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from workbench.base.errors import WorkbenchError
from workbench.base.numbers import format_number, format_size
from workbench.base.project import Project
from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import FLAG, WARN
from workbench.output.run_sections import (
    artifact_lines,
    clipped_name,
    compared_lines,
    data_lines,
    source_lines,
    total_size,
    value_lines,
    value_span,
)
from workbench.output.spans import Line, Span
from workbench.output.table import indented, pairs
from workbench.store.blobs import BlobStore
from workbench.store.outputs import OutputLine
from workbench.tracking.changes import FileChange, file_changes
from workbench.tracking.compare import compare_documents

OUTPUT_LINES = 200
LABEL_WIDTH = 26
"""Cells after which values begin; one long name does not push all values out of a narrow pane."""


@dataclass(frozen=True, slots=True)
class PaneText:
    """What one pane shows.

    Attributes:
        lines: its lines.
        summary: a few words about it for the pane's title.
        gist: the most telling of it, for the title of a pane that is closed; empty where the summary is.
    """

    lines: list[Line]
    summary: str = ""
    gist: str = ""


def pane_texts(
    document: Mapping[str, Any], baseline: Mapping[str, Any] | None, output: Sequence[OutputLine], project: Project
) -> dict[str, PaneText]:
    """The texts of the panes by their keys, without those that would be empty.

    Args:
        document: the run.
        baseline: a run that its params are shown against, or None.
        output: the end of what it wrote.
        project: where the contents of captured patches are.
    """
    tags, datasets, artifacts = document["tags"], document["datasets"], document["artifacts"]
    panes = {
        "params": _params(document, baseline),
        "tags": PaneText(
            value_lines(tags, label_width=LABEL_WIDTH),
            _count(len(tags), "tag"),
            ", ".join(visible(f"{name}={value}") for name, value in islice(tags.items(), 3)),
        ),
        "code": _code(document, project),
        "data": PaneText(data_lines(datasets), _names(datasets)),
        "artifacts": PaneText(
            artifact_lines(artifacts, limit=None)[1:],
            f"{_count(len(artifacts), 'file')}, {format_size(total_size(artifacts))}",
        ),
        "output": _output(output),
        "env": _environment(document),
    }
    return {key: replace(pane, lines=indented(pane.lines)) for key, pane in panes.items() if pane.lines}


def _params(document: Mapping[str, Any], baseline: Mapping[str, Any] | None) -> PaneText:
    params = document["params"]
    if baseline is None:
        return PaneText(
            value_lines(params, label_width=LABEL_WIDTH),
            _count(len(params), "param"),
            ", ".join(f"{visible(name)} {value_span(value)[0]}" for name, value in islice(params.items(), 4)),
        )
    # Metrics, of which there may be thousands, play no part.
    parts = [{"run_id": one["run_id"], "name": one["name"], "params": one["params"]} for one in (document, baseline)]
    rows = compare_documents(parts, all=True).params
    differing = sum(row.differs for row in rows)
    name = f"{FLAG} {clip(visible(str(baseline['name'])), 24)}"
    how_many = f"{format_number(differing)} differ{'s' * (differing == 1)} from"
    return PaneText(compared_lines(rows, label_width=LABEL_WIDTH), f"{how_many if differing else 'as'} {name}")


def _code(document: Mapping[str, Any], project: Project) -> PaneText:
    lines = source_lines(document)
    captures = document.get("captures") or {}
    git, patch = captures.get("git") or {}, captures.get("patch") or {}
    facts: list[tuple[str, Span]] = []
    if git.get("remote"):
        facts.append(("remote", (visible(str(git["remote"])), "")))
    if git.get("problem"):
        facts.append(("problem", (visible(str(git["problem"])), "warn")))
    label_width = max((cell_width(line[0][0]) for line in lines), default=0)
    lines += pairs(facts, label_width=label_width)
    changes = _changes(project, str(patch["sha256"])) if patch.get("sha256") else None
    if changes:
        lines += [_change_line(change) for change in changes]
    for one in git.get("skipped") or []:
        lines.append(
            [(f"{WARN} {visible(str(one.get('path')))} not captured: {visible(str(one.get('reason')))}", "warn")]
        )
    commit = (document.get("git") or {}).get("commit")
    if not commit:
        return PaneText(lines)
    branch = clip(visible(str((document.get("git") or {}).get("branch") or "")), 20)
    dirty = "uncommitted changes" if (document.get("git") or {}).get("dirty") else ""
    summary = [str(commit)[:7], branch, f"+{_count(len(changes), 'file')}" if changes else dirty]
    return PaneText(lines, " ".join(word for word in summary if word))


def _change_line(change: FileChange) -> Line:
    if change.added is None or change.removed is None:
        return [(f"  {visible(change.path)}", ""), ("  not text", "dim")]
    counts: Line = [(f"  +{change.added:,}", "added"), (f" −{change.removed:,}", "removed")]
    return [(f"  {visible(change.path)}", ""), *counts]


@lru_cache(maxsize=32)
def _patch_changes(project: Project, sha256: str) -> list[FileChange]:
    with BlobStore(project).open(sha256) as file:
        return file_changes(file.read())


def _changes(project: Project, sha256: str) -> list[FileChange] | None:
    """What a captured patch changes; None where its content is missing."""
    try:
        return _patch_changes(project, sha256)
    except WorkbenchError:
        return None


def _environment(document: Mapping[str, Any]) -> PaneText:
    captured = (document.get("captures") or {}).get("environment")
    if not isinstance(captured, Mapping):
        return PaneText([])
    packages = captured.get("packages") or {}
    memory = captured.get("memory_bytes")
    cpus = " ".join(
        [
            f"{captured.get('cpu_usable') or captured.get('cpu_count') or '?'} of {captured.get('cpu_count') or '?'}",
            str(captured.get("cpu_model") or ""),
        ]
    )
    facts = {
        "python": " ".join(str(captured[key]) for key in ("python", "implementation") if captured.get(key)),
        "platform": captured.get("platform"),
        "cpus": cpus,
        "memory": format_size(memory) if isinstance(memory, int) else None,
        "gpus": ", ".join(map(str, captured.get("gpus") or [])),
        **(captured.get("env") or {}),
        "packages": format_number(len(packages)) if packages else None,
    }
    lines = pairs([(clipped_name(name), (visible(str(value)), "")) for name, value in facts.items() if value])
    lines += indented(value_lines(packages), "  ")
    summary = [f"python {visible(str(captured['python']))}"] if captured.get("python") else []
    return PaneText(lines, ", ".join([*summary, _count(len(packages), "package")] if packages else summary))


def _output(output: Sequence[OutputLine]) -> PaneText:
    lines: list[Line] = []
    for one in output:
        text = visible(one.text.expandtabs(8))
        lines.append([(f"{WARN} ", "warn"), (text, "")] if one.stream == 2 else [("  ", ""), (text, "")])
    more = f"the last {OUTPUT_LINES} lines" if len(output) >= OUTPUT_LINES else _count(len(output), "line")
    return PaneText(lines, more, visible(output[-1].text.strip()) if output else "")


def _names(datasets: Sequence[Mapping[str, Any]]) -> str:
    names = [clip(visible(str(one.get("name") or one.get("path") or "")), 24) for one in datasets]
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _count(count: int, noun: str) -> str:
    return f"{format_number(count)} {noun}{'s' * (count != 1)}"
