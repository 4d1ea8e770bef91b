"""From a run to the versions that were made of it, and registering its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.output.cells import visible
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.questions.governance import RegisterRun
from workbench.tui.questions.versions import ModelsOfRun, VersionLabel, VersionsOfRun

if TYPE_CHECKING:
    from workbench.tui.questions.versions import RunModels
    from workbench.tui.screens.base import WorkbenchScreen


def register_model(screen: WorkbenchScreen, uid: str) -> None:
    """Ask for a name, and for the model where the run has several, and register it."""
    app = screen.workbench

    def name_it(path: str, names: tuple[str, ...]) -> None:
        reference = f"{uid}:{path}"

        def named(name: str | None) -> None:
            if name:
                app.perform(RegisterRun(reference, name))

        app.push_screen(
            Prompt(
                f"Register {visible(path)} of the run as",
                placeholder="model, an old or a new one",
                check=lambda text: None if text else "a model has a name",
                suggestions=names,
                twin=lambda text: f"workbench models register {uid[:8]}:{path} {text or 'NAME'}",
            ),
            named,
        )

    def choose(found: RunModels) -> None:
        if not found.paths:
            app.refuse("the run has no model: run.log_model(model) logs one")
        elif len(found.paths) == 1:
            name_it(found.paths[0], found.names)
        else:
            options = [Option(path, [(path, "")]) for path in found.paths]
            app.push_screen(
                Choose("Register which model?", options),
                lambda path: name_it(path, found.names) if path is not None else None,
            )

    app.ask(ModelsOfRun(uid), choose)


def show_versions(screen: WorkbenchScreen, uid: str) -> None:
    """Open the version that was made of a run; where there are several, ask which."""
    app = screen.workbench

    def choose(found: list[VersionLabel]) -> None:
        if not found:
            app.refuse("no version was made of this run: + registers its model")
        elif len(found) == 1:
            app.open_version(found[0].model, found[0].number)
        else:
            options = [Option(str(place), label.line) for place, label in enumerate(found)]

            def chosen(place: str | None) -> None:
                if place is not None:
                    app.open_version(found[int(place)].model, found[int(place)].number)

            app.push_screen(Choose("Versions made of this run", options), chosen)

    app.ask(VersionsOfRun(uid), choose)
