"""The lineage of a version as a tree: what it was made of, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import status_mark
from workbench.output.spans import Line

MAX_NAME_WIDTH = 36
_KINDS = {"images": "image", "deployments": "deployment", "drift": "drift check", "monitors": "monitor"}


@dataclass
class _Node:
    line: Line
    children: list[_Node] = field(default_factory=list)


def lineage_lines(document: Mapping[str, Any], *, width: int | None = 100) -> list[Line]:
    """The tree of one version.

    Args:
        document: as `workbench.registry.lineage.lineage_of` makes it.
        width: cells of the terminal; None cuts nothing.
    """
    version = document["version"]
    mark = status_mark(str(version.get("status")))
    head: Line = [(_name(version["version"]), "bold")]
    if version.get("status") not in (None, "none"):
        head.append((f"  {mark[0]} {version['status']}", mark[1]))
    head.append((f"  {_digest(version.get('digest'))}", "dim"))
    root = _Node(head)
    for title, nodes in (("made from", _sources(document["from"])), ("became", _results(document["to"]))):
        root.children.append(_Node([(title, "heading")], nodes or [_Node([("nothing that is recorded", "dim")])]))
    return [_cut(line, width) for line in _drawn(root)]


def data_lineage_lines(document: Mapping[str, Any], *, width: int | None = 100) -> list[Line]:
    """The tree of what was made of data, without a root: runs, the versions that came of them, what those became.

    Args:
        document: as `workbench.registry.lineage.lineage_of_data` makes it.
        width: cells of the terminal; None cuts nothing.
    """
    lines: list[Line] = []
    for run in document["runs"]:
        line = _run_line(run)
        if run["as"]:
            line.append((f"  as {_name(run['as'])}", "dim"))
        made = [_Node(_version_line(one), _dependants(one)) for one in run["versions"]]
        lines += _drawn(_Node(line, made))
    more = document["count"] - len(document["runs"])
    if more > 0:
        lines.append([(f"… and {more:,} more runs", "dim")])
    return [_cut(line, width) for line in lines]


def _version_line(version: Mapping[str, Any]) -> Line:
    mark, style = status_mark(str(version["status"]))
    line: Line = [("version ", "dim"), (_name(version["version"]), "")]
    if version["status"] != "none":
        line.append((f"  {mark} {version['status']}", style))
    return line + [(f"  {_name(alias)}", "accent") for alias in version["aliases"]]


def _sources(origin: Mapping[str, Any]) -> list[_Node]:
    data = [
        _Node(
            _line(
                "data",
                *(item.get("registered") or [item.get("name")]),
                _digest(item.get("digest")),
                item.get("context"),
            )
        )
        for item in origin.get("datasets") or []
    ]
    nodes = []
    if origin.get("version"):
        nodes.append(_Node(_line("version", origin["version"])))
    run = origin.get("run")
    if run is None:
        source = origin.get("source")
        return nodes + data + ([_Node(_line("files", source))] if source and not origin.get("version") else [])
    node = _Node(_run_line(run))
    git = run.get("git")
    if git:
        changes = "with uncommitted changes" if git.get("dirty") else None
        node.children.append(_Node(_line("code", str(git["commit"])[:12], git.get("branch"), changes)))
    node.children += data
    inner = node
    for parent in run.get("parents") or []:
        inner.children.append(_Node(_line("part of", parent.get("name"), parent["run_id"][:8])))
        inner = inner.children[-1]
    return [*nodes, node]


def _run_line(run: Mapping[str, Any]) -> Line:
    if run.get("missing"):
        return [("run ", "dim"), (run["run_id"][:8], ""), ("  is not in this store", "warn")]
    mark, style = status_mark(str(run.get("status")))
    line = _line("run", run.get("name"), run["run_id"][:8], run.get("experiment"))
    line.append((f"  {mark} {visible(str(run.get('status')))}", style))
    return [*line, ("  in the trash", "warn")] if run.get("deleted") else line


def _results(made: Mapping[str, Any]) -> list[_Node]:
    nodes = [_Node([("alias ", "dim"), (_name(alias), "accent")]) for alias in made.get("aliases") or []]
    nodes += [_Node(_line("copied to", name)) for name in made.get("copies") or []]
    nodes += [_Node(_line("same run as", name)) for name in made.get("same_run") or []]
    return nodes + _dependants(made)


def _dependants(made: Mapping[str, Any]) -> list[_Node]:
    return [
        _Node(_line(kind, one.get("name"), (one.get("created_at") or "")[:10]), _dependants(one))
        for plural, kind in _KINDS.items()
        for one in made.get(plural) or []
    ]


def _line(kind: str, name: object, *more: object) -> Line:
    """`kind name  more  more`, without what is missing."""
    return [(f"{kind} ", "dim"), (_name(name), ""), *((f"  {_name(part)}", "dim") for part in more if part)]


def _name(value: object) -> str:
    return clip(visible(str(value)), MAX_NAME_WIDTH)


def _digest(digest: object) -> str:
    """The beginning of a digest, which is enough to tell two apart."""
    if not digest:
        return "no digest"
    kind, colon, value = str(digest).partition(":")
    return f"{kind}:{value[:12]}" if colon else kind[:12]


def _drawn(node: _Node, first: str = "", rest: str = "") -> list[Line]:
    margin: Line = [(first, "faint")] if first else []
    lines: list[Line] = [[*margin, *node.line]]
    for child in node.children:
        last = child is node.children[-1]
        lines += _drawn(child, f"{rest}{'└─ ' if last else '├─ '}", f"{rest}{'   ' if last else '│  '}")
    return lines


def _cut(line: Line, width: int | None) -> Line:
    """The line in at most `width` cells."""
    if width is None:
        return line
    kept: Line = []
    for text, style in line:
        kept.append((clip(text, width), style))
        width -= cell_width(kept[-1][0])
        if width <= 0 or kept[-1][0] != text:
            break
    return kept
