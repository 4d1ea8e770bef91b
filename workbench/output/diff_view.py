"""Colours for unified diffs, their size, and where their changes begin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from workbench.base.numbers import format_number
from workbench.output.cells import clip, visible
from workbench.output.spans import Line

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_STYLES = {"file": "bold", "header": "bold", "hunk": "hunk", "added": "added", "removed": "removed"}


def diff_lines(lines: Iterable[str], *, width: int | None = None) -> list[Line]:
    """The lines of a unified diff with styles; the signs stay, so nothing depends on colour.

    Args:
        lines: without their newlines.
        width: cells from which on a line is cut; None cuts nothing.
    """
    lines = list(lines)
    return [[(_expanded(line, width), _STYLES.get(kind, ""))] for line, kind in zip(lines, _kinds(lines), strict=True)]


def diff_size(lines: Sequence[str]) -> Line:
    """How large a diff is: `3 files, +14 −3`; without files where it does not name them; empty for no diff."""
    if not lines:
        return []
    kinds = list(_kinds(lines))
    added, removed, files = (kinds.count(kind) for kind in ("added", "removed", "file"))
    named: Line = [(f"{format_number(files)} file{'s' * (files != 1)}, ", "")] if files else []
    return [*named, (f"+{format_number(added)}", "added"), (" ", ""), (f"−{format_number(removed)}", "removed")]


def change_starts(lines: Sequence[str]) -> list[int]:
    """The indices of the lines at which the changes begin: files and hunks; single lines where there are none."""
    kinds = list(_kinds(lines))
    starts = []
    in_new_file = False
    for index, kind in enumerate(kinds):
        if kind == "file" or (kind == "hunk" and not in_new_file):
            starts.append(index)
        in_new_file = kind == "file" or (in_new_file and kind != "hunk")
    if starts:
        return starts
    return [
        index
        for index, kind in enumerate(kinds)
        if kind == "removed" or (kind == "added" and (index == 0 or kinds[index - 1] != "removed"))
    ]


def _kinds(lines: Iterable[str]) -> Iterator[str]:
    """What each line is: file, header, hunk, added, removed, or empty for what is the same in both.

    Inside a hunk, whose length its first line gives, a line that begins with `--- ` is a removed `-- `.
    """
    old = new = 0
    for line in lines:
        if old > 0 or new > 0:
            kind = {"+": "added", "-": "removed"}.get(line[:1], "")
            if not line.startswith("\\"):  # "\ No newline at end of file"
                old -= kind != "added"
                new -= kind != "removed"
            yield kind
        elif hunk := _HUNK.match(line):
            old, new = (int(size) if size is not None else 1 for size in hunk.groups())
            yield "hunk"
        elif line.startswith("diff "):
            yield "file"
        elif line.startswith(("+++", "---")):
            yield "header"
        else:
            yield {"@": "hunk", "+": "added", "-": "removed"}.get(line[:1], "")


def _expanded(line: str, width: int | None) -> str:
    """Tabs as spaces, other control characters as escapes."""
    if width is None:
        return visible(line.expandtabs(8))
    return clip(visible(line[: 4 * width].expandtabs(8)), width)
