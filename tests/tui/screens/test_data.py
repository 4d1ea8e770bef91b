"""The data screens: what they show in every state, where their keys lead, and what is found out beside the app."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import BareApp, paste, press, settle
from tests.tui.data_to_show import Warehouse, build, transactions
from tests.tui.golden import check_screen
from tests.tui.list_screens import BUSY, find, show_tab, show_unread
from tests.tui.screen_text import screen_text
from tests.tui.showcase import Template, copy_template, make_template
from workbench.base.errors import StoreInterruptedError
from workbench.base.project import Project, create_project
from workbench.data.versions import dataset_id, version_id
from workbench.store.entities import entity_events
from workbench.store.writing import write_events
from workbench.tui.dialogs.choose import Choose
from workbench.tui.questions.data_errands import ProfileData
from workbench.tui.screens.dataset_version import DatasetVersionScreen
from workbench.tui.screens.datasets import DatasetsScreen
from workbench.tui.screens.run import RunScreen

SIZES = [(80, 24), (140, 40), (60, 15)]
show = partial(show_tab, "5")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A project with data."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("data.datasets", "registry.ledger"):
            patch.setattr(f"workbench.{module}.user_name", lambda: "ana")
        return make_template(tmp_path_factory.mktemp("data"), build)


@pytest.fixture
def data(template: Template, tmp_path: Path, clock: FakeClock) -> Iterator[Warehouse]:
    """The project `fraud` with data in every state."""
    made = Warehouse(copy_template(template, tmp_path, clock), clock)
    yield made
    made.close()


def on_screen(app: BareApp) -> DatasetsScreen:
    """The screen with all datasets."""
    assert isinstance(app.screen, DatasetsScreen)
    return app.screen


def on_version(app: BareApp) -> DatasetVersionScreen:
    """The screen with one version."""
    assert isinstance(app.screen, DatasetVersionScreen)
    return app.screen


def top(app: BareApp) -> str:
    """What is on top."""
    return type(app.screen).__name__


# what is seen


@pytest.mark.parametrize("size", SIZES)
def test_datasets_and_the_versions_of_one(
    monkeypatch: pytest.MonkeyPatch, data: Warehouse, size: tuple[int, int]
) -> None:
    """How large they are, who used them, and where there is room what is in them."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"data_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, data.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_one_version_with_its_columns(monkeypatch: pytest.MonkeyPatch, data: Warehouse, size: tuple[int, int]) -> None:
    """A histogram each, and the one under the cursor in full."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "j", "enter", "j")
        check_screen(f"data_version_{size[0]}x{size[1]}.txt", app)

    show(monkeypatch, data.project, act, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_project_without_data_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, project: Project, clock: FakeClock, size: tuple[int, int]
) -> None:
    """With the command."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen(f"data_none_{size[0]}x{size[1]}.txt", app)
        await press(pilot, "enter", "p", "d")
        assert app.said == ["there is no version here", "there is no version here"]

    show(monkeypatch, project, act, size)


def test_a_store_that_cannot_be_read_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: FakeClock
) -> None:
    """In the middle of the screen."""
    project = create_project(str(tmp_path / "fraud"))

    def check(app: BareApp) -> None:
        assert BUSY.message in screen_text(app)
        assert "wait until it has ended" in screen_text(app)

    show_unread(monkeypatch, project, BareApp.action_show_data, BUSY, check)


def test_two_thousand_datasets_are_asked_for_by_pages(
    monkeypatch: pytest.MonkeyPatch, project: Project, clock: FakeClock
) -> None:
    """The last one is a key away, and found by its name."""
    events = []
    for number in range(2000):
        owner, digest = dataset_id(f"set-{number:04d}"), f"sha256:{number:064x}"
        fields: dict[str, object] = {
            "dataset": owner, "number": 1, "digest": digest, "size_bytes": 1000 + number, "file_count": 1,
            "format": "file", "path": "gone.csv", "created_us": clock.now_us - number, "who": "ana",
        }  # fmt: skip
        events += entity_events("dataset_version", version_id(owner, digest), fields)
        events += entity_events("dataset", owner, {"name": f"set-{number:04d}", "created_us": clock.now_us})
    write_events(project, events)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        table = on_screen(app).upper
        assert (table.total, table.cursor_key) == (2000, "set-0000")
        await press(pilot, "G")
        assert table.cursor_key == "set-1999"
        assert table.row_at(1000) is None  # nobody has seen it
        await find(pilot, "set-1234")
        assert table.cursor_key == "set-1234"
        assert on_screen(app).lower.cursor_key == "set-1234@v1"

    show(monkeypatch, project, act)


def test_a_table_of_two_hundred_columns_is_gone_through(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """The column under the cursor is shown in full, the last one as well."""
    names = [f"c{number:03d}" for number in range(200)]
    text = "\n".join([",".join(names), *(",".join(str(row * n % 7) for n in range(200)) for row in range(30))]) + "\n"
    data.register("data/wide.csv", "wide", text)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "enter", "G")
        screen = on_version(app)
        assert (screen.columns.total, screen.columns.cursor_key) == (200, "c199")
        await press(pilot, "enter")
        assert "c199" in screen_text(app)
        await press(pilot, "escape")
        await find(pilot, "c123")
        assert screen.columns.cursor_key == "c123"

    show(monkeypatch, data.project, act)


# looking into data


def test_a_version_that_nobody_looked_into_is_looked_into_beside_the_app(
    monkeypatch: pytest.MonkeyPatch, data: Warehouse
) -> None:
    """As soon as it is opened; the profile is kept until the app ends."""
    made: list[str] = []
    do = ProfileData.do

    def counted(task: ProfileData, engine: None, errand: Any) -> Mapping[str, Any]:
        made.append(threading.current_thread().name)
        return do(task, engine, errand)

    monkeypatch.setattr(ProfileData, "do", counted)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "customers")
        assert "p profile" in screen_text(app)
        await press(pilot, "enter", "enter")
        await settle(pilot, until=lambda: on_version(app).columns.total == 7)
        assert (
            on_version(app).detail.panes["remarks"].gist == "! mail looks like e-mail addresses; its values are masked"
        )
        await press(pilot, "escape", "enter")
        assert on_version(app).columns.total == 7
        assert made == ["workbench-errand"]

    show(monkeypatch, data.project, act)


def test_while_it_is_looked_into_it_says_so_and_can_be_given_up(
    monkeypatch: pytest.MonkeyPatch, data: Warehouse
) -> None:
    """Keys go on meanwhile; what was given up may be begun again."""
    goes_on, heeded = threading.Event(), threading.Event()

    def slow(task: ProfileData, engine: None, errand: Any) -> Mapping[str, Any]:
        errand.say("column", "amount")
        goes_on.wait(20)
        if errand.cancelled.is_set():
            heeded.set()
            raise StoreInterruptedError("it was given up")
        return {"rows": 0, "columns": [], "warnings": []}

    monkeypatch.setattr(ProfileData, "do", slow)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, "customers")
        await pilot.press("p")
        await pilot.pause(0.1)
        assert "● look into customers@v1: column amount" in screen_text(app)
        assert "ctrl+c gives it up" in screen_text(app)
        await pilot.press("k", "ctrl+c")
        await pilot.pause(0.05)
        assert app.said == ["given up: look into customers@v1"]
        assert "look into customers@v1" not in screen_text(app)
        goes_on.set()
        await settle(pilot)
        assert heeded.is_set()
        assert app.said == ["given up: look into customers@v1"]
        await press(pilot, "ctrl+c")
        assert app.said[1:] == ["nothing is being read"]

    show(monkeypatch, data.project, act)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("prices", "prices@v1 is no longer at data/prices.csv"),
        ("customers", "customers@v1 is no longer at data/customers.csv"),
        ("notes", "has no known format"),
    ],
)
def test_data_that_cannot_be_looked_into_says_why(
    monkeypatch: pytest.MonkeyPatch, data: Warehouse, name: str, why: str
) -> None:
    """A file that is gone, one that is another now, and one that is no table."""
    data.path("data/customers.csv").write_text("something,else\n1,2\n")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await find(pilot, name)
        await press(pilot, "enter", "enter")
        assert on_version(app).detail.problem is not None
        assert why in screen_text(app)
        if name == "prices":
            assert "✗ gone" in screen_text(app)
            check_screen("data_gone_80x24.txt", app)
        if name == "customers":
            assert "! of another size now" in screen_text(app)

    show(monkeypatch, data.project, act)


def test_a_read_only_app_reads_no_data(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """Where it can be read is remembered in the project, which is not written then; stored profiles are shown."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        app.desk.read_only = True
        await press(pilot, "d")
        assert app.said == ["data is not read: the app was opened with --read-only"]
        await find(pilot, "customers")
        await press(pilot, "enter", "enter")
        assert "it is not looked into: the app was opened with --read-only" in screen_text(app)

    show(monkeypatch, data.project, act)


def test_a_version_is_compared_with_the_one_before(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """Rows by the column that is an identifier in both."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "d")
        assert top(app) == "Viewer"
        check_screen("data_diff_80x24.txt", app)
        await press(pilot, "q", "enter", "j", "d")
        assert top(app) == "DatasetsScreen"
        assert app.said[-1].startswith("transactions@v1 is no longer at data/tx.csv")

    show(monkeypatch, data.project, act)


def test_two_marked_versions_are_compared_the_older_one_first(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """Whichever was marked first; esc takes the marks away."""
    data.path("data/old.csv").write_text(transactions(120))
    data.register("data/old.csv", "transactions")

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "c")
        assert app.said == ["a comparison needs two versions: mark one with space"]
        await press(pilot, "space", "j", "c")
        assert top(app) == "Viewer"
        assert "transactions@v1 → transactions@v3" in screen_text(app)
        await press(pilot, "q", "escape", "escape")
        assert top(app) == "DatasetsScreen"
        await press(pilot, "escape")
        assert top(app) == "RunsScreen"

    show(monkeypatch, data.project, act)


def test_a_comparison_that_is_done_elsewhere_is_told_not_shown(
    monkeypatch: pytest.MonkeyPatch, data: Warehouse
) -> None:
    """Nobody is torn from what they look at."""
    goes_on = threading.Event()

    def slow(task: Any, engine: None, errand: Any) -> Mapping[str, Any]:
        goes_on.wait(20)
        return {"a": "transactions@v2", "b": "transactions@v3", "equal": True, "rows": {"a": 1, "b": 1}}

    monkeypatch.setattr("workbench.tui.questions.data_errands.CompareData.do", slow)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await pilot.press("d")
        await pilot.pause(0.1)
        assert "● compare transactions@v2 with transactions@v3" in screen_text(app)
        for key in ("enter", "enter"):
            await pilot.press(key)
            await pilot.pause(0.3)
        assert top(app) == "DatasetVersionScreen"
        goes_on.set()
        await settle(pilot, until=lambda: bool(app.said))
        assert app.said == ["transactions@v2 → transactions@v3 are compared: d shows it"]
        assert top(app) == "DatasetVersionScreen"
        await press(pilot, "d")
        assert top(app) == "Viewer"

    show(monkeypatch, data.project, act)


# elsewhere


def test_the_runs_that_used_it_are_a_key_away(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """Where there are several, it asks which."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "o")
        assert app.said == ["no run has used transactions@v3"]
        await press(pilot, "j", "o")
        assert isinstance(app.screen, Choose)
        await paste(pilot, "quick")
        await press(pilot, "enter")
        assert isinstance(app.screen, RunScreen)
        assert "quick-lynx" in screen_text(app)

    show(monkeypatch, data.project, act)


def test_older_and_newer_versions_are_gone_through(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """The columns and the command follow."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "enter", "K")
        assert app.said == ["there is no newer version"]
        await press(pilot, "J")
        screen = on_version(app)
        assert screen.view_twin() == "workbench data profile transactions@v2"
        assert "transactions@v2  240 rows, 7 columns" in screen_text(app)
        assert screen.words()["before"] == "transactions@v1"
        await press(pilot, "J", "J")
        assert app.said[1:] == ["there is no older version"]

    show(monkeypatch, data.project, act)


def test_a_version_is_copied_as_the_command_prints_it(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """With the runs that used it."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "enter", "j", "Y")
        assert '"reference": "transactions@v2"' in app.copied[0]
        assert '"name": "calm-heron"' in app.copied[0]

    show(monkeypatch, data.project, act)


def test_a_dataset_that_is_registered_meanwhile_appears(monkeypatch: pytest.MonkeyPatch, data: Warehouse) -> None:
    """Above the others; the cursor stays with its own."""

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        data.register("data/new.csv", "fresh", "a,b\n1,2\n")
        await settle(pilot, until=lambda: on_screen(app).upper.total == 5)
        assert on_screen(app).upper.cursor_key == "transactions"
        assert "fresh" in screen_text(app)

    show(monkeypatch, data.project, act)
