"""Which runs an export is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import NotFoundError
from workbench.cli import session
from workbench.cli.options import complete_run

if TYPE_CHECKING:
    from workbench.store.store import Store

SomeRunsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RUN]...", help="Ids, prefixes, names, @latest; all where left out.", autocompletion=complete_run
    ),
]
ExperimentsOption = Annotated[
    list[str] | None,
    typer.Option("-e", "--experiment", metavar="NAME", help="Only this experiment; may be given several times."),
]


def chosen_ids(store: Store, references: Sequence[str], experiments: Sequence[str]) -> list[str]:
    """The ids of runs that are named, or of all that are not in the trash, oldest first.

    Raises:
        RunNotFoundError, AmbiguousNameError: a reference names no run, or several.
        NotFoundError: there is no run in one of the experiments.
    """
    from workbench.interop.selection import run_ids_of
    from workbench.store.runs import resolve_runs

    with session.reading(store) as db:
        if references:
            return resolve_runs(db, references)
        found, missing = run_ids_of(db, experiments)
    if missing:
        raise NotFoundError(f"there is no run in the experiment {missing[0]}", "workbench runs list")
    return found
