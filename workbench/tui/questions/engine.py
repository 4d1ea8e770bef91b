"""What is asked of the Docker engine again and again, and what a task needs to work with it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from workbench.base.project import Project
from workbench.packaging import engine, inspecting, watching
from workbench.packaging.rates import Rates
from workbench.registry.writing import open_ledger
from workbench.tui.dock import Seen

if TYPE_CHECKING:
    from workbench.packaging.engine import Engine
    from workbench.registry.ledger import Ledger


def connect() -> Engine:
    """The engine.

    Raises:
        DockerError: none answers.
    """
    return engine.connect()


def ledger(project: Project) -> AbstractContextManager[Ledger]:
    """Where what is done is recorded."""
    return open_ledger(project)


class Looks:
    """Looks at the engine, which know of those before them how much servers are asked."""

    def __init__(self) -> None:
        self._rates = Rates()

    def look(self, engine: Engine, project: Project) -> Seen:
        """What runs, and which images there are.

        Raises:
            DockerError: the engine fails.
        """
        rows = watching.list_rows(engine, project)
        recent = self._rates.add(rows, time.monotonic())
        return Seen(tuple(rows), frozenset(inspecting.present_images(engine)), recent)
