"""A drift check as one HTML file: no script, no network, light and dark, small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, TextIO

from workbench.base.numbers import format_number
from workbench.output.cells import clip, visible
from workbench.output.drift_reports import pieces
from workbench.output.drift_view import missing, p_text, summary
from workbench.output.formats import as_number
from workbench.output.marks import status_mark

Document = Mapping[str, Any]

DETAILED_COLUMNS = 50
"""Columns that are drawn; with more, the rest has a line in the table, so that the file stays small."""
DETAILED_PIECES = 12
"""Windows or segments with a table of their own: the last ones of windows."""
TABLE_COLUMNS = 250
OVERVIEW_PIECES = 100
TEXT_CELLS = 160
WIDTH, HEIGHT = 260, 64
PAGE_END = "</main>\n</body>\n</html>\n"
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d0d7de; --ours: #8c959f;
  --theirs: #0969da; --bad: #cf222e; --warn: #9a6700; --good: #1a7f37; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #9198a1; --line: #3d444d; --ours: #6e7681; --theirs: #58a6ff;
    --bad: #ff7b72; --warn: #d29922; --good: #3fb950; }
}
body { background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; margin: 0; }
main { margin: 0 auto; max-width: 70rem; padding: 1.2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; white-space: nowrap; }
td { overflow-wrap: anywhere; } .drift { color: var(--bad); } .warn { color: var(--warn); } .ok { color: var(--good); }
.soft { color: var(--soft); } svg { display: block; } .ours { fill: var(--ours); } .theirs { fill: var(--theirs); }
.key span { margin-right: 1rem; } .key i { display: inline-block; height: .7em; width: 1em; }
""".strip()


def write_html(document: Document, file: TextIO) -> None:
    """Write the page. Nothing in it can run or load anything, whatever is in the data."""
    verdict = "drift" if document["dataset_drift"] else "ok"
    file.write(page_head(f"Drift: {document['current']['name']}"))
    file.write(f'<h1><span class="{verdict}">{status_mark(verdict)[0]}</span> {escaped(summary(document))}</h1>\n')
    file.write(check_html(document) + PAGE_END)


def page_head(title: str) -> str:
    """The beginning of a page, up to what is in it; `PAGE_END` is its end."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escaped(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n"
    )


def check_html(document: Document, *, share: int = 1) -> str:
    """A check without a heading of its own.

    Args:
        share: one of so many checks of a page, so that the page stays small.
    """
    parts = pieces(document)
    text = _sides(document)
    if len(parts) > 1 or parts[0][0]:
        text += _overview(parts)
    shown = parts[-DETAILED_PIECES:]
    if len(shown) < len(parts):
        text += f'<p class="soft">Below: the last {len(shown)} of {len(parts)}.</p>\n'
    room = max(1, DETAILED_COLUMNS // len(shown) // share)
    for name, piece in shown:
        if name:
            text += f"<h2>{escaped(name)}</h2>\n"
        text += _columns(piece["columns"], room, max(10, TABLE_COLUMNS // len(shown) // share))
    return text + _together(document.get("multivariate", ())) + _rule(parts[-1][1])


def _sides(document: Document) -> str:
    lines = []
    for side in ("reference", "current"):
        about = document[side]
        digest = f" {about['digest'][:19]}…" if about.get("digest") else ""
        lines.append(
            f"{side}: {escaped(str(about['name']))}, {format_number(document['rows'][side])} rows{escaped(digest)}"
        )
    key = '<p class="key soft"><span><i style="background:var(--ours)"></i> reference</span>'
    return f'<p>{"<br>".join(lines)}</p>\n{key}<span><i style="background:var(--theirs)"></i> current</span></p>\n'


def _overview(parts: Sequence[tuple[str, Document]]) -> str:
    rows = []
    for name, piece in parts[-OVERVIEW_PIECES:]:
        verdict = "drift" if piece["dataset_drift"] else "ok"
        names = escaped(", ".join(piece["drifted_columns"][:10]))
        rows.append(
            f'<tr><td>{escaped(name)}</td><td class="n">{format_number(piece["rows"]["current"])}</td>'
            f'<td class="{verdict}">{status_mark(verdict)[0]} {escaped(summary(piece))}</td><td>{names}</td></tr>'
        )
    return f'<div class="table"><table>{"".join(rows)}</table></div>\n'


def _columns(columns: Sequence[Document], drawn: int, most: int) -> str:
    head = "".join(f"<th{' class=n' if name in _NUMBERS else ''}>{name}</th>" for name in _NAMES)
    rows = [_row(column, index < drawn) for index, column in enumerate(columns[:most])]
    more = len(columns) - len(rows)
    rest = f'<p class="soft">{format_number(more)} more columns.</p>\n' if more > 0 else ""
    return (
        f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>\n{rest}'
    )


_NAMES = ("column", "kind", "distribution", "test", "effect", "threshold", "floor", "p adj", "missing", "verdict")
_NUMBERS = ("effect", "threshold", "floor", "p adj")


def _row(column: Document, drawn: bool) -> str:
    verdict = str(column["verdict"])
    mark = status_mark(verdict)[0]
    p = column["p_adjusted"] if column["p_adjusted"] is not None else column["p_value"]
    numbers = [_number(column["score"]), _number(column["threshold"]), _number(column["floor"]), p_text(p)]
    picture = _picture(column["distribution"]) if drawn and column["distribution"] else ""
    kind = verdict if verdict in ("ok", "warn", "drift") else "soft"
    reason = f"<br>{escaped(column['reason'])}" if column["reason"] else ""
    return (
        f"<tr><td>{escaped(column['column'])}</td><td>{escaped(column['kind'])}</td><td>{picture}</td>"
        f"<td>{escaped(column['test'] or '')}</td>{''.join(f'<td class=n>{escaped(one)}</td>' for one in numbers)}"
        f'<td>{escaped(missing(column))}</td><td><span class="{kind}">{mark} {verdict}</span>{reason}</td></tr>\n'
    )


def _picture(drawn: Document) -> str:
    """Both histograms beside each other as SVG."""
    ours, theirs = drawn["reference"], drawn["current"]
    most = max([*ours, *theirs, 1e-12])
    step = WIDTH / max(1, len(ours))
    bars = []
    for kind, shares, shift in (("ours", ours, 0.08), ("theirs", theirs, 0.5)):
        for index, share in enumerate(shares):
            height = round((HEIGHT - 14) * share / most, 1)
            x, y = round((index + shift) * step, 1), round(HEIGHT - 12 - height, 1)
            bars.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{round(step * 0.42, 1)}" height="{height}"/>')
    labels = _labels(drawn)
    texts = "".join(
        f'<text x="{x}" y="{HEIGHT - 1}" font-size="10" fill="currentColor" text-anchor="{anchor}">'
        f"{escaped(text)}</text>"
        for x, anchor, text in ((0, "start", labels[0]), (WIDTH, "end", labels[1]))
    )
    head = f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="both distributions">'
    return f"{head}{''.join(bars)}{texts}</svg>"


def _labels(drawn: Document) -> tuple[str, str]:
    """What stands under the first and the last bar."""
    if drawn["edges"]:
        return format_number(drawn["edges"][0]), format_number(drawn["edges"][-1])
    values = drawn["values"] or [""]
    return clip(visible(values[0]), 18), clip(visible(values[-1]), 18)


def _together(found: Sequence[Document]) -> str:
    rows = []
    for one in found:
        verdict = "drift" if one["drifted"] else "ok"
        numbers = f"{_number(one.get('score'))}, floor {_number(one.get('floor'))}, p {p_text(one.get('p_value'))}"
        rows.append(
            f'<tr><td>{escaped(one["test"])}</td><td class="{verdict}">{status_mark(verdict)[0]} {verdict}</td>'
        )
        rows.append(f"<td>{escaped(numbers)}</td><td>{escaped(one['reason'])}</td></tr>")
    return f'<h2>All columns together</h2><div class="table"><table>{"".join(rows)}</table></div>\n' if rows else ""


def _rule(document: Document) -> str:
    """How the verdict was made."""
    rule = document["rule"]
    if document.get("preset"):
        return f'<p class="soft">Tests, thresholds and verdicts as {escaped(document["preset"])} chooses them.</p>\n'
    return (
        f'<p class="soft">Drift: the p-value ({escaped(rule["correction"])}, all tests together) is below '
        f"{format_number(rule['alpha'])}, the effect is at least the threshold and above the noise floor. "
        f"With fewer than {rule['min_rows']} values a column is not judged.</p>\n"
    )


def _number(value: Any) -> str:
    number = as_number(value)
    return format_number(number) if number is not None else ""


def escaped(text: str) -> str:
    """A text for a page: harmless, on one line, not too long."""
    return escape(clip(visible(str(text)), TEXT_CELLS))
