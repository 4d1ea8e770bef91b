"""The marks that mean the same thing everywhere; never colour alone."""

from __future__ import annotations

from workbench.output.spans import Span

STAR = "★"
FLAG = "⚑"
MARKED = "▌"
UP = "▲"
DOWN = "▼"
WARN = "!"
MISSING = "–"

_STATUS: dict[str, Span] = {
    "running": ("●", "running"),
    "finished": ("✓", "good"),
    "failed": ("✗", "bad"),
    "killed": ("✗", "warn"),
    "crashed": ("◌", "bad"),
    "stale": ("◌", "warn"),
    "ok": ("✓", "good"),
    "approved": ("✓", "good"),
    "rejected": ("✗", "bad"),
    "drift": ("✗", "bad"),
    "pending": ("?", "warn"),
    "warn": (WARN, "warn"),
    "healthy": ("●", "good"),
    "starting": ("●", "running"),
    "unhealthy": ("✗", "bad"),
    "dead": ("✗", "bad"),
    "interrupted": ("◌", "warn"),
}


def status_mark(status: str) -> Span:
    """The mark of a status and its style; an unknown one has `–`."""
    return _STATUS.get(status, (MISSING, "dim"))
