"""Building an image: its plan, then what is said while it is built, then what came of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widget import Widget

from workbench.output.cells import clip
from workbench.output.plan_view import plan_lines
from workbench.output.spans import Line, plain
from workbench.tui.actions import Action, bindings
from workbench.tui.building import BUILDING, DONE, FAILED, GIVEN_UP, PLANNED, PLANNING, Building, with_options
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.image_questions import run_image
from workbench.tui.widgets.pane import PaneView, title_line
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.wrapping import wrapped_all

if TYPE_CHECKING:
    from workbench.packaging.images import Image

MOST_STAGES = 8


class BuildScreen(WorkbenchScreen):
    """The build that was begun last; it goes on when the screen is left."""

    SCOPES: ClassVar[tuple[str, ...]] = ("build",)
    TAB = "Images"
    BINDINGS = bindings("build")
    AUTO_FOCUS = "#plan"
    DEFAULT_CSS = """
    BuildScreen #head { height: 1; margin-bottom: 1; }
    BuildScreen #title { height: 1; margin-top: 1; }
    BuildScreen.-low #head { margin-bottom: 0; }
    BuildScreen.-low #title { margin-top: 0; }
    BuildScreen PaneView { height: 1fr; }
    BuildScreen.-zoomed #head, BuildScreen.-zoomed #stages { display: none; }
    BuildScreen.-zoomed #title { margin-top: 0; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012  (as Textual annotates it)

    def compose_body(self) -> Iterable[Widget]:
        """What is built, its stages, the plan or the log."""
        yield SpanLines(id="head")
        yield SpanLines(id="stages")
        yield SpanLines(id="title")
        yield PaneView(id="plan")
        yield PaneView(id="log", follow=True)

    def __init__(self) -> None:
        super().__init__()
        self._phase = ""

    def on_mount(self) -> None:
        """Show how far it is."""
        self.set_interval(0.5, self._tick)
        self.work_moved()

    @property
    def building(self) -> Building:
        """What is shown."""
        assert self.workbench.building is not None
        return self.workbench.building

    def _tick(self) -> None:
        if self.building.is_under_way:
            self.work_moved()

    @on(PaneView.ZoomAsked)
    def _zoom(self) -> None:
        """The plan or the log has all the room, or no more."""
        self.toggle_class("-zoomed")

    def on_resize(self) -> None:
        """Lines are broken anew."""
        self.call_after_refresh(self.work_moved)

    def work_moved(self) -> None:
        """Draw how far it is."""
        building = self.building
        self.query_one("#head", SpanLines).show([building.headline()])
        stages = building.stage_lines()
        room = max(1, min(MOST_STAGES, self.size.height - 12))
        self.query_one("#stages", SpanLines).show(stages[-room:])
        planned = building.phase == PLANNED and building.plan is not None
        self._show_body(planned)
        title = "plan" if planned else "log"
        summary = "enter builds it, esc leaves it" if planned else self._summary()
        self.query_one("#title", SpanLines).show([title_line(title, summary, self.size.width, True)])
        if building.phase != self._phase:  # the end of the log is what is new, wherever the reader was
            self._phase = building.phase
            self.call_after_refresh(self.query_one("#log", PaneView).first_again)
        self.refresh_footer()

    def _summary(self) -> str:
        return {
            PLANNING: "the plan comes next",
            BUILDING: "esc gives it up",
            DONE: "R runs it, o opens it",
            FAILED: "no image was named: enter plans it again",
            GIVEN_UP: "no image was named: enter plans it again",
        }.get(self.building.phase, "")

    def _show_body(self, planned: bool) -> None:
        plan, log = self.query_one("#plan", PaneView), self.query_one("#log", PaneView)
        shown, other = (plan, log) if planned else (log, plan)
        shown.display, other.display = True, False
        if other.has_focus or self.focused is None:
            shown.focus()
        building = self.building
        if planned and building.plan is not None:
            plan.show(self._broken([*plan_lines(building.plan), [], *self._choices()]))
        else:
            log.show([*building.log, *self._broken(building.end_lines())])

    def _broken(self, lines: list[Line]) -> list[Line]:
        """Sentences, broken to the width."""
        return wrapped_all(lines, max(20, self.size.width - 1))

    def _choices(self) -> list[Line]:
        """What was chosen other than usual."""
        options = self.building.task.options
        chosen = [
            name for name, on in (("drop unused", options.drop_unused), ("allow pickle", options.allow_pickle)) if on
        ]
        return [[(f" chosen: {', '.join(chosen)}", "dim")]] if chosen else []

    # actions

    def action_go(self) -> None:
        """Build it; once it is over, plan it again."""
        phase = self.building.phase
        if phase == PLANNED:
            self.building.agree()
            self.workbench.work_moved()
        elif phase in (FAILED, GIVEN_UP):
            self._plan_again()
        elif phase == PLANNING:
            self.workbench.refuse("the plan is not made yet")

    def action_base(self) -> None:
        """Ask for another base image."""
        building = self.building
        if building.phase == BUILDING:
            self.workbench.refuse("it is being built")
            return

        def chosen(base: str | None) -> None:
            if base:
                self._plan_again(base=base)

        self.app.push_screen(
            Prompt(
                f"Build {building.task.tag} on which base image?",
                value=building.task.options.base or "",
                placeholder="python:3.11-slim",
                check=lambda text: None if text and " " not in text else "an image has a name",
                suggestions=building.bases,
                twin=lambda text: f"workbench package build {self._reference} --base-image {text or 'IMAGE'}",
            ),
            chosen,
        )

    def action_drop_unused(self) -> None:
        """Leave out what predicting does not use, or not."""
        self._plan_again(drop_unused=not self.building.task.options.drop_unused)

    def action_allow_pickle(self) -> None:
        """Allow a model that runs code when it is opened, or not."""
        self._plan_again(allow_pickle=not self.building.task.options.allow_pickle)

    def _plan_again(self, **options: object) -> None:
        if self.building.phase == BUILDING:
            self.workbench.refuse("it is being built")
            return
        self.workbench.begin_build(with_options(self.building, **options), self.building.bases)

    def action_give_up(self) -> None:
        """Give it up; what has no name gets none."""
        if not self.building.is_under_way:
            self.workbench.refuse("there is nothing to give up")
            return
        self.building.give_up()
        self.workbench.say("giving it up …")

    def action_run_image(self) -> None:
        """Run what was built."""
        image = self._image()
        if image is None:
            self.workbench.refuse("there is no image yet")
        else:
            run_image(self, image)

    def action_open(self) -> None:
        """Open what was built."""
        image = self._image()
        if image is None:
            self.workbench.refuse("there is no image yet")
        else:
            self.workbench.open_image(image.id)

    def action_copy_log(self) -> None:
        """Copy all that was said."""
        building = self.building
        lines = [building.headline(), *building.stage_lines(), *building.log, *building.end_lines()]
        self.workbench.copy("\n".join(plain(line).rstrip() for line in lines), "the log")

    def step_back(self) -> bool:
        """The room is given back first, then a build is given up; a plan is left."""
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed")
            return True
        if self.building.phase == BUILDING:
            self.action_give_up()
            return True
        if self.building.is_under_way:
            self.building.give_up()
        return False

    # words

    def _image(self) -> Image | None:
        return self.building.done.image if self.building.done is not None else None

    @property
    def _reference(self) -> str:
        source = self.building.task.source
        return shlex.quote(source.shown if source.version is not None else (source.run_id or source.name))

    def can(self, action: Action) -> bool:
        """What makes sense while it is planned, built, over."""
        phase = self.building.phase
        if action.scope != "build" or action.name == "copy_log":
            return True
        if action.name == "go":
            return phase in (PLANNED, FAILED, GIVEN_UP)
        if action.name == "give_up":
            return self.building.is_under_way
        if action.name in ("run_image", "open"):
            return self._image() is not None
        return phase in (PLANNED, FAILED, GIVEN_UP)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """What is built, and with which options."""
        image = self._image()
        return {"build": self._arguments(), "image": image.name if image is not None else ""}

    def _arguments(self) -> list[str]:
        task = self.building.task
        words = [task.source.shown if task.source.version is not None else (task.source.run_id or task.source.name)]
        words += ["--base-image", task.options.base] if task.options.base else []
        words += ["--drop-unused"] if task.options.drop_unused else []
        return [*words, *(["--allow-pickle"] if task.options.allow_pickle else [])]

    def view_twin(self) -> str:
        """The same in a shell."""
        return clip(f"workbench package build {shlex.join(self._arguments())}", 400)
