"""One registered model: where its aliases point, its versions, what waits and what contradicts itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us as clock_now_us
from workbench.output.cells import visible
from workbench.output.model_table import shown_version
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.table import Column, indented, pairs, render_table
from workbench.output.version_view import asked_line, described, gate_mark

if TYPE_CHECKING:
    from workbench.registry.policy import Policy

SHORT_ID = 8
Document = Mapping[str, Any]


def model_lines(
    document: Document,
    *,
    metrics: Sequence[str] = (),
    policy: Policy | None = None,
    width: int | None = 100,
    now_us: int | None = None,
) -> list[Line]:
    """A model's document as sections; those without content are left out.

    Args:
        document: the model, as `workbench models show --json` has it.
        metrics: those that the table of versions shows.
        policy: the rules of the model.
        width: cells of the terminal; None cuts nothing.
        now_us: microseconds since the epoch that ages count to; None is now.
    """
    moment = clock_now_us() if now_us is None else now_us
    room = width and max(1, width - 2)
    sections: list[tuple[str, list[Line]]] = [
        ("versions", version_table(document["versions"], metrics, width=room, now_us=moment)),
        ("waiting for approval", waiting_lines(document["versions"], moment)),
        ("contradictions", contradiction_lines(document, width=room)),
    ]
    lines = [headline(document), *indented(_facts(document, policy), "  ")]
    for name, body in sections:
        if body:
            lines += [[], rule(name, width), *indented(body, "  ")]
    return [cut(line, width) for line in lines]


def headline(document: Document) -> Line:
    """A model in one line: `fraud  champion → v7  challenger → v8`."""
    line: Line = [(visible(document["name"]), "bold")]
    for alias, number in document["aliases"].items():
        line += [("  ", ""), (visible(alias), "accent"), (f" → {shown_version(number)}", "")]
    return line


def version_table(
    versions: Sequence[Document], metrics: Sequence[str], *, width: int | None, now_us: int
) -> list[Line]:
    """The versions of a model under each other."""
    if not versions:
        return [[("none yet; next: workbench models register RUN NAME", "dim")]]
    rows = [
        [
            shown_version(version["version"]),
            version["status"],
            ", ".join(version["aliases"]) or None,
            (version["check"] or {}).get("summary"),
            *(version["metrics"].get(metric) for metric in metrics),
            version["run_name"] or (version["run_id"] or "")[:SHORT_ID] or None,
            version["author"],
            version["created_at"],
            version["size_bytes"],
        ]
        for version in versions
    ]
    columns = [
        Column("version", priority=9),
        Column("status", "status", priority=9),
        Column("aliases", priority=8),
        Column("gates", priority=7),
        *(Column(metric, "number", priority=6) for metric in metrics),
        Column("run", priority=4),
        Column("by", priority=3, min_width=6),
        Column("age", "age", priority=5),
        Column("size", "size", priority=2),
    ]
    used = [
        index
        for index, column in enumerate(columns)
        if column.priority > 8 or any(row[index] is not None for row in rows)
    ]
    return render_table(
        [[row[index] for index in used] for row in rows],
        [columns[index] for index in used],
        width=width,
        now_us=now_us,
    ).lines


def waiting_lines(versions: Sequence[Document], moment_us: int) -> list[Line]:
    """The versions that somebody asked to approve, with what is missing and the gates that did not pass."""
    lines: list[Line] = []
    for version in versions:
        if version["status"] != "pending":
            continue
        review = version["review"]
        lines.append(
            [("? ", "warn"), (shown_version(version["version"]), "bold"), ("  ", ""), *asked_line(review, moment_us)]
        )
        lines.append([(f"  {review['missing']}", "dim")])
        lines += [
            [("  ", ""), gate_mark(gate), (f" {visible(gate['name'])}  {visible(gate['detail'])}", "")]
            for gate in (version["check"] or {}).get("gates", [])
            if gate["outcome"] != "passed"
        ]
    return lines


def contradiction_lines(document: Document, *, width: int | None = None) -> list[Line]:
    """What people did who did not know of each other, and what settles it."""
    lines: list[Line] = []
    for one in document["contradictions"]:
        sentence = visible(one["sentence"])
        first, *rest = wrap(sentence, max(1, width - 2)) if width else [sentence]
        lines.append([("! ", "warn"), (first, "")])
        lines += [[(f"  {text}", "")] for text in rest]
        if one["hint"]:
            lines.append([(f"  {visible(one['hint'])}", "dim")])
    return lines


def rules_text(policy: Policy) -> str:
    """The rules of a model in a sentence; empty where there are none to tell."""
    parts = []
    if policy.approvers > 1:
        parts.append(f"{policy.approvers} approvals")
    if not policy.author_may_approve:
        parts.append("not by the author")
    if policy.required_gates:
        parts.append(f"gates {', '.join(policy.required_gates)} passed")
    if policy.protected_aliases:
        parts.append(f"{', '.join(policy.protected_aliases)} for approved versions only")
    return visible("; ".join(parts))


def _facts(document: Document, policy: Policy | None) -> list[Line]:
    items: list[tuple[str, Span]] = described(document)
    rules = rules_text(policy) if policy is not None else ""
    if rules:
        items.append(("rules", (rules, "")))
    return pairs(items)
