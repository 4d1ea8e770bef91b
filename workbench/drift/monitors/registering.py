"""Making a monitor: what it compares with is read once and stored, and never read again."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from workbench.base.clock import now_us
from workbench.base.errors import InputError, RefusedError, WorkbenchError
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project
from workbench.drift.baseline import Baseline, make_baseline
from workbench.drift.check import TableReference
from workbench.drift.monitors.monitor import KIND, ROWS, WHOLE, Monitor, find_monitor, monitor_id
from workbench.drift.monitors.roles import PREDICTION, roles_of
from workbench.drift.monitors.settings import DEFAULT_EVERY, Settings
from workbench.drift.monitors.source import log_of, path_of
from workbench.drift.options import KINDS
from workbench.drift.references import MODEL, Found, find_reference
from workbench.drift.source import Table, open_table
from workbench.drift.timeline import time_column
from workbench.registry.evidence import registered_evidence
from workbench.registry.references import resolve_version
from workbench.registry.signature import column_types
from workbench.store.blobs import BlobStore
from workbench.store.entities import latest_us, read_entities
from workbench.store.writing import project_journal

Reading = Callable[[], AbstractContextManager[Any]]
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
INPUTS = "inputs."


@dataclass(frozen=True)
class Registered:
    """What came of a registration.

    Attributes:
        monitor: as it is stored.
        notes: what is to be said of it.
        is_new: whether there was none of this name.
    """

    monitor: Monitor
    notes: tuple[str, ...]
    is_new: bool


def register(
    project: Project, reading: Reading, name: str, settings: Settings, who: str, *, again: bool = False
) -> Registered:
    """Store a monitor with what it compares with.

    Args:
        reading: visits the project's store.
        settings: paths of the source that are relative begin at the project's root.
        who: who does it.
        again: there is one of this name already, which gets these settings and a new baseline; its results stay.

    Raises:
        RefusedError: there is one, and `again` is not said.
        NotFoundError: the model, the reference or the source is not there.
        InputError: something cannot be read or understood.
        StoreError: it cannot be written.
    """
    if _NAME.fullmatch(name) is None:
        raise InputError(
            f"{name!r} is no name of a monitor", "letters, digits, dots, dashes and underscores, at most 64"
        )
    key = monitor_id(name)
    version = None
    inputs: tuple[str, ...] = ()
    with reading() as db:
        before = read_entities(db, KIND, [key]).get(key, {})
        is_new = not before or "removed_us" in before
        after_us = latest_us(db, KIND, key)
        if settings.model:
            version = resolve_version(db, settings.model)
            types = column_types(registered_evidence(db, version).get("signature"))
            inputs = tuple(one.removeprefix(INPUTS) for one in types if one.startswith(INPUTS))
    if not is_new and not again:
        raise RefusedError(f"there is a monitor {name}", f"workbench monitor add {name} --again registers it anew")
    found = _found(project, reading, settings)
    divided, time, notes = division(project, settings)
    baseline = _baseline(found, settings)
    _check_names(baseline, settings)
    blobs = BlobStore(project)
    sha256, _ = blobs.put_bytes(baseline.to_bytes())
    estimator, no_estimator = _estimator(found, settings, blobs)
    shown = f"{version.name}/{version.number}" if version is not None else ""
    moment_us = now_us()
    fields: dict[str, Any] = {
        "name": name,
        "settings": settings.as_document(),
        "reference": found.shown,
        "reference_rows": baseline.rows,
        "reference_digest": found.digest,
        "baseline": sha256,
        "estimator": estimator,
        "no_estimator": no_estimator or None,
        "version": version.id if version is not None else None,
        "version_shown": shown or None,
        "inputs": list(inputs) or None,
        "divided": divided,
        "time": time or None,
        "registered_us": moment_us,
        "created_us": moment_us if is_new else before.get("created_us", moment_us),
        "created_at": moment_us // 1000,
        "who": who,
        "problem": None,
        "removed_us": None,
    }
    with project_journal(project) as journal:
        journal.set_fields((KIND, key, fields), after_us=after_us)
    if no_estimator:
        notes = (*notes, f"performance is not estimated: {no_estimator}")
    with reading() as db:
        return Registered(find_monitor(db, name), notes, is_new)


def division(project: Project, settings: Settings) -> tuple[str, str, tuple[str, ...]]:
    """What a window of a source is, its column of times, and what is to be said of it.

    Raises:
        NotFoundError, InputError: the source is not there and would have to be looked at.
    """
    said = f"{ROWS}{settings.rows}" if settings.rows else WHOLE if settings.whole else settings.every
    try:
        if settings.deployment is not None or log_of(project, settings) is not None:
            log_of(project, settings)
            return said or DEFAULT_EVERY, "ts", ()
        table = open_table(path_of(project, settings.source), settings.source)
    except WorkbenchError as error:
        if settings.deployment is None and not said:
            raise
        return said or DEFAULT_EVERY, settings.time, (f"{error.message}; windows begin when there is",)
    if said and not settings.every:
        return said, _time(table, settings), ()
    if settings.every or settings.time:
        return settings.every or DEFAULT_EVERY, time_column(table, settings.time or None), ()
    time = _time(table, settings)
    return (DEFAULT_EVERY if time else WHOLE), time, ()


def _time(table: Table, settings: Settings) -> str:
    """The column of times, or "" where there is not exactly one."""
    if settings.time:
        return time_column(table, settings.time)
    try:
        return time_column(table, None)
    except InputError:
        return ""


def _found(project: Project, reading: Reading, settings: Settings) -> Found:
    text = settings.reference or (f"{MODEL}{settings.model}" if settings.model else "")
    if not text:
        raise InputError("a monitor needs something to compare with", "--reference FILE, or --model NAME@ALIAS")
    found = find_reference(text, project, reading)
    if isinstance(found.reference, str):
        raise InputError(
            f"a monitor compares with what is stored once, and {text} moves",
            "workbench drift check --reference previous compares windows with each other",
        )
    return found


def _baseline(found: Found, settings: Settings) -> Baseline:
    reference = found.reference
    if isinstance(reference, Baseline):
        return reference
    assert isinstance(reference, TableReference)
    options = replace(settings.options(), preset=None)
    return make_baseline(reference.table, options)


def _check_names(baseline: Baseline, settings: Settings) -> None:
    """Raises InputError where a column is named that the reference lacks."""
    named = [*settings.columns, *settings.kinds]
    named += [name for name in (*settings.tests, *settings.thresholds) if name and name not in KINDS]
    lacking = [name for name in named if name not in baseline.names]
    if lacking:
        raise InputError(
            f"the reference has no column {lacking[0]!r}", f"there are: {', '.join(baseline.names[:20]) or 'none'}"
        )
    if settings.min or settings.max:
        from workbench.drift.performance.metrics import BETTER

        for name in (*settings.min, *settings.max):
            if name not in BETTER:
                raise InputError(f"there is no metric {name!r}", f"one of: {', '.join(BETTER)}")


def _estimator(found: Found, settings: Settings, blobs: BlobStore) -> tuple[str | None, str]:
    """The stored estimator and why there is none; neither, where nobody asked for one."""
    if not settings.label:
        return None, ""
    if not isinstance(found.reference, TableReference):
        return None, "a stored baseline has no rows to learn from"
    from workbench.drift.performance.estimator import Estimator
    from workbench.drift.performance.measuring import rows_of

    table = found.reference.table
    if not settings.prediction and PREDICTION not in table.schema:
        return None, ""
    try:
        roles = roles_of(settings, list(table.schema), settings.label)
        frame = rows_of(table, roles, (), every=roles.score is None)
        ignore = [settings.time, *settings.ignore, *settings.key]
        estimator = Estimator.fit(frame, roles, settings.problem or None, ignore=ignore, name=found.shown)
    except InputError as error:
        return None, error.message
    return blobs.put_bytes(dumps(estimator.to_document()).encode())[0], ""
