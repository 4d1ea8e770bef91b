"""Markdown as lines that are read as they were written: headings, quotes and code are set off, nothing is left out."""

from __future__ import annotations

import re

from workbench.output.cells import visible
from workbench.output.spans import Line

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def markdown_lines(text: str) -> list[Line]:
    """The lines of a text."""
    lines: list[Line] = []
    fenced = False
    for line in text.expandtabs(4).split("\n"):
        shown = visible(line)
        if _FENCE.match(line):
            fenced = not fenced
            lines.append([(shown, "faint")])
        elif fenced:
            lines.append([(shown, "accent")])
        elif (heading := _HEADING.fullmatch(line)) is not None:
            lines.append([(visible(heading[1]), "heading")])
        elif line.lstrip().startswith(">"):
            lines.append([(shown, "dim")])
        else:
            lines.append([(shown, "")])
    return lines
