"""What the comparison asks of the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.tui.compared_runs import add_numbered, add_one, uid
from tests.tui.runs_to_show import Runs
from workbench.base.errors import InputError
from workbench.base.project import create_project
from workbench.store.edits import delete, set_pinned
from workbench.store.store import Store
from workbench.tui.questions.comparison import Compare, Compared, WriteComparison


@pytest.fixture
def few(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """A project without runs."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    yield made
    made.close()


def answer(runs: Runs, question: Compare) -> Compared:
    """As the desk answers."""
    with Store(runs.project) as store, store.reading() as db:
        return question.work(question.ask(db))


def test_the_pinned_run_is_the_baseline_wherever_it_stands(few: Runs) -> None:
    """Else the first one is."""
    uids = tuple(add_numbered(few, 3))
    first = answer(few, Compare(uids)).comparison
    assert first is not None
    assert first.baseline == 0

    set_pinned(few.project, uid(2))
    found = answer(few, Compare(uids))

    assert found.comparison is not None
    assert (found.comparison.baseline, found.pinned) == (2, uid(2))


def test_runs_that_are_gone_or_in_the_trash_are_named(few: Runs) -> None:
    """The rest is compared in the order asked for."""
    uids = add_numbered(few, 4)
    delete(few.project, [uids[1]])

    found = answer(few, Compare((uids[3], "e" * 32, uids[1], uids[0])))

    assert found.comparison is not None
    assert found.comparison.run_ids == [uids[3], uids[0]]
    assert found.gone == ("e" * 32,)
    assert found.trashed == ((uids[1], "brave-otter"),)


def test_without_any_run_there_is_no_comparison(few: Runs) -> None:
    """And nothing to write to a file."""
    found = answer(few, Compare(("e" * 32,)))
    assert (found.comparison, found.table, found.gone) == (None, None, ("e" * 32,))

    with (
        Store(few.project) as store,
        store.reading() as db,
        pytest.raises(InputError, match="none of the runs"),
    ):
        WriteComparison(Compare(("e" * 32,)), "out.json", "json").do(few.project, db)


def test_metrics_of_the_machine_are_drawn_only_with_all(few: Runs) -> None:
    """They come last."""
    uids = tuple(
        add_one(few, number, metrics={"system/cpu_percent": [50.0 + number], "auc": [0.9]}) for number in (0, 1)
    )

    assert answer(few, Compare(uids)).metrics == ("auc",)
    assert answer(few, Compare(uids, all=True)).metrics == ("auc", "system/cpu_percent")


def test_the_same_runs_give_an_equal_answer(few: Runs) -> None:
    """So that nothing is drawn where nothing has changed."""
    uids = tuple(add_numbered(few, 3))

    assert answer(few, Compare(uids)) == answer(few, Compare(uids))
