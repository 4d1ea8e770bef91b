"""Arguments and options that several commands about data share, and what they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli import session

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion

Mask = Literal["personal", "all", "none"]


def complete_data(incomplete: str) -> list[str]:
    """Names of datasets and versions that begin with what is typed, for the shell; nothing where that fails."""
    try:
        from workbench.data.references import suggestions

        with session.store().reading(wait_s=0.2) as db:
            return suggestions(db, incomplete)
    except Exception:  # the shell shows nothing better than nothing
        return []


DataArgument = Annotated[
    str,
    typer.Argument(metavar="DATA", help="NAME for the newest version, NAME@v3.", autocompletion=complete_data),
]
DataOrFileArgument = Annotated[
    str,
    typer.Argument(
        metavar="DATA|FILE",
        help="NAME, NAME@v3, or a file, folder, pattern or address.",
        autocompletion=complete_data,
    ),
]
InputFormatOption = Annotated[
    str | None,
    typer.Option(
        "--input-format", metavar="FORM", help="csv, tsv, parquet, jsonl, json, arrow, delta; else the name tells."
    ),
]
NullOption = Annotated[
    list[str] | None,
    typer.Option("--null", metavar="TEXT", help="A cell of CSV that stands for no value; may be repeated."),
]
MaskOption = Annotated[
    Mask,
    typer.Option(
        "--mask",
        metavar="WHOSE",
        help="Hide values: personal (columns that look like personal data), all (of every text), none.",
    ),
]


@dataclass(frozen=True)
class Named:
    """What DATA|FILE names.

    Attributes:
        shown: what to call it.
        version: where it is a registered version.
    """

    shown: str
    version: DatasetVersion | None = None

    @property
    def path(self) -> str:
        """Where it can be read.

        Raises:
            NotFoundError: the bytes of the version are nowhere.
        """
        if self.version is None:
            return self.shown
        from workbench.data.materialising import data_path

        return data_path(session.project(), self.version)


def named_data(text: str) -> Named:
    """What is meant by DATA|FILE: a path to something that exists is that, everything else a registered version.

    Raises:
        NotFoundError: there is neither.
    """
    from workbench.base.errors import InputError, NotFoundError
    from workbench.data.references import is_reference

    if not is_reference(text):
        return Named(text)
    if session.project_if_any() is None:
        raise InputError(f"there is no file {text}", "check the path; names of datasets need a project")
    from workbench.data.references import resolve_data
    from workbench.data.versions import DatasetNotFoundError

    try:
        with session.reading() as db:
            version = resolve_data(db, text)
    except DatasetNotFoundError as error:
        if "@" in text:
            raise
        raise NotFoundError(f"there is no file {text}, and no dataset is called so", error.hint) from None
    return Named(version.reference, version)


def reading_options(named: Named, input_format: str | None, null: list[str] | None) -> dict[str, Any]:
    """What `tables.open_source` is told."""
    known = named.version.format if named.version is not None and named.version.column_count else None
    return {"format": input_format or known, "nulls": tuple(null or ())}
