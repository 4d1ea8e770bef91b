"""One version of a registered model in full: where it comes from, who decided what, what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.clock import now_us as clock_now_us
from workbench.base.numbers import format_size
from workbench.output.cells import visible
from workbench.output.formats import as_text, format_cell
from workbench.output.marks import status_mark
from workbench.output.run_sections import clipped_name, value_lines
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.table import Column, indented, pairs, render_table
from workbench.registry.signature import column_types

SHORT_DIGEST = 19
MAX_VALUES = 100
Document = Mapping[str, Any]


def version_lines(document: Document, *, width: int | None = 100, now_us: int | None = None) -> list[Line]:
    """A version's document as sections; those without content are left out.

    Args:
        document: the version, as `workbench models show NAME/3 --json` has it.
        width: cells of the terminal; None cuts nothing.
        now_us: microseconds since the epoch that ages count to; None is now.
    """
    moment = clock_now_us() if now_us is None else now_us
    room = width and max(1, width - 2)
    sections: list[tuple[str, list[Line]]] = [
        ("approval", review_lines(document["review"], moment)),
        ("gates", gate_lines(document["check"], moment)),
        ("metrics when registered", value_lines(document["metrics"], MAX_VALUES)),
        ("data", dataset_lines(document["datasets"], room)),
        ("signature", signature_lines(document["signature"])),
    ]
    lines = [headline(document), *indented(fact_lines(document, moment), "  ")]
    for name, body in sections:
        if body:
            lines += [[], rule(name, width), *indented(body, "  ")]
    return [cut(line, width) for line in lines]


def headline(document: Document) -> Line:
    """A version in one line: `✓ fraud/7  approved  champion`."""
    mark = status_mark(document["status"])
    line: Line = [mark, (" ", ""), (f"{visible(document['name'])}/{document['version']}", "bold")]
    line.append(
        ("  nobody asked for its approval" if document["status"] == "none" else f"  {document['status']}", mark[1])
    )
    return [*line, *((f"  {visible(alias)}", "accent") for alias in document["aliases"])]


def described(document: Document) -> list[tuple[str, Span]]:
    """Description and tags of a model or a version, as pairs."""
    items: list[tuple[str, Span]] = []
    if document["description"]:
        items.append(("description", (as_text(document["description"]), "")))
    if document["tags"]:
        tags = ", ".join(f"{name}={value}" for name, value in document["tags"].items())
        items.append(("tags", (visible(tags), "")))
    return items


def asked_line(review: Document, moment_us: int) -> Line:
    """Who asked for an approval, when and why."""
    when = _ago(review["requested_at"], moment_us)
    return [(f"asked by {visible(str(review['requested_by']))}, {when}: {_quoted(review['reason'])}", "")]


def review_lines(review: Document, moment_us: int) -> list[Line]:
    """The request, what each person decided, and what is missing."""
    if review["requested_at"] is None:
        return []
    lines = [asked_line(review, moment_us)]
    for decision in review["decisions"]:
        word = "approved" if decision["approved"] else "rejected"
        text = (
            f" {word} by {visible(decision['who'])}, {_ago(decision['at'], moment_us)}: {_quoted(decision['reason'])}"
        )
        lines.append([status_mark(word), (text, "")])
    if review["contradicts_itself"]:
        lines.append([("! ", "warn"), ("they did not know of each other; a rejection rejects", "")])
    if review["status"] == "pending":
        lines.append([("? ", "warn"), (review["missing"], "")])
    return lines


def gate_mark(gate: Document) -> Span:
    """`✓` for a gate that passed, `✗` for any other outcome."""
    return status_mark("ok" if gate["outcome"] == "passed" else "failed")


def gate_lines(check: Document | None, moment_us: int) -> list[Line]:
    """The newest results of the gates, and whether they are about these files."""
    if check is None:
        return []
    rows = [[gate_mark(gate), gate] for gate in check["gates"]]
    names = pairs([(clipped_name(gate["name"]), (_found(gate), "")) for _, gate in rows])
    lines: list[Line] = [[mark, (" ", ""), *line] for (mark, _), line in zip(rows, names, strict=True)]
    lines.append(
        [(f"{check['summary']} passed, run by {visible(check['who'])}, {_ago(check['at'], moment_us)}", "dim")]
    )
    if not check["current"]:
        lines.append([("! ", "warn"), ("they were run on other files", "")])
    return lines


def _found(gate: Document) -> str:
    detail = visible(gate["detail"])
    return detail if gate["outcome"] in ("passed", "failed") else f"{gate['outcome']}: {detail}"


def fact_lines(document: Document, moment_us: int) -> list[Line]:
    """Where a version comes from, and what people say of it."""
    created = document["created_at"]
    items: list[tuple[str, Span]] = []
    if created:
        by = f" by {visible(document['author'])}" if document["author"] else ""
        items.append(
            ("registered", (f"{format_cell(created, 'time', moment_us)[0]}  ({_ago(created, moment_us)}){by}", ""))
        )
    if document["run_id"]:
        name = f"{visible(document['run_name'])}  " if document["run_name"] else "not in this project  "
        items.append(("run", (f"{name}{document['run_id']}", "" if document["run_name"] else "warn")))
    if document["source"]:
        items.append(("source", (visible(document["source"]), "")))
    if document["digest"]:
        items.append(("files", (f"{format_size(document['size_bytes'])}  {document['digest'][:SHORT_DIGEST]}…", "")))
    if document["images"]:
        items.append(("images", (visible(", ".join(document["images"])), "")))
    if document["stage"] != "None":
        items.append(("stage", (visible(document["stage"]), "")))
    return pairs([*items, *described(document)])


def dataset_lines(datasets: Sequence[Document], width: int | None) -> list[Line]:
    """The data that its run used."""
    rows = [(one["name"], str(one["digest"] or "")[:SHORT_DIGEST], one["context"]) for one in datasets]
    columns = [Column("name"), Column("digest"), Column("context")]
    return render_table(rows, columns, width=width).lines if rows else []


def signature_lines(signature: Document | None) -> list[Line]:
    """What goes in and comes out, with types."""
    return value_lines(column_types(signature), MAX_VALUES)


def _quoted(text: object) -> str:
    return f'"{visible(str(text))}"'


def _ago(time: object, moment_us: int) -> str:
    age = format_cell(time, "age", moment_us)[0]
    return age if age == "now" else f"{age} ago"
