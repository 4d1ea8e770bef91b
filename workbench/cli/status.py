"""`workbench status`, which is also what `workbench` alone prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.output.spans import Line

RECENT_RUNS = 5
RUNNING_RUNS = 10
WAITING_VERSIONS = 5
MAX_METRICS_SHOWN = 3


def status(json: JsonOption = False) -> None:
    """Say what is running, what ran last and how much is stored.

    `workbench` alone does the same. Where there is no project it says how to begin, and exits with 3.

    Examples:
      workbench status
      workbench status --json
    """
    overview(json=json)


def overview(*, json: bool = False) -> None:
    """Print the state of the project.

    Raises:
        ProjectNotFoundError: there is none.
    """
    from workbench.registry.overview import waiting_versions
    from workbench.store.maintenance import measure_size
    from workbench.store.overview import count_by_status
    from workbench.store.runs import RunQuery, run_documents

    store = session.store()
    with session.reading(store) as db:
        counts = count_by_status(db)
        running = run_documents(db, None, RunQuery(where="attributes.status = 'running'", limit=RUNNING_RUNS))
        recent = run_documents(db, None, RunQuery(where="attributes.status != 'running'", limit=RECENT_RUNS))
        waiting = waiting_versions(db)
    size_bytes = measure_size(store).total_bytes
    project = store.project
    if json:
        emit.emit_document(
            {
                "project": {"name": project.name, "root": project.root},
                "runs": counts,
                "running": running,
                "recent": recent,
                "waiting": waiting,
                "size_bytes": size_bytes,
            }
        )
        return
    total = sum(counts.values())
    summary = f"{format_number(total)} run{'s' * (total != 1)}"
    console.draw([[(project.name, "bold"), (f"  {project.root}  {summary}, {format_size(size_bytes)}", "")]])
    if waiting:
        console.draw([_waiting(waiting)])
    if not total:
        console.note("no runs yet; next: workbench run -- python train.py, or workbench demo")
        return
    console.draw([_counts(counts)])
    _section("running", running)
    _section("last", recent)
    console.note("more: workbench runs list, workbench runs show @latest")


def _counts(counts: Mapping[str, int]) -> Line:
    from workbench.output.marks import status_mark

    line: Line = []
    for name, count in counts.items():
        if count:
            mark, style = status_mark(name)
            line += [("  " if line else "", ""), (mark, style), (f" {format_number(count)} {name}", "")]
    return line


def _waiting(versions: Sequence[Mapping[str, object]]) -> Line:
    """The versions that somebody has to approve or reject."""
    from workbench.output.cells import visible
    from workbench.output.marks import status_mark

    names = [f"{visible(str(one['name']))}/{one['version']}" for one in versions[:WAITING_VERSIONS]]
    more = f" and {format_number(len(versions) - len(names))} more" if len(versions) > len(names) else ""
    return [status_mark("pending"), (f" waiting for approval: {', '.join(names)}{more}", "")]


def _section(title: str, documents: Sequence[Mapping[str, object]]) -> None:
    from workbench.output.table import Column, render_table

    if not documents:
        return
    rows = [
        [
            document["name"],
            str(document["run_id"])[:8],
            document["status"],
            document["started_at"],
            document["duration_s"],
            document["experiment"],
            _metrics(cast(Mapping[str, object], document["metrics"])),
        ]
        for document in documents
    ]
    columns = [
        Column(title, priority=9),
        Column("id", priority=4),
        Column("status", "status", priority=8),
        Column("age", "age", priority=7),
        Column("time", "duration", priority=5),
        Column("experiment", priority=3),
        Column("metrics", priority=6, min_width=20),
    ]
    console.out()
    console.draw(render_table(rows, columns, width=console.width()).lines)


def _metrics(metrics: Mapping[str, object]) -> str:
    own = [(key, value) for key, value in metrics.items() if not key.startswith("system/")][:MAX_METRICS_SHOWN]
    return "  ".join(
        f"{key} {value if isinstance(value, str) else format_number(cast(float, value))}" for key, value in own
    )
