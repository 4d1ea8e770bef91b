"""A build that is under way or over: how far it is, what it has said, what came of it. Drawn by `BuildScreen`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import BuildFailedError, StoreInterruptedError, WorkbenchError
from workbench.base.numbers import format_duration, format_number, format_size
from workbench.output.cells import pad, visible
from workbench.output.image_table import smoke_lines
from workbench.output.spans import Line, Span

if TYPE_CHECKING:
    from workbench.packaging.building import Progress
    from workbench.packaging.delivery import Delivered
    from workbench.tui.dock import Errand
    from workbench.tui.questions.errands import BuildImage

PLANNING, PLANNED, BUILDING, DONE, FAILED, GIVEN_UP = "planning", "planned", "building", "done", "failed", "given up"
MAX_LOG = 20_000
"""Lines of the log that are kept."""
BAR = 20
"""Cells of the bar that shows how many steps are done."""
_MARKS: dict[str, Span] = {
    PLANNING: ("●", "running"), PLANNED: ("?", "warn"), BUILDING: ("●", "running"),
    DONE: ("✓", "good"), FAILED: ("✗", "bad"), GIVEN_UP: ("◌", "warn"),
}  # fmt: skip


@dataclass
class Stage:
    """A part of a build.

    Attributes:
        name, text: what it is, and what it said last.
        began_us, ended_us: microseconds since the epoch; None while it goes on.
    """

    name: str
    text: str
    began_us: int
    ended_us: int | None = None


@dataclass
class Building:
    """One build, from its plan to its end.

    Attributes:
        task: what is built.
        bases: base images to choose from.
        errand: that does it; None before it has begun.
        phase: one of the words above.
        stages: in their order.
        log: lines of the engine.
        step, steps: which instruction of how many; 0 where there is none.
        plan: what it will be made of; None until that is known.
        done: what came of it; None while that is not known.
        error: why it failed.
    """

    task: BuildImage
    bases: tuple[str, ...] = ()
    errand: Errand | None = None
    phase: str = PLANNING
    stages: list[Stage] = field(default_factory=list)
    log: list[Line] = field(default_factory=list)
    step: int = 0
    steps: int = 0
    plan: dict[str, Any] | None = None
    done: Delivered | None = None
    error: WorkbenchError | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to give up."""
        return self.phase in (PLANNING, PLANNED, BUILDING)

    # what happens

    def said(self, stage: str, text: str) -> None:
        """A stage has said something."""
        moment_us = now_us()
        if not self.stages or self.stages[-1].name != stage:
            self._end_stage()
            self.stages.append(Stage(stage, text, moment_us))
        self.stages[-1].text = text

    def heard(self, progress: Progress) -> None:
        """The engine has said something."""
        self.step, self.steps = progress.step, progress.steps
        if len(self.log) < MAX_LOG:
            begins = progress.text.startswith("Step ")
            self.log.append([(f" {visible(progress.text.rstrip())}", "bold" if begins else "")])

    def planned(self, plan: dict[str, Any]) -> None:
        """It is known what would be built."""
        self.plan, self.phase = plan, PLANNED
        self._end_stage()

    def agree(self) -> None:
        """Build it."""
        self.phase = BUILDING
        self.task.agreed.set()

    def give_up(self) -> None:
        """Stop it; what has no name yet gets none."""
        if self.errand is not None:
            self.errand.cancelled.set()

    def finished(self, done: Delivered) -> None:
        """It is built."""
        self.done, self.phase = done, DONE
        self._end_stage()

    def failed(self, error: WorkbenchError) -> None:
        """It is not."""
        given_up = isinstance(error, StoreInterruptedError)
        self.error, self.phase = error, GIVEN_UP if given_up else FAILED
        self._end_stage()

    def _end_stage(self) -> None:
        if self.stages and self.stages[-1].ended_us is None:
            self.stages[-1].ended_us = now_us()

    # how it looks

    def headline(self) -> Line:
        """What is built, and how far it is."""
        mark, style = _MARKS[self.phase]
        line: Line = [(f" {visible(self.task.tag)}", "bold"), (f" of {visible(self.task.source.shown)}  ", "dim")]
        return [*line, (f"{mark} {self.phase}", style), (f"  {self.progress()}", "")]

    def progress(self) -> str:
        """`3/7 ━━━━━━────────  adding the model` while it is built, else nothing."""
        if self.phase != BUILDING:
            return ""
        if not self.steps or not self.stages or self.stages[-1].name != "layers":
            return f"{self.stages[-1].name}" if self.stages else ""
        done = BAR * self.step // self.steps
        return f"step {self.step}/{self.steps} {'━' * done}{'─' * (BAR - done)}"

    def status(self) -> Line:
        """One line for other screens."""
        last = self.stages[-1] if self.stages else None
        more = f"  {last.name}: {last.text}" if last is not None and self.is_under_way else ""
        return [*self.headline(), (visible(more), "dim")]

    def stage_lines(self) -> list[Line]:
        """A line for each stage, with what it took."""
        return [self._stage_line(stage, stage is self.stages[-1]) for stage in self.stages]

    def _stage_line(self, stage: Stage, is_last: bool) -> Line:
        mark: Span = ("✓", "good")
        if is_last and self.phase in (FAILED, GIVEN_UP):
            mark = _MARKS[self.phase]
        elif stage.ended_us is None:
            mark = ("●", "running")
        took = ((stage.ended_us or now_us()) - stage.began_us) / 1e6
        line: Line = [(" ", ""), mark, (f" {pad(stage.name, 9)} ", ""), (visible(stage.text), "")]
        return [*line, (f"  {format_duration(took)}", "dim")]

    def end_lines(self) -> list[Line]:
        """What came of it: the image and its smoke test, or why there is none."""
        if self.done is not None:
            return _done_lines(self.done)
        if self.error is None:
            return []
        lines: list[Line] = [[], [(f" {_MARKS[self.phase][0]} {visible(self.error.message)}", _MARKS[self.phase][1])]]
        if self.error.hint:
            cause = "likely cause" if isinstance(self.error, BuildFailedError) else "hint"
            lines.append([(f"   {cause}: ", "dim"), (visible(self.error.hint), "")])
        output = self.error.output if isinstance(self.error, BuildFailedError) else ()
        if output and not self._ends_with(output):
            lines += [[], [(f" the last {format_number(len(output))} lines", "heading")]]
            lines += [[(f" {visible(text)}", "")] for text in output]
        return lines

    def _ends_with(self, output: Sequence[str]) -> bool:
        """Whether the log shows these lines already."""
        return [line[0][0] for line in self.log[-len(output) :]] == [f" {visible(text.rstrip())}" for text in output]


def with_options(building: Building, **options: Any) -> BuildImage:
    """The same build with other options."""
    from workbench.tui.questions.errands import BuildImage

    return BuildImage(building.task.source, replace(building.task.options, **options))


def _done_lines(done: Delivered) -> list[Line]:
    built = done.built
    size = f"{format_size(built.size_bytes)}, {format_size(built.added_bytes)} over the base"
    lines: list[Line] = [[], [(f" {visible(built.tag)}", "bold"), (f"  {built.image_id[:19]}…  {size}", "")]]
    if built.smoke is None:
        lines.append([(" ! not tested", "warn")])
    else:
        lines += smoke_lines("", built.smoke.as_document())[1:]
    if built.unused:
        names = ", ".join(f"{visible(one.name)} {format_size(one.size_bytes)}" for one in built.unused)
        lines.append([(f" ! predicting does not use {names}", "warn")])
    return lines
