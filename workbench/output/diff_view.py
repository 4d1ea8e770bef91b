"""Colours for unified diffs."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.output.cells import visible
from workbench.output.spans import Line

_STYLES = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "hunk"), ("+", "added"), ("-", "removed"))


def diff_lines(lines: Iterable[str]) -> list[Line]:
    """The lines of a unified diff with styles; the signs stay, so nothing depends on colour."""
    return [[(_expanded(line), _style(line))] for line in lines]


def _style(line: str) -> str:
    return next((style for start, style in _STYLES if line.startswith(start)), "")


def _expanded(line: str) -> str:
    """Tabs as spaces, other control characters as escapes."""
    return visible(line.expandtabs(8))
