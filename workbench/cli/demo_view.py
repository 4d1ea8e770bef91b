"""How `workbench demo` looks: trainings that move, lines for a pipe, and what they came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from workbench.base.numbers import format_duration, format_size
from workbench.output.cells import clip, pad
from workbench.output.compare_view import comparison_lines
from workbench.output.marks import status_mark
from workbench.output.spans import Line
from workbench.plot.chart import Series, draw_chart
from workbench.plot.sparkline import sparkline

if TYPE_CHECKING:
    from workbench.demo.results import Command, Results
    from workbench.demo.serving import Served
    from workbench.demo.training import RunView, Snapshot
    from workbench.demo.watching import Watched

NAME_WIDTH = 17
CURVE_WIDTH = 30
CHART_HEIGHT = 11
CHART_WIDTH = 100


def live_lines(snapshot: Snapshot, width: int) -> list[Line]:
    """The table of all trainings, one line each."""
    curve_width = max(0, min(CURVE_WIDTH, width - NAME_WIDTH - 45))
    curve_title = "loss by epoch"[:curve_width]
    header = f"   {pad('run', NAME_WIDTH)} {'status':8}  {'epoch':>7}  {'loss':>7}  {'auc':>6}  {curve_title}"
    lines: list[Line] = [[(clip(header, width), "heading")]]
    for view in snapshot.runs:
        mark, style = status_mark(view.state)
        if view.state in ("waiting", "starting"):
            mark, style = " ", "dim"
        curve = sparkline([loss for _, loss in view.losses], curve_width)
        lines.append(
            [
                (f" {mark} ", style),
                (f"{pad(clip(view.name, NAME_WIDTH), NAME_WIDTH)} ", "dim" if view.state == "waiting" else ""),
                (f"{clip(view.state, 8):8}", style),
                (f"  {_epoch(view):>7}  {_number(view.values.get('valid_loss')):>7}", ""),
                (f"  {_number(view.values.get('valid_auc')):>6}  ", ""),
                (curve, "accent"),
            ]
        )
    ended = sum(view.ended for view in snapshot.runs)
    footer = "; ".join(
        [f"{ended} of {len(snapshot.runs)} ended after {format_duration(snapshot.elapsed_s)}", *snapshot.news]
    )
    lines.append([(clip(f"   {footer}", width), "dim")])
    return lines


class Events:
    """Tells what is new in each snapshot."""

    def __init__(self) -> None:
        self._states: dict[str, str] = {}
        self._news = 0

    def since_last(self, snapshot: Snapshot) -> list[str]:
        """A line for each training that has started or ended, and for what the demo did."""
        lines = list(snapshot.news[self._news :])
        self._news = len(snapshot.news)
        for view in snapshot.runs:
            before, self._states[view.name] = self._states.get(view.name, "waiting"), view.state
            if view.state == before:
                continue
            if before == "waiting":
                details = filter(None, (f"{view.planned.model} on {view.planned.data}", view.planned.settings))
                lines.append(f"{view.name}: started, {', '.join(details)}")
            if view.error:
                lines.append(f"{view.name}: {view.state}: {view.error}")
            elif view.ended:
                loss, auc = _number(view.values.get("valid_loss")), _number(view.values.get("valid_auc"))
                lines.append(f"{view.name}: {view.state} after {view.epoch} epochs, validation loss {loss}, auc {auc}")
        return lines


def result_lines(results: Results, width: int) -> Iterator[Line]:
    """What the trainings came to: the best ones beside each other, their curves, what failed, what a change brought."""
    for views in results.best.values():
        best = views[0]
        right, guessed = best.values.get("test_accuracy"), best.values.get("baseline_accuracy")
        scores = f"{_number(right)} of the test rows right, {_number(guessed)} by guessing the most frequent class"
        yield from _sentence("✓", "good", best.name, f"is best on {best.planned.data}: {scores}", width)
    if results.changed:
        before, after = results.changed
        losses = f"validation loss {_number(before.best_loss)} → {_number(after.best_loss)}"
        yield from _sentence("✓", "good", after.name, f"repeats {before.name} with changed code: {losses}", width)
    for view in results.failed:
        yield from _sentence("✗", "bad", view.name, f"failed on purpose: {view.error}", width)
    if results.comparison:
        yield []
        yield from comparison_lines(results.comparison, width=width)
    series = [Series.from_points(view.name, *zip(*view.losses, strict=True)) for view in results.compared]
    if series:
        title = f"valid_loss on {results.compared[0].planned.data}"
        yield []
        yield from draw_chart(series, width=min(width, CHART_WIDTH), height=CHART_HEIGHT, title=title, log_y=True).lines


def watched_lines(watched: Watched, width: int) -> Iterator[Line]:
    """What moved while a model was in use."""
    name = watched.version
    text = f"answered {watched.rows:,} times in {watched.windows} days; {watched.quiet} days were as the training data"
    yield from _sentence("✓", "good", name, text, width)
    if watched.columns:
        moved = " and ".join(watched.columns)
        text = f"drifts since {watched.since}: {moved}, and nothing else on any day"
        yield from _sentence("✗", "bad", name, text, width)


def served_lines(served: Served, width: int) -> Iterator[Line]:
    """The image of the best model, and what it predicted."""
    built = served.built
    size = f"{format_size(built.size_bytes)}, {format_size(built.added_bytes)} over its base"
    yield from _sentence("✓", "good", built.tag, f"is the image of {served.version}: {size}", width)
    text = f"at {served.url} predicted {served.prediction} for one row, and was stopped again"
    yield from _sentence("✓", "good", built.tag, text, width)


def next_lines(folder_command: str, commands: Sequence[Command]) -> Iterator[Line]:
    """What to type next, and what it shows."""
    yield [("Try next:", "heading")]
    yield [(f"  {folder_command}", "accent")]
    longest = max(len(str(command)) for command in commands)
    for command in commands:
        yield [(f"  {command!s:{longest}}", "accent"), (f"  # {command.shows}", "dim")]


def _sentence(mark: str, style: str, name: str, text: str, width: int) -> Iterator[Line]:
    """A sentence about a run, in as many lines as it needs."""
    first, *rest = wrap(f"{name} {text}", width - 3)
    yield [(f"{mark} ", style), (name, "bold"), (first.removeprefix(name), "")]
    for line in rest:
        yield [(f"  {line}", "")]


def _epoch(view: RunView) -> str:
    return f"{view.epoch}/{view.planned.epochs}" if view.epoch else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
