"""A model in the hands of two people: rejected, approved, a bad release, a rollback, and what was in use on the 3rd."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Outcome, workbench, write_run
from tests.cli.models.conftest import model_events
from tests.conftest import FakeClock
from workbench.base.project import Project

RULES = '[models.fraud]\nauthor_may_approve = false\nprotected_aliases = ["champion"]\n'


class Office:
    """Ana trains and registers, Ben approves; each acts at a time of November 2026, UTC.

    Attributes:
        refused: the last error that somebody saw.
    """

    def __init__(self, project: Project, clock: FakeClock, environment: pytest.MonkeyPatch) -> None:
        self.project = project
        self.refused = ""
        self._clock = clock
        self._environment = environment

    def at(self, when: str, who: str) -> None:
        """It is `3 14:00`, and somebody sits down."""
        day, _, hour = when.partition(" ")
        moment = datetime.fromisoformat(f"2026-11-{int(day):02d}T{hour}+00:00")
        self._clock.now_us = round(moment.timestamp()) * 1_000_000
        self._environment.setenv("WORKBENCH_USER", who)

    def do(self, *words: str, status: int = 0) -> Outcome:
        """`workbench models WORDS`; the clock goes on by a second."""
        self._clock.advance(1)
        outcome = workbench("models", *words)
        assert outcome.status == status, outcome
        self.refused = outcome.stderr
        return outcome

    def train(self, name: str, auc: float) -> None:
        """A run with a model."""
        write_run(
            self.project, name[0] * 32, model_events(self.project, "model", name), metrics={"auc": [auc]}, name=name
        )

    def champion_on(self, date: str) -> list[dict[str, Any]]:
        """What was the champion then, the last one first."""
        said = self.do("history", "fraud", "--alias", "champion", "--as-of", date, "--json").stdout
        terms: list[dict[str, Any]] = json.loads(said)
        return terms


def test_two_people_release_a_model_and_know_later_what_was_in_use(
    project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(project.root, "workbench.toml").write_text(RULES)
    office = Office(project, clock, monkeypatch)

    office.at("1 09:00", "ana")
    office.train("amber", 0.90)
    office.do("register", "amber", "fraud")
    office.do("request", "fraud/1", "--reason", "the first one")
    office.do("approve", "fraud/1", "--reason", "mine", status=4)
    assert "its author may not approve it" in office.refused
    office.at("1 15:00", "ben")
    office.do("approve", "fraud/1", "--reason", "numbers checked")
    office.do("alias", "fraud/1", "champion", "--reason", "first release")

    office.at("2 10:00", "ana")
    office.train("blue", 0.99)
    office.do("register", "blue", "fraud")
    office.do("request", "fraud/2", "--reason", "far better")
    office.at("2 11:00", "ben")
    office.do("reject", "fraud/2", "--reason", "the label leaks into the features")
    office.do("alias", "fraud/2", "champion", status=4)
    assert "ben rejected it: the label leaks into the features" in office.refused

    office.at("3 09:00", "ana")
    office.train("coral", 0.93)
    office.do("register", "coral", "fraud")
    office.do("request", "fraud/3", "--reason", "without the leak")
    office.at("3 10:00", "ben")
    office.do("approve", "fraud/3", "--reason", "no leak, better")
    office.do("alias", "fraud/3", "champion", "--reason", "release")

    office.at("3 16:00", "ana")
    rolled_back = office.do("rollback", "fraud", "--reason", "refuses every card from abroad")
    assert rolled_back.stdout == "moved champion of fraud from v3 back to v1\n"

    office.at("20 12:00", "ben")
    terms = office.champion_on("2026-11-03")
    assert [(term["version"], term["since"], term["who"], term["reason"]) for term in terms] == [
        (1, "2026-11-03T16:00:01.000000Z", "ana", "refuses every card from abroad"),
        (3, "2026-11-03T10:00:02.000000Z", "ben", "release"),
        (1, "2026-11-01T15:00:02.000000Z", "ben", "first release"),
    ]
    assert [term["version"] for term in office.champion_on("2026-11-03 12:00")] == [3]
    assert [term["version"] for term in office.champion_on("2026-11-02")] == [1]
    assert office.champion_on("2026-10-31") == []
    versions = json.loads(office.do("show", "fraud", "--json").stdout)["versions"]
    assert [(one["version"], one["status"], one["aliases"]) for one in versions] == [
        (3, "approved", []),
        (2, "rejected", []),
        (1, "approved", ["champion"]),
    ]
    assert versions[0]["metrics"] == {"auc": 0.93}
