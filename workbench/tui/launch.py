"""Opening the app: the store is asked for the first page while Textual is still being loaded."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

from workbench.tui.desk import Desk
from workbench.tui.first_paint import paint, quiet_terminal, unpaint
from workbench.tui.state import load_state

if TYPE_CHECKING:
    from workbench.base.project import Project

FIRST_PAGE_WAIT_S = 0.3
"""How long the app's own loading is put off for the first page."""
SWITCH_INTERVAL_S = 0.001
"""How long the app's own thread waits for the desk's, which computes meanwhile; Python's default is 5 ms."""
GC_THRESHOLD = (5_000, 20, 20)


def open_app(project: Project, *, read_only: bool = False) -> None:
    """Show a project's runs in the terminal until the user leaves.

    An error in the app itself closes it, and is raised when the terminal is as it was before.

    Args:
        project: which.
        read_only: change nothing, also not the store's cache.

    Raises:
        WorkbenchError: the project cannot be read at all.
    """
    project.settings()
    state = load_state(project)
    desk = Desk(project, read_only=read_only)
    desk.open()
    try:
        from workbench.tui.questions.runs import first_page

        question = first_page(state.view)
        desk.prepare(question)
        with quiet_terminal() as terminal:
            table = desk.prepared(question, FIRST_PAGE_WAIT_S)
            painted = table is not None and paint(table, state, project.name)
            try:
                from workbench.tui.app import WorkbenchApp

                app = WorkbenchApp(desk, state)
                app.terminal_before = terminal
                # What is loaded now stays: looking through it again and again would make keys wait.
                gc.freeze()
                sys.setswitchinterval(SWITCH_INTERVAL_S)
                gc.set_threshold(*GC_THRESHOLD)
            except BaseException:
                if painted:
                    unpaint()
                raise
            app.run()
        if app.crash is not None:
            raise app.crash
    finally:
        desk.close()
    if app.ended_by is not None:
        # The terminal is as before; who started the process hears what ended it.
        signal.signal(app.ended_by, signal.SIG_DFL)
        os.kill(os.getpid(), app.ended_by)
