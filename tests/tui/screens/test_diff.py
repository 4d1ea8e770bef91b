"""What changed between two runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tracking.repository import Repository
from tests.tui.bare_app import Act, BareApp, WidgetScreen, drive, settle
from tests.tui.compared_runs import uid
from tests.tui.golden import check_screen
from tests.tui.runs_to_show import Runs
from tests.tui.screen_text import screen_text
from workbench.base.errors import ToolError
from workbench.base.project import create_project
from workbench.output.cells import cell_width
from workbench.store.blobs import BlobStore
from workbench.tracking import diff as tracking_diff
from workbench.tui.questions import differences
from workbench.tui.screens.diff import DiffScreen
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.span_lines import SpanLines

ENVIRONMENT = {
    "python": "3.11.7", "platform": "Linux", "machine": "x86_64", "cpu_model": "AMD EPYC", "cpu_count": 16,
    "packages": {"numpy": "1.26.4", "scikit-learn": "1.5.0"},
}  # fmt: skip
NEWER = ENVIRONMENT | {"python": "3.12.1", "packages": {"numpy": "2.1.0", "scikit-learn": "1.5.0", "polars": "1.9"}}
TRAIN = "".join(f"line {number}\n" for number in range(40))


@pytest.fixture
def few(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """A project without runs."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    yield made
    made.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with two files, both long enough for two hunks."""
    made = Repository(tmp_path / "code")
    made.commit(train_py=TRAIN, model_py=TRAIN)
    return made


def add(
    runs: Runs,
    number: int,
    name: str,
    captures: dict[str, object],
    output: Sequence[str] = (),
    status: str | None = "finished",
) -> None:
    """One run with captures and output."""
    events = [{"e": "cap", "name": key, "value": value} for key, value in captures.items()]
    runs.add(uid(number), name, [*events, *({"e": "out", "s": 1, "x": line} for line in output)], status=status)
    runs.clock.advance(60)


def add_pair(runs: Runs, repository: Repository) -> None:
    """Two runs of one repository: the second has uncommitted changes, newer packages and another output."""
    add(runs, 0, "quiet-lynx", repository.captures() | {"environment": ENVIRONMENT}, ["epoch 0", "auc 0.91"])
    changed = TRAIN.replace("line 3\n", "line three\n").replace("line 30\n", "")
    repository.write(train_py=changed, model_py=TRAIN + "-- the end\n", notes_txt="hm\n")
    captures = repository.captures() | {"environment": NEWER}
    for content in repository.blobs.values():
        BlobStore(runs.project).put_bytes(content)
    add(runs, 1, "brave-otter", captures, ["epoch 0", "auc 0.93"])


def differ(monkeypatch: pytest.MonkeyPatch, runs: Runs, act: Act, size: tuple[int, int] = (80, 24)) -> None:
    """Open the differences over another screen, and do what the test does once they are worked out."""

    async def opened(app: BareApp, pilot: Pilot[Any]) -> None:
        app.push_screen(DiffScreen(uid(0), uid(1)))
        await worked_out(pilot)
        await act(app, pilot)

    drive(monkeypatch, runs.project, lambda: WidgetScreen(SpanLines()), opened, size)


async def worked_out(pilot: Pilot[Any]) -> None:
    """Wait for the desk and for the threads."""
    await settle(pilot)
    await pilot.app.workers.wait_for_complete()
    await settle(pilot, until=lambda: "reading git" not in screen_text(pilot.app))


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, each after everything is worked out."""
    for key in keys:
        await pilot.press(key)
        await worked_out(pilot)


def pane(app: BareApp) -> LineView:
    """The lines."""
    return app.screen.query_one(LineView)


def line(app: BareApp) -> str:
    """The line under the cursor."""
    return pane(app).line_text(pane(app).index)


@pytest.mark.parametrize("size", [(80, 24), (140, 45)], ids=["80x24", "140x45"])
def test_code_is_compared_with_uncommitted_changes(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository, size: tuple[int, int]
) -> None:
    """As git shows it, with the number of files and lines."""
    add_pair(few, repository)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "3 files, +3 −2" in screen_text(app)
        check_screen(f"diff_code_{size[0]}x{size[1]}.txt", app)

    differ(monkeypatch, few, act, size)


def test_environment_and_output_are_a_key_away(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository
) -> None:
    """`n` and tab go on, `N` goes back."""
    add_pair(few, repository)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        screen = app.screen
        assert isinstance(screen, DiffScreen)
        assert screen.view_twin() == "workbench runs diff 11111111 22222222 --code"
        await press(pilot, "n")
        check_screen("diff_environment_80x24.txt", app)
        assert screen.view_twin().endswith("--env")
        await press(pilot, "tab")
        check_screen("diff_output_80x24.txt", app)
        assert screen.view_twin().endswith("--output")
        await press(pilot, "tab")
        assert "diff --git" in screen_text(app)
        await press(pilot, "N", "shift+tab")
        assert "+numpy==2.1.0" in screen_text(app)

    differ(monkeypatch, few, act)


def test_signs_have_colours_besides(monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository) -> None:
    """And a removed line that begins with dashes is no heading."""
    add_pair(few, repository)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        view = pane(app)
        styles = {view.line_text(index): view._line_at(index)[0][1] for index in range(view.count)}
        assert styles["+line three"] == "added"
        assert styles["-line 30"] == "removed"
        assert styles["+-- the end"] == "added"
        assert styles["--- a/train.py"] == "bold"

    differ(monkeypatch, few, act)


def test_capital_j_and_k_jump_from_change_to_change(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository
) -> None:
    """A file with its first hunk is one change, each further hunk another."""
    add_pair(few, repository)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        seen = [line(app)]
        for _ in range(3):
            await press(pilot, "J")
            seen.append(line(app))
        assert [text.split()[0] + " " + text.split()[-1] for text in seen[:3]] == [
            "diff b/model.py",
            "diff b/notes.txt",
            "diff b/train.py",
        ]
        assert seen[3].startswith("@@ -28,")
        await press(pilot, "J")
        assert app.said == ["no change follows"]
        await press(pilot, "K", "K", "K")
        assert line(app) == seen[0]
        await press(pilot, "K")
        assert app.said[-1] == "no change comes before"

    differ(monkeypatch, few, act)


def test_the_difference_is_copied_as_a_patch(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository
) -> None:
    """Which git could apply."""
    add_pair(few, repository)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "Y", "J", "y")
        assert app.copied[0].startswith("diff --git a/model.py b/model.py\n")
        assert app.copied[0].endswith("\n")
        assert app.copied[1] == "diff --git a/notes.txt b/notes.txt"

    differ(monkeypatch, few, act)


def test_without_a_repository_commit_ids_are_compared_which_is_said(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """As the command line says it."""
    add(few, 0, "quiet-lynx", {"git": {"commit": "a" * 40, "branch": "main", "dirty": False, "root": "/gone"}})
    add(few, 1, "brave-otter", {"git": {"commit": "b" * 40, "branch": "main", "dirty": True, "root": "/gone"}})

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen("diff_without_repository_80x24.txt", app)
        text = " ".join(screen_text(app).split())
        assert "the uncommitted changes of brave-otter were not captured" in text
        assert "no local repository has both commits" in text

    differ(monkeypatch, few, act)


def test_runs_outside_of_git_have_no_code_to_compare(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """And no environment where none was captured."""
    add(few, 0, "quiet-lynx", {})
    add(few, 1, "brave-otter", {})

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "did not run in a git repository" in screen_text(app)
        await press(pilot, "n")
        assert "the environment of a run was not captured" in screen_text(app)
        await press(pilot, "J", "Y")
        assert app.said == ["no change follows", "there is no difference to copy"]

    differ(monkeypatch, few, act)


def test_identical_runs_are_the_same(monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository) -> None:
    """In all three."""
    captures = repository.captures() | {"environment": ENVIRONMENT}
    for number, name in enumerate(("quiet-lynx", "brave-otter")):
        add(few, number, name, captures, ["epoch 0"])

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        check_screen("diff_identical_80x24.txt", app)
        for kind in ("environment", "output", "code"):
            await press(pilot, "n")
            assert f"the {kind} is the same" in screen_text(app)

    differ(monkeypatch, few, act)


def test_a_failing_tool_is_a_sentence_in_the_pane(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository
) -> None:
    """The other kinds work all the same."""
    add_pair(few, repository)

    def fail(*_: object, **__: object) -> None:
        raise ToolError("git is not installed", "install git, then try again")

    monkeypatch.setattr(differences, "diff_code", fail)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "✗ git is not installed" in screen_text(app)
        assert "install git, then try again" in screen_text(app)
        await press(pilot, "n")
        assert "+numpy==2.1.0" in screen_text(app)

    differ(monkeypatch, few, act)


def test_a_mistake_in_the_work_is_told_rather_than_waited_for(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository
) -> None:
    """Nobody waits for ever."""
    add_pair(few, repository)

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(differences, "diff_code", fail)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert "✗ this cannot be compared: odd" in screen_text(app)

    differ(monkeypatch, few, act)


def test_a_run_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """In the place of the difference."""
    add(few, 0, "quiet-lynx", {})

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        assert f"✗ there is no run {uid(1)}" in screen_text(app)

    differ(monkeypatch, few, act)


def test_output_of_a_running_run_is_compared_anew(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """Also where the work takes longer than the run to write the next line."""
    add(few, 0, "quiet-lynx", {}, ["epoch 0"])
    add(few, 1, "brave-otter", {}, ["epoch 0"], status=None)

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "N")
        assert "the output is the same" in screen_text(app)
        for epoch in (1, 2, 3):
            few.live[uid(1)].events([{"e": "out", "s": 1, "x": f"epoch {epoch}"}])
        await settle(pilot, until=lambda: "+epoch 3" in screen_text(app))
        assert "+3 −0" in screen_text(app)

    differ(monkeypatch, few, act)


def test_long_outputs_say_that_only_their_end_is_compared(monkeypatch: pytest.MonkeyPatch, few: Runs) -> None:
    """As the command line does."""
    monkeypatch.setattr(tracking_diff, "MAX_OUTPUT_LINES", 50)
    monkeypatch.setattr(differences, "MAX_OUTPUT_LINES", 50)
    add(few, 0, "quiet-lynx", {}, [f"epoch {number}" for number in range(60)])
    add(few, 1, "brave-otter", {}, [f"epoch {number}" for number in range(61)])

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        await press(pilot, "N")
        assert "# only the last 50 lines of each output are compared" in screen_text(app)

    differ(monkeypatch, few, act)


@pytest.mark.parametrize("size", [(60, 15), (300, 60)], ids=str)
def test_every_size_is_drawn_within_it(
    monkeypatch: pytest.MonkeyPatch, few: Runs, repository: Repository, size: tuple[int, int]
) -> None:
    """With a line of 100,000 letters and names that need escaping."""
    add(few, 0, "日本語 [b]\n" * 9, repository.captures(), [])
    repository.write(train_py="x" * 100_000 + "\t\x1b[31m日本\n")
    captures = repository.captures()
    for content in repository.blobs.values():
        BlobStore(few.project).put_bytes(content)
    add(few, 1, "🦊" * 40, captures, [])

    async def act(app: BareApp, pilot: Pilot[Any]) -> None:
        for width, height in (size, (20, 5), size):
            await pilot.resize_terminal(width, height)
            await worked_out(pilot)
            lines = screen_text(app).split("\n")
            assert len(lines) == height
            assert all(cell_width(text) <= width for text in lines)
        await press(pilot, "G", "l", "l")
        assert "xxxx" in screen_text(app)

    differ(monkeypatch, few, act, size)
