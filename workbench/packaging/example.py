"""A request that a model answers, for people who want to try it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from workbench.base.errors import WorkbenchError
from workbench.base.project import Project
from workbench.packaging.images import Image
from workbench.packaging.source import find_source, read_file

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

FILE = "serving_input_example.json"
MOST_CHARACTERS = 600


def example_request(db: Connection, project: Project, image: Image) -> str | None:
    """The body of a request with the first row of a model's input example; None where it has none, or a long one."""
    if image.number is None:
        return None
    try:
        text = read_file(project, find_source(db, project, f"{image.model}/{image.number}"), FILE)
        body = json.dumps(_first_row(json.loads(text))) if text else None
    except (WorkbenchError, ValueError):
        return None
    return body if body and len(body) <= MOST_CHARACTERS else None


def curl(url: str, body: str | None, *, token_file: str = "") -> str:
    """A command that asks a server to predict, or what it can do."""
    token = f' -H "Authorization: Bearer $(cat {token_file})"' if token_file else ""
    if body is None:
        return f"curl{token} {url}/openapi.json"
    quoted = body.replace("'", "'\\''")
    return f"curl{token} {url}/invocations -H 'Content-Type: application/json' -d '{quoted}'"


def _first_row(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    split = document.get("dataframe_split")
    if isinstance(split, dict) and isinstance(split.get("data"), list):
        return {"dataframe_split": {"columns": split.get("columns"), "data": split["data"][:1]}}
    return {key: value[:1] if isinstance(value, list) and value else value for key, value in document.items()}
