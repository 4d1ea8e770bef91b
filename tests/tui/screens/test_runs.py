"""The runs screen: what it shows in every state, and what its keys do to the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import Act, BareApp, drive, paste, press, settle
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import CRANE, LIVE, LYNX, ODD, OTTER, Runs, add_all
from tests.tui.screen_text import screen_text
from workbench.base.errors import StoreBusyError, StoreUnusableError
from workbench.base.project import Project, create_project
from workbench.store.edits import delete
from workbench.store.runs import RunQuery, list_runs, run_documents
from workbench.store.store import Store
from workbench.tui.actions import actions_of
from workbench.tui.screens.charts import ChartsScreen
from workbench.tui.screens.compare import CompareScreen
from workbench.tui.screens.run import RunScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.screens.too_small import TooSmall
from workbench.tui.state import RunsView

SIZES = [(80, 24), (140, 45)]


@pytest.fixture
def runs(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """A project with a run of every kind."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    add_all(made)
    yield made
    made.close()


@pytest.fixture
def empty(tmp_path: Path, clock: FakeClock) -> Project:
    """A project without runs, whose path is the same everywhere."""
    return create_project(str(tmp_path / "fraud"))


def show(monkeypatch: pytest.MonkeyPatch, project: Project, act: Act, size: tuple[int, int] = (80, 24)) -> None:
    """Open the runs screen, and do what the test does."""
    drive(monkeypatch, project, lambda: RunsScreen(id="_default"), act, size)


async def write(pilot: Pilot[Any], text: str) -> None:
    """Type a text and enter."""
    await paste(pilot, text)
    await pilot.pause(0.2)  # filters are asked for when a moment has passed since the last key
    await press(pilot, "enter")


def on_screen(app: BareApp) -> RunsScreen:
    """The screen."""
    assert isinstance(app.screen, RunsScreen)
    return app.screen


def names(app: BareApp) -> list[str]:
    """The names of the runs in the table, in their order."""
    table = on_screen(app).table
    rows = [table.row_at(index) for index in range(table.total)]
    return [row.cells[0][0] for row in rows if row is not None]


def document(project: Project, uid: str) -> dict[str, Any]:
    """A run as another program sees it."""
    with Store(project) as store, store.reading() as db:
        return run_documents(db, [uid])[0]


# what is seen


@pytest.mark.parametrize("size", SIZES)
def test_the_runs_of_every_kind(monkeypatch: pytest.MonkeyPatch, runs: Runs, size: tuple[int, int]) -> None:
    """Marks for every status, the baseline and the star; the run under the cursor beside or below."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"runs_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, runs.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_marked_runs_sorted_by_a_metric(monkeypatch: pytest.MonkeyPatch, runs: Runs, size: tuple[int, int]) -> None:
    """Marks in the gutter, their number above, the order in the header, the command in the last line."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        on_screen(app).state.view.sort = ["-auc"]
        on_screen(app).change_view()
        await settle(pilot)
        await press(pilot, "space", "space")
        check_screen(f"runs_marked_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, runs.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_project_without_runs_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, empty: Project, size: tuple[int, int]
) -> None:
    """The first thing that a newcomer sees."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"runs_first_{size[0]}x{size[1]}.txt", app)

    monkeypatch.setattr(empty, "root", "/home/ada/fraud")
    show(monkeypatch, empty, act, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("state", "view"),
    [
        ("nothing_fits", RunsView(where="metrics.auc > 5")),
        ("filter_mistake", RunsView(where="metrics.auc > ")),
        ("trash_empty", RunsView(deleted=True)),
        ("experiment", RunsView(experiment="fraud", where="status = 'finished'")),
    ],
)
def test_other_states(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, size: tuple[int, int], state: str, view: RunsView
) -> None:
    """Each says what is the case and which key leads out of it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        screen.state.view = view
        screen.filter_bar.text = view.where
        screen.change_view()
        await settle(pilot)
        check_screen(f"runs_{state}_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, runs.project, act, size)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("busy", StoreBusyError("pid 42 (workbench store compact) holds the store", "wait until it has ended")),
        ("lost", StoreUnusableError("the project at /home/ada/fraud is gone", "bring the folder back")),
    ],
)
def test_a_store_that_cannot_be_read_at_first(
    monkeypatch: pytest.MonkeyPatch, empty: Project, state: str, error: Exception
) -> None:
    """The middle of the screen says who or what is in the way."""

    def closed(store: Store, **more: Any) -> Any:
        raise error

    monkeypatch.setattr(Store, "reading", closed)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"runs_{state}_80x24.txt", app)

    async def waiting(pilot: Pilot[Any], *, until: Callable[[], bool] = lambda: True) -> None:
        for _ in range(400):
            await pilot.pause(0.01)
            if str(error)[:20] in screen_text(pilot.app):
                return

    monkeypatch.setattr("tests.tui.bare_app.settle", waiting)
    show(monkeypatch, empty, act)


def test_a_terminal_that_is_too_small_says_so_and_comes_back(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Nothing is lost by making a window small."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        before = screen_text(app)
        await pilot.resize_terminal(20, 5)
        await settle(pilot)
        assert isinstance(app.screen, TooSmall)
        assert "20x5 is too small" in screen_text(app).replace("\n", " ").replace("  ", " ")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert screen_text(app) == before

    show(monkeypatch, runs.project, act)


# finding


def test_the_filter_narrows_while_typing_and_esc_takes_it_away(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Rows and counts follow; the cursor is back in the table."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        everything = names(app)
        await press(pilot, "slash")
        await write(pilot, "params.lr > 0.07")
        assert names(app) == ["quiet-lynx"]
        assert "1 of 6" in screen_text(app)
        assert on_screen(app).view_twin() == "workbench runs list -w 'params.lr > 0.07'"
        await press(pilot, "escape")
        assert names(app) == everything
        assert app.state.filters == ["params.lr > 0.07"]

    show(monkeypatch, runs.project, act)


def test_a_mistake_in_the_filter_is_marked_and_the_rows_stay(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """A half-typed filter does not empty the table."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        everything = names(app)
        await press(pilot, "slash")
        await write(pilot, "params.lr >")
        assert names(app) == everything
        assert "^ a value is expected here" in screen_text(app)

    show(monkeypatch, runs.project, act)


def test_sorting_goes_down_up_and_away(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """By the column of the cursor; the first row is in sight again."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        everything = names(app)
        await press(pilot, "s")
        assert names(app) == sorted(everything, reverse=True)
        assert app.state.view.sort == ["-name"]
        await press(pilot, "s")
        assert names(app) == sorted(everything)
        await press(pilot, "s")
        assert names(app) == everything

    show(monkeypatch, runs.project, act)


def test_a_click_on_a_header_sorts(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """The mouse does what `s` does."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.click("#runs", offset=(3, 0))
        await settle(pilot)
        assert app.state.view.sort == ["-name"]

    show(monkeypatch, runs.project, act)


def test_a_hidden_column_is_hidden_and_comes_back(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """By its name, whatever else is shown."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "l", "H")
        assert "status" not in [column.key for column in on_screen(app).table.columns]
        await press(pilot, "0")
        assert "status" in [column.key for column in on_screen(app).table.columns]
        await press(pilot, "g", "h", "h", "H")
        assert "stays" in app.said[-1]

    show(monkeypatch, runs.project, act)


def test_chosen_columns_stay_with_their_values_under_filter_and_sort(
    monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """Columns are named, never counted."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        for sort in ([], ["-lr"], ["min(loss)"]):
            for where in ("", "params.depth > 1"):
                screen.state.view = RunsView(where, None, sort, ["name", "lr", "min(loss) as best", "tags.kind"])
                screen.change_view()
                await settle(pilot)
                titles = [column.title for column in screen.table.columns]
                assert titles == ["run", "lr", "best", "tags.kind"]
                rows = [screen.table.row_at(index) for index in range(screen.table.total)]
                found = {row.cells[0][0]: [text.strip() for text, _ in row.cells[1:]] for row in rows if row}
                assert found["quiet-lynx"] == ["0.1", "0.1271", "candidate"]

    show(monkeypatch, runs.project, act)


def test_a_remembered_column_that_means_nothing_does_not_hide_the_runs(
    monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """The state of another day is put right, and said."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        screen.state.view = RunsView("", None, ["-max("], ["name", "max("])
        screen.change_view()
        await settle(pilot)
        assert len(names(app)) == 6
        assert screen.state.view.columns == ["name"]
        assert app.said

    show(monkeypatch, runs.project, act)


# the cursor and marks


def test_the_cursor_stays_on_its_run_when_others_arrive(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """New runs come in above."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "j", "j")
        screen = on_screen(app)
        here = screen.table.cursor_key
        for number in range(3):
            runs.clock.advance(1)
            runs.add(f"{number:032x}", f"new-{number}")
        await settle(pilot, until=lambda: screen.table.total == 9)
        assert screen.table.cursor_key == here
        assert screen.table.cursor_row == 5

    show(monkeypatch, runs.project, act)


def test_marks_ranges_all_and_none(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """`space` goes on to the next row; `v` marks up to the cursor; `a` marks all, then none; esc takes marks away."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        await press(pilot, "space")
        assert (len(app.marks), screen.table.cursor_row) == (1, 1)
        await press(pilot, "j", "j", "v")
        assert len(app.marks) == 4
        await press(pilot, "a")
        assert len(app.marks) == 6
        await press(pilot, "a")
        assert len(app.marks) == 0
        await press(pilot, "space", "escape")
        assert len(app.marks) == 0

    show(monkeypatch, runs.project, act)


def test_n_goes_from_mark_to_mark(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """And round at the end."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        await press(pilot, "space", "j", "j", "space", "g")
        places = []
        for key in ("n", "n", "N"):
            await press(pilot, key)
            places.append(screen.table.cursor_row)
        assert places == [3, 0, 3]

    show(monkeypatch, runs.project, act)


# going elsewhere


def test_enter_c_and_m_lead_to_the_run_the_comparison_and_the_charts(
    monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """And esc leads back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "c")
        assert "two marked runs" in app.said[-1]
        for key, screen in (("enter", RunScreen), ("m", ChartsScreen)):
            await press(pilot, key)
            assert isinstance(app.screen, screen)
            await press(pilot, "escape")
            assert isinstance(app.screen, RunsScreen)
        await press(pilot, "space", "space", "c")
        assert isinstance(app.screen, CompareScreen)
        await press(pilot, "1")
        assert isinstance(app.screen, RunsScreen)
        await press(pilot, "2")
        assert isinstance(app.screen, CompareScreen)

    show(monkeypatch, runs.project, act)


# edits


def go_to(app: BareApp, name: str) -> None:
    """Put the cursor on a run."""
    on_screen(app).table.move_to(names(app).index(name))


def test_the_baseline_is_one_run(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Pinning another takes the pin from the one before; `u` gives it back."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        go_to(app, "brave-otter")
        await press(pilot, "p")
        assert [document(runs.project, uid)["pinned"] for uid in (OTTER, LYNX)] == [True, False]
        await press(pilot, "u")
        assert [document(runs.project, uid)["pinned"] for uid in (OTTER, LYNX)] == [False, True]
        go_to(app, "quiet-lynx")
        await press(pilot, "p")
        assert not document(runs.project, LYNX)["pinned"]

    show(monkeypatch, runs.project, act)


def test_stars_and_tags_go_to_all_marked_runs(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """A star where not all have one gives it to all; a tag without a value is removed."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.marks.add([LYNX, CRANE])
        await press(pilot, "asterisk")
        assert [document(runs.project, uid)["starred"] for uid in (LYNX, CRANE)] == [True, True]
        await press(pilot, "asterisk")
        assert [document(runs.project, uid)["starred"] for uid in (LYNX, CRANE)] == [False, False]
        await press(pilot, "t")
        await write(pilot, "owner=ana b")
        assert document(runs.project, CRANE)["tags"] == {"owner": "ana b"}
        await press(pilot, "t")
        await write(pilot, "owner")
        assert document(runs.project, CRANE)["tags"] == {}

    show(monkeypatch, runs.project, act)


def test_deleting_asks_and_defaults_to_no(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """The trash shows the run, and takes it out again."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        go_to(app, "bold-crane")
        await press(pilot, "d")
        assert "bold-crane" in screen_text(app)
        await press(pilot, "enter")
        assert not document(runs.project, CRANE)["deleted"]
        await press(pilot, "d", "y")
        assert document(runs.project, CRANE)["deleted"]
        assert "bold-crane" not in names(app)
        await press(pilot, "X")
        assert names(app) == ["bold-crane"]
        await press(pilot, "d")
        assert not document(runs.project, CRANE)["deleted"]
        await press(pilot, "X", "u")
        assert document(runs.project, CRANE)["deleted"]

    show(monkeypatch, runs.project, act)


def test_names_experiments_and_notes(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Without an editor the note is written in a dialog."""
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        go_to(app, "bold-crane")
        await press(pilot, "R")
        await write(pilot, "loud-crane")
        assert document(runs.project, CRANE)["name"] == "loud-crane"
        await press(pilot, "M")
        await write(pilot, "churn")
        assert document(runs.project, CRANE)["experiment"] == "churn"
        await press(pilot, "E", "h", "i", "ctrl+o")
        assert document(runs.project, CRANE)["note"] == "hi"

    show(monkeypatch, runs.project, act)


def test_read_only_has_no_key_that_writes(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Neither shown nor working."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.desk.read_only = True
        before = json.dumps([document(runs.project, uid) for uid in (LYNX, OTTER, CRANE)], default=str)
        writing = [action for action in actions_of("runs") if action.writes]
        assert not {action.id for action in on_screen(app).actions()} & {action.id for action in writing}
        await press(pilot, *(action.keys[0] for action in writing))
        assert isinstance(app.screen, RunsScreen)
        assert json.dumps([document(runs.project, uid) for uid in (LYNX, OTTER, CRANE)], default=str) == before

    show(monkeypatch, runs.project, act)


# taking it along


def test_copies_are_whole_and_machine_readable(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """A cell that is cut on the screen is copied uncut; a row is the document of the command line."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        go_to(app, "brave-otter")
        await press(pilot, "y", "Y")
        assert app.copied[0] == "brave-otter"
        assert json.loads(app.copied[1])["run_id"] == OTTER

    show(monkeypatch, runs.project, act)


def test_the_export_has_the_runs_and_columns_of_the_view(
    monkeypatch: pytest.MonkeyPatch, runs: Runs, tmp_path: Path
) -> None:
    """In its order, with full values."""
    target = tmp_path / "view.csv"

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        screen.state.view = RunsView("params.lr > 0", None, ["lr"], ["name", "lr"])
        screen.change_view()
        await settle(pilot)
        await press(pilot, "e")
        await write(pilot, str(target))
        await settle(pilot, until=target.exists)

    show(monkeypatch, runs.project, act)

    lines = target.read_text().splitlines()
    assert lines[0] == "name,lr"
    assert lines[-1] == "quiet-lynx,0.1"


def test_the_command_in_the_last_line_lists_the_same_runs(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """What the app shows can be had in a shell."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        screen.state.view = RunsView("status = 'finished'", "fraud", ["-auc"], ["name"])
        screen.change_view()
        await settle(pilot)
        assert screen.view_twin() == "workbench runs list -e fraud -w 'status = '\"'\"'finished'\"'\"'' -s -auc -c name"
        query = RunQuery("status = 'finished'", "fraud", ["-auc"], ["name"])
        with Store(runs.project) as store, store.reading() as db:
            assert names(app) == [
                row[0] for row in list_runs(db, RunQuery(query.where, "fraud", ["-auc"], ["name"])).rows
            ]

    show(monkeypatch, runs.project, act)


def test_saved_views_bring_everything_back(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Filter, order and columns under one name."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)
        screen.state.view = RunsView("params.lr > 0.07", None, ["-lr"])
        screen.change_view()
        await press(pilot, "V", "enter")
        await write(pilot, "fast ones")
        await press(pilot, "escape")
        assert len(names(app)) == 6
        await press(pilot, "V", "enter")
        assert names(app) == ["quiet-lynx"]
        assert screen.filter_bar.text == "params.lr > 0.07"

    show(monkeypatch, runs.project, act)


# live


def test_a_run_that_ends_and_one_that_is_deleted_elsewhere_change_on_the_screen(
    monkeypatch: pytest.MonkeyPatch, runs: Runs
) -> None:
    """Without a key."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert app.running == 2
        writer = runs.live.pop(LIVE)
        writer.event("end", status="finished", exit_code=0, error=None)
        writer.close()
        await settle(pilot, until=lambda: app.running == 1)
        delete(runs.project, [ODD])
        await settle(pilot, until=lambda: len(names(app)) == 5)

    show(monkeypatch, runs.project, act)


def test_paused_the_screen_stands_still(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """And says so; going on shows what has arrived."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "P")
        assert "paused" in screen_text(app).splitlines()[0]
        runs.add("1" * 32, "late-run")
        await settle(pilot)
        assert "late-run" not in names(app)
        await press(pilot, "P")
        await settle(pilot, until=lambda: "late-run" in names(app))

    show(monkeypatch, runs.project, act)


def test_ages_grow_while_nothing_happens(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """The clock is no change of the store."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = on_screen(app)

        def ages() -> list[str]:
            return [row.cells[2][0] for index in range(6) if (row := screen.table.row_at(index)) is not None]

        before = ages()
        runs.clock.advance(3600)
        screen.grow_older()
        await settle(pilot, until=lambda: ages() != before)

    show(monkeypatch, runs.project, act)
