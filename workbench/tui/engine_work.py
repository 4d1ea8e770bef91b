"""The part of the app that has things done beside it, with the Docker engine or with data, and says how they go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.errors import BuildFailedError, StoreInterruptedError, WorkbenchError
from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.building import BUILDING, Building
from workbench.tui.data_work import DataWork
from workbench.tui.dock import Dock, Errand
from workbench.tui.messages import ErrandDone, ErrandFailed, ErrandHeard, ErrandSaid, PlanMade
from workbench.tui.navigation import Navigation
from workbench.tui.questions.errands import BuildImage

if TYPE_CHECKING:
    from workbench.tui.desk import Desk


class EngineWork(Navigation):
    """The part of the app that works with the engine.

    Attributes:
        desk: the store's thread.
        dock: the engine's threads.
        building: the build that was begun last; None where there was none.
        data_work: what is found out about data.
        under_way: what each errand said last, but for the build.
    """

    desk: Desk

    def prepare_dock(self) -> None:
        """Called once, when the app is made."""
        self.dock = Dock(self.desk)
        self.building: Building | None = None
        self.data_work = DataWork(self)
        self.under_way: dict[Errand, str] = {}
        self._after: dict[Errand, Callable[[Any], Any]] = {}
        self._unless: dict[Errand, Callable[[WorkbenchError], Any]] = {}
        self._awaited: set[Errand] = set()
        self._quiet: dict[Errand, Callable[[Any], Any]] = {}

    def say(self, text: str) -> None:
        """Tell that something is done; the app does."""
        raise NotImplementedError

    def fail(self, error: WorkbenchError) -> None:
        """Tell that something could not be done; the app does."""
        raise NotImplementedError

    # what screens call

    @property
    def answering(self) -> int:
        """How many errands somebody waits for who has asked something."""
        return len(self._awaited)

    def run_errand(self, task: Any, then: Callable[[Any], Any] | None = None) -> None:
        """Have something done with the engine.

        Args:
            task: one of `errands`.
            then: called with its outcome, here in the app's thread; without it, the outcome is a sentence to tell.
        """
        if task.WRITES and self.desk.read_only:
            self.refuse("nothing can be changed: the app was opened with --read-only")
            return
        if any(errand.task == task for errand in self.under_way):
            self.refuse(f"it is under way: {task.title}")
            return
        errand = self.dock.begin(self, task)
        self.under_way[errand] = task.title
        if then is not None:
            self._after[errand] = then
            if not task.WRITES:
                self._awaited.add(errand)
        self.work_moved()

    def run_beside(
        self, task: Any, then: Callable[[Any], Any], unless: Callable[[WorkbenchError], Any] | None = None
    ) -> None:
        """Have something done that nobody waits for: keys go on meanwhile.

        Args:
            task: as for `run_errand`.
            then: called with its outcome.
            unless: called with the error where it fails; without it, the person is told.
        """
        if any(errand.task == task for errand in self.under_way):
            return
        errand = self.dock.begin(self, task)
        self.under_way[errand] = task.title
        self._after[errand] = then
        if unless is not None:
            self._unless[errand] = unless
        self.work_moved()

    @property
    def can_give_up(self) -> bool:
        """Whether something is under way that can be given up."""
        return any(_can_end(errand) for errand in self.under_way)

    def give_up(self) -> list[str]:
        """Give up what only reads, and what heeds it; returns what that was.

        What only reads is forgotten at once; it ends as soon as it heeds it, and what it finds is lost.
        """
        given_up = [errand for errand in self.under_way if _can_end(errand)]
        for errand in given_up:
            errand.cancelled.set()
            if not errand.task.WRITES:
                self._ended(errand)
        self.work_moved()
        return [errand.task.title for errand in given_up]

    def run_quietly(self, task: Any, then: Callable[[Any], Any]) -> None:
        """Ask the engine something that nobody waits for; where it cannot say, nothing happens."""
        self._quiet[self.dock.begin(self, task)] = then

    def begin_build(self, task: BuildImage, bases: Sequence[str]) -> Building:
        """Plan an image, in the place of a build that is over or only planned.

        Args:
            bases: base images to choose from.
        """
        if self.building is not None:
            self.building.give_up()
        self.building = Building(task, tuple(bases))
        self.building.errand = self.dock.begin(self, task)
        self.work_moved()
        return self.building

    @property
    def is_building(self) -> bool:
        """Whether an image is being built, rather than planned."""
        return self.building is not None and self.building.phase == BUILDING

    def unfinished(self) -> list[Line]:
        """What would be lost, or left half done, if the app ended now."""
        lines: list[Line] = []
        if self.building is not None and self.is_building:
            lines += [self.building.status(), [("   is given up, and no image is named", "dim")]]
        for errand, text in self.under_way.items():
            if errand.task.WRITES:
                lines += [
                    [(" ● ", "running"), (text, "")],
                    [("   may stay half done: the same again completes it", "dim")],
                ]
        return lines

    def ask_to_leave(self, lines: list[Line]) -> None:
        """Leave where the person agrees to what becomes of this."""
        from workbench.tui.dialogs.confirm import Confirm

        self.push_screen(
            Confirm("Leave while this is under way?", lines, "Leave"), lambda yes: self.exit() if yes else None
        )

    def work_lines(self) -> list[Line]:
        """What is under way, for screens that show it."""
        lines: list[Line] = [[(" ● ", "running"), (text, "")] for text in self.under_way.values()]
        if self.building is not None and self.building.is_under_way:
            lines.append(self.building.status())
        return lines

    def work_moved(self) -> None:
        """Have screens draw what is under way."""
        from workbench.tui.screens.base import WorkbenchScreen

        for screen in self.screen_stack:
            if isinstance(screen, WorkbenchScreen) and screen.is_mounted:
                screen.work_moved()

    # what the dock tells

    def on_errand_said(self, message: ErrandSaid) -> None:
        """An errand goes on."""
        if self._is_build(message.errand):
            assert self.building is not None
            self.building.said(message.stage, message.text)
        elif message.errand in self.under_way:
            text = f"{message.errand.task.title}: {message.stage} {message.text}"
            self.under_way[message.errand] = visible(text)
        self.work_moved()

    def on_errand_heard(self, message: ErrandHeard) -> None:
        """The engine said something."""
        if self._is_build(message.errand):
            assert self.building is not None
            self.building.heard(message.progress)
            self.work_moved()

    def on_plan_made(self, message: PlanMade) -> None:
        """It is known what would be built."""
        if self._is_build(message.errand):
            assert self.building is not None
            self.building.planned(message.plan)
            self.work_moved()

    def on_errand_done(self, message: ErrandDone) -> None:
        """Something is done."""
        if (hear := self._quiet.pop(message.errand, None)) is not None:
            hear(message.outcome)
            return
        if self._is_build(message.errand):
            assert self.building is not None
            self.building.finished(message.outcome)
            self.say(f"{visible(message.outcome.built.tag)} is built")
        elif message.errand in self.under_way:
            (self._ended(message.errand) or self.say)(message.outcome)
        self.dock.refresh()
        self.work_moved()

    def on_errand_failed(self, message: ErrandFailed) -> None:
        """Something could not be done."""
        error = message.error
        self._quiet.pop(message.errand, None)
        if self._is_build(message.errand):
            assert self.building is not None
            self.building.failed(error)
            self.work_moved()
            if not isinstance(error, StoreInterruptedError):
                self.fail(error)
            return
        if message.errand not in self.under_way:
            return  # a plan that another one took the place of
        unless = self._unless.get(message.errand, self.fail)
        self._ended(message.errand)
        unless(error)
        if isinstance(error, BuildFailedError) and error.output:
            self.read(error.message, [[(f" {visible(text)}", "")] for text in error.output])
        self.dock.refresh()
        self.work_moved()

    def _is_build(self, errand: Errand) -> bool:
        return self.building is not None and self.building.errand is errand

    def _ended(self, errand: Errand) -> Callable[[Any], Any] | None:
        self.under_way.pop(errand, None)
        self._awaited.discard(errand)
        self._unless.pop(errand, None)
        return self._after.pop(errand, None)


def _can_end(errand: Errand) -> bool:
    """Whether an errand only reads, or ends in good order when it is given up."""
    return not errand.task.WRITES or getattr(errand.task, "HEEDS", False)
