"""What a validation found: the rules that are broken, with the first rows that break them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.formats import as_text
from workbench.output.marks import WARN, status_mark
from workbench.output.run_view import cut
from workbench.output.spans import Line, Span

Document = Mapping[str, Any]

MAX_EXAMPLES = 5


def validation_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """A validation as `data.validation.validate` makes it: broken rules first, then what was left out, then the sum.

    Args:
        width: cells of the terminal; None cuts nothing.
    """
    lines: list[Line] = []
    for check in document["checks"]:
        if check["outcome"] == "failed":
            lines.append([check_mark(check), (f" {visible(check['message'])}", "")])
            lines += [[(f"    {example_text(one)}", "dim")] for one in check["examples"][:MAX_EXAMPLES]]
            hidden = check["bad"] - min(len(check["examples"]), MAX_EXAMPLES)
            if check["examples"] and hidden > 0:
                lines.append([(f"    … and {format_number(hidden)} rows more", "dim")])
    for check in document["checks"]:
        if check["outcome"] == "skipped":
            lines.append([("– ", "dim"), (f"{visible(_what(check))} not checked: {visible(check['message'])}", "dim")])
    mark = status_mark("ok" if document["passed"] else "failed")
    return [cut(line, width) for line in [*lines, [mark, (f" {verdict(document)}", "bold")]]]


def verdict(document: Document) -> str:
    """One sentence: `train.csv: 2 of 14 rules are broken, 1 warning, 1,000 rows`."""
    made = [check for check in document["checks"] if check["outcome"] != "skipped"]
    rows = f"{format_number(document['rows'])} rows"
    name = visible(document["data"])
    warnings = f", {document['warnings']} warning{'s' * (document['warnings'] != 1)}" if document["warnings"] else ""
    if document["passed"]:
        return f"{name} passes {len(made)} rule{'s' * (len(made) != 1)}{warnings}, {rows}"
    verb = "is" if document["errors"] == 1 else "are"
    return f"{name}: {document['errors']} of {len(made)} rules {verb} broken{warnings}, {rows}"


def check_mark(check: Document) -> Span:
    """`✗` for a broken rule, `!` for a warning, `✓`, `–`."""
    if check["outcome"] == "failed":
        return (WARN, "warn") if check["severity"] == "warning" else status_mark("failed")
    return status_mark("ok") if check["outcome"] == "passed" else ("–", "dim")


def example_text(example: Document) -> str:
    """`row 12: amount -3, country AT`."""
    values = ", ".join(f"{visible(name)} {_value(value)}" for name, value in example["values"].items())
    return f"row {format_number(example['row'])}{': ' if values else ''}{values}"


def _value(value: object) -> str:
    return "null" if value is None else as_text(value) or "''"


def _what(check: Document) -> str:
    return check["rule"] if check["column"] is None else f"{check['rule']} of {check['column']}"
