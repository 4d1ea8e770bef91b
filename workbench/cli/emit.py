"""Rows and documents to stdout or a file, in the form that was asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.base.errors import InputError
from workbench.cli import console
from workbench.output.cells import clip
from workbench.output.records import write_json, write_records
from workbench.output.spans import to_text
from workbench.output.table import Column, guess_columns, render_table

_FORM_OF_SUFFIX = {".json": "json", ".csv": "csv", ".md": "md", ".markdown": "md", ".parquet": "parquet"}


@dataclass(frozen=True)
class Form:
    """How a list leaves the program.

    Attributes:
        name: table, json, csv, md or parquet.
        path: the file it is written to; None is stdout.
    """

    name: str
    path: str | None

    @classmethod
    def chosen(cls, *, json: bool, format: str | None, path: str | None) -> Form:
        """The form that the options name; the suffix of the file decides where they do not.

        Raises:
            InputError: the options contradict each other.
        """
        if json and format not in (None, "json"):
            raise InputError(f"--json and --format {format} contradict each other", "leave one of them out")
        suffix = os.path.splitext(path or "")[1].lower()
        name = format or ("json" if json else _FORM_OF_SUFFIX.get(suffix, "table"))
        if name == "parquet" and path is None:
            raise InputError("parquet goes to a file", "add -o FILE.parquet")
        return cls(name, path)


def emit_document(value: object, path: str | None = None) -> None:
    """Print one JSON document."""
    with console.data_file(path) as file:
        write_json(value, file)


def emit_rows(
    form: Form, names: Sequence[str], rows: Sequence[Sequence[object]], columns: Sequence[Column] | None = None
) -> None:
    """Print rows.

    Args:
        form: table, json, csv, md or parquet, and where to.
        names: the names of the columns, as programs see them.
        rows: typed values; None is a missing one.
        columns: how a table shows them; guessed from the names and values unless given.
    """
    shown = columns if columns is not None else guess_columns(names, rows)
    if form.name == "parquet":
        from workbench.store.export import write_parquet

        assert form.path is not None
        write_parquet(form.path, names, rows)
        console.note(f"wrote {form.path}")
    elif form.name != "table":
        with console.data_file(form.path) as file:
            write_records(form.name, shown if form.name == "md" else names, rows, file)
    elif form.path is not None:
        with console.data_file(form.path) as file:
            file.write(to_text(render_table(rows, shown).lines))
    else:
        width = console.width()
        table = render_table(rows, shown, width=width)
        console.draw(table.lines)
        if table.note:
            console.note(table.note if width is None else clip(table.note, width))
