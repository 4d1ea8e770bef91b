"""Arguments and options that several commands about models share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.registry.records import Version


def complete_model(incomplete: str) -> list[str]:
    """Names of models that begin with what is typed, for the shell; nothing where that fails."""
    return _suggested(incomplete, versions=False)


def complete_version(incomplete: str) -> list[str]:
    """The same, with `NAME@ALIAS`, and after `NAME/` the numbers of its versions."""
    return _suggested(incomplete, versions=True)


def _suggested(incomplete: str, *, versions: bool) -> list[str]:
    try:
        from workbench.cli import session
        from workbench.registry.references import suggestions

        with session.store().reading(wait_s=0.2) as db:
            return suggestions(db, incomplete, versions=versions)
    except Exception:  # the shell shows nothing better than nothing
        return []


ModelArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="Name of a registered model.", autocompletion=complete_model)
]
VersionArgument = Annotated[
    str, typer.Argument(metavar="VERSION", help="NAME/3 or NAME@ALIAS.", autocompletion=complete_version)
]
EitherArgument = Annotated[
    str,
    typer.Argument(
        metavar="MODEL|VERSION", help="Name of a model, or NAME/3, NAME@ALIAS.", autocompletion=complete_version
    ),
]


def shown(version: Version) -> str:
    """`NAME/3`, as it is printed."""
    from workbench.output.cells import visible

    return f"{visible(version.name)}/{version.number}"
