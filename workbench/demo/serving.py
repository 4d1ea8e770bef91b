"""The demo's last step: its best model in an image, asked once over HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.errors import WorkbenchError
from workbench.base.project import Project
from workbench.demo.training import RunView
from workbench.packaging.base import default_reference
from workbench.packaging.build import Built
from workbench.packaging.delivery import package
from workbench.packaging.engine import Engine, connect
from workbench.packaging.example import example_request
from workbench.packaging.plan import Options
from workbench.packaging.running import Options as RunOptions
from workbench.packaging.running import run, stop
from workbench.packaging.source import find_source
from workbench.registry.registering import register_run
from workbench.registry.writing import open_ledger
from workbench.store.visit import visit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.ledger import Ledger

NAME = "workbench-demo"
"""Of the registered model, and of the deployment while it lasts."""
ALIAS = "champion"
ASK_S = 30.0
Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Served:
    """What came of it.

    Attributes:
        version: of the model, as it is named.
        built: the image.
        url: where it answered; nothing runs there any more.
        prediction: for one row.
    """

    version: str
    built: Built
    url: str
    prediction: object


def serve_best(project: Project, best: RunView, base_image: str | None, say: Say) -> Served | str:
    """Register the best model, build its image, run it, ask it once, and stop it again.

    Args:
        base_image: None is the official one, if it is here: the demo fetches none.
        say: told what is done.

    Returns:
        What came of it, or a sentence that says what is missing to do it.
    """
    try:
        engine = connect()
    except WorkbenchError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message
    try:
        return _serve(engine, project, best, base_image, say)
    except WorkbenchError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message
    finally:
        engine.close()


def _serve(engine: Engine, project: Project, best: RunView, base_image: str | None, say: Say) -> Served | str:
    @contextmanager
    def governing() -> Iterator[tuple[Connection, Ledger]]:
        with open_ledger(project) as ledger, visit(project) as db:
            yield db, ledger

    with governing() as (db, ledger):
        made = register_run(db, ledger, str(best.run_id), NAME, alias=ALIAS)
    with visit(project) as db:
        source = find_source(db, project, f"{NAME}/{made.version.number}")
    reference = base_image or default_reference(source.python or "3.11")
    if engine.image(reference) is None:
        return f"there is no base image {reference} here; docker pull {reference}, or --base-image NAME"
    done = package(engine, project, source, Options(base=reference), governing, say)
    outcome = run(engine, project, governing, done.built.tag, RunOptions(name=NAME), say)
    try:
        with governing() as (db, _):
            body = example_request(db, project, done.image)
        prediction = _ask(outcome.url, body) if body else None
    finally:
        stop(engine, project, governing, NAME, remove=True, reason="the demo is over")
    return Served(source.shown, done.built, outcome.url, prediction)


def _ask(url: str, body: str) -> Any:
    """What a server predicts."""
    request = urllib.request.Request(f"{url}/invocations", body.encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=ASK_S) as answer:
        return json.load(answer)["predictions"]
