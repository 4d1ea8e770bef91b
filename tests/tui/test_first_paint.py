"""The page that is on the terminal before the app is loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.tui.runs_to_show import Runs, add_all
from workbench.base.project import Project
from workbench.output.cells import cell_width
from workbench.store.store import Store
from workbench.tui.first_paint import frame, paint
from workbench.tui.questions.runs import RunsTable, first_page
from workbench.tui.state import State

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def table(project: Project, clock: FakeClock) -> RunsTable:
    """The first page of a project with runs of every kind."""
    runs = Runs(project, clock)
    add_all(runs)
    runs.close()
    question = first_page(State().view)
    with Store(project) as store, store.reading() as db:
        found = question.ask(db)
    return question.work(found)


def plain(lines: list[str]) -> list[str]:
    """The lines without their colours."""
    return [ESCAPE.sub("", line) for line in lines]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (99, 20), (100, 30), (140, 45), (300, 90)])
@pytest.mark.parametrize("detail", [True, False])
def test_every_line_fits_the_terminal(table: RunsTable, size: tuple[int, int], detail: bool) -> None:
    """Nothing wraps and nothing scrolls, whatever the names of runs are."""
    lines = plain(frame(table, State(detail=detail), "fraud 日本", *size))

    assert len(lines) <= size[1]
    assert {cell_width(line) for line in lines} <= set(range(size[0] + 1))


def test_it_shows_the_runs_of_the_first_page(table: RunsTable) -> None:
    """Names, the number of runs and the project are there to be read."""
    lines = plain(frame(table, State(), "fraud", 140, 45))

    assert lines[0].startswith(" workbench  fraud ")
    assert lines[1].rstrip().endswith("6 runs")
    assert lines[3].split()[0] == "swift-puma"


def test_control_characters_of_names_do_not_reach_the_terminal(table: RunsTable) -> None:
    """The only escapes are our own colours."""
    text = "".join(frame(table, State(styles={"": "38;2;1;2;3"}), "a\x1b]0;x\x07", 140, 45))

    assert "\x1b" not in ESCAPE.sub("", text)
    assert "\n" not in text


def test_nothing_is_painted_where_there_is_no_terminal(table: RunsTable, capfd: pytest.CaptureFixture[str]) -> None:
    """A pipe gets no escape codes."""
    assert not paint(table, State(), "fraud")
    assert capfd.readouterr() == ("", "")


def test_it_is_where_the_app_then_draws_the_same(table: RunsTable, tmp_path: Path) -> None:
    """Columns stand where the app puts them: the header of the table begins with the run, on the third line."""
    lines = plain(frame(table, State(), "fraud", 80, 24))

    assert lines[2].split()[:2] == ["run", "status"]
