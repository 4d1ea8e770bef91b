"""A monitor for the terminal: what it is, its alert, its windows, columns over windows, performance; one window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.drift_view import drift_lines
from workbench.output.marks import status_mark
from workbench.output.monitor_heat import heat_lines, strip
from workbench.output.monitor_table import due_text
from workbench.output.performance_view import performance_lines
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.table import indented, pairs, render_table

Document = Mapping[str, Any]

WINDOWS = [
    Column("window", priority=10, min_width=10),
    Column("rows", "number", priority=6),
    Column("verdict", "status", priority=9),
    Column("alert", priority=5, min_width=7),
    Column("drifted columns", priority=8, min_width=12),
    Column("labels", "percent", priority=4),
    Column("why", priority=7, min_width=16),
]
OPTIONAL = ("alert", "labels", "why")


def monitor_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """A monitor as sections; those without content are left out.

    Args:
        document: as `workbench monitor show --json` has it.
        width: cells of the terminal; None cuts nothing.
    """
    room = width and max(1, width - 2)
    sections: list[tuple[str, list[Line]]] = [
        ("windows", window_lines(document["windows"], room)),
        ("columns over windows", heat_lines(document["heat"], width=room)),
        ("performance", performance_lines(document["performance"], width=room) if document["performance"] else []),
    ]
    lines = [headline(document), *indented(fact_lines(document), "  ")]
    for name, body in sections:
        if body:
            lines += [[], rule(name, width), *indented(body, "  ")]
    return [cut(line, width) for line in lines]


def headline(document: Document) -> Line:
    """`✗ fraud  drift  ··!✗✗`."""
    mark, style = status_mark(document["state"])
    line: Line = [(f"{mark} ", style), (visible(document["name"]), "bold"), (f"  {document['state']}  ", style)]
    return [*line, *strip(document["recent"])]


def fact_lines(document: Document) -> list[Line]:
    """What a monitor is, its alert, and what people decided about it."""
    settings, reference = document["settings"], document["reference"]
    items: list[tuple[str, Span]] = []
    if document["problem"]:
        items.append(("failed", (visible(document["problem"]["message"]), "bad")))
    items += [("alert", span) for span in _alert(document)]
    if document["mute"]:
        mute = document["mute"]
        until = f"until {_moment(mute['until'])}" if mute["until"] else "until it is unmuted"
        items.append(("muted", (f"{until} by {visible(mute['who'])}: {visible(mute['reason'])}", "warn")))
    if document["version"]:
        items.append(("model", (f"{visible(document['version'])}, registered as {visible(document['model'])}", "")))
    items.append(("source", (f"{visible(document['source'])}, {divided_text(document['divided'])}", "")))
    rows = format_number(reference["rows"])
    items.append(("against", (f"{visible(reference['name'])}, {rows} rows, {reference['baseline'][:12]}", "")))
    items.append(("rule", (_rule(settings), "")))
    if settings.get("on_alert"):
        items.append(("command", (visible(settings["on_alert"]), "")))
    items.append(("next due", (due_text(document), "")))
    return pairs(items)


def divided_text(divided: str) -> str:
    """How a source is divided, in words."""
    if divided == "whole":
        return "as a whole"
    return f"{divided.removeprefix('rows=')} rows at a time" if divided.startswith("rows=") else f"every {divided}"


def window_lines(windows: Sequence[Document], width: int | None) -> list[Line]:
    """A line for each window, the newest first."""
    if not windows:
        return [[("no window has been looked at yet", "dim")]]
    rows = [
        (
            one["window"],
            one["rows"],
            one["verdict"],
            one["alert"] if one["alert"] in ("raised", "cleared") else "",
            ", ".join(map(visible, one["drifted_columns"])),
            one["coverage"],
            visible("; ".join(one["reasons"])),
        )
        for one in windows
    ]
    used = [
        i
        for i, column in enumerate(WINDOWS)
        if column.name not in OPTIONAL or any(row[i] not in ("", None) for row in rows)
    ]
    table = render_table([[row[i] for i in used] for row in rows], [WINDOWS[i] for i in used], width=width)
    return list(table.lines)


def one_window_lines(document: Document, *, width: int | None = 100, everything: bool = False) -> list[Line]:
    """One window in full: its columns and its performance.

    Args:
        document: as `workbench monitor show --window W --json` has it.
    """
    result = document["result"]
    mark, style = status_mark(result["verdict"])
    lines: list[Line] = [
        [(f"{mark} ", style), (f"{visible(document['monitor'])}  {visible(result['window'])}", "bold"),
         (f"  {result['verdict']}", style)]
    ]  # fmt: skip
    lines += [[(f"  {visible(reason)}", style)] for reason in result["reasons"]]
    if result["refused"]:
        lines.append([(f"  {format_number(result['refused'])} requests were refused", "dim")])
    lines += [[(f"  {visible(note)}", "dim")] for note in result["notes"]]
    if document["columns"]:
        lines += [[], *drift_lines(document, width=width, everything=everything)]
    if document["performance"] and document["performance"]["metrics"]:
        performance = {
            "current": {"name": result["window"], "rows": result["rows"]},
            "reference": None,
            **document["performance"],
        }
        lines += [[], rule("performance", width), *performance_lines(performance, width=width)]
    return [cut(line, width) for line in lines]


def _alert(document: Document) -> list[Span]:
    alert = document["alert"]
    if not alert:
        return []
    windows = f"{alert['windows']} window{'s' * (alert['windows'] != 1)} with drift"
    spans: list[Span] = [(f"since {_moment(alert['raised_at'])}, {windows}", "bad")]
    seen = alert["acknowledged"]
    if seen:
        why = f": {visible(seen['reason'])}" if seen["reason"] else ""
        spans.append((f"seen by {visible(seen['who'])}, {_moment(seen['at'])}{why}", "warn"))
    for ran in alert["hooks"]:
        style = "bad" if ran["outcome"] in ("failed", "timeout") else "dim"
        detail = f": {visible(ran['detail'])}" if ran["detail"] else ""
        spans.append((f"its command, {_moment(ran['at'])}: {ran['outcome']}{detail}", style))
    return spans


def _rule(settings: Document) -> str:
    after, clear = settings.get("after", 1), settings.get("clear", 1)
    parts = [f"alert after {after}, cleared after {clear}"]
    for name, word in (("min", "≥"), ("max", "≤")):
        parts += [f"{metric} {word} {format_number(bound)}" for metric, bound in settings.get(name, {}).items()]
    if "cooldown" in settings:
        parts.append(f"cooldown {settings['cooldown']}")
    return ", ".join(parts)


def _moment(text: str) -> str:
    return f"{text[:10]} {text[11:16]}"
