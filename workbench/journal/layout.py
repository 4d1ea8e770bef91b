"""Names and folders of journals: `live/<run id>.<writer id>.wbj`, later `sealed/` with the same name.

The name is the identity of a journal; the folder says only how far it has come.
"""

from __future__ import annotations

import os

from workbench.base.ids import RUN_ID_LENGTH, WRITER_ID_LENGTH

SUFFIX = ".wbj"
META = "_meta"


def live_dir(journal_dir: str) -> str:
    """Where journals grow."""
    return os.path.join(journal_dir, "live")


def sealed_dir(journal_dir: str) -> str:
    """Where complete journals rest, unchanged for ever."""
    return os.path.join(journal_dir, "sealed")


def journal_name(run_id: str | None, writer_id: str) -> str:
    """The file name of a writer's journal; without a run it holds edits of the whole project."""
    return f"{run_id or META}.{writer_id}{SUFFIX}"


def parse_name(name: str) -> tuple[str | None, str] | None:
    """`(run id or None, writer id)` of a journal's file name, or None where it is no journal."""
    parts = name.split(".")
    if len(parts) != 3 or "." + parts[2] != SUFFIX or len(parts[1]) != WRITER_ID_LENGTH:
        return None
    if parts[0] == META:
        return None, parts[1]
    return (parts[0], parts[1]) if len(parts[0]) == RUN_ID_LENGTH else None


def journals_of(journal_dir: str, run_id: str) -> list[str]:
    """The paths of a run's journals, live and sealed, oldest name first."""
    found = []
    for folder in (sealed_dir(journal_dir), live_dir(journal_dir)):
        try:
            with os.scandir(folder) as entries:
                found += [e.path for e in entries if e.name.startswith(run_id) and parse_name(e.name)]
        except FileNotFoundError:
            continue
    return sorted(found, key=os.path.basename)
