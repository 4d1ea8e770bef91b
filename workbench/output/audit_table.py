"""Rows of `workbench audit log`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.columns import Column

COLUMNS = [
    Column("when", "time"), Column("who"), Column("action"), Column("model"), Column("what"), Column("reason"),
    Column("signed", "bool"),
]  # fmt: skip

_QUIET = ("updated_at", "created_at")


def audit_rows(documents: Sequence[Mapping[str, Any]]) -> list[list[object]]:
    """A row for each event, as `read_log` returns them: the columns are `COLUMNS`."""
    return [
        [
            event["time"],
            event["who"],
            event["action"],
            _target(event),
            _what(event),
            event["reason"],
            event["signed"],
        ]
        for event in documents
    ]


def _target(event: Mapping[str, Any]) -> str | None:
    model = event["model"] and str(event["model"])
    return f"{model}/{event['version']}" if model and event["version"] is not None else model


def _what(event: Mapping[str, Any]) -> str | None:
    """What changed, in a few words: an alias and where it pointed before, the source of an import, a tag."""
    evidence = event["evidence"]
    if "alias" in evidence:
        before = evidence.get("before")
        return f"{evidence['alias']}, before {before}" if before is not None else str(evidence["alias"])
    for name in ("source", "stage", "new_name", "summary"):
        if isinstance(evidence.get(name), str):
            return str(evidence[name])
    if event["action"] == "tag":
        return next((_tag(change) for change in event["changes"] if change["name"] not in _QUIET), None)
    return None


def _tag(change: Mapping[str, Any]) -> str:
    name = str(change["name"]).partition(":")[2]
    return f"{name} removed" if change["value"] is None else f"{name}={change['value']}"
