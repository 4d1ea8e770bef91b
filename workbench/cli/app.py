"""The command line's root: global options and the table of commands."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from workbench.cli import console, session
from workbench.cli.command import Entry, Group
from workbench.cli.entry import AppStart, leaving, open_app
from workbench.cli.errors import guarded

COMMANDS = {
    "init": Entry("workbench.cli.init:init", "Make a folder a project."),
    "ui": Entry("workbench.cli.ui:ui", "Open the terminal app: runs live, found, read and compared."),
    "status": Entry("workbench.cli.status:status", "Say what is running, what ran last and how much is stored."),
    "demo": Entry("workbench.cli.demo:demo", "Train real models in a new folder and show the results."),
    "run": Entry("workbench.cli.run:run", "Run a command and track it as a run.", passthrough=True),
    "runs": Entry("workbench.cli.runs", "List, compare and edit runs."),
    "models": Entry("workbench.cli.models", "Register models, approve them and roll them back."),
    "package": Entry("workbench.cli.package", "Build Docker images that serve models, run them, and roll them back."),
    "data": Entry("workbench.cli.data", "Register data, look into it, check it and compare it."),
    "drift": Entry("workbench.cli.drift", "See whether data has moved away from a reference."),
    "monitor": Entry("workbench.cli.monitor", "Watch what models see and how well they do, window by window."),
    "audit": Entry("workbench.cli.audit", "Show and verify what was done with models."),
    "sql": Entry("workbench.cli.sql:sql", "Ask the store a question in SQL."),
    "import": Entry("workbench.cli.import_", "Bring in runs from elsewhere."),
    "export": Entry("workbench.cli.export", "Take runs elsewhere."),
    "store": Entry("workbench.cli.store", "Look after the store."),
    "doctor": Entry("workbench.cli.doctor:doctor", "Check the project and the tools around it."),
    "completion": Entry("workbench.cli.completion", "Complete commands and names in the shell."),
}


class Root(Group):
    """The root group: shows every error in one form and turns it into an exit status."""

    table = COMMANDS

    def main(
        self,
        args: Any = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; in standalone mode the process exits with its status."""
        console.prepare()
        if "_WORKBENCH_COMPLETE" in os.environ:
            from workbench.cli.completion import register_shells

            register_shells()
        enter = super().main
        status = guarded(
            lambda: enter(args, prog_name or "workbench", complete_var, False, windows_expand_args, **extra)
        )
        if standalone_mode:
            sys.exit(status)
        return status


app = typer.Typer(
    name="workbench",
    cls=Root,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    ctx: typer.Context,
    directory: Annotated[
        str | None, typer.Option("-C", metavar="PATH", help="Work as if started in PATH, like git -C.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Track, compare and reproduce machine-learning runs in the terminal, without a server.

    A project is the nearest folder upward that holds .workbench, as git finds .git; WORKBENCH_DIR or -C points
    elsewhere. A run is named by its id, the first 4 or more characters of it, its name, @latest or @latest~2.

    Commands that read take --json. Exit status: 0 done, 1 the answer is no, 2 wrong usage or input, 3 not found,
    4 refused, 5 the store is busy or unusable, 6 another tool failed, 130 interrupted.

    Examples:
      workbench demo
      workbench run -e fraud -- python train.py --lr 0.1
      workbench runs list -w "metrics.auc > 0.9" -s -auc
    """
    if version:
        show_version()
        raise typer.Exit
    session.start_in(directory)
    if ctx.invoked_subcommand is None:
        without_command()


def show_version() -> None:
    """Print the version, of the installed distribution."""
    from workbench import __version__

    console.out(f"workbench {__version__}")


def without_command() -> None:
    """What `workbench` alone does: the app on a terminal, elsewhere the state of the project."""
    if console.on_terminal():
        open_app(AppStart(session.start()))
        return
    from workbench.cli.status import overview

    overview()


def main() -> None:
    """Run the command line; the process ends with the command's status."""
    gc.set_threshold(100_000)  # a command lives for a moment: collecting between its imports takes longer than it helps
    statuses = leaving()
    statuses.append(typer.main.get_command(app).main(standalone_mode=False))
    sys.exit(statuses[0])
