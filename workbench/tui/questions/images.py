"""The tables of images that were built and of what runs, and what is asked of the store about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.deployment_table import deployment_table
from workbench.output.image_table import image_document
from workbench.output.marks import MISSING, status_mark
from workbench.output.spans import Span
from workbench.output.sparkline import sparkline
from workbench.output.table import column_cells
from workbench.packaging.base import default_reference
from workbench.packaging.example import curl, example_request
from workbench.packaging.images import Image, find_image, list_images
from workbench.packaging.running import default_name
from workbench.packaging.source import Source, find_source
from workbench.packaging.watching import KEPT_STOPPED, Row
from workbench.tui.questions.models import ALWAYS, drawn
from workbench.tui.widgets.table_model import TableColumn, TableRow

if TYPE_CHECKING:
    from workbench.tui.dock import Seen

COURSE_CELLS = 12
"""Of the course of a rate."""


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A whole table, ready to be drawn."""

    columns: tuple[TableColumn, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Images:
    """All images that were built, the newest first: a tuple of `Image`."""

    def ask(self, db: Any) -> tuple[Image, ...]:
        """Read them."""
        return tuple(list_images(db))

    def work(self, found: tuple[Image, ...]) -> tuple[Image, ...]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class ToBuild:
    """What an image is built of.

    Attributes:
        source: the model.
        base: the base image that is proposed.
        bases: those that were used before, the last one first.
    """

    source: Source
    base: str
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BuildOf:
    """What an image of a version or a run is built of: `ToBuild`.

    Attributes:
        reference: as `package build` takes it.
    """

    project: Project
    reference: str

    def ask(self, db: Any) -> ToBuild:
        """Look for it.

        Raises:
            NotFoundError, RefusedError, InputError: it cannot be packaged.
        """
        source = find_source(db, self.project, self.reference)
        usual = default_reference(source.python or "3.11")
        used = [str(image.facts.get("base")) for image in list_images(db) if image.facts.get("base")]
        bases = tuple(dict.fromkeys([*used, usual]))
        return ToBuild(source, bases[0], bases)

    def work(self, found: ToBuild) -> ToBuild:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Example:
    """A command that asks a running server to predict: a text.

    Attributes:
        image: what it runs, as `find_image` takes it.
        url: where it answers.
        token_file: holds the token that requests have to bring; empty where they need none.
    """

    project: Project
    image: str
    url: str
    token_file: str

    def ask(self, db: Any) -> str:
        """Make it of the model's input example.

        Raises:
            NotFoundError: the image is not recorded.
        """
        body = example_request(db, self.project, find_image(db, self.image))
        return curl(self.url, body, token_file=self.token_file)

    def work(self, found: str) -> str:
        """The same."""
        return found


def document_of(image: Image, seen: Seen | None) -> dict[str, Any]:
    """An image as `package list --json` has it."""
    return image_document(image.as_document(), seen.present if seen is not None else None)


def shown_source(image: Image) -> str:
    """What an image was built of, as people call it."""
    return f"{image.model}/{image.number}" if image.number is not None else image.model


def usual_name(image: Image) -> str:
    """The name that an image runs under where nobody says another one."""
    return default_name(image.model)


def current_rows(seen: Seen | None) -> list[Row]:
    """What runs or ran last under each name, without what is kept to go back to."""
    return [row for row in (seen.rows if seen is not None else ()) if row.status != KEPT_STOPPED]


def rows_of(image: Image, seen: Seen | None) -> list[Row]:
    """What of it runs an image."""
    return [row for row in current_rows(seen) if row.container.image_id == image.image_id]


def images_table(images: Sequence[Image], seen: Seen | None) -> ShownTable:
    """Images as rows whose keys are the ids of their records."""
    moment_us = now_us()
    documents = [document_of(image, seen) for image in images]
    columns: list[tuple[Column, list[Span]]] = [
        (Column("image"), [(visible(image.name), "bold") for image in images]),
        (Column("of", priority=ALWAYS), [(visible(shown_source(image)), "") for image in images]),
        (Column("smoke", priority=ALWAYS), [_smoke_span(one["smoke"]) for one in documents]),
        (Column("runs as"), [_used_span(rows_of(image, seen)) for image in images]),
        _column(Column("size", "size"), [one["size"] for one in documents], moment_us),
        _column(Column("over base", "size"), [one["added"] for one in documents], moment_us),
        _column(Column("age", "age"), [one["created_at_ms"] * 1000 for one in documents], moment_us),
        (Column("loader"), [(visible(str(one["loader"] or MISSING)), "") for one in documents]),
        (Column("note"), [_note_span(one) for one in documents]),
    ]
    return ShownTable(*drawn(columns, [image.id for image in images]))


def deployments_table(seen: Seen) -> ShownTable:
    """What runs, or ran last, as rows whose keys are the ids of containers."""
    moment_us = now_us()
    rows = current_rows(seen)
    documents = [row.as_document() for row in rows]
    names, values, columns = deployment_table(documents)
    shown = [_column(column, [one[i] for one in values], moment_us) for i, column in enumerate(columns)]
    ids = [row.container.id for row in rows]
    place = names.index("status")
    shown[place] = (columns[place], [_status_span(one["status"]) for one in documents])
    place = names.index("requests_per_hour")
    recent = [seen.recent.get(one) for one in ids]
    now = _column(Column("req/s", "number"), [round(one.per_second, 1) if one else None for one in recent], moment_us)
    course = [(_course(one.course) if one else "", "") for one in recent]
    shown[place : place + 1] = [shown[place], now]
    errors = [_errors_span(one["errors"]) for one in documents]
    shown += [(Column("errors", align="right"), errors), (Column("last minute"), course)]
    since = shown.pop(names.index("since"))
    return ShownTable(*drawn([*shown, since], ids))


def _column(column: Column, values: Sequence[object], moment_us: int) -> tuple[Column, list[Span]]:
    return column, column_cells(column, values, moment_us)


def _course(rates: Sequence[float]) -> str:
    """Rates as blocks over nothing; a server that nobody asks has the lowest ones."""
    shown = rates[-COURSE_CELLS:]
    return sparkline(shown, COURSE_CELLS) if any(shown) else "▁" * len(shown)


def _status_span(status: str) -> Span:
    mark, style = status_mark(status)
    return f"{mark} {status}", style


def _errors_span(errors: int | None) -> Span:
    return (MISSING, "dim") if errors is None else (f"{errors:,}", "bad" if errors else "dim")


def _smoke_span(smoke: Mapping[str, Any] | None) -> Span:
    """`✓ 1.9 s`: whether it passed, and how soon the server was ready."""
    if not smoke:
        return ("– not tested", "dim")
    ready = f" {smoke['ready_s']:.1f} s" if smoke.get("ready_s") is not None else ""
    return (f"✓{ready}", "good") if smoke.get("ok") else (f"✗{ready}", "bad")


def _used_span(rows: Sequence[Row]) -> Span:
    """`● fraud :8080`, of the first of them."""
    if not rows:
        return ("", "")
    first = rows[0]
    mark, style = status_mark(first.status)
    more = f" +{len(rows) - 1}" if len(rows) > 1 else ""
    return (f"{mark} {visible(first.container.name)} :{first.container.settings.port}{more}", style)


def _note_span(document: Mapping[str, Any]) -> Span:
    smoke = document["smoke"] or {}
    failed = next((step for step in smoke.get("steps", ()) if step["passed"] is False), None)
    if document["here"] is False:
        return ("! Docker has it no more", "warn")
    if failed is not None:
        return (f"✗ {visible(failed['name'])}: {visible(failed['detail'])}", "bad")
    return ("", "")
