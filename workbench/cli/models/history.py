"""`workbench models history`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.clock import now_us
from workbench.base.errors import AliasNotFoundError, InputError
from workbench.base.moments import parse_period
from workbench.cli import console, emit, session
from workbench.cli.models.options import ModelArgument
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def history(
    model: ModelArgument,
    alias: Annotated[str | None, typer.Option("--alias", metavar="ALIAS", help="Only this one.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Only what each alias meant then.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Show which version each alias meant, and when.

    Newest first: since when, until when, who moved the alias there, how and why.

    DATE is a day (2026-11-03), a moment (2026-11-03 14:00, 2026-11-03T13:00Z) or an age (3d, 12h). A day is all of it:
    where an alias moved that day every version is listed, the last one first. Times without a zone are those of this
    machine, here and in the table; --json has UTC.

    Examples:
      workbench models history fraud
      workbench models history fraud --alias champion --as-of 2026-11-03
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    period = None if as_of is None else parse_period(as_of, now_us())
    if as_of is not None and period is None:
        raise InputError(f"{as_of!r} is no date", "a date is 2026-11-03, '2026-11-03 14:00', 2026-11-03T13:00Z or 3d")
    from workbench.output.model_table import term_table
    from workbench.registry.history import alias_terms, term_documents, terms_within
    from workbench.registry.references import resolve_model

    with session.reading() as db:
        found = resolve_model(db, model)
        known = alias_terms(db, found)
        terms = known if period is None else terms_within(db, found, *period)
    if alias is not None:
        if alias not in {term.alias for term in known}:
            raise AliasNotFoundError(
                f"{found.name} never had an alias {alias!r}", f"workbench models show {found.name}"
            )
        terms = [term for term in terms if term.alias == alias]
    documents = term_documents(terms[::-1])
    if form.name in ("table", "md"):
        emit.emit_rows(form, *term_table(documents))
    else:
        emit.emit_rows(form, list(documents[0]) if documents else ["alias"], [list(one.values()) for one in documents])
    if form.name == "table" and not documents:
        console.note(
            f"no alias of {found.name} pointed to a version then" if period else f"{found.name} has no aliases"
        )
