"""Stored checks: kept on the disk, found by id, prefix and name, and held by what they are about."""

from __future__ import annotations

import pytest

from tests.conftest import FakeClock
from tests.drift.checks import Document, checked, normal
from workbench.base.errors import AmbiguousNameError, NotFoundError
from workbench.base.project import Project
from workbench.drift.history import (
    CheckNotFoundError,
    check_outlines,
    checks_by_id,
    find_check,
    history_of,
    save_check,
    stored_checks,
)
from workbench.registry.dependants import dependants_of
from workbench.store.store import Store


def document(shift: float) -> Document:
    return checked({"x": normal(200)}, {"x": normal(200, shift, 1)})


def test_a_check_comes_back_as_it_was(project: Project, clock: FakeClock) -> None:
    kept = document(3.0)
    check_id = save_check(project, kept)
    with Store(project).reading() as db:
        found = find_check(db, check_id[:5])
    assert found["document"] == kept
    assert (found["id"], found["name"]) == (check_id, "current against reference")
    assert found["at"] == "2026-09-21T14:13:20.000000Z"


def test_checks_are_found_by_name_and_as_the_latest(project: Project, clock: FakeClock) -> None:
    save_check(project, document(0), name="daily")
    clock.advance(60)
    newest = save_check(project, document(3.0), name="daily")
    clock.advance(60)
    other = save_check(project, document(0), name="weekly")
    with Store(project).reading() as db:
        assert find_check(db, "daily")["id"] == newest
        assert find_check(db, "@latest")["id"] == other
        assert [one["name"] for one in stored_checks(db)] == ["weekly", "daily", "daily"]
        rows = history_of(stored_checks(db), "x")
        with pytest.raises(NotFoundError):
            history_of(stored_checks(db), "y")
    assert [row["verdict"] for row in rows] == ["ok", "drift", "ok"]


def test_outlines_are_the_checks_without_their_documents(project: Project, clock: FakeClock) -> None:
    for shift in (0, 3.0):
        clock.advance(60)
        save_check(project, document(shift), name="daily")
    with Store(project).reading() as db:
        whole, outlines = stored_checks(db), check_outlines(db)
        ids = [one["id"] for one in whole]
        assert checks_by_id(db, [*ids[::-1], "gone"]) == whole[::-1]
    assert outlines == [{key: value for key, value in one.items() if key != "document"} for one in whole]


def test_what_names_no_check_or_several_is_an_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["abcd" + "0" * 12, "abcd" + "1" * 12])
    monkeypatch.setattr("workbench.drift.history.new_writer_id", lambda: next(ids))
    for _ in range(2):
        save_check(project, document(0))
    with Store(project).reading() as db:
        with pytest.raises(AmbiguousNameError):
            find_check(db, "abcd")
        for text in ("abc", "ffff", "weekly"):
            with pytest.raises(CheckNotFoundError):
                find_check(db, text)


def test_a_check_of_a_model_is_something_that_is_made_of_its_version(project: Project, clock: FakeClock) -> None:
    check_id = save_check(project, document(0), version="v" * 32)
    with Store(project).reading() as db:
        [found] = dependants_of(db, ["v" * 32])
    assert (found.kind, found.id, found.created_at_ms) == ("drift", check_id, clock.now_us // 1000)
