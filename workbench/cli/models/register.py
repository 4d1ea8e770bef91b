"""`workbench models register`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.assignments import assignments
from workbench.cli.models.options import complete_model, shown
from workbench.cli.options import JsonOption, complete_run


def register(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN[:PATH]", help="A run, and which of its models if it has several.", autocompletion=complete_run
        ),
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The registered model; made where new.", autocompletion=complete_model)
    ],
    description: Annotated[
        str | None, typer.Option("-d", "--description", metavar="TEXT", help="What is to be said about this version.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("-t", "--tag", metavar="KEY=VALUE", help="A tag; may be repeated.")
    ] = None,
    alias: Annotated[
        str | None, typer.Option("--alias", metavar="ALIAS", help="Let an alias point to the version.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="A new version also where this model of the run has one.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Register a run's model as the next version.

    A model is a folder with an MLmodel file among the run's artifacts. The version keeps the digest of its files, its
    signature, and the run's metrics and data as they are now. The same model of a run is registered once: again, its
    version is printed.

    Examples:
      workbench models register brave-otter fraud
      workbench models register @latest:model fraud -d "new features" --alias new
    """
    tags = assignments(tag or [], "-t")
    from workbench.registry.overview import version_document
    from workbench.registry.registering import register_run

    with session.governing() as (db, ledger):
        made = register_run(db, ledger, run, name, description=description, tags=tags, alias=alias, again=again)
    if json:
        with session.reading() as db:
            emit.emit_document({**version_document(db, made.version), "new": made.is_new})
        return
    if made.is_new:
        console.out(f"registered {shown(made.version)}{', a new model' if made.is_new_model else ''}")
    else:
        console.out(shown(made.version))
        console.note("it was registered already; --again makes a new version")
    if alias is not None:
        console.out(f"{alias} points to {shown(made.version)}")
