"""What a run of a monitor did, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.marks import status_mark
from workbench.output.run_view import cut
from workbench.output.spans import Line

Document = Mapping[str, Any]
SHOWN = 12
"""Windows that are listed where many were looked at: the last ones."""


def outcome_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """A run of one monitor: a line for each window; nothing where it failed, which is told elsewhere.

    Args:
        document: an entry of `workbench monitor run --json`.
        width: cells of the terminal; None cuts nothing.
    """
    name = visible(document["monitor"])
    if document["error"]:
        return []
    results = document["results"]
    if not results:
        newest = document["newest"]
        state = (
            f"the newest window is {newest['window']}: {newest['verdict']}" if newest else "no window has closed yet"
        )
        return [cut([(name, "bold"), (f"  nothing new; {state}", "dim")], width)]
    lines: list[Line] = []
    shown = results[-SHOWN:]
    if len(shown) < len(results):
        left_out = len(results) - len(shown)
        drifted = sum(one["verdict"] == "drift" for one in results[:left_out])
        lines.append([(f"{name}  {format_number(left_out)} windows before, {drifted} with drift", "dim")])
    lines += [_window(name, one) for one in shown]
    lines += [
        [(f"  note: {visible(note)}", "dim")] for note in dict.fromkeys(n for one in results for n in one["notes"])
    ]
    for ran in document["hooks"]:
        how = f"{ran['outcome']} in {ran['duration_s']:g} s" if ran["outcome"] != "quiet" else f"quiet, {ran['detail']}"
        lines.append([(f"  alert {ran['state']}; its command: {visible(how)}", "")])
    if document["more"]:
        lines.append([("  more windows have closed: run it again", "dim")])
    return [cut(line, width) for line in lines]


def _window(name: str, one: Document) -> Line:
    mark, style = status_mark(one["verdict"])
    line: Line = [
        (f"{mark} ", style),
        (name, "bold"),
        (f"  {visible(one['window'])}  ", ""),
        (f"{one['verdict']}", style),
        (f"  {format_number(one['rows'])} row{'s' * (one['rows'] != 1)}", "dim"),
    ]
    if one["drifted_columns"]:
        line.append((f"  {', '.join(map(visible, one['drifted_columns']))}", ""))
    if one["reasons"]:
        line.append((f"  {visible('; '.join(one['reasons']))}", ""))
    if one["alert"] in ("raised", "cleared"):
        line.append((f"  alert {one['alert']}", "bad" if one["alert"] == "raised" else "good"))
    return line
