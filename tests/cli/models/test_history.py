"""`workbench models history`."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.cli.models.conftest import Shop

DAY_S = 86_400


@pytest.fixture
def moved(fraud: Shop) -> Shop:
    """`champion` is v1 since 15:00 of 2026-09-21, on the next day v2 at 9:00 and v3 at 17:00, v2 on the day after."""
    start_s = 1_790_002_800  # 2026-09-21T15:00:00Z
    for at_s, version in ((0, 1), (18 * 3600, 2), (26 * 3600, 3)):
        fraud.clock.now_us = (start_s + at_s) * 1_000_000 - 1_000_000
        fraud.run("alias", f"fraud/{version}", "champion")
    fraud.clock.now_us = (start_s + 2 * DAY_S) * 1_000_000 - 1_000_000
    fraud.run("rollback", "fraud", "--reason", "errors")
    return fraud


def versions(terms: list[dict[str, Any]]) -> list[int]:
    return [term["version"] for term in terms]


def test_terms_are_listed_newest_first(moved: Shop) -> None:
    terms = moved.document("history", "fraud")
    assert versions(terms) == [2, 3, 2, 1]
    assert (terms[0]["action"], terms[0]["reason"], terms[0]["until"]) == ("rollback", "errors", None)
    assert (terms[3]["since"], terms[3]["until"]) == ("2026-09-21T15:00:00.000000Z", "2026-09-22T09:00:00.000000Z")


def test_what_it_was_on_a_date_is_told(moved: Shop) -> None:
    for date, expected in (
        ("2026-09-20", []),
        ("2026-09-21", [1]),
        ("2026-09-22", [3, 2, 1]),
        ("2026-09-23", [2, 3]),
        ("2026-10-30", [2]),
        ("2026-09-22 08:59:59", [1]),
        ("2026-09-22 09:00", [2]),
        ("2026-09-22T16:59Z", [2]),
        ("2026-09-22T17:00+02:00", [2]),
        ("2026-09-22T19:00+02:00", [3]),
        ("1h", [3]),
        ("24h", [2]),
        ("36h", [1]),
    ):
        assert versions(moved.document("history", "fraud", "--as-of", date)) == expected, date


def test_a_bare_time_is_that_of_this_machine(moved: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")  # nine hours ahead
    time.tzset()
    try:
        assert versions(moved.document("history", "fraud", "--as-of", "2026-09-22 18:00")) == [2]
        assert versions(moved.document("history", "fraud", "--as-of", "2026-09-22")) == [2, 1]
        assert versions(moved.document("history", "fraud", "--as-of", "2026-09-22T18:00Z")) == [3]
        assert "2026-09-23 02:00:00" in moved.run("history", "fraud").stdout
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()


def test_only_one_alias_is_told_where_it_is_named(moved: Shop) -> None:
    moved.run("alias", "fraud/1", "shadow")
    assert versions(moved.document("history", "fraud", "--alias", "shadow")) == [1]
    assert {term["alias"] for term in moved.document("history", "fraud")} == {"champion", "shadow"}
    outcome = moved.run("history", "fraud", "--alias", "best", status=3)
    assert outcome.stderr.startswith("error: fraud never had an alias 'best'\n")


def test_nothing_is_said_as_such(moved: Shop, shop: Shop) -> None:
    assert moved.run("history", "fraud", "--as-of", "2020-01-01").stderr == (
        "no alias of fraud pointed to a version then\n"
    )
    shop.run("register", "brave-otter", "new")
    assert shop.run("history", "new").stderr == "new has no aliases\n"


def test_what_is_no_date_is_refused(fraud: Shop) -> None:
    for date in ("yesterday", "2026-13-01", "", "3x", "2026-09-22T25:00"):
        outcome = fraud.run("history", "fraud", "--as-of", date, status=2)
        assert outcome.stderr.startswith(f"error: {date!r} is no date\n")


def test_a_removed_alias_is_part_of_the_history(moved: Shop) -> None:
    moved.run("unalias", "fraud@champion", "--reason", "not used any more")
    newest = moved.document("history", "fraud")[0]
    assert (newest["version"], newest["action"], newest["reason"]) == (None, "unalias", "not used any more")
    moved.clock.advance(DAY_S)
    assert versions(moved.document("history", "fraud", "--as-of", "1h")) == []
