"""What current data is compared with: files, a stored baseline, registered data, what a run or model was trained on."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError, NotFoundError, ProjectNotFoundError
from workbench.base.project import Project
from workbench.data.sources import is_remote
from workbench.drift.baseline import FORMAT, Baseline
from workbench.drift.check import Reference, TableReference
from workbench.drift.source import Table, open_table
from workbench.drift.windows import LAST_YEAR, PREVIOUS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.records import Version

RUN, MODEL = "run:", "model:"
TRAINING = ("train", "training")
"""What the context of a run's dataset is called, or its name, where it is what the model was trained on."""

Reading = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Found:
    """What a reference names.

    Attributes:
        reference: what to compare with; a string for `previous` and `last-year`, which windows know.
        shown: what people call it.
        version: the id of the model's version whose training data it is.
        digest: of the data, where it is recorded.
    """

    reference: Reference | str
    shown: str
    version: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Located:
    """Where data is: a path, what people call it, its digest, and the version of a model that was trained on it."""

    path: str
    shown: str
    digest: str | None = None
    version: str | None = None


def find_reference(text: str, project: Project | None, reading: Reading) -> Found:
    """What `--reference` names.

    Args:
        text: a file, folder or pattern; a stored baseline; `previous`, `last-year`; `NAME@v3`; `run:RUN` and
            `model:NAME@ALIAS`, whose recorded training data it is, with `#NAME` where there are several.
        project: needed for all but files.
        reading: visits the project's store.

    Raises:
        NotFoundError: there is no such thing.
        InputError: it cannot be read, has changed since it was recorded, or is not told from others.
    """
    if text in (PREVIOUS, LAST_YEAR):
        return Found(text, {PREVIOUS: "the window before", LAST_YEAR: "a year before"}[text])
    located = locate(text, project, reading)
    if _is_baseline(located.path):
        with open(located.path, "rb") as file:
            return Found(Baseline.from_bytes(file.read()), located.shown, located.version, located.digest)
    table = open_table(located.path, located.shown)
    table = Table(table.frame, located.shown, table.notes, located.digest)
    return Found(TableReference(table), located.shown, located.version, located.digest)


def find_current(text: str, project: Project | None, reading: Reading) -> Table:
    """What `--current` names: as `find_reference`, but no baseline and no window.

    Raises: as `find_reference`.
    """
    located = locate(text, project, reading)
    if _is_baseline(located.path):
        raise InputError(f"{located.shown} is a stored baseline, which has no rows", "it can be the --reference")
    table = open_table(located.path, located.shown)
    return Table(table.frame, located.shown, table.notes, located.digest)


def locate(text: str, project: Project | None, reading: Reading) -> Located:
    """Where the data that a text names is.

    Raises: as `find_reference`.
    """
    if not text.startswith((RUN, MODEL)) and (is_remote(text) or os.path.exists(text) or set("*?[") & set(text)):
        return Located(text, text)
    if project is None:
        if text.startswith((RUN, MODEL)):
            raise ProjectNotFoundError(f"{text} needs a project", "workbench init")
        raise NotFoundError(f"there is no file {text}", "check the path; names of datasets need a project")
    from workbench.data.materialising import data_path  # files alone need no store
    from workbench.data.references import resolve_data

    named, _, dataset = text.partition("#")
    with reading() as db:
        if text.startswith(RUN):
            return _of_run(db, project, named.removeprefix(RUN), dataset, text, None)
        if text.startswith(MODEL):
            version = _version(db, named.removeprefix(MODEL))
            if not version.run:
                raise NotFoundError(
                    f"nothing says which run made {version.name}/{version.number}", "compare with a file or NAME@v3"
                )
            return _of_run(db, project, version.run, dataset, text, version.id)
        try:
            found = resolve_data(db, text)
        except NotFoundError as error:
            if "@" in text:
                raise
            raise NotFoundError(f"there is no file {text}, and no dataset is called so", error.hint) from None
    return Located(data_path(project, found), found.reference, found.digest)


def training_data(datasets: list[dict[str, Any]], name: str, of: str) -> dict[str, Any]:
    """The dataset of a run that its model was trained on: the one that is named, or is called so, or is the only one.

    Raises:
        NotFoundError: the run recorded none, or none of this name.
        InputError: there are several and none is called training data.
    """
    if not datasets:
        raise NotFoundError(f"{of} recorded no data", "run.log_dataset(PATH) in the training script records it")
    names = ", ".join(str(one["name"]) for one in datasets)
    if name:
        chosen = [one for one in datasets if one["name"] == name]
        if not chosen:
            raise NotFoundError(f"{of} recorded no data called {name}", f"it recorded: {names}")
        return chosen[0]
    for field in ("context", "name"):
        chosen = [one for one in datasets if str(one.get(field) or "").lower() in TRAINING]
        if len(chosen) == 1:
            return chosen[0]
    if len(datasets) > 1:
        raise InputError(f"{of} recorded several data sets: {names}", f"name one: {of}#{datasets[0]['name']}")
    return datasets[0]


def _of_run(db: Connection, project: Project, run: str, dataset: str, shown: str, version: str | None) -> Located:
    from workbench.data.datasets import read_content
    from workbench.data.materialising import data_path
    from workbench.data.references import resolve_data
    from workbench.store.dataset_versions import registered_as
    from workbench.store.documents import run_documents
    from workbench.store.references import resolve_run

    uid = resolve_run(db, run, deleted=True)
    recorded = training_data(run_documents(db, [uid])[0]["datasets"], dataset, shown.partition("#")[0])
    digest, path = str(recorded["digest"] or ""), str(recorded["path"] or "")
    place = os.path.join(project.root, path)
    try:
        unchanged = bool(path) and read_content(project, place).digest == digest
    except InputError:
        unchanged = False
    if not unchanged:
        for name in registered_as(db, [digest]).get(digest, []):
            place = data_path(project, resolve_data(db, name))
            break
        else:
            raise NotFoundError(
                f"the data that {shown} recorded is not at {path or 'any path'} any more, or has changed",
                f"workbench data add PATH NAME --copy keeps data; it had {digest[:19]}…",
            )
    return Located(place, f"{shown} ({recorded['name']})", digest, version)


def _version(db: Connection, reference: str) -> Version:
    from workbench.registry.references import resolve_version

    return resolve_version(db, reference)


def _is_baseline(path: str) -> bool:
    if not path.endswith(".json") or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        return FORMAT.encode() in file.read(100)
