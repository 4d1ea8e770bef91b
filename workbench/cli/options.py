"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

FORMATS = ("table", "json", "csv", "md", "parquet")
Format = Literal["table", "json", "csv", "md", "parquet"]


def complete_run(incomplete: str) -> list[tuple[str, str]]:
    """Names of the newest runs that begin with what is typed, for the shell; nothing where that fails."""
    try:
        from workbench.cli import session
        from workbench.store.runs import RunQuery, list_runs

        with session.store().reading(wait_s=0.2) as db:
            page = list_runs(db, RunQuery(columns=("attributes.name", "attributes.status"), limit=200))
        return [(str(name), str(status)) for name, status in page.rows if str(name).startswith(incomplete)]
    except Exception:  # the shell shows nothing better than nothing
        return []


RunArgument = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Id, prefix of an id, name, @latest or @latest~2.", autocompletion=complete_run),
]
RunsArgument = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="Ids, prefixes, names, @latest.", autocompletion=complete_run)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
FormatOption = Annotated[
    Format | None,
    typer.Option("--format", metavar="FORM", help="table, json, csv, md or parquet; else FILE's suffix decides."),
]
OutputOption = Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Agree; do not ask.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
