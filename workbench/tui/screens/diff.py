"""What changed from one run to another: code, environment, output."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from workbench.base.errors import WorkbenchError
from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import WARN
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.differences import (
    Difference,
    OutputsOf,
    Pair,
    PairOf,
    code_difference,
    environment_difference,
    output_difference,
)
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.tui.questions.differences import Written

KINDS = ("code", "environment", "output")
_OPTIONS = {"code": "code", "environment": "env", "output": "output"}
"""The option of `workbench runs diff` for each."""
_WAITING = {
    "code": "reading git …",
    "environment": "comparing the environments …",
    "output": "comparing what was written …",
}


class Found(Message, bubble=False):
    """A difference has been worked out, in a thread of its own.

    Attributes:
        kind: of `KINDS`.
        found: the difference, or why there is none.
    """

    def __init__(self, kind: str, found: Difference | WorkbenchError) -> None:
        super().__init__()
        self.kind = kind
        self.found = found


class DiffScreen(WorkbenchScreen):
    """The differences from one run to another.

    Args:
        base_uid: the run that is measured against.
        uid: the other one.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("diff",)
    TAB = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("diff"), *bindings("pane", only="copy_line")]
    AUTO_FOCUS = "LineView"
    DEFAULT_CSS = "DiffScreen #title { height: 1; } DiffScreen #kinds { height: 1; } DiffScreen #note { height: auto; }"

    def __init__(self, base_uid: str, uid: str) -> None:
        super().__init__()
        self._base_uid, self._uid = base_uid, uid
        self._kind = KINDS[0]
        self._pair: Pair | None = None
        self._written: Written | None = None
        self._found: dict[str, Difference | WorkbenchError] = {}
        self._at_work: set[str] = set()
        self._stale: set[str] = set()
        self._places: list[tuple[int, int, str]] = []

    def compose_body(self) -> Iterable[Widget]:
        """Names, kinds, what one must know, the lines."""
        yield SpanLines(id="title")
        yield SpanLines(id="kinds")
        yield SpanLines(id="note", wrap=True)
        yield LineView(cursor=True)

    # asking and hearing

    def on_screen_resume(self) -> None:
        """Listen while the screen can be seen."""
        self._ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.desk.forget(self)

    def on_unmount(self) -> None:
        """Closed."""
        self.desk.forget(self)

    def on_mount(self) -> None:
        """Say what is being read."""
        self._show()

    def _ask(self) -> None:
        self.desk.watch(self, "pair", PairOf(self._base_uid, self._uid))
        if self._kind == "output":
            self.desk.watch(self, "written", OutputsOf(self._base_uid, self._uid))
        else:
            self.desk.forget(self, "written")

    def on_answered(self, message: Answered) -> None:
        """What the store has; the rest is work."""
        if message.slot == "pair" and message.answer != self._pair:
            self._pair = message.answer
            for kind in KINDS:
                self._start(kind)
        elif message.slot == "written" and message.answer != self._written:
            self._written = message.answer
            self._start("output")
        self._show_heads()

    def on_unanswered(self, message: Unanswered) -> None:
        """A run is gone, or the store cannot be read: what was read stays."""
        kinds = ("output",) if message.slot == "written" else KINDS
        for kind in kinds:
            self._found.setdefault(kind, message.error)
        self._show()

    # work

    def _start(self, kind: str) -> None:
        """Work a difference out; once more at the end where it has become stale meanwhile."""
        if kind in self._at_work:
            self._stale.add(kind)
            return
        work = self._work_of(kind)
        if work is None:
            return
        self._at_work.add(kind)
        self.run_worker(
            partial(self._work, kind, work), name=kind, group=kind, thread=True, exclusive=True, exit_on_error=False
        )

    def _work_of(self, kind: str) -> Callable[[], Difference] | None:
        pair, written = self._pair, self._written
        if pair is None:
            return None
        if kind == "output":
            return None if written is None else partial(output_difference, pair.names, written)
        if kind == "code":
            return partial(code_difference, self.desk.project, pair)
        return partial(environment_difference, pair)

    def _work(self, kind: str, work: Callable[[], Difference]) -> None:
        """In the worker's thread: touches no widget."""
        try:
            found: Difference | WorkbenchError = work()
        except WorkbenchError as error:
            found = error
        self.post_message(Found(kind, found))

    def on_found(self, message: Found) -> None:
        """A difference is there."""
        self._finished(message.kind, message.found)

    def on_worker_state_changed(self, message: Worker.StateChanged) -> None:
        """A mistake in the work is told rather than waited for."""
        if message.state == WorkerState.ERROR:
            error = WorkbenchError(f"this cannot be compared: {message.worker.error}")
            self._finished(message.worker.name, error)

    def _finished(self, kind: str, found: Difference | WorkbenchError) -> None:
        self._at_work.discard(kind)
        self._found[kind] = found
        if kind == self._kind:
            self._show()
        if kind in self._stale:
            self._stale.discard(kind)
            self._start(kind)

    # drawing

    @property
    def _lines(self) -> LineView:
        return self.query_one(LineView)

    @property
    def _difference(self) -> Difference | None:
        found = self._found.get(self._kind)
        return found if isinstance(found, Difference) else None

    def on_resize(self) -> None:
        """Names and sizes are cut to the width."""
        self._show_heads()

    def _show(self) -> None:
        self._show_heads()
        found = self._found.get(self._kind)
        note, lines = "", []
        if found is None:
            lines = [[(f" {_WAITING[self._kind]}", "dim")]]
        elif isinstance(found, WorkbenchError):
            lines = [[(f" ✗ {found.message}", "bad")]] + [[(f"   {found.hint}", "dim")]] * bool(found.hint)
        else:
            note = found.note or ""
            same = "" if found.note else f" the {self._kind} is the same"
            lines = found.lines or [[(same, "dim")]]
        self.query_one("#note", SpanLines).show([[(f" {WARN} {note}", "warn")]] if note else [])
        self._lines.show(lines)
        self.refresh_footer()

    def _show_heads(self) -> None:
        width = self.size.width
        names = self._pair.names if self._pair else (self._base_uid[:8], self._uid[:8])
        room = max(4, (width - 16) // 2)
        base, other = (clip(visible(name), room) for name in names)
        self.query_one("#title", SpanLines).show(
            [[(" Differences ", "title"), (f" {base}", ""), (" → ", "dim"), (other, "")]]
        )
        line: Line = [(" ", "")]
        self._places = []
        for kind in KINDS:
            text = f" {kind.capitalize()} "
            left = sum(cell_width(part) for part, _ in line)
            self._places.append((left, left + len(text), kind))
            line += [(text, "tab-on" if kind == self._kind else "dim"), (" ", "")]
        size = self._difference.size if self._difference else []
        gap = width - 1 - sum(cell_width(text) for text, _ in [*line, *size])
        self.query_one("#kinds", SpanLines).show([[*line, (" " * max(1, gap), ""), *size]])

    def on_click(self, event: events.Click) -> None:
        """A click on a kind shows it."""
        if event.widget is self.query_one("#kinds"):
            for left, right, kind in self._places:
                if left <= event.x < right:
                    self._go_to(kind)

    # actions

    def _go_to(self, kind: str) -> None:
        if kind != self._kind:
            self._kind = kind
            self._show()
            self._lines.move_to(0)
            self._ask()

    def action_next_kind(self) -> None:
        """The next kind of difference."""
        self._go_to(KINDS[(KINDS.index(self._kind) + 1) % len(KINDS)])

    def action_previous_kind(self) -> None:
        """The kind of difference before."""
        self._go_to(KINDS[(KINDS.index(self._kind) - 1) % len(KINDS)])

    def action_next_hunk(self) -> None:
        """The next change."""
        starts = self._difference.starts if self._difference else []
        place = bisect_right(starts, self._lines.index)
        if place < len(starts):
            self._jump(starts[place])
        else:
            self.workbench.refuse("no change follows")

    def action_previous_hunk(self) -> None:
        """The change before."""
        starts = self._difference.starts if self._difference else []
        place = bisect_left(starts, self._lines.index) - 1
        if place >= 0:
            self._jump(starts[place])
        else:
            self.workbench.refuse("no change comes before")

    def _jump(self, index: int) -> None:
        """The change begins at the top, so that as much of it as fits is seen."""
        self._lines.scroll_to(y=index, animate=False, force=True)
        self._lines.move_to(index)

    def action_copy(self) -> None:
        """Copy the difference as a unified diff."""
        difference = self._difference
        if difference is not None and difference.text:
            self.workbench.copy(difference.text, f"the difference of the {self._kind}")
        else:
            self.workbench.refuse("there is no difference to copy")

    def action_copy_line(self) -> None:
        """Copy the line under the cursor."""
        difference = self._difference
        lines = difference.text.split("\n")[:-1] if difference else []
        if self._lines.index < len(lines):
            self.workbench.copy(lines[self._lines.index], "the line")

    # words

    def can(self, action: Action) -> bool:
        """The pane has the whole screen already; jumping and copying need a difference."""
        if action.id == "pane.zoom_pane":
            return False
        if action.name in ("next_hunk", "previous_hunk", "copy", "copy_line"):
            return self._difference is not None and bool(self._difference.lines)
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The two runs and what is compared."""
        return {
            "baseline": self._base_uid[:8],
            "run": self._uid[:8],
            "runs": [self._base_uid[:8], self._uid[:8]],
            "kind": _OPTIONS[self._kind],
        }

    def view_twin(self) -> str:
        """The difference in a shell."""
        return f"workbench runs diff {self._base_uid[:8]} {self._uid[:8]} --{_OPTIONS[self._kind]}"
