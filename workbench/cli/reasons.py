"""Why somebody does something, for the record."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console

ReasonOption = Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")]
RequiredReasonOption = Annotated[
    str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why; asked for on a terminal.")
]


def required_reason(reason: str | None) -> str:
    """The reason that was given, or that the person at the terminal gives.

    Raises:
        InputError: there is none, and nobody to ask.
    """
    if reason is None and console.interactive():
        reason = console.ask("why?")
    if not (reason or "").strip():
        raise InputError("a reason is required", "--reason TEXT")
    return str(reason).strip()
