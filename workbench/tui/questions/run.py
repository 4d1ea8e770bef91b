"""What is asked of one run: everything that its panes show, the courses of its metrics, two small charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import RunNotFoundError
from workbench.base.project import Project
from workbench.output.cells import clip, visible
from workbench.output.run_sections import SYSTEM_PREFIX
from workbench.output.spans import Line
from workbench.plot.chart import draw_chart
from workbench.plot.series import Series
from workbench.plot.sparkline import sparkline
from workbench.store.metrics import Curve, MetricSummary, curve, recent_values, summaries
from workbench.store.outputs import OutputLine, output_lines
from workbench.store.overview import marked_runs
from workbench.store.runs import run_documents
from workbench.tui.questions.metric_rows import MetricRows, machine_rows, metric_rows
from workbench.tui.questions.pane_texts import OUTPUT_LINES, PaneText, pane_texts

SPARK_WIDTH = 24
CHARTS = 2
CHART_GAP = 2
_HEAD_KEYS = (
    "run_id", "name", "experiment", "status", "started_at", "duration_s", "deleted", "starred", "pinned", "error",
    "exit_code", "user", "host", "parent_run_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """One artifact of a run.

    Attributes:
        path: within the run.
        sha256: of its content.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunPanes:
    """Everything that the panes of one run show.

    Attributes:
        head: what `run_sections.headline` and `context_line` take; without the duration of a run that runs, which
            grows by itself.
        panes: texts of panes by their keys, without those that would be empty.
        metrics, machine: metrics and system metrics.
        chart_keys: the metrics to draw, at most `CHARTS`.
        artifacts: in the order of the lines of the pane `artifacts`.
        note: as it was written.
    """

    head: Mapping[str, Any]
    panes: Mapping[str, PaneText]
    metrics: MetricRows = field(default_factory=MetricRows)
    machine: MetricRows = field(default_factory=MetricRows)
    chart_keys: tuple[str, ...] = ()
    artifacts: tuple[ArtifactRow, ...] = ()
    note: str = ""


_Found = tuple[dict[str, Any], "dict[str, Any] | None", list[MetricSummary], list[OutputLine]]


@dataclass(frozen=True, slots=True)
class RunQuestion:
    """Everything that the panes of a run show: `RunPanes`.

    Attributes:
        project: where the contents of captured patches are.
        uid: which run.
        baseline: id of a run that its params are shown against; None is none.
    """

    project: Project
    uid: str
    baseline: str | None = None

    def ask(self, db: Any) -> _Found:
        """The documents, the summaries of the metrics and the end of the output.

        Raises:
            RunNotFoundError: there is no such run any more.
        """
        [document] = run_documents(db, [self.uid])
        baseline = None
        if self.baseline not in (None, self.uid):
            with suppress(RunNotFoundError):
                [baseline] = run_documents(db, [str(self.baseline)])
        return document, baseline, summaries(db, self.uid), output_lines(db, self.uid, last=OUTPUT_LINES)

    def work(self, found: _Found) -> RunPanes:
        """Lines of all panes."""
        document, baseline, summed, output = found
        head = {name: document.get(name) for name in _HEAD_KEYS}
        if head["status"] == "running":
            head["duration_s"] = None
        metrics = [one for one in summed if not one.name.startswith(SYSTEM_PREFIX)]
        return RunPanes(
            head=head,
            panes=pane_texts(document, baseline, output, self.project),
            metrics=metric_rows(metrics),
            machine=machine_rows(document["system_metrics"]),
            chart_keys=_chart_keys(metrics),
            artifacts=tuple(ArtifactRow(one["path"], one["sha256"]) for one in document["artifacts"]),
            note=str(document.get("note") or ""),
        )


@dataclass(frozen=True, slots=True)
class Sparks:
    """The courses of some metrics of a run: sparklines by metric name, `SPARK_WIDTH` cells at most.

    Attributes:
        uid: which run.
        keys: full names of metrics.
    """

    uid: str
    keys: tuple[str, ...]

    def ask(self, db: Any) -> dict[str, list[float]]:
        """The values."""
        return recent_values(db, self.uid, limit=SPARK_WIDTH, keys=self.keys)

    def work(self, found: dict[str, list[float]]) -> dict[str, str]:
        """Draw them; one value alone has no course."""
        return {
            key: sparkline(values, min(SPARK_WIDTH, len(values))) for key, values in found.items() if len(values) > 1
        }


@dataclass(frozen=True, slots=True)
class RunCharts:
    """Small charts of metrics beside each other: a list of lines, exactly as wide and high as asked.

    Attributes:
        uid: which run.
        keys: full names of metrics.
        width, height: cells of all of them together.
    """

    uid: str
    keys: tuple[str, ...]
    width: int
    height: int

    def ask(self, db: Any) -> list[Curve]:
        """The curves, a point for each column of dots."""
        columns = max(1, 2 * self.width // len(self.keys))
        return [curve(db, self.uid, key, width=columns) for key in self.keys]

    def work(self, found: list[Curve]) -> list[Line]:
        """Draw them."""
        share = (self.width - CHART_GAP * (len(found) - 1)) // len(found)
        charts = [
            draw_chart(
                [Series.from_curve(one.key, one)],
                width=share,
                height=self.height,
                title=clip(visible(one.key), max(4, share - 10)),
                legend=False,
            ).lines
            for one in found
        ]
        return [_beside(parts) for parts in zip(*charts, strict=True)]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The pinned run: its id, or None."""

    def ask(self, db: Any) -> str | None:
        """Look for it."""
        return next((uid for uid, (pinned, _) in marked_runs(db).items() if pinned), None)

    def work(self, found: str | None) -> str | None:
        """The same."""
        return found


def _beside(parts: Sequence[Line]) -> Line:
    line: Line = []
    for part in parts:
        line += [(" " * CHART_GAP, "")] * bool(line) + part
    return line


def _chart_keys(metrics: Sequence[MetricSummary]) -> tuple[str, ...]:
    """The first metrics with a course, those with the plainest names before those of a part of the model."""
    drawn = [one.name for one in metrics if one.points > 1 and one.min is not None]
    return tuple(sorted(drawn, key=lambda name: (name.count("/") + name.count("."), name))[:CHARTS])
