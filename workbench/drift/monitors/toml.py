"""Monitors as `workbench.toml` declares them, beside `.workbench/`: kept in git like code.

[monitors.fraud-daily]
model = "fraud@champion"
source = "deployment:fraud"
every = "1d"
after = 2
on_alert = "mail -s drift ops@example.org"

[monitors.fraud-daily.thresholds]
amount = 0.2
"""

from __future__ import annotations

import os
from typing import Any

from workbench.base.errors import InputError, NotFoundError
from workbench.base.project import SETTINGS, Project
from workbench.base.settings_file import SettingsFile
from workbench.drift.monitors.settings import Settings

TABLE = "monitors"
_TEXTS = (
    "source model reference every time correction preset label prediction positive problem cooldown grace on_alert"
).split()
_LISTS = ("columns", "ignore")
_NUMBERS = ("alpha", "share", "min_coverage")
_COUNTS = ("rows", "min_rows", "after", "clear")
_TRUTHS = ("whole", "on_clear")
_NAMES = ("kinds", "tests")
_BOUNDS = ("thresholds", "min", "max")
_KNOWN = (*_TEXTS, *_LISTS, *_NUMBERS, *_COUNTS, *_TRUTHS, *_NAMES, *_BOUNDS, "score", "key")


def declared(project: Project) -> dict[str, Settings]:
    """Every monitor that a project's `workbench.toml` declares, by name.

    Raises:
        SettingsError: it cannot be read or understood; the message names file, line and column.
    """
    path = os.path.join(project.root, SETTINGS)
    if not os.path.exists(path):
        return {}
    file = SettingsFile.read(path)
    tables = file.table(file.document, (), TABLE)
    return {name: _settings(file, file.table(tables, (TABLE,), name), (TABLE, name)) for name in tables}


def declared_one(project: Project, name: str) -> Settings:
    """The monitor of a name that `workbench.toml` declares.

    Raises: as `declared`, and
        NotFoundError: it declares none of this name.
    """
    found = declared(project)
    if name not in found:
        raise NotFoundError(
            f"{SETTINGS} has no table [{TABLE}.{name}]",
            "say what to watch: --source deployment:NAME --model MODEL@ALIAS",
        )
    return found[name]


def _settings(file: SettingsFile, table: dict[str, Any], place: tuple[str, str]) -> Settings:
    file.known(table, place, _KNOWN)
    given: dict[str, Any] = {}
    for names, kind in ((_TEXTS, str), (_NUMBERS, float), (_COUNTS, int), (_TRUTHS, bool)):
        given |= {name: file.value(table, place, name, kind, None) for name in names if name in table}
    given |= {name: file.texts(table, place, name) for name in _LISTS if name in table}
    if "key" in table:
        given["key"] = (table["key"],) if isinstance(table["key"], str) else file.texts(table, place, "key")
    if isinstance(table.get("score"), str):
        given["score"] = {"": table["score"]}
    elif "score" in table:
        given["score"] = _values(file, table, place, "score", str)
    given |= {name: _values(file, table, place, name, str) for name in _NAMES if name in table}
    given |= {name: _values(file, table, place, name, float) for name in _BOUNDS if name in table}
    given |= {name: float(given[name]) for name in _NUMBERS if name in given}
    try:
        return Settings(**{"source": "", **given})
    except InputError as error:
        named = next((name for name in table if name in error.message.split()), "")
        raise file.error((*place, named) if named else place, error.message, error.hint) from None


def _values(file: SettingsFile, table: dict[str, Any], place: tuple[str, str], name: str, kind: type) -> dict[str, Any]:
    inner = file.table(table, place, name)
    found = {key: file.value(inner, (*place, name), key, kind, None) for key in inner}
    return {key: float(value) if kind is float else value for key, value in found.items()}
