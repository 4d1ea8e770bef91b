"""A user's own SQL over the views of the store: one statement that reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb

from workbench.base.errors import FilterError, InputError
from workbench.store.store import Store
from workbench.store.visit import reading_anyhow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_READING = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
_CARET = re.compile(r"^LINE (\d+): (.*)\n( *)\^", re.MULTILINE)
_SUGGESTION = re.compile(r"^(?:Did you mean|Candidate bindings:?) *(.*)$", re.MULTILINE)
_KIND = re.compile(r"^[A-Za-z ]+ Error: ")


def ask(store: Store, text: str, limit: int | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The column names and rows that a user's SELECT gives.

    The question goes over a connection of its own, which is shut off from files and settings for good.

    Raises:
        InputError, FilterError: as `query`.
        StoreError: the store cannot be read.
    """
    asked = Store(store.project, read_only=store.read_only)
    try:
        with reading_anyhow(asked) as db:
            asked.sandboxed(db)
            names, _, rows = query(db, text, limit)
    finally:
        store.notices += [notice for notice in asked.notices if notice not in store.notices]
    return names, rows


def query(db: Connection, text: str, limit: int | None = None) -> tuple[list[str], list[str], list[tuple[Any, ...]]]:
    """Column names, their DuckDB types, and rows, in a transaction that cannot write.

    Args:
        limit: fetch at most this many rows.

    Raises:
        InputError: it is not one statement that reads, or it cannot be carried out.
        FilterError: the same, where DuckDB says at which place in the text.
    """
    validate_select(db, text)
    # The kind of a statement does not tell all: EXPLAIN ANALYZE carries out what it explains.
    db.execute("BEGIN TRANSACTION READ ONLY")
    try:
        cursor = db.execute(text)
        description = cursor.description or []
        rows: list[tuple[Any, ...]] = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise _explained(error, text) from None
    finally:
        db.execute("ROLLBACK")
    return [column[0] for column in description], [str(column[1]) for column in description], rows


def validate_select(db: Connection, text: str) -> None:
    """Refuse what is not exactly one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN.

    Raises:
        InputError: it is something else, several statements, or nothing.
        FilterError: it is no SQL.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"the query is not valid UTF-8 at character {error.start + 1}", "remove it") from None
    try:
        statements = db.extract_statements(text)
    except duckdb.Error as error:
        raise _explained(error, text) from None
    if not statements:
        raise InputError("the query is empty", 'workbench sql "SELECT name, status FROM runs"')
    if len(statements) > 1:
        raise InputError(f"these are {len(statements)} statements", "ask one at a time")
    if statements[0].type not in _READING:
        kind = str(statements[0].type).rpartition(".")[2]
        raise InputError(
            f"{kind} is not allowed: the store is only read here",
            "SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN are",
        )


def _explained(error: Exception, text: str) -> InputError | FilterError:
    said = str(error)
    message = _KIND.sub("", said.splitlines()[0]) if said else type(error).__name__
    suggestion = _SUGGESTION.search(said)
    hint = f"did you mean {suggestion[1].rstrip('?')}?" if suggestion and suggestion[1] else None
    position = _position(said, text)
    if position is None:
        return InputError(message, hint)
    return FilterError(message, text=text, position=position, hint=hint)


def _position(said: str, text: str) -> int | None:
    """Where in the text DuckDB's caret points; None where it does not tell."""
    caret = _CARET.search(said)
    if caret is None:
        return None
    lines = text.split("\n")
    number = int(caret[1]) - 1
    shown = caret[2].strip(".")  # a long line is shown in part, between dots
    if number >= len(lines):
        return None
    begin = lines[number].find(shown)
    column = begin + len(caret[3]) - len(f"LINE {caret[1]}: ") - (caret[2].find(shown) if begin >= 0 else 0)
    if begin < 0 or not 0 <= column <= len(lines[number]):
        return None
    return sum(len(line) + 1 for line in lines[:number]) + column
