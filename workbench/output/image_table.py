"""How images look: as a table, one in full, and what differs between two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from workbench.base.numbers import format_duration, format_number, format_size
from workbench.output.cells import pad, visible
from workbench.output.marks import MISSING
from workbench.output.model_table import Shown
from workbench.output.spans import Line
from workbench.output.table import Column

Document = Mapping[str, Any]

IMAGE_COLUMNS = [
    Column("image", priority=9, min_width=12),
    Column("model", priority=8),
    Column("id", priority=5),
    Column("size", "size", priority=7),
    Column("added", "size", priority=4),
    Column("loader", priority=3),
    Column("smoke", "bool", priority=6),
    Column("here", "bool", priority=5),
    Column("age", "age", priority=4),
]
_PARTS = {"site": "packages", "serve": "server", "code": "code", "model": "model"}


def image_document(image: Document, present: Collection[str] | None) -> dict[str, Any]:
    """An image as JSON has it.

    Args:
        image: its record, as `packaging.images.Image.as_document` makes it.
        present: ids of images that the engine has; None where no engine answers.
    """
    facts = image["facts"]
    return {
        "image": image["name"],
        "image_id": image["image_id"],
        "digest": image["digest"],
        "model": image["model"],
        "version": image["number"],
        "run_id": image["run"],
        "size": image["size_bytes"],
        "added": image["added_bytes"],
        "loader": facts.get("loader"),
        "base": facts.get("base"),
        "python": facts.get("python"),
        "smoke": facts.get("smoke"),
        "created_at_ms": image["created_at_ms"],
        "here": None if present is None else image["image_id"] in present,
    }


def image_table(documents: Sequence[Document]) -> Shown:
    """Images for a table."""
    names = ["image", "model", "image_id", "size", "added", "loader", "smoke", "here", "created_at"]
    rows: list[list[object]] = [
        [
            document["image"],
            f"{document['model']}/{document['version']}" if document["version"] is not None else document["model"],
            document["image_id"].removeprefix("sha256:")[:12],
            document["size"],
            document["added"],
            document["loader"],
            document["smoke"]["ok"] if document["smoke"] else None,
            document["here"],
            document["created_at_ms"] * 1000,
        ]
        for document in documents
    ]
    return names, rows, IMAGE_COLUMNS


def image_lines(document: Document, facts: Document) -> list[Line]:
    """One image in full.

    Args:
        document: of `image_document`.
        facts: of its record.
    """
    smoke = document["smoke"]
    lines: list[Line] = [[(visible(document["image"]), "heading")], *fact_lines(document, facts)]
    lines += [[], [("layers", "heading")], *layer_lines(facts)]
    lines += [[], [("smoke test", "heading")]]
    lines += _smoke_lines(smoke) if smoke else [[("  not tested", "warn")]]
    lines += [[], [(f"{len(facts.get('packages') or {})} packages", "heading")], *package_lines(facts)]
    return lines


def fact_lines(document: Document, facts: Document) -> list[Line]:
    """What an image is. Arguments as for `image_lines`."""
    version = f"{document['model']}/{document['version']}" if document["version"] is not None else document["model"]
    size = f"{format_size(document['size'])}, {format_size(document['added'])} over the base"
    rows = [
        ("of", version + (f", run {document['run_id'][:8]}" if document["run_id"] else "")),
        ("id", document["image_id"]),
        ("digest", document["digest"]),
        ("size", size),
        ("base", f"{facts.get('base')} (Python {facts.get('python')})"),
        ("loader", str(facts.get("loader") or MISSING)),
        ("lock", str(facts.get("lock") or MISSING)),
    ]
    if document["here"] is False:
        rows.append(("note", "Docker has it no more"))
    return [[(f"  {pad(name, 8)}", "dim"), (visible(str(value)), "")] for name, value in rows]


def layer_lines(facts: Document) -> list[Line]:
    """The layers over the base, with their sizes."""
    lines: list[Line] = []
    for name, part in (facts.get("parts") or {}).items():
        size = format_size(part["size_bytes"])
        lines.append([(f"  {pad(_PARTS.get(name, name), 8)}", "dim"), (f"{size:>8}  {part['digest'][:19]}", "")])
    return lines


def package_lines(facts: Document) -> list[Line]:
    """The packages in an image, and what was left out of it."""
    packages = facts.get("packages") or {}
    lines: list[Line] = [[(f"  {visible(name)} {visible(version)}", "")] for name, version in sorted(packages.items())]
    for name, why in sorted((facts.get("dropped") or {}).items()):
        lines.append([(f"  {visible(name)}: {visible(why)}", "dim")])
    return lines


def smoke_lines(name: str, smoke: Document) -> list[Line]:
    """What came of a smoke test, under the name of the image."""
    return [[(visible(name), "heading")], *_smoke_lines(smoke)]


def diff_lines(document: Document) -> list[Line]:
    """What differs between two images, as `packaging.comparing.compare_images` has it."""
    one, other = document["images"]
    lines: list[Line] = [[(f"{visible(one)} → {visible(other)}", "heading")]]
    if document["same"]:
        return [*lines, [("  the same layers, started the same way", "good")]]
    for part in ("model", "settings"):
        for name, (before, after) in document[part].items():
            lines.append(_changed(name, before, after))
    packages = document["packages"]
    for name, (before, after) in packages["changed"].items():
        lines.append(_changed(name, before, after))
    for kind, sign, style in (("added", "+", "added"), ("removed", "−", "removed")):
        lines += [[(f"  {sign} {visible(name)} {visible(at)}", style)] for name, at in packages[kind].items()]
    code = document["code"]
    for kind, sign, style in (("added", "+", "added"), ("removed", "−", "removed")):
        lines += [[(f"  {sign} {visible(name)}", style)] for name in code[kind]]
    if code["changed"]:
        lines.append([("  the code differs", "")])
    sizes = document["size"]
    grown = sizes[1] - sizes[0]
    sign = "−" if grown < 0 else "+"
    lines.append(_changed("size", format_size(sizes[0]), format_size(sizes[1]), f" ({sign}{format_size(abs(grown))})"))
    shared, of = document["layers"]["shared"], document["layers"]["of"]
    lines.append([(f"  {pad('layers', 10)} ", "dim"), (f"{shared} of {of[0]} and {of[1]} are the same", "")])
    return lines


def _changed(name: str, before: object, after: object, more: str = "") -> Line:
    shown = [MISSING if value is None else visible(str(value))[:24] for value in (before, after)]
    return [(f"  {pad(visible(name), 10)} ", "dim"), (f"{shown[0]} → {shown[1]}{more}", "")]


def _smoke_lines(smoke: Document) -> list[Line]:
    marks = {True: ("✓", "good"), False: ("✗", "bad"), None: (MISSING, "dim")}
    lines: list[Line] = [
        [("  ", ""), marks[step["passed"]], (f" {pad(step['name'], 14)} {visible(step['detail'])}", "")]
        for step in smoke.get("steps", ())
    ]
    latency = smoke.get("latency_ms") or {}
    facts = []
    if latency:
        facts.append(f"p50 {format_number(latency['p50'], 3)} ms, p99 {format_number(latency['p99'], 3)} ms")
    if smoke.get("memory_bytes"):
        facts.append(format_size(smoke["memory_bytes"]))
    if smoke.get("ready_s") is not None:
        facts.append(f"ready in {format_duration(smoke['ready_s'])}")
    return [*lines, [(f"    {', '.join(facts)}", "dim")]] if facts else lines
