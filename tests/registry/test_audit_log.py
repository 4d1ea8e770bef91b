"""The log lists what was done, newest first, and finds it by model, version, person, action and time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry
from workbench.base.project import Project
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.audit import ACTIONS, LogQuery, read_log
from workbench.registry.signing import create_key


@pytest.fixture
def log(project: Project, clock: FakeClock) -> Registry:
    """What ana and ben did, a second apart."""
    ana, ben = Registry(project, "ana"), Registry(project, "ben")
    for who, action, arguments in (
        (ana, models.register, ("fraud",)),
        (ana, models.register, ("churn",)),
        (ana, lambda db, ledger: versions.register(db, ledger, "fraud", source=None), ()),
        (ana, approvals.request, ("fraud", 1, "please")),
        (ben, approvals.approve, ("fraud", 1, "good")),
        (ben, aliases.point, ("fraud", "champion", 1)),
    ):
        who.do(action, *arguments)
        clock.advance(1)
    ben.close()
    return ana


def short(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(event["who"], event["action"]) for event in events]


def test_everything_is_listed_newest_first(log: Registry) -> None:
    events = log.ask(read_log)
    assert short(events) == [
        ("ben", "alias"),
        ("ben", "approve"),
        ("ana", "request"),
        ("ana", "register"),
        ("ana", "create"),
        ("ana", "create"),
    ]
    assert {event["action"] for event in events} <= set(ACTIONS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (LogQuery(model="churn"), ["create"]),
        (LogQuery(model="fraud", version=1, who="ben"), ["alias", "approve"]),
        (LogQuery(action="approve"), ["approve"]),
        (LogQuery(who="ana", limit=2), ["request", "register"]),
        (LogQuery(since_us=START_US + 4_000_000), ["alias", "approve"]),
        (LogQuery(until_us=START_US + 1_000_000), ["create"]),
        (LogQuery(since_us=START_US + 1, until_us=START_US + 2_000_000), ["create"]),
        (LogQuery(model="none"), []),
        (LogQuery(limit=0), []),
    ],
)
def test_events_are_found_by_what_is_known_of_them(log: Registry, query: LogQuery, expected: list[str]) -> None:
    assert [event["action"] for event in log.ask(read_log, query)] == expected


def test_an_event_has_its_evidence_its_changes_and_its_place_in_the_chain(log: Registry) -> None:
    [event] = log.ask(read_log, LogQuery(action="alias"))
    written = log.ask(lambda db: db.execute("SELECT chain, hash FROM audit WHERE action = 'alias'").fetchall())
    model = log.ask(models.get, "fraud")
    assert event == {
        "time": "2026-09-21T14:13:25.000000Z",
        "who": "ben",
        "action": "alias",
        "model": "fraud",
        "version": 1,
        "reason": None,
        "evidence": {"alias": "champion", "before": None},
        "changes": [{"kind": "model", "id": model.id, "name": "alias:champion", "value": 1, "after": 0}],
        "chain": written[0][0],
        "n": 2,
        "hash": written[0][1],
        "key": "",
        "signed": False,
    }


def test_an_event_says_whose_key_signed_it(log: Registry) -> None:
    key = create_key().public_key
    log.do(models.set_tag, "fraud", "a", "b")
    [event] = log.ask(read_log, LogQuery(limit=1))
    assert (event["key"], event["signed"]) == (key, True)
