"""What a version's line says beside its number: status, gates, and the one thing that is worth a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.output.cells import visible
from workbench.output.formats import as_datetime
from workbench.output.marks import MISSING, WARN, status_mark
from workbench.output.spans import Line, Span
from workbench.output.version_view import asked_line
from workbench.registry.history import Term

Document = dict[str, Any]


def status_span(review: Document) -> Span:
    """`? pending 1/2`, `✓ approved`; a version that nobody has asked about is `–`."""
    mark, style = status_mark(review["status"])
    if review["status"] == "none":
        return MISSING, "dim"
    share = f" {review['approvals']}/{review['approvers']}" if review["status"] == "pending" else ""
    return f"{mark} {review['status']}{share if review['approvers'] > 1 else ''}", style


def gates_span(check: Document | None) -> Span:
    """`✓ 6/6`, `✗ 5/6`; `!` where the gates were run on other files."""
    if check is None:
        return MISSING, "dim"
    if not check["current"]:
        return f"{WARN} {check['summary']}", "warn"
    return (f"✓ {check['summary']}", "good") if check["passed"] else (f"✗ {check['summary']}", "bad")


def note_line(document: Document, terms: Sequence[Term], moment_us: int) -> Line:
    """The gates that failed, who asked or rejected and why, when it had an alias, or its description."""
    parts = [*_failed_gates(document["check"]), *_review(document["review"], moment_us)]
    parts += _former(document, terms)
    if not parts and document["description"]:
        parts = [(document["description"].strip().partition("\n")[0], "dim")]
    line: Line = []
    for text, style in parts:
        line += [("   ", "")] * bool(line) + [(visible(text), style)]
    return line


def _failed_gates(check: Document | None) -> list[Span]:
    failed = [gate for gate in check["gates"] if gate["outcome"] != "passed"] if check else []
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    return [(f"✗ {failed[0]['name']} {failed[0]['detail']}{more}", "bad")] if failed else []


def _review(review: Document, moment_us: int) -> list[Span]:
    if review["status"] == "pending":
        return asked_line(review, moment_us)
    if review["status"] == "rejected":
        refusal = next(one for one in review["decisions"] if not one["approved"])
        return [(f'rejected by {refusal["who"]}: "{refusal["reason"]}"', "")]
    return []


def _former(document: Document, terms: Sequence[Term]) -> list[Span]:
    """`was champion 2026-09-02 → 2026-11-03`: the last time that each alias it has no more pointed to it."""
    last = {term.alias: term for term in terms if term.version == document["version"] and term.until_us is not None}
    return [
        (f"was {alias} {_day(term.since_us)} → {_day(term.until_us)}", "dim")
        for alias, term in last.items()
        if alias not in document["aliases"]
    ]


def _day(time_us: int | None) -> str:
    return as_datetime(time_us).astimezone().strftime("%Y-%m-%d")
