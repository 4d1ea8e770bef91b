"""What is asked of one image: everything that its panes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import NotFoundError
from workbench.base.numbers import format_age, format_number, format_size
from workbench.output.cells import fit, pad, visible
from workbench.output.image_table import fact_lines, layer_lines, package_lines, smoke_lines
from workbench.output.spans import Line, Span
from workbench.packaging.images import Image, list_images
from workbench.tui.questions.images import deployments_table, document_of, rows_of, shown_source
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.widgets.table_model import TableColumn

if TYPE_CHECKING:
    from workbench.tui.dock import Seen


@dataclass(frozen=True, slots=True)
class OneImage:
    """An image: `Image`.

    Attributes:
        id: of its record.
    """

    id: str

    def ask(self, db: Any) -> Image:
        """Read it.

        Raises:
            NotFoundError: it is not recorded any more.
        """
        for image in list_images(db):
            if image.id == self.id:
                return image
        raise NotFoundError("this image is no longer among the project's", "workbench package list")

    def work(self, found: Image) -> Image:
        """The same."""
        return found


def image_head(image: Image) -> list[Line]:
    """The lines above the panes."""
    age = format_age(max(0.0, now_us() / 1e6 - image.created_at_ms / 1e3))
    return [[(visible(image.name), "bold"), (f"  of {visible(shown_source(image))}  built {age} ago", "dim")]]


def image_panes(image: Image, seen: Seen | None, labels: Mapping[str, str] | None) -> dict[str, PaneText]:
    """Texts of panes by their keys, without those that would be empty.

    Args:
        seen: what the engine said at the last look.
        labels: of the image; None while they are not known.
    """
    document, facts = document_of(image, seen), image.facts
    smoke = document["smoke"]
    packages = facts.get("packages") or {}
    panes = {
        "facts": PaneText(_flush(fact_lines(document, facts))),
        "layers": _layers(image),
        "smoke": _smoke(smoke),
        "deployments": _deployments(image, seen),
        "packages": PaneText(_flush(package_lines(facts)), format_number(len(packages))),
        "labels": PaneText([[(f" {visible(name)}  ", "dim"), (visible(labels[name]), "")] for name in sorted(labels)])
        if labels
        else PaneText([]),
    }
    return {key: pane for key, pane in panes.items() if pane.lines}


def _layers(image: Image) -> PaneText:
    base = image.size_bytes - image.added_bytes
    lines: list[Line] = [[(f" {pad('base', 8)}", "dim"), (f"{format_size(base):>8}  ", ""), (_base(image), "dim")]]
    total = f"{format_size(image.size_bytes)}, {format_size(image.added_bytes)} over the base"
    return PaneText([*lines, *_flush(layer_lines(image.facts))], total)


def _base(image: Image) -> str:
    return visible(str(image.facts.get("base") or ""))


def _smoke(smoke: Mapping[str, Any] | None) -> PaneText:
    if not smoke:
        return PaneText([[(" not tested: t tests it", "warn")]], "not tested")
    lines = _flush(smoke_lines("", smoke)[1:])
    return PaneText(lines, "✓ passed" if smoke.get("ok") else "✗ failed")


def _deployments(image: Image, seen: Seen | None) -> PaneText:
    if seen is None:
        return PaneText([])
    if seen.error is not None:
        return PaneText([[(f" ! {visible(seen.error.message)}", "warn")]], "not known")
    own = rows_of(image, seen)
    if not own:
        return PaneText([[(" nowhere: R runs it", "dim")]], "nowhere")
    shown = deployments_table(seen)
    kept = [place for place, column in enumerate(shown.columns) if column.key not in ("version", "image")]
    ids = {row.container.id for row in own}
    cells = [[row.cells[place] for place in kept] for row in shown.rows if row.key in ids]
    lines = _drawn([shown.columns[place] for place in kept], cells)
    return PaneText(lines, ", ".join(visible(row.container.name) for row in own))


def _drawn(columns: Sequence[TableColumn], rows: Sequence[Sequence[Span]]) -> list[Line]:
    """A header and rows, each cell as wide as its column."""
    header: list[Span] = [(column.title, "bold") for column in columns]
    return [
        [
            (f" {fit(text, column.width, column.align)} ", style)
            for (text, style), column in zip(cells, columns, strict=True)
        ]
        for cells in (header, *rows)
    ]


def _flush(lines: list[Line]) -> list[Line]:
    """Lines that the command line indents by two, indented by one."""
    return [[(line[0][0].removeprefix(" "), line[0][1]), *line[1:]] if line else [] for line in lines]
