"""`workbench demo`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import ToolError
from workbench.cli import console, live
from workbench.cli.errors import InterruptedByUserError

if TYPE_CHECKING:
    from workbench.base.project import Project
    from workbench.demo.serving import Served
    from workbench.demo.training import RunView, Snapshot, Training
    from workbench.demo.watching import Watched


def demo(
    directory: Annotated[
        str, typer.Option("--dir", metavar="DIR", help="The demo's folder: a new one, or that of an earlier demo.")
    ] = "workbench-demo",
    no_ui: Annotated[bool, typer.Option("--no-ui", help="Do not open the terminal app meanwhile.")] = False,
    no_docker: Annotated[bool, typer.Option("--no-docker", help="Do not build an image afterwards.")] = False,
    base_image: Annotated[
        str | None, typer.Option("--base-image", metavar="IMAGE", help="Of that image; default python:X.Y-slim.")
    ] = None,
) -> None:
    """Train real models in a new folder and show the results.

    Trains linear models, neural networks and gradient boosting on two small data sets that come with scikit-learn,
    two at a time and each in a process of its own, for about half a minute. One of them fails on purpose. Nothing
    outside the folder is touched, and nothing is downloaded. Running it again in the same folder adds runs.

    Then two weeks in which the best diagnosis was in use are replayed, and a monitor says which of thirty measurements
    have moved, and when.

    Where Docker answers and has the base image, the best model is then built into an image, which is run, asked once
    and stopped; only for this are packages fetched, and the image stays.

    On a terminal the app opens at once and the runs arrive in it; after `q` come the results.

    Examples:
      workbench demo
      workbench demo --dir /tmp/demo
    """
    from workbench.cli import demo_view
    from workbench.demo.results import folder_command, image_commands, monitor_commands, summarize
    from workbench.demo.training import Training
    from workbench.demo.watching import DATA
    from workbench.demo.workspace import prepare

    workspace = prepare(directory)
    if not workspace.has_git:
        console.note("note: without git the runs do not know their code's commit")
    training = Training(workspace)
    console.out(f"Training {len(training.runs)} models in {directory}, two at a time. Ctrl-C stops.")
    try:
        with training:
            if no_ui or not console.on_terminal():
                _watch(training.snapshots())
            else:
                _watch_in_app(training)
    except KeyboardInterrupt:
        raise _interrupted(training, directory) from None
    results = summarize(training)
    width = console.drawing_width()
    console.out()
    console.draw(demo_view.result_lines(results, width))
    served = watched = None
    if results.best.get(DATA) and not results.surprises:
        watched = _watch_use(workspace.project, results.best[DATA][0])
    if results.compared and not results.surprises and not no_docker:
        served = _serve(workspace.project, results.compared[0], base_image)
    console.out()
    commands = [*results.next, *monitor_commands(watched), *image_commands(served)]
    console.draw(demo_view.next_lines(folder_command(workspace.project.root), commands))
    if results.surprises:
        names = ", ".join(view.name for view in results.surprises)
        raise ToolError(f"not as planned: {names}", f"workbench -C {directory} runs logs {results.surprises[0].name}")


def _watch_use(project: Project, best: RunView) -> Watched | None:
    """Replay the use of the best diagnosis, and show what its monitor says."""
    from workbench.cli import demo_view
    from workbench.demo.watching import Watched, watch_best

    console.out()
    console.out(f"Replaying two weeks of use of {best.name}, and watching them. Ctrl-C leaves it out.")
    console.flush()
    try:
        watched = watch_best(project, best)
    except KeyboardInterrupt:
        watched = "interrupted"
    if isinstance(watched, Watched):
        console.draw(demo_view.watched_lines(watched, console.drawing_width()))
        return watched
    console.note(f"note: nothing was watched: {watched}")
    return None


def _serve(project: Project, best: RunView, base_image: str | None) -> Served | None:
    """Build, run and ask the image of the best model; say what is missing where that cannot be done."""
    from workbench.cli import demo_view
    from workbench.cli.package.stages import Stages
    from workbench.demo.serving import Served, serve_best

    console.out()
    console.out(f"Building an image of {best.name} and asking it once. Ctrl-C leaves it out.")
    console.flush()
    try:
        with Stages() as stages:
            served = serve_best(project, best, base_image, stages.say)
    except KeyboardInterrupt:
        served = "interrupted"
    if isinstance(served, Served):
        console.draw(demo_view.served_lines(served, console.drawing_width()))
        return served
    console.note(f"note: no image was built: {served}")
    return None


def _watch_in_app(training: Training) -> None:
    """Train while the terminal app shows the runs; what is still to end when it is left is shown as without it."""
    from workbench.demo.background import BackgroundTraining
    from workbench.tui.launch import open_app

    background = BackgroundTraining(training)
    background.start()
    open_app(training.workspace.project)
    if background.running:
        console.out("Training goes on. Ctrl-C stops it.")
    _watch(background.snapshots())


def _watch(snapshots: Iterable[Snapshot]) -> None:
    """Show the trainings until all have ended: a table that moves, or a line for each event."""
    from workbench.cli.demo_view import Events, live_lines

    if live.animated():
        with live.live() as show:
            for snapshot in snapshots:
                show(live_lines(snapshot, console.drawing_width()))
        return
    events = Events()
    for snapshot in snapshots:
        for line in events.since_last(snapshot):
            console.out(line)
        console.flush()


def _interrupted(training: Training, directory: str) -> InterruptedByUserError:
    states = [view.state for view in training.snapshot().runs]
    ended, stopped = states.count("finished") + states.count("failed"), states.count("killed")
    return InterruptedByUserError(
        f"interrupted: {ended} trainings had ended, {stopped} were stopped and are kept as killed",
        f"workbench -C {directory} runs list; or again: workbench demo --dir {directory}",
    )
