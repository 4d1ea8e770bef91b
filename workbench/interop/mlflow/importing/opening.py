"""From what a person writes to the source that is meant."""

from __future__ import annotations

import os
from urllib.parse import unquote, urlsplit

from workbench.base.errors import InputError
from workbench.interop.mlflow.importing.places import is_sqlite_file
from workbench.interop.mlflow.importing.records import MlflowSource, Opening
from workbench.interop.mlflow.importing.sqlite import SqliteSource

_HINT = "an mlruns folder, sqlite:///mlflow.db, or http://127.0.0.1:5000"


def opening_of(text: str, *, artifacts: bool = True) -> Opening:
    """How to open the source that `text` names.

    Raises:
        InputError: it names none.
    """
    scheme = urlsplit(text).scheme.lower() if "://" in text else ""
    if scheme == "sqlite":
        path = text.partition("://")[2].partition("?")[0]
        if not path.startswith("/") or path == "/":
            raise InputError(f"{text} names no file", "sqlite:///relative/path.db or sqlite:////absolute/path.db")
        return Opening("sqlite", path[1:], artifacts)
    if scheme in ("http", "https"):
        return Opening("server", text.rstrip("/"), artifacts)
    if scheme == "file":
        return Opening("files", unquote(urlsplit(text).path), artifacts)
    if scheme:
        database = scheme.partition("+")[0] in ("postgresql", "mysql", "mssql")
        hint = "start a server on it and import from that: mlflow server --backend-store-uri URI" if database else _HINT
        raise InputError(f"cannot import from {scheme}://", hint)
    if not text.strip():
        raise InputError("the source is empty", _HINT)
    if os.path.isfile(text):
        if not is_sqlite_file(text):
            raise InputError(f"{text} is neither a folder nor a SQLite database", _HINT)
        return Opening("sqlite", text, artifacts)
    return Opening("files", text, artifacts)


def open_source(opening: Opening) -> MlflowSource:
    """Open a source.

    Raises:
        InputError: it is missing, or nothing of MLflow's.
        ToolError: a server does not answer.
    """
    if opening.kind == "sqlite":
        return SqliteSource(opening)
    if opening.kind == "server":
        from workbench.interop.mlflow.importing.server import ServerSource

        return ServerSource(opening)
    from workbench.interop.mlflow.importing.files import FileSource

    return FileSource(opening)
