"""The windows of what is watched, as monitors and stored checks have them, in one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.clock import now_us
from workbench.output.formats import format_cell
from workbench.store.monitor_results import result_fields
from workbench.tui.questions.drift import MONITOR, Subject

MAX_WINDOWS = 60
"""The newest ones that are shown."""
MAX_CHECKS = 20
"""Stored checks of one name whose documents are read."""

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """One window.

    Attributes:
        id: of the result, or of the check with the place of the window in it.
        name: what people call it.
        verdict: ok, warn, drift or insufficient.
        rows: that were compared.
        coverage: the share of rows that have a label, or None.
        said: what there is to say of it, but for its columns.
        document: of the columns; None where it is not read yet.
    """

    id: str
    name: str
    verdict: str
    rows: int
    coverage: float | None = None
    said: tuple[str, ...] = ()
    document: Document | None = field(default=None, compare=False)


def windows_of(db: Any, subject: Subject) -> list[Window]:
    """The newest windows, the newest first; those of monitors without their documents.

    Raises:
        NotFoundError: it is not watched any more.
    """
    if subject.kind != MONITOR:
        return _checked(db, subject.name)
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.monitors.results import results_of

    found = results_of(db, find_monitor(db, subject.name).id, MAX_WINDOWS)
    return [
        Window(
            one.id,
            one.window,
            one.verdict,
            one.rows,
            one.coverage,
            (
                *one.reasons,
                *([f"{one.refused:,} requests were refused"] if one.refused else []),
                *([f"{one.unreadable:,} lines could not be read"] if one.unreadable else []),
                *one.notes,
            ),
        )
        for one in found
    ]


def documents_of(db: Any, windows: Sequence[Window]) -> list[Document]:
    """The documents of windows; one without rows has an empty one."""
    unread = [window.id for window in windows if window.document is None]
    found = result_fields(db, unread, ["document"]) if unread else {}
    return [
        window.document if window.document is not None else found.get(window.id, {}).get("document") or {}
        for window in windows
    ]


def performances_of(db: Any, windows: Sequence[Window]) -> list[Document | None]:
    """What was measured in windows of a monitor; None where nothing was."""
    found = result_fields(db, [window.id for window in windows], ["performance"])
    return [found.get(window.id, {}).get("performance") for window in windows]


def heat_of(db: Any, subject: Subject, windows: Sequence[Window]) -> dict[str, tuple[str | None, ...]]:
    """For each column its verdicts in these windows, the oldest first; the loudest column first."""
    if subject.kind == MONITOR:
        from workbench.drift.monitors.monitor import find_monitor
        from workbench.drift.monitors.results import heat

        return dict(heat(db, find_monitor(db, subject.name).id, MAX_WINDOWS).columns)
    verdicts = [
        {one["column"]: one["verdict"] for one in (window.document or {}).get("columns", ())}
        for window in windows[::-1]
    ]
    names = dict.fromkeys(name for one in verdicts[::-1] for name in one)  # ranked as in the newest
    return {name: tuple(one.get(name) for one in verdicts) for name in names}


def _checked(db: Any, name: str) -> list[Window]:
    from workbench.base.errors import NotFoundError
    from workbench.drift.history import check_outlines, checks_by_id

    ids = [one["id"] for one in check_outlines(db) if one["name"] == name]
    if not ids:
        raise NotFoundError(f"there is no drift check {name}", "workbench drift history")
    windows = [window for check in checks_by_id(db, ids[:MAX_CHECKS]) for window in _pieces(check)]
    return windows[:MAX_WINDOWS]


def _pieces(check: Document) -> list[Window]:
    """The windows or segments of a check, the newest first, or the check as one."""
    document = check["document"]
    parts = [(one["window"]["name"], one) for one in document.get("windows", ())][::-1]
    parts += [(one["segment"], one) for one in document.get("segments", ())]
    if not parts:
        parts = [(format_cell(check["at"], "time", now_us())[0], document)]
    return [
        Window(f"{check['id']}/{place}", str(name), _verdict(one), one["rows"]["current"], document=one)
        for place, (name, one) in enumerate(parts)
    ]


def _verdict(document: Document) -> str:
    if document["dataset_drift"]:
        return "drift"
    counts = document["counts"]
    if counts["warn"]:
        return "warn"
    return "ok" if counts["ok"] else "insufficient"
