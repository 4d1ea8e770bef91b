"""`workbench audit log`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.clock import now_us
from workbench.base.errors import InputError
from workbench.base.moments import parse_period
from workbench.cli import console, emit, session
from workbench.cli.models.options import complete_model
from workbench.cli.options import FormatOption, JsonOption, OutputOption

if TYPE_CHECKING:
    from workbench.registry.audit import LogQuery

TABLE_ROWS = 50
"""Rows of a table where -n does not say: a table is for looking at."""


def log(
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="Only this model, or NAME/3.", autocompletion=complete_model),
    ] = None,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Only what this person did.")] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="ACTION", help="Only this: register, approve, alias, …")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="Not what was done before.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Not what was done after.")] = None,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", metavar="N", help="At most N events, 0 for all. A table shows 50.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List what was done with models, newest first.

    --json has everything that was recorded: the evidence of a decision (files, metrics, data and gates as they were),
    each field that changed, and the hash and the key of the event.

    DATE is a day (2026-11-03), which is all of it, a moment (2026-11-03 14:00, 2026-11-03T13:00Z) or an age (3d, 12h).
    Times without a zone are those of this machine, here and in the table; --json has UTC.

    Examples:
      workbench audit log --model fraud
      workbench audit log --action approve --since 7d
      workbench audit log --model fraud/3 --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if limit is not None and limit < 0:
        raise InputError("-n is the number of events to list", "-n 0 lists all")
    from workbench.output.audit_table import COLUMNS, audit_rows
    from workbench.registry.audit import read_log

    query = _query(model, who, action, since, until, limit, is_table=form.name == "table")
    with session.reading() as db:
        documents = read_log(db, query)
    if form.name in ("table", "md"):
        emit.emit_rows(form, [column.name for column in COLUMNS], audit_rows(documents), COLUMNS)
    elif form.name == "json":
        emit.emit_document(documents, form.path)
    else:
        names = list(documents[0]) if documents else ["time"]
        emit.emit_rows(form, names, [list(document.values()) for document in documents])
    if form.name == "table" and len(documents) == query.limit:
        console.note(f"the newest {len(documents)} events; -n 0 lists all")
    elif form.name == "table" and not documents:
        console.note(
            "nothing was done that fits" if any((model, who, action, since, until)) else "nothing was done yet"
        )


def _query(
    model: str | None,
    who: str | None,
    action: str | None,
    since: str | None,
    until: str | None,
    limit: int | None,
    *,
    is_table: bool,
) -> LogQuery:
    from workbench.registry.audit import LogQuery

    name, slash, number = (model or "").removeprefix("models:/").rpartition("/")
    is_version = bool(slash) and number.isdigit()
    begin, end = _period(since), _period(until)
    return LogQuery(
        model=name if is_version else (model or "").removeprefix("models:/") or None,
        version=int(number) if is_version else None,
        who=who,
        action=action,
        since_us=begin[0] if begin else None,
        until_us=end[1] if end else None,
        limit=(TABLE_ROWS if limit is None and is_table else limit) or None,
    )


def _period(text: str | None) -> tuple[int, int] | None:
    period = None if text is None else parse_period(text, now_us())
    if text is not None and period is None:
        raise InputError(f"{text!r} is no date", "a date is 2026-11-03, '2026-11-03 14:00', 2026-11-03T13:00Z or 3d")
    return period
