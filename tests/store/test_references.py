"""How people name runs."""

from __future__ import annotations

import pytest
from duckdb import DuckDBPyConnection as Connection

from tests.conftest import FakeClock
from tests.store.synthetic import BEGAN_US, add_run, empty_store
from workbench.base.errors import AmbiguousNameError, RunNotFoundError
from workbench.store.runs import resolve_run, resolve_runs

A, B, C, D = (digits.ljust(32, "0") for digits in ("abcd1", "abcd2", "abcde", "dddd"))


@pytest.fixture
def db() -> Connection:
    db = empty_store()
    add_run(db, "brave-otter", uid=A)
    add_run(db, "quiet-lynx", uid=B)
    add_run(db, "quiet-lynx", uid=C)
    add_run(db, "gone", uid=D, deleted=True)
    return db


@pytest.mark.parametrize(
    ("reference", "uid"),
    [
        (A, A), (A.upper(), A), ("abcd1", A), ("ABCD1", A), ("brave-otter", A), ("@latest", C), ("@latest~0", C),
        ("@latest~2", A),
    ],
)  # fmt: skip
def test_a_run_is_found_by_id_prefix_name_and_age(db: Connection, reference: str, uid: str) -> None:
    assert resolve_run(db, reference) == uid


def test_several_runs_of_one_name_are_listed_with_their_age(db: Connection, clock: FakeClock) -> None:
    clock.now_us = BEGAN_US + 3 * 60_000_000 + 7_200_000_000
    with pytest.raises(AmbiguousNameError) as caught:
        resolve_run(db, "quiet-lynx")
    assert caught.value.message == "quiet-lynx names 2 runs: abcde000 quiet-lynx (2h), abcd2000 quiet-lynx (2h)"
    assert caught.value.hint == "use an id, such as abcde000 for the newest"


def test_a_prefix_of_several_ids_is_ambiguous(db: Connection) -> None:
    with pytest.raises(AmbiguousNameError, match="abcd names 3 runs"):
        resolve_run(db, "abcd")


def test_a_name_that_is_another_runs_prefix_is_ambiguous(db: Connection) -> None:
    add_run(db, "abcd1", uid="f" * 32)
    with pytest.raises(AmbiguousNameError, match="abcd1 names 2 runs"):
        resolve_run(db, "abcd1")


def test_a_full_id_wins_over_a_name(db: Connection) -> None:
    add_run(db, A, uid="e" * 32)
    assert resolve_run(db, A) == A


@pytest.mark.parametrize(
    ("reference", "message", "hint"),
    [
        ("brave-oter", "no run has the id or name brave-oter", "did you mean brave-otter?"),
        ("abc", "no run is named abc", "give at least 4 digits of an id"),
        ("zzz", "no run has the id or name zzz", "workbench runs list"),
        ("gone", "gone is in the trash", "workbench runs restore dddd0000"),
        ("@latest~3", "@latest~3 goes back too far: there are 3 runs", "workbench runs list"),
        ("", "no run has the id or name ", "workbench runs list"),
        ("\ud800", "no run has the id or name \ud800", "workbench runs list"),
        ("f" * 33, "no run has", "workbench runs list"),
    ],
)
def test_what_is_not_there_is_explained(db: Connection, reference: str, message: str, hint: str) -> None:
    with pytest.raises(RunNotFoundError) as caught:
        resolve_run(db, reference)
    assert message in caught.value.message
    assert caught.value.hint == hint


def test_the_trash_counts_when_asked(db: Connection) -> None:
    assert resolve_run(db, "gone", deleted=True) == D
    assert resolve_run(db, "@latest", deleted=True) == D


def test_an_empty_store_has_no_latest_run() -> None:
    with pytest.raises(RunNotFoundError, match="there are no runs yet"):
        resolve_run(empty_store(), "@latest")


def test_several_references_give_each_run_once(db: Connection) -> None:
    assert resolve_runs(db, ["@latest", "brave-otter", A, "abcde"]) == [C, A]
