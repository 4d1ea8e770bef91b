"""What is asked of one run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from tests.tui.runs_to_show import CRANE, EMPTY, LIVE, LYNX, OTTER, Runs
from workbench.base.errors import RunNotFoundError
from workbench.output.cells import cell_width
from workbench.output.spans import plain
from workbench.store.store import Store
from workbench.tui.questions.run import Baseline, RunCharts, RunPanes, RunQuestion, Sparks


@pytest.fixture
def db(runs: Runs) -> Iterator[Any]:
    """A visit to the store."""
    with Store(runs.project) as store, store.reading() as connection:
        yield connection


def asked(runs: Runs, db: Any, uid: str, baseline: str | None = None) -> RunPanes:
    """The answer about a run."""
    question = RunQuestion(runs.project, uid, baseline)
    return question.work(question.ask(db))


def texts(panes: RunPanes, key: str) -> list[str]:
    """The lines of a pane."""
    return [plain(line) for line in panes.panes[key].lines]


def test_a_full_run_has_a_text_for_every_pane(runs: Runs, db: Any) -> None:
    """Each with a few words for its title."""
    panes = asked(runs, db, OTTER, LYNX)
    assert {key: pane.summary for key, pane in panes.panes.items()} == {
        "params": "2 differ from ⚑ quiet-lynx",
        "tags": "1 tag",
        "code": "3f2a91c main +1 file",
        "data": "transactions",
        "artifacts": "2 files, 28 B",
        "output": "13 lines",
        "env": "python 3.11.7, 2 packages",
    }
    assert panes.chart_keys == ("auc", "loss")
    assert [one.path for one in panes.artifacts] == [line.split()[0] for line in texts(panes, "artifacts")]


def test_an_empty_run_has_only_what_is_known_of_it(runs: Runs, db: Any) -> None:
    """No pane without content."""
    panes = asked(runs, db, EMPTY)
    assert list(panes.panes) == ["code"]
    assert (len(panes.metrics), panes.chart_keys, panes.note) == (0, (), "")


def test_params_without_a_baseline_are_not_compared(runs: Runs, db: Any) -> None:
    """Nor where the run is the baseline itself, or the baseline is gone."""
    for baseline in (None, OTTER, "0" * 32):
        assert texts(asked(runs, db, OTTER, baseline), "params")[0] == " lr        0.05"


def test_metrics_have_their_best_value_by_direction_with_its_step(runs: Runs, db: Any) -> None:
    """The loss is best when low; values stand on their decimal points."""
    rows = asked(runs, db, CRANE).metrics
    assert (rows.lasts, rows.bests) == (("4.5",), ("min 0.7 @0",))
    rows = asked(runs, db, OTTER).metrics
    assert rows.bests == ("max 0.9265 @40", "min 0.1271 @40")


def test_a_metric_with_one_value_has_no_best_one(runs: Runs) -> None:
    """Also where all are NaN."""
    uid = "5" * 32
    runs.add(uid, "one", metrics={"a": [1.0], "b": [math.nan, math.nan], "c_loss": [2.0, 10.5]})
    with Store(runs.project) as store, store.reading() as connection:
        rows = asked(runs, connection, uid).metrics
    assert rows.lasts == ("  1  ", "NaN  ", " 10.5")
    assert [text.strip() for text in rows.bests] == ["", "", "min 2 @0"]
    assert len(set(map(len, rows.bests))) == 1


def test_the_system_metrics_have_units(runs: Runs, db: Any) -> None:
    """They are no metrics of the model."""
    panes = asked(runs, db, OTTER)
    assert (panes.machine.names, panes.machine.lasts) == (("cpu", "memory_rss"), ("402.5 %", " 1.3 GB"))
    assert panes.metrics.keys == ("auc", "loss")


def test_stderr_is_marked_and_markup_is_text(runs: Runs, db: Any) -> None:
    """A sign, not only a colour."""
    assert texts(asked(runs, db, OTTER), "output")[-2:] == ["   epoch 11 done", " ! warning: [red]nearly[/] full"]


def test_the_code_tells_what_was_not_committed(runs: Runs, db: Any) -> None:
    """By file, as far as the patch is there."""
    assert texts(asked(runs, db, OTTER), "code")[-1] == "   train.py  +2 −1"


def test_the_same_run_gives_an_equal_answer_while_time_passes(runs: Runs, db: Any) -> None:
    """Else the screen of a run that runs would be drawn every second."""
    before = asked(runs, db, LIVE)
    runs.clock.advance(100)
    assert asked(runs, db, LIVE) == before


def test_a_run_that_is_gone_is_an_error(runs: Runs, db: Any) -> None:
    """The panes say so."""
    with pytest.raises(RunNotFoundError, match="there is no run"):
        asked(runs, db, "0" * 32)


def test_courses_are_drawn_for_the_metrics_asked_for_alone(runs: Runs, db: Any) -> None:
    """A metric that the run has not is left out."""
    question = Sparks(OTTER, ("auc", "nothing"))
    drawn = question.work(question.ask(db))
    assert list(drawn) == ["auc"]
    assert cell_width(drawn["auc"]) == 24


@pytest.mark.parametrize("keys", [("auc",), ("auc", "loss")])
@pytest.mark.parametrize(("width", "height"), [(80, 8), (31, 5), (12, 3)])
def test_charts_fill_exactly_their_room(runs: Runs, db: Any, keys: tuple[str, ...], width: int, height: int) -> None:
    """Beside each other."""
    question = RunCharts(OTTER, keys, width, height)
    lines = question.work(question.ask(db))
    assert len(lines) == height
    assert all(width - 1 <= cell_width(plain(line)) <= width for line in lines)


def test_the_baseline_is_the_pinned_run(runs: Runs, db: Any) -> None:
    """There is at most one."""
    assert Baseline().work(Baseline().ask(db)) == LYNX
