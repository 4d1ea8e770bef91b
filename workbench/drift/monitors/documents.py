"""Monitors and results as JSON: what `--json` prints and what views draw."""

from __future__ import annotations

from typing import Any

from workbench.base.clock import iso_utc
from workbench.drift.monitors.alerts import Alert
from workbench.drift.monitors.decisions import Handling, HookRun
from workbench.drift.monitors.overview import MonitorState
from workbench.drift.monitors.results import Heat, Result
from workbench.drift.monitors.running import Outcome
from workbench.drift.words import Document


def state_document(state: MonitorState) -> Document:
    """A monitor as it is now, with its settings and its newest window."""
    monitor = state.monitor
    return {
        "name": monitor.name,
        "state": state.state,
        "model": monitor.settings.model or None,
        "version": monitor.version_shown or None,
        "source": monitor.settings.source,
        "divided": monitor.divided,
        "reference": {
            "name": monitor.reference.shown,
            "rows": monitor.reference.rows,
            "digest": monitor.reference.digest,
            "baseline": monitor.reference.baseline,
            "estimator": monitor.reference.estimator,
        },
        "registered_at": iso_utc(monitor.registered_us),
        "who": monitor.who,
        "alert": alert_document(state.alert, state.handling, state.last) if state.alert else None,
        "mute": None
        if state.mute is None
        else {
            "who": state.mute.who,
            "reason": state.mute.reason,
            "at": iso_utc(state.mute.at_us),
            "until": _time(state.mute.until_us),
        },
        "problem": monitor.problem and {"message": monitor.problem.message, "at": iso_utc(monitor.problem.at_us)},
        "next_due_at": _time(state.next_due_us),
        "is_due": state.is_due,
        "last": result_document(state.last) if state.last else None,
        "recent": list(state.recent),
        "settings": monitor.settings.as_document(),
    }


def alert_document(alert: Alert, handled: Handling, last: Result | None) -> Document:
    """An alert, and what was done about it."""
    seen = handled.acknowledged
    return {
        "raised_at": iso_utc(alert.raised_us),
        "windows": alert.windows,
        "cleared_at": _time(alert.cleared_us),
        "columns": list(last.drifted_columns) if last else [],
        "acknowledged": seen and {"who": seen.who, "reason": seen.reason, "at": iso_utc(seen.at_us)},
        "hooks": [hook_document(one) for one in handled.hooks],
    }


def hook_document(ran: HookRun) -> Document:
    """What became of the command of an alert."""
    return {
        "state": ran.state,
        "at": iso_utc(ran.at_us),
        "outcome": ran.outcome,
        "detail": ran.detail,
        "duration_s": ran.duration_s,
    }


def result_document(result: Result) -> Document:
    """A result without its columns and metrics."""
    return {
        "id": result.id,
        "window": result.window,
        "start": _time(result.start_us),
        "end": _time(result.end_us),
        "end_s": None if result.end_us is None else result.end_us / 1_000_000,
        "rows": result.rows,
        "verdict": result.verdict,
        "reasons": list(result.reasons),
        "drifted_columns": list(result.drifted_columns),
        "warned_columns": list(result.warned_columns),
        "counts": dict(result.counts),
        "performance_verdict": result.performance,
        "coverage": result.coverage,
        "refused": result.refused,
        "unreadable": result.unreadable,
        "alert": result.alert or None,
        "baseline": result.baseline,
        "created_at": iso_utc(result.created_us),
        "notes": list(result.notes),
    }


def outcome_document(outcome: Outcome) -> Document:
    """What a run of one monitor did."""
    return {
        "monitor": outcome.monitor.name,
        "results": [result_document(one) for one in outcome.results],
        "newest": result_document(outcome.newest) if outcome.newest else None,
        "hooks": [hook_document(one) for one in outcome.hooks],
        "more": outcome.more,
        "error": outcome.error and outcome.error.message,
        "notes": list(outcome.notes),
    }


def heat_document(heat: Heat) -> Document:
    """Verdicts of columns over windows."""
    return {"windows": list(heat.windows), "columns": {name: list(row) for name, row in heat.columns.items()}}


def _time(time_us: int | None) -> Any:
    return None if time_us is None else iso_utc(time_us)
