"""How the plan of an image looks, before it is built."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.base.numbers import format_number, format_size
from workbench.output.cells import cell_width, pad, visible
from workbench.output.spans import Line

LARGEST = 8
"""So many packages are named with their sizes."""
BAR = 24
"""Cells of the largest bar."""
_PARTS = {"site": "packages", "serve": "server", "code": "code", "model": "model"}


def plan_lines(document: Mapping[str, Any]) -> list[Line]:
    """What will be built.

    Args:
        document: as `packaging.delivery.plan_document` makes it.
    """
    rows = [
        ("image", document["image"]),
        ("base", f"{document['base']}  (Python {document['python']})"),
        ("loader", document["loader"]),
    ]
    lines: list[Line] = [[(f" {pad(name, 9)} ", "dim"), (visible(str(text)), "")] for name, text in rows]
    lines += [[(" ! ", "warn"), (visible(note), "")] for note in document["notes"]]
    layers = {"base": document["base_bytes"], **document["layers"]}
    lines += [[], [(" layers", "heading"), (f"  {format_size(sum(layers.values()))}, ", "")]]
    lines[-1].append((f"{format_size(document['added'])} over the base", ""))
    lines += _bars({_PARTS.get(name, name): size for name, size in layers.items()})
    sizes: Mapping[str, int] = document["package_bytes"]
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:LARGEST]
    lines += [[], [(" packages", "heading"), (f"  {format_number(len(sizes))}", "")]]
    lines += _bars({f"{name} {document['packages'].get(name, '')}".rstrip(): sizes[name] for name in largest})
    rest = len(sizes) - len(largest)
    if rest > 0:
        others = sum(size for name, size in sizes.items() if name not in largest)
        lines.append([(f"   and {format_number(rest)} more, {format_size(others)}", "dim")])
    for name, why in sorted(document["dropped"].items()):
        lines.append([(f"   without {visible(name)}: {visible(why)}", "dim")])
    return lines


def _bars(sizes: Mapping[str, int]) -> list[Line]:
    """A line for each size, with a bar beside it."""
    most = max(sizes.values(), default=0)
    width = max((cell_width(visible(name)) for name in sizes), default=0)
    return [
        [
            (f"   {pad(visible(name), width)}  ", ""),
            (f"{format_size(size):>8}  ", "dim"),
            ("█" * max(1, round(BAR * size / most)) if size else "", "accent"),
        ]
        for name, size in sizes.items()
    ]
