"""What is known of a run that exists already, read from its journals: to resume it, or to attach to it."""

from __future__ import annotations

import os

from workbench.base.ids import is_run_id
from workbench.journal.layout import journals_of, live_dir, parse_name, sealed_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workbench.base.project import Project

SYSTEM_PREFIX = "system/"
MIN_PREFIX = 4


class PastRun:
    """A run as its journals tell it.

    Attributes:
        run_id: its id.
        name, experiment, parent_id: as last written there; None where they say nothing.
        next_step: one more than the greatest step of a metric that the training logged.
        next_system_step: the same of system metrics.
    """

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.name: str | None = None
        self.experiment: str | None = None
        self.parent_id: str | None = None
        self.next_step = 0
        self.next_system_step = 0


def resolve_run_id(project: Project, reference: str) -> str:
    """The run that `reference` names: an id, a unique prefix, a unique name or `@latest`.

    Ids and prefixes are answered from the names of the journals; only the rest asks the store.

    Raises:
        RunNotFoundError, AmbiguousNameError: nothing, or more than one run, has this name.
        StoreError: the store cannot be asked.
    """
    if is_run_id(reference) and journals_of(project.journal_dir, reference):
        return reference
    prefix = reference.lower()
    if len(prefix) >= MIN_PREFIX and not _is_packed(project):
        found = {run_id for run_id in _run_ids(project) if run_id.startswith(prefix)}
        if len(found) == 1:
            return found.pop()
    from workbench.store.runs import resolve_run
    from workbench.store.visit import visit

    with visit(project) as db:
        return resolve_run(db, reference)


def read_past_run(project: Project, run_id: str) -> PastRun:
    """What the journals of `run_id` say of it.

    Raises:
        RunNotFoundError: there is no such run here.
    """
    from workbench.journal.reader import read_journal

    paths = journals_of(project.journal_dir, run_id)
    if not paths:
        return _read_packed(project, run_id)
    past = PastRun(run_id)
    edits: list[tuple[int, str, object]] = []
    for path in paths:
        contents = read_journal(path)
        for event in contents.events:
            time_us = event["t"]
            assert isinstance(time_us, int)
            if event["e"] == "start":
                edits += [(time_us, field, event.get(field)) for field in ("name", "experiment", "parent")]
            elif event["e"] == "set":
                edits.append((time_us, str(event["field"]), event["value"]))
        for name, step, _, _ in contents.metrics:
            if name.startswith(SYSTEM_PREFIX):
                past.next_system_step = max(past.next_system_step, step + 1)
            else:
                past.next_step = max(past.next_step, step + 1)
    said = {field: str(value) for _, field, value in sorted(edits, key=lambda edit: edit[0]) if value is not None}
    past.name, past.experiment, past.parent_id = said.get("name"), said.get("experiment"), said.get("parent")
    return past


def _read_packed(project: Project, run_id: str) -> PastRun:
    """The same for a run whose journals were packed away: from the store."""
    from workbench.store.metrics import summaries
    from workbench.store.runs import run_documents
    from workbench.store.visit import visit

    with visit(project) as db:
        [document] = run_documents(db, [run_id])
        metrics = summaries(db, run_id)
    past = PastRun(run_id)
    for metric in metrics:
        if metric.name.startswith(SYSTEM_PREFIX):
            past.next_system_step = max(past.next_system_step, metric.last_step + 1)
        else:
            past.next_step = max(past.next_step, metric.last_step + 1)
    past.name, past.experiment, past.parent_id = document["name"], document["experiment"], document["parent_run_id"]
    return past


def _run_ids(project: Project) -> set[str]:
    found = set()
    for folder in (live_dir(project.journal_dir), sealed_dir(project.journal_dir)):
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            continue
        for name in names:
            parsed = parse_name(name)
            if parsed is not None and parsed[0] is not None:
                found.add(parsed[0])
    return found


def _is_packed(project: Project) -> bool:
    try:
        return bool(os.listdir(project.segment_dir))
    except FileNotFoundError:
        return False
