"""What is asked before something is done with images and deployments."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from workbench.base.errors import InputError
from workbench.output.cells import visible
from workbench.output.marks import status_mark
from workbench.output.spans import Line
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.questions.errands import FindTarget, RollBack, RunImage, StopDeployment, first_plan, parse_place

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.tui.questions.images import ToBuild
    from workbench.tui.screens.base import WorkbenchScreen


def plan_image(screen: WorkbenchScreen, reference: str) -> None:
    """Plan an image of a version or a run, and show the plan; one image is built at a time.

    Args:
        reference: as `package build` takes it.
    """
    from workbench.tui.questions.images import BuildOf

    app = screen.workbench
    if app.is_building:
        app.refuse("another image is being built")
        app.show_build()
        return

    def plan(found: ToBuild) -> None:
        app.begin_build(first_plan(found.source, found.base), found.bases)
        app.show_build()

    app.ask(BuildOf(app.desk.project, reference), plan)


def run_image(screen: WorkbenchScreen, image: Image) -> None:
    """Ask for a name and a port, say what it takes the place of, and run an image."""
    from workbench.tui.questions.images import current_rows, usual_name

    app = screen.workbench
    rows = current_rows(app.dock.seen)
    about: list[Line] = [
        [
            ("  ", ""),
            status_mark(row.status),
            (f" {visible(row.container.name)}", "accent"),
            (f" :{row.container.settings.port}  {visible(row.container.shown)}, which it takes the place of", "dim"),
        ]
        for row in rows
    ]

    def named(text: str | None) -> None:
        if text:
            app.run_errand(RunImage(image, *parse_place(text)))

    app.push_screen(
        Prompt(
            f"Run {image.name} as",
            about=about,
            value=usual_name(image),
            placeholder="NAME, or NAME:PORT",
            check=_wrong_place,
            suggestions=list(dict.fromkeys(row.container.name for row in rows)),
            twin=lambda text: _run_twin(image, text),
        ),
        named,
    )


def stop_deployment(screen: WorkbenchScreen, name: str, shown: str) -> None:
    """Ask why, and stop a deployment."""

    def reasoned(reason: str | None) -> None:
        if reason is not None:
            screen.workbench.run_errand(StopDeployment(name, reason or None))

    screen.workbench.push_screen(
        Prompt(
            f"Stop {name}, which runs {shown}?",
            placeholder="why? may stay empty",
            twin=f"workbench package stop {shlex.quote(name)} --reason TEXT",
        ),
        reasoned,
    )


def roll_back(screen: WorkbenchScreen, name: str) -> None:
    """Show where a deployment goes back to, ask why, and go back."""
    app = screen.workbench

    def ask(course: tuple[str, str]) -> None:
        def reasoned(reason: str | None) -> None:
            if reason:
                app.run_errand(RollBack(name, reason))

        app.push_screen(
            Prompt(
                f"Roll {name} back: {course[0]} → {course[1]}",
                placeholder="why?",
                check=lambda text: None if text else "a reason is required",
                twin=f"workbench package rollback {shlex.quote(name)} --reason TEXT",
            ),
            reasoned,
        )

    app.run_errand(FindTarget(name), ask)


def _wrong_place(text: str) -> str | None:
    try:
        parse_place(text)
    except InputError as error:
        return error.message
    return None


def _run_twin(image: Image, text: str) -> str:
    name, _, port = text.partition(":")
    more = f" --port {port}" if port else ""
    return f"workbench package run {shlex.quote(image.name)} --name {shlex.quote(name or 'NAME')}{more}"
