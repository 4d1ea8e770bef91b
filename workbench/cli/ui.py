"""`workbench ui`, which `workbench` alone opens on a terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import session
from workbench.cli.entry import AppStart, open_app


def ui(
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Change nothing: no edits, and no writes below .workbench.")
    ] = False,
) -> None:
    """Open the terminal app: runs live, found, read and compared.

    `workbench` alone does the same on a terminal. `?` shows the keys. Nothing is served and nobody else waits: the app
    visits the store for milliseconds, and trainings go on logging.

    Examples:
      workbench
      workbench ui --read-only
    """
    open_app(AppStart(session.start(), read_only=read_only, named=True))
