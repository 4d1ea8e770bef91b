"""Projects that the app shows: one is made once, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tests.conftest import FakeClock
from workbench.base.clock import set_clock
from workbench.base.project import Project
from workbench.store.store import Store

Template: TypeAlias = tuple[Path, int]
"""The folder of a project, and the time when it was made, in µs."""
MERCHANTS = ("grocery", "grocery", "fuel", "grocery", "travel", "fuel", "grocery", "books", "fuel", "grocery")


@dataclass
class Showcase:
    """A project with an open store.

    Attributes:
        project: where it is.
        clock: stands still until a test moves it.
    """

    project: Project
    clock: FakeClock
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store(self.project)

    def reading(self) -> AbstractContextManager[Any]:
        """A visit to the store."""
        return self.store.reading(wait_s=60.0)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()


def make_template(folder: Path, build: Callable[[str, FakeClock], None]) -> Template:
    """Make the project `fraud` in a folder, with a clock of its own."""
    root = folder / "fraud"
    root.mkdir()
    clock = FakeClock()
    set_clock(clock)
    try:
        build(str(root), clock)
    finally:
        set_clock(None)
    return root, clock.now_us


def copy_template(template: Template, folder: Path, clock: FakeClock) -> Project:
    """Copy the project into a folder, at the time when it was made."""
    root, clock.now_us = template
    shutil.copytree(root, folder / "fraud")
    return Project(str(folder / "fraud"))
