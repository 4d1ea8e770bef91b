"""One run in panes: beside the table, below it, or alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from textual.timer import Timer

from workbench.base.clock import now_us
from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.run_sections import context_line, error_line, headline
from workbench.output.spans import Line
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.run import RunCharts, RunPanes, RunQuestion, Sparks
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.metric_line import MetricLine, keys_in_sight
from workbench.tui.widgets.pane import PaneView, run_panes
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.pane_layout import RUN
from workbench.tui.wrapping import wrapped_all

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.questions.metric_rows import MetricRows
    from workbench.tui.questions.run import ArtifactRow

CALM_S = 0.08
"""A run is asked for when the cursor has rested on it so long; the first one at once."""
STALE_S = 0.25
"""So long the panes may show the run before; after that rather nothing."""
_METRIC_PANES = ("metrics", "machine")


class RunDetail(PaneArea):
    """One run.

    Attributes:
        uid: the run that is shown, or asked for; None for none.
        answer: what the panes show; None until there is an answer for `uid`.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(run_panes(), RUN, id=id, classes=classes)
        self.uid: str | None = None
        self.answer: RunPanes | None = None
        self._run_name = ""
        self._baseline: str | None = None
        self._sparks: dict[str, dict[str, str]] = {}
        self._asked_at = 0.0
        self._calm: Timer | None = None
        self._stale: Timer | None = None
        self._resting = False

    def on_mount(self) -> None:
        """Ask for what was shown before there was anything to show it in."""
        self._show_head()
        self._ask()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self._desk.forget(self)

    # what screens call

    def show_run(self, uid: str | None, *, name: str = "", baseline: str | None = None) -> None:
        """Show another run, or the same one against another baseline.

        Args:
            uid: which run; None shows none.
            name: what it is called, shown until more is known.
            baseline: id of a run that params are shown against.
        """
        baseline = None if baseline == uid else baseline
        waking, self._resting = self._resting, False
        if (uid, baseline) == (self.uid, self._baseline):
            if waking:
                self._ask()
            return
        if uid != self.uid:
            self._change(uid, name)
        self._baseline = baseline
        now = time.monotonic()
        calm = now - self._asked_at > CALM_S
        self._asked_at = now
        if self._calm is not None:
            self._calm.stop()
        if not self.is_mounted:
            return
        if calm or uid is None:
            self._ask()
        else:
            self._calm = self.set_timer(CALM_S, self._ask)

    def rest(self) -> None:
        """Ask nothing while nobody looks; `show_run` goes on."""
        self._resting = True
        if self.is_mounted:
            self._desk.forget(self)

    def grow_older(self) -> None:
        """Ages and durations go on."""
        self._show_head()

    @property
    def artifact(self) -> ArtifactRow | None:
        """The artifact under the cursor of its pane; None where that has not the focus, or there is none."""
        view = self.panes["artifacts"].view
        if self.answer is None or not view.has_focus or not view.index < len(self.answer.artifacts):
            return None
        return self.answer.artifacts[view.index]

    @property
    def run_name(self) -> str:
        """What the run is called, as far as is known."""
        if self.answer is not None:
            return str(self.answer.head["name"])
        return self._run_name or (self.uid or "")[:8]

    # asking and hearing

    @property
    def _desk(self) -> Any:
        return cast("WorkbenchApp", self.app).desk

    def _change(self, uid: str | None, name: str) -> None:
        """The new run's name is shown at once; what the panes hold goes when the answer comes, or soon."""
        self.uid, self._run_name, self.answer = uid, name, None
        if not self.is_mounted:
            return
        self._desk.forget(self)
        self._show_head()
        if uid is None:
            self._empty()
        elif self._stale is None:
            self._stale = self.set_timer(STALE_S, self._empty_stale)

    def _ask(self) -> None:
        if self.uid is None or self._resting or not self.is_mounted:
            return
        self._desk.watch(self, "run", RunQuestion(self._desk.project, self.uid, self._baseline))
        if self.answer is not None:
            self._ask_more()

    def _ask_more(self) -> None:
        """Ask for the courses of the metrics in sight and for the charts, as large as they are now."""
        answer = self.answer
        if answer is None or self.uid is None or self._resting:
            return
        for key, rows in zip(_METRIC_PANES, (answer.metrics, answer.machine), strict=True):
            keys = keys_in_sight(rows, self.panes[key].view)
            if keys:
                self._desk.watch(self, f"sparks-{key}", Sparks(self.uid, keys))
        size = self.panes["charts"].view.size
        if answer.chart_keys and size.width > 10 and size.height > 2:
            self._desk.watch(self, "charts", RunCharts(self.uid, answer.chart_keys, size.width, size.height))

    def on_answered(self, message: Answered) -> None:
        """Show what is known now."""
        if message.question.uid != self.uid:
            return
        if message.slot == "run":
            self._show_panes(message.answer)
        elif message.slot == "charts":
            self.panes["charts"].view.show(message.answer)
        elif message.slot.startswith("sparks-"):
            key = message.slot.removeprefix("sparks-")
            known = self._sparks.setdefault(key, {})
            if any(known.get(name) != spark for name, spark in message.answer.items()):
                known.update(message.answer)
                self.panes[key].view.refresh()

    def on_unanswered(self, message: Unanswered) -> None:
        """A run that is gone says so; charts and courses may fail with it."""
        if message.question.uid == self.uid and message.slot == "run":
            self._empty()
            error = message.error
            self.head.say([(self.run_name, "bold")], [[(error.message, "bad")], [], [(error.hint or "", "dim")]])

    # showing

    def _empty_stale(self) -> None:
        self._stale = None
        if self.answer is None:
            for pane in self.shown():
                pane.view.show([])

    def _empty(self) -> None:
        self.answer = None
        self.show_none()

    def _show_head(self) -> None:
        answer = self.answer
        if self.uid is None:
            self.head.say([], [[("no run here", "dim")], [], [("the run under the cursor is shown here", "dim")]])
        elif answer is None:
            self.head.say([(self.run_name, "bold")], [] if self.shown() else [[("…", "dim")]])
        else:
            now = now_us()
            error = error_line(answer.head)
            lines = [
                headline(answer.head, now),
                *([[("✗ " + error, "bad")]] if error else []),
                context_line(answer.head, now),
            ]
            if self.head.show(lines):
                self.rearrange()

    def _show_panes(self, answer: RunPanes) -> None:
        fresh, before, self.answer = self.answer is None, self.answer, answer
        if self._stale is not None:
            self._stale.stop()
            self._stale = None
        if fresh:
            self._sparks = {}
            for pane in self.panes.values():
                pane.view.first_again()
        shape = self.shape()
        self._show_head()
        for key, pane in self.panes.items():
            if key == "charts":
                wanted = len(answer.chart_keys)
                if fresh:
                    pane.show([])
                pane.describe(wanted, "")
            elif key == "note":
                self._show_note()
            elif key in _METRIC_PANES:
                rows, earlier = getattr(answer, key), getattr(before, key, None)
                if rows != earlier:
                    self._show_metrics(key, rows)
            else:
                text = answer.panes.get(key)
                pane.show(*(text.lines, text.summary, text.gist) if text else ([],))
            pane.display = pane.wanted > 0
        if fresh:
            for pane in self.panes.values():
                pane.view.first_again()
        if fresh or self.shape() != shape:
            self.rearrange()
        if fresh:
            self.post_message(self.Shown())
        self._ask_more()

    def _show_metrics(self, key: str, rows: MetricRows) -> None:
        pane = self.panes[key]
        count = f"{format_number(len(rows))} metrics" if len(rows) != 1 else "1 metric"
        firsts = zip(rows.names[:2], rows.lasts[:2], strict=True)
        gist = ", ".join(f"{name} {last.strip()}" for name, last in firsts)
        pane.describe(len(rows), count if key == "metrics" else "", gist)
        line = MetricLine(rows, self._sparks.setdefault(key, {}), pane.view)
        pane.view.show_from(len(rows), line)

    def _show_note(self) -> None:
        pane = self.panes["note"]
        note = self.answer.note if self.answer is not None else ""
        width = pane.view.size.width or self.size.width
        lines: list[Line] = [[(text, "")] for text in note.splitlines()]
        broken = [[(" ", ""), *line] for line in wrapped_all(lines, max(10, width - 2))]
        pane.show(broken if note.strip() else [], gist=visible(note.strip().partition("\n")[0]))

    def on_pane_view_sized(self, message: PaneView.Sized) -> None:
        """More lines may be in sight, and charts may have another size."""
        message.stop()
        if self.answer is not None and self.panes["note"].display:
            self._show_note()
        self._ask_more()

    def on_line_view_moved(self, message: LineView.Moved) -> None:
        """Other lines are in sight."""
        message.stop()
        self._ask_more()
