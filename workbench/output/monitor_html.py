"""Monitors as one HTML file: no script, no network, light and dark, small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TextIO

from workbench.base.numbers import format_number
from workbench.output.drift_html import PAGE_END, check_html, escaped, page_head
from workbench.output.formats import as_number
from workbench.output.marks import status_mark
from workbench.output.monitor_heat import CELLS
from workbench.output.monitor_reports import sentence
from workbench.output.monitor_view import fact_lines
from workbench.output.spans import plain

Document = Mapping[str, Any]
STRIP_COLUMNS = 60
_CLASSES = {"ok": "ok", "warn": "warn", "drift": "drift"}


def write_html(documents: Sequence[Document], file: TextIO) -> None:
    """Write the page: each monitor with its newest window in full, and the windows before as a strip.

    Args:
        documents: as `drift.monitors.reporting.report_document` makes them.
    """
    names = ", ".join(document["name"] for document in documents)
    file.write(page_head(f"Monitor: {names}" if len(documents) == 1 else "Monitors"))
    for document in documents:
        file.write(_monitor(document, len(documents)))
    file.write(PAGE_END)


def _monitor(document: Document, share: int) -> str:
    window = document["window"]
    kind = _CLASSES.get(document["state"], "soft")
    mark = status_mark(document["state"])[0]
    facts = "<br>".join(escaped(plain(line)) for line in fact_lines(document))
    reasons = "".join(f"<p>{escaped(reason)}</p>\n" for reason in window["result"]["reasons"])
    text = f'<h1><span class="{kind}">{mark}</span> {escaped(document["name"])}: {escaped(sentence(document))}</h1>\n'
    text += f'<p class="soft">{facts}</p>\n{reasons}{_strips(document["heat"], share)}'
    text += f"<h2>{escaped(window['result']['window'])}</h2>\n"
    if window["columns"]:
        text += check_html(window, share=share + 1)
    return text + (_performance(window["performance"]) if (window["performance"] or {}).get("metrics") else "")


def _strips(heat: Document, share: int) -> str:
    """A row for each column, a mark for each window; neighbours of one verdict share an element."""
    rows = []
    shown = list(heat["columns"].items())[: max(5, STRIP_COLUMNS // share)]
    for name, verdicts in shown:
        cells = "".join(
            f'<span class="{_CLASSES.get(str(verdict), "soft")}">{_mark(verdict) * len(list(same))}</span>'
            for verdict, same in groupby(verdicts)
        )
        rows.append(f'<tr><td>{escaped(name)}</td><td style="font-family:monospace">{cells}</td></tr>\n')
    if not rows:
        return ""
    windows = heat["windows"]
    more = len(heat["columns"]) - len(shown)
    rest = f'<p class="soft">{format_number(more)} more columns.</p>\n' if more else ""
    span = f"{escaped(windows[0])} to {escaped(windows[-1])}"
    return f'<h2>Windows, {span}</h2>\n<div class="table"><table>{"".join(rows)}</table></div>\n{rest}'


def _mark(verdict: str | None) -> str:
    """A mark that is as wide as every other."""
    text = CELLS.get(verdict, CELLS[None])[0]
    return "&nbsp;" if text == " " else text


def _performance(document: Document) -> str:
    names = ("metric", "realised", "±", "estimated", "low", "high", "")
    head = "".join(f"<th{' class=n' if name not in ('metric', '') else ''}>{name}</th>" for name in names)
    rows = []
    for one in document["metrics"]:
        numbers = [_number(one[name]) for name in ("realised", "se", "estimated", "low", "high")]
        cells = "".join(f"<td class=n>{number}</td>" for number in numbers)
        note = '<span class="warn">! worse than usual</span> ' if one["worse"] else ""
        rows.append(f"<tr><td>{escaped(one['metric'])}</td>{cells}<td>{note}{escaped(one['reason'] or '')}</td></tr>\n")
    labelled, total = format_number(document["labelled"]), format_number(document["rows"])
    assumed = "".join(f"<li>{escaped(text)}</li>" for text in document["assumptions"])
    return (
        f"<h2>Performance</h2>\n<p>{labelled} of {total} rows have a label.</p>\n"
        f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>\n'
        + (f'<p class="soft">The estimates assume:</p><ul class="soft">{assumed}</ul>\n' if assumed else "")
    )


def _number(value: Any) -> str:
    number = as_number(value)
    return "" if number is None else format_number(number)
