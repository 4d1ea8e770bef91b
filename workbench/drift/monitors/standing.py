"""Whether what is registered is still what is declared, and what an alias means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.base.errors import WorkbenchError
from workbench.base.project import SETTINGS, Project
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.settings import differences
from workbench.drift.monitors.toml import declared
from workbench.registry.references import resolve_version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def changes(db: Connection, project: Project, monitors: Sequence[Monitor]) -> list[tuple[str, str]]:
    """The names of monitors that would be registered differently now, each with what is different.

    Raises:
        SettingsError: `workbench.toml` cannot be understood.
    """
    tables = declared(project)
    found = []
    for monitor in monitors:
        if monitor.name in tables:
            names = differences(monitor.settings, tables[monitor.name])
            if names:
                found.append((monitor.name, f"{SETTINGS} says something else about {', '.join(names)}"))
        if monitor.version:
            try:
                version = resolve_version(db, monitor.settings.model)
            except WorkbenchError:
                found.append((monitor.name, f"there is no {monitor.settings.model} any more"))
                continue
            if version.id != monitor.version:
                shown = f"{version.name}/{version.number}"
                found.append((monitor.name, f"{monitor.settings.model} is {shown} now, it was {monitor.version_shown}"))
    return found
