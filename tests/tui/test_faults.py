"""What goes wrong around the app while it is open: it says so, goes on, and leaves a clean terminal."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.tui.bare_app import open_desk, settle
from tests.tui.runs_to_show import Runs
from tests.tui.screen_text import screen_text
from tests.tui.small_project import LYNX, OTTER, add_runs, script, told, told_run, training
from tests.tui.terminal import Terminal, app_in_terminal, environment, needs_terminal, workbench
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.output.cells import cell_width
from workbench.store.store import Store
from workbench.tui.app import WorkbenchApp
from workbench.tui.state import State

WIDE = (120, 32)
AFTER_S = 2.0
"""An app that is asked to end has ended after so long."""
NAMES = (
    "[red]x[/]",
    "日本語の名前",
    "two\nlines",
    "escape \x1b[31mred\x1b[0m \x1b]0;title\x07",
    "n" * 10_000,
    "👩‍👩‍👧 family e\u0301\u0301",
    "\t\r\x00\u202egnirts",
)

HOLD = """
import sys, duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
held.close()
print("free", flush=True)
sys.stdin.readline()
"""


@needs_terminal
def test_a_store_that_is_deleted_leaves_what_was_read_on_the_screen(project: Project) -> None:
    """The header says that the store is lost, keys go on working, leaving leaves no traceback."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        shutil.rmtree(Path(project.root, ".workbench"))
        shown = terminal.wait_for("store lost")
        assert "brave-otter" in shown and "quiet-lynx" in shown
        terminal.press("*")
        terminal.press("?")
        terminal.wait_for("Open the run")
        terminal.back("Open the run")
        terminal.wait_for("brave-otter")
        assert _left(terminal) == ""


@needs_terminal
def test_a_store_that_is_moved_away_comes_back(project: Project) -> None:
    """A run that was logged after the store had come back appears."""
    add_runs(project)
    inside, away = Path(project.root, ".workbench"), Path(project.root, "away")
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        inside.rename(away)
        terminal.wait_for("store lost")
        if inside.exists():  # nothing may be made in the place of what has been moved
            pytest.fail(f"made anew: {sorted(path.name for path in inside.rglob('*'))}")
        away.rename(inside)
        terminal.wait_for("● live")
        with training(project, "after-all", 2) as process:
            process.wait(timeout=30)
        terminal.wait_for_line("after-all .*✓ finished")
        assert _left(terminal) == ""


@needs_terminal
def test_a_store_file_that_another_program_holds_is_read_into_memory(project: Project) -> None:
    """DuckDB's own lock shuts the app out; it shows the journals all the same, also new ones."""
    add_runs(project)
    assert len(told(project, "runs", "list")) == 4
    store = Store(project)
    path = store.visible_path()
    store.close()
    assert path is not None
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None and holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with app_in_terminal(project, size=WIDE) as terminal:
            terminal.wait_for("into memory")
            terminal.wait_for("brave-otter")
            with training(project, "meanwhile", 2) as process:
                process.wait(timeout=30)
            terminal.wait_for_line("meanwhile .*✓ finished")
            holder.stdin.write("\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == "free\n"
            with training(project, "afterwards", 2) as process:
                process.wait(timeout=30)
            terminal.wait_for_line("afterwards .*✓ finished")
            assert _left(terminal) == ""
    finally:
        holder.kill()
        holder.communicate()


@needs_terminal
@pytest.mark.parametrize(
    "keys", [(), ("Enter",), ("d",), ("m",), ("/",), ("?",)], ids="runs run ask charts filter help".split()
)
def test_a_terminal_made_small_and_large_again_shows_what_it_showed(project: Project, keys: Sequence[str]) -> None:
    """Below 60x15 one sentence says the size needed."""
    add_runs(project)
    with app_in_terminal(project, size=(100, 30)) as terminal:
        terminal.wait_for("└0")  # the charts are what comes last
        terminal.press(*keys)
        if keys == ("/",):
            terminal.wait_for("attributes.command")
        before = _ageless(_settled(terminal, 0.5))
        terminal.resize(20, 5)
        shown = terminal.wait_for("too small")
        assert "60x15" in " ".join(shown.split())
        for size in ((1, 1), (300, 2), (2, 80), (60, 15), (200, 60), (59, 15), (20, 5)):
            terminal.resize(*size)
        terminal.resize(100, 30)
        terminal.wait_until(lambda shown: _ageless(shown) == before, f"the screen of before:\n{before}")
        assert terminal.running()


@needs_terminal
@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": ""}, pytest.param({"NO_COLOR": "1"}, marks=pytest.mark.slow)], ids=str
)
def test_without_colours_no_colour_is_written(project: Project, variables: dict[str, str]) -> None:
    """Whatever `NO_COLOR` is set to; what stands out does so by bold, reverse and underline."""
    add_runs(project)
    command = ["env", *(f"{name}={value}" for name, value in variables.items()), *workbench("-C", project.root, "ui")]
    with Terminal(command, size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        for key in ("Enter", "m", "Escape", "Escape", "?", "Escape", "Space", "d", "Escape", "/"):
            terminal.press(key)
            _settled(terminal)
            codes = _style_codes(terminal.screen(styled=True))
            assert not [code for code in codes if _is_colour(code)], key
            assert codes & {"1", "4", "7"}


@needs_terminal
def test_a_plain_terminal_is_enough(project: Project) -> None:
    """`TERM=xterm` and no true colours: all keys work, and nothing that the terminal does not know is left on it."""
    add_runs(project)
    command = ["env", "-u", "COLORTERM", "TERM=xterm", *workbench("-C", project.root, "ui")]
    with Terminal(command, size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        terminal.press("j", "Enter")
        terminal.wait_for("failed after")
        terminal.back("failed after")
        terminal.wait_for("4 runs")
        assert _left(terminal) == ""


@needs_terminal
def test_a_stopped_app_goes_on(project: Project) -> None:
    """`kill -STOP` and `-CONT`; and what the shell does with a stopped job."""
    add_runs(project)
    # tmux wakes its own child whenever that is stopped, so there is a shell between them.
    command = " ".join(workbench("-C", project.root))
    with Terminal(["sh", "-c", f"{command}; echo sta'tus'=$?; stty -a; sleep 60"], size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        app = terminal.app_process()
        app.suspend()
        with training(project, "meanwhile", 2) as process:
            process.wait(timeout=30)
        terminal.press("j")
        assert "meanwhile" not in terminal.screen()
        app.resume()
        terminal.wait_for_line("meanwhile .*✓ finished")
        terminal.wait_for("bold-crane  ✗ failed")
        terminal.press("G", "k", "k")
        terminal.wait_for("bold-crane  ✗ failed")
        terminal.press("q")
        shown = terminal.wait_for(" echo ")
        assert "status=0" in shown and " icanon" in shown and " icrnl" in shown and "Traceback" not in shown

    with Terminal(["sh"], size=WIDE) as terminal:
        terminal.write(f"PS1='ready> '; clear; {' '.join(workbench('-C', project.root))}\n")
        terminal.wait_for("calm-heron")
        terminal.wait_for("meanwhile  ✓ finished in")
        os.kill(terminal.app_process().pid, signal.SIGTSTP)
        shown = terminal.wait_for("ready>")
        assert "Traceback" not in shown
        assert [terminal.ask(mode) for mode in ("alternate_on", "cursor_flag", "mouse_any_flag")] == ["0", "1", "0"]
        terminal.write("fg\n")
        terminal.wait_for("meanwhile  ✓ finished in")
        terminal.press("j")
        terminal.wait_for("calm-heron  ✓ finished in")
        terminal.press("q")
        assert "Traceback" not in terminal.wait_for("ready>")


@needs_terminal
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_app_that_is_told_to_end_ends_and_cleans_up(project: Project, number: signal.Signals) -> None:
    """The terminal is as before, without a traceback; how the runs were looked at is remembered."""
    add_runs(project)
    with Terminal(["sh"], size=WIDE) as terminal:
        terminal.write("PS1='ready> '; clear\n")
        terminal.write(f"{' '.join(workbench('-C', project.root))}; echo sta'tus'=$?\n")
        terminal.wait_for("calm-heron  ✓ finished in")
        terminal.press("Space")
        terminal.wait_for("1 marked")
        app = terminal.app_process()
        started = time.monotonic()
        app.send_signal(number)
        shown = terminal.wait_for("status=", deadline_s=AFTER_S + 1)
        assert time.monotonic() - started < AFTER_S
        assert "Traceback" not in shown and f"status={128 + number}" in shown
        modes = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag")
        assert [terminal.ask(mode) for mode in modes] == ["0", "1", "0", "0"]
        terminal.write("echo $((6*7))\n")
        terminal.wait_for("echo $((6*7))\n42\n")
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("1 marked")


@needs_terminal
def test_closing_the_terminal_ends_the_app(project: Project) -> None:
    """The process is gone soon after its terminal."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        [process, *_] = terminal.processes()
    gone = time.monotonic() + AFTER_S
    while process.is_running() and process.status() != "zombie":
        assert time.monotonic() < gone, "the app outlives its terminal"
        time.sleep(0.02)


@needs_terminal
def test_keys_pressed_before_the_app_listens_are_done_in_their_order(project: Project) -> None:
    """A person who types ahead of the first page gets the filter, not what each letter of it would do."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.write("/params.model = 'gbm'")
        terminal.press("Enter")
        terminal.wait_for("2 of 4 runs")
        terminal.press("G", "d", "y", "u", "g", "t")
        terminal.write("kind=quick")
        terminal.press("Enter")
        terminal.wait_for("tagged kind=quick")
        assert told_run(project, LYNX)["tags"]["kind"] == "quick"
        assert told_run(project, OTTER)["deleted"] is False
        assert "Traceback" not in _left(terminal)


@needs_terminal
def test_signals_amid_anything_hold_up_nothing(project: Project) -> None:
    """A terminal that wakes its programs again and again, as tmux does, while the app draws."""
    add_runs(project)
    # tmux wakes its own child itself whenever that is stopped, so there is a shell between them.
    command = " ".join(workbench("-C", project.root))
    with Terminal(["sh", "-c", f"{command}; echo sta'tus'=$?; sleep 60"], size=WIDE) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        app = terminal.app_process()
        for place in range(80):
            terminal.press("jkGg"[place % 4])
            app.send_signal(signal.SIGCONT)
            time.sleep(place % 7 / 1000)
        for _ in range(30):  # what is typed while the app takes the terminal again is lost
            terminal.press("g", "j")
            if "bold-crane  ✗ failed" in _settled(terminal):
                break
        terminal.wait_for("bold-crane  ✗ failed")
        for _ in range(30):
            terminal.press("q")
            if "status=0" in _settled(terminal):
                break
        terminal.wait_for("status=0")


def test_an_app_whose_terminal_takes_no_more_text_can_be_ended(project: Project) -> None:
    """Nobody reads what it writes: it waits to write, and SIGTERM ends it all the same."""
    add_runs(project)
    outside, inside = os.openpty()
    termios.tcsetwinsize(inside, (60, 250))
    command = workbench("-C", project.root, "ui")
    process = subprocess.Popen(command, env=environment(), stdin=inside, stdout=inside, stderr=inside)
    try:
        os.close(inside)
        shown = b""
        while b"calm-heron" not in shown:
            shown += os.read(outside, 4096)
        used, calm = -1.0, 0
        for key in itertools.cycle((b"?", b"\x1b")):  # as long as it answers, it draws
            os.write(outside, key)
            time.sleep(0.05)
            before, used = used, sum(psutil.Process(process.pid).cpu_times()[:2])
            calm = calm + 1 if used == before else 0
            if calm == 10:
                break
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=AFTER_S + 2) == 128 + signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        os.close(outside)


@needs_terminal
@pytest.mark.parametrize("editor", ["false", "kill -9 $$", 'rm "$1"', 'printf "\\377\\033[31m[b]" > "$1"'])
def test_an_editor_that_misbehaves_loses_no_note(project: Project, tmp_path: Path, editor: str) -> None:
    """The note is as it was, or what was written; the app goes on."""
    add_runs(project)
    program = script(tmp_path / "editor", editor + "\n")
    with app_in_terminal(project, size=WIDE, env=environment(EDITOR=str(program), VISUAL="")) as terminal:
        terminal.wait_for("calm-heron  ✓ finished in")
        terminal.press("E")
        terminal.wait_until(lambda shown: "note" in shown and "▌" in shown, "what became of the note")
        terminal.press("j")
        terminal.wait_for("bold-crane  ✗ failed")
        assert _left(terminal) == ""


@needs_terminal
@pytest.mark.parametrize("size", [(80, 24), pytest.param((140, 45), marks=pytest.mark.slow)], ids=str)
def test_names_that_are_no_names_are_shown_escaped_and_cut(project: Project, size: tuple[int, int]) -> None:
    """In every place where a run's name is shown; nothing of it acts on the terminal."""
    clock = FakeClock(time.time_ns() // 1000)
    runs = Runs(project, clock)
    for place, name in enumerate(NAMES):
        key = name.replace("\0", "")
        runs.add(f"{place}" * 32, name, [{"e": "param", "name": key, "value": name}], metrics={key: [1.0, 2.0, 3.0]})
    with app_in_terminal(project, size=size) as terminal:
        terminal.wait_for("7 runs")
        for key in ("a", "c", "Escape", "m", "Escape", "?", "Escape", "d", "Escape", "C", "Escape"):
            terminal.press(key)
            shown = _settled(terminal)
            assert all(cell_width(line) <= size[0] for line in shown.splitlines())
        terminal.press("g")
        for _ in NAMES:
            for key in ("Enter", "m", "1", "j"):
                terminal.press(key)
                shown = _settled(terminal, 0.06)
                assert "\x07" not in shown and "Traceback" not in shown
                assert terminal.ask("pane_title") != "title", f"after {key}:\n{shown}"
        assert terminal.ask("pane_title") != "title"
        terminal.wait_for("[red]x[/]")
        assert _left(terminal) == ""


def test_a_clock_that_jumps_makes_no_age_negative(
    project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year back and a year forward: the table, the run, its charts and the comparison are shown all the same."""
    add_runs(project)
    year_s = 365 * 86_400

    async def act(app: WorkbenchApp, pilot: Pilot[Any]) -> None:
        for jump_s in (-year_s, 2 * year_s, -year_s):
            clock.advance(jump_s)
            with Writing(project, clock) as writing:
                writing.log("swift-puma")
                for keys in (
                    ("r",),
                    ("enter",),
                    ("escape",),
                    ("m",),
                    ("escape",),
                    ("g", "space", "space", "c"),
                    ("escape", "escape"),
                ):
                    await pilot.press(*keys)
                    app._age()
                    await settle(pilot)
                    shown = screen_text(app)
                    assert not re.search(r"[-−]\d+(\.\d+)?\s?(s|m|h|d|w|mo|y)\b", shown), shown

    _headless(monkeypatch, project, act)


def test_a_full_disk_is_said_and_nothing_is_lost(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit that cannot be written is told as an error; the next one, with space again, is done."""
    add_runs(project)
    full = True
    write = os.write

    def no_space(fd: int, data: Any) -> int:
        if (full and bytes(data[:1]) in (b"#", b"%", b"!")) or (full and b'"e":' in bytes(data[:400])):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    async def act(app: WorkbenchApp, pilot: Pilot[Any]) -> None:
        nonlocal full
        said: list[tuple[str, str]] = []
        monkeypatch.setattr(
            app, "notify", lambda text, *, severity="information", **more: said.append((severity, text)), raising=True
        )
        monkeypatch.setattr("os.write", no_space)
        await pilot.press("G", "asterisk")
        await settle(pilot, until=lambda: bool(said))
        assert said[0][0] == "error" and "space" in said[0][1], said
        assert told_run(project, OTTER)["starred"] is False
        full = False
        await pilot.press("asterisk")
        await settle(pilot, until=lambda: len(said) > 1)
        assert said[-1] == ("information", "starred 1 run")

    _headless(monkeypatch, project, act)
    assert told_run(project, OTTER)["starred"] is True


class Writing:
    """Runs that begin and go on by a clock that jumps."""

    def __init__(self, project: Project, clock: FakeClock) -> None:
        self._project = project
        self._clock = clock
        self._writers: list[JournalWriter] = []

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers:
            writer.close()

    def log(self, name: str) -> None:
        """Begin a run now, and log."""
        runs = Runs(self._project, self._clock)
        uid = os.urandom(16).hex()
        self._writers.append(runs.add(uid, name, metrics={"loss": [3.0, 2.0, 1.0]}, status=None))


def _headless(
    monkeypatch: pytest.MonkeyPatch,
    project: Project,
    act: Callable[[WorkbenchApp, Pilot[Any]], Any],
    size: tuple[int, int] = WIDE,
) -> None:
    """The whole app without a terminal."""

    async def body() -> None:
        with open_desk(project) as desk:
            app = WorkbenchApp(desk, State())
            app.animation_level = "none"
            async with app.run_test(size=size) as pilot:
                await settle(pilot)
                await act(app, pilot)

    asyncio.run(body())


def _left(terminal: Terminal) -> str:
    """Leave with the key, in good order; returns what is left in the terminal."""
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    return terminal.screen().strip()


def _settled(terminal: Terminal, quiet_s: float = 0.15) -> str:
    """The screen, once it has been the same for a while."""
    shown, since = terminal.screen(), time.monotonic()
    deadline = since + 5
    while time.monotonic() - since < quiet_s and time.monotonic() < deadline:
        time.sleep(0.02)
        if (now := terminal.screen()) != shown:
            shown, since = now, time.monotonic()
    return shown


def _ageless(shown: str) -> str:
    """A screen without what grows by itself."""
    return re.sub(r"\b\d+[smh](?= | ago|$)", "AGE", shown, flags=re.MULTILINE).rstrip()


def _style_codes(styled: str) -> set[str]:
    return {code for codes in re.findall(r"\x1b\[([0-9;:]*)m", styled) for code in re.split("[;:]", codes)}


def _is_colour(code: str) -> bool:
    return code.isdigit() and (30 <= int(code) <= 38 or 40 <= int(code) <= 48 or 90 <= int(code) <= 107)
