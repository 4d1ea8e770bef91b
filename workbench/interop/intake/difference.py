"""What an incoming run says that the store does not know yet, as events.

A fact that was changed here since it was imported stays as it is here: an import only replaces what an import said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from workbench.base.jsonvalue import dumps, loads
from workbench.interop.intake.known import Fact, KnownRun, same_json
from workbench.interop.intake.records import IncomingRun, Point, Tally

Event = dict[str, object]

START_FIELDS = ("experiment", "name", "parent", "user", "host", "command", "cwd", "python")
"""Fields that the `start` event carries."""


def start_events(run: IncomingRun) -> list[Event]:
    """The events of a run that the store does not have, without its files, points and output."""
    t = run.started_us
    start: Event = {"e": "start", **{name: run.fields.get(name) for name in START_FIELDS}, "resumed": False, "t": t}
    sets = {name: value for name, value in run.fields.items() if name not in START_FIELDS and value is not None}
    events = [start, *(_set(name, value, t) for name, value in sorted(sets.items()))]
    events += [{"e": "param", "name": name, "value": value, "t": t} for name, value in run.params.items()]
    events += [{"e": "tag", "name": name, "value": value, "t": t} for name, value in run.tags.items()]
    events += [{"e": "cap", "name": name, "value": value, "t": t} for name, value in run.captures.items()]
    events += [{**body, "e": "data", "id": item, "t": t} for item, body in run.datasets.items()]
    if run.end is not None:
        events.append(_set("end", run.end, _end_t(run)))
    return events


def count_facts(run: IncomingRun, tally: Tally) -> None:
    """Count the parameters and tags of a new run."""
    tally.params += len(run.params)
    tally.tags += len(run.tags)


def changes(run: IncomingRun, known: KnownRun, tally: Tally) -> list[Event]:
    """The events that bring a run of the store up to date, without its files, points and output."""
    t = run.started_us
    events: list[Event] = []

    def compare(facts: Mapping[str, Fact], name: str, same: bool, event: Event) -> bool:
        before = facts.get(name)
        if before is not None and (same or not before.imported):
            tally.kept += not same
            return False
        events.append({**event, "t": t if before is None else max(t, before.t + 1)})
        return True

    for name, value in run.fields.items():
        before = known.fields.get(name)
        if value is None or (before is None and value in (False, "")):
            continue
        compare(known.fields, name, before is not None and _same_field(before.value, value), _set(name, value, t))
    for name, value in run.params.items():
        found = known.params.get(name)
        event = {"e": "param", "name": name, "value": value}
        tally.params += compare(known.params, name, found is not None and same_json(found.value, value), event)
    for name, text in run.tags.items():
        found = known.tags.get(name)
        same = found is not None and found.value == text
        tally.tags += compare(known.tags, name, same, {"e": "tag", "name": name, "value": text})
    for name, fact in known.tags.items():
        if name not in run.tags and fact.imported and fact.value is not None:
            compare(known.tags, name, False, {"e": "tag", "name": name, "value": None})
    for name, value in run.captures.items():
        found = known.captures.get(name)
        same = found is not None and same_json(found.value, value)
        compare(known.captures, name, same, {"e": "cap", "name": name, "value": value})
    events += [
        {**body, "e": "data", "id": item, "t": t} for item, body in run.datasets.items() if item not in known.datasets
    ]
    events += _end_changes(run, known, tally)
    return events


def new_points(source: Sequence[Point], present: Sequence[Point]) -> list[Point]:
    """The points of a metric that the store does not have: both may have a point more than once."""
    left = Counter(present)
    fresh = []
    for point in source:
        if left[point] > 0:
            left[point] -= 1
        else:
            fresh.append(point)
    return fresh


def _end_changes(run: IncomingRun, known: KnownRun, tally: Tally) -> list[Event]:
    before = known.fields.get("end")
    last_start = known.fields.get("last_start")
    started_us = int(last_start.value or 0) if last_start is not None else run.started_us
    before_us = _time(before)
    ended = before is not None and before_us >= started_us
    if run.end is None:
        if not ended or before is None or not before.imported:
            return []
        # It goes on at its source: a start that is later than the end, and leaves everything else as it is.
        return [{"e": "start", **dict.fromkeys(START_FIELDS), "resumed": True, "t": before_us + 1}]
    if ended and before is not None:
        present = {name: value for name, value in _document(before.value).items() if name != "t"}
        if present == {name: value for name, value in run.end.items() if name != "t"}:
            return []
        if not before.imported:
            tally.kept += 1
            return []
    end = {**run.end, "t": max(_end_t(run), started_us)}
    return [_set("end", end, max(_end_t(run), (before.t if before is not None else 0) + 1))]


def _time(end: Fact | None) -> int:
    t = _document(end.value).get("t") if end is not None else None
    return t if isinstance(t, int) else 0


def _end_t(run: IncomingRun) -> int:
    assert run.end is not None
    t = run.end["t"]
    assert isinstance(t, int)
    return t


def _set(name: str, value: object, t: int) -> Event:
    return {"e": "set", "field": name, "value": value, "t": t}


def _same_field(text: str | None, value: object) -> bool:
    if isinstance(value, str):
        return text == value
    return text == dumps(value) or (
        text is not None and not isinstance(value, bool) and _document_or_text(text) == value
    )


def _document_or_text(text: str) -> object:
    try:
        return loads(text)
    except ValueError:
        return text


def _document(text: str | None) -> dict[str, object]:
    value = _document_or_text(text or "{}")
    return value if isinstance(value, dict) else {}
