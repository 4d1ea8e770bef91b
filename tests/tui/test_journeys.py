"""What people do with the app from beginning to end, in a real terminal, beside other processes that log and read."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

from tests.tui.small_project import (
    CRANE,
    HERON,
    LYNX,
    OTTER,
    add_runs,
    script,
    told,
    told_run,
    training,
)
from tests.tui.terminal import Terminal, app_in_terminal, environment, needs_terminal, workbench
from workbench.base.project import Project

pytestmark = needs_terminal

WIDE = (120, 32)
CRASH_SEEN_S = 8.0
"""Within so many seconds the app says that a killed run has crashed."""


def test_a_newcomer_sees_a_first_run_appear_and_leaves_a_clean_terminal(project: Project) -> None:
    """From a shell: an empty project, a run of another process, the keys, and back in the shell."""
    with Terminal(["sh"], env=environment(ENV="")) as terminal:
        terminal.write("PS1='ready> '; clear\n")
        terminal.wait_until(lambda shown: shown.startswith("ready>"), "a prompt")
        terminal.write("echo be'fore'; stty -a > before.txt\n")
        terminal.wait_for("before\nready>")
        terminal.write(f"cd {project.root}; {' '.join(workbench())}; echo sta'tus'=$?; stty -a > after.txt\n")

        shown = terminal.wait_for("No runs yet")
        assert "workbench run -- python train.py" in shown and "workbench demo" in shown

        with training(project, "first-steps", 5) as process:
            terminal.wait_for("first-steps")
            assert process.wait(timeout=30) == 0
        terminal.wait_for_line("first-steps .*✓ finished")
        assert "No runs yet" not in terminal.screen()

        terminal.press("?")
        shown = terminal.wait_for("Open the run")
        assert "Filter the runs" in shown
        terminal.back("Filter the runs")
        terminal.wait_for_line("first-steps .*✓ finished")

        terminal.press("q")
        shown = terminal.wait_until(lambda shown: shown.rstrip().endswith("status=0\nready>"), "the shell")
        assert "before" in shown and "first-steps" not in shown
        assert re.sub(r"(?s)ready> cd .*?\n(?=status)", "", shown).rstrip().endswith("before\nstatus=0\nready>")
        modes = ("alternate_on", "cursor_flag", "mouse_any_flag", "mouse_sgr_flag", "keypad_cursor_flag")
        assert [terminal.ask(mode) for mode in modes] == ["0", "1", "0", "0", "0"]
        terminal.write("echo $((6*7))\n")
        terminal.wait_for("echo $((6*7))\n42\n")
        assert Path("before.txt").read_text() == Path("after.txt").read_text()


def test_finding_runs_by_filter_and_order_is_remembered(project: Project) -> None:
    """A filter with a mistake, the right one, an order, the next start, and all runs again."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("4 runs")
        terminal.press("/")
        terminal.write("metrics.auc >")
        caret = terminal.wait_for_line(r"^( *)\^ a value is expected here")
        line = next(line for line in terminal.screen().splitlines() if "metrics.auc >" in line)
        assert len(caret[1]) >= line.index(">"), "the caret stands below the mistake"
        assert "brave-otter" in terminal.screen(), "the rows stay while the filter is wrong"

        terminal.write(" 0.86")
        shown = terminal.wait_for("2 of 4 runs")
        assert "^ a value" not in shown and "bold-crane" not in shown
        terminal.press("Enter")

        header = terminal.wait_for_line(r"^ *run .*\bauc\b")[0]
        presses = _columns_before(header, "auc")
        terminal.press(*["Right"] * presses, "s")
        terminal.wait_for_line(r"^ *run .*\bauc ▼")
        _wait_for_order(terminal, "brave-otter", "quiet-lynx")
        terminal.press("s")
        terminal.wait_for_line(r"^ *run .*\bauc ▲")
        _wait_for_order(terminal, "quiet-lynx", "brave-otter")
        terminal.press("q")
        assert terminal.wait_for_end() == 0

    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("2 of 4 runs")
        terminal.wait_for_line(r"^ *run .*\bauc ▲")
        _wait_for_order(terminal, "quiet-lynx", "brave-otter")
        terminal.press("Escape")
        shown = terminal.wait_for("4 runs")
        _wait_for_order(terminal, "bold-crane", "calm-heron", "quiet-lynx", "brave-otter")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_comparing_two_runs_shows_what_differs_and_draws_it(project: Project) -> None:
    """Two marked runs side by side, their environments, their curves with a crosshair, and back step by step."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("calm-heron")
        terminal.press("G")
        terminal.wait_for("brave-otter  ✓ finished in")
        terminal.press("k", "Space", "Space")
        terminal.wait_for("2 marked")

        terminal.press("c")
        shown = terminal.wait_for("what differs ─")
        rows = {line.split()[0]: line for line in shown.splitlines() if line.split()}
        assert re.search(r"0\.1 +0\.05$", rows["params.lr"])
        assert "params.depth" in rows and "params.model" not in rows, "only what differs is shown"
        terminal.press("a")
        terminal.wait_for_line("^ *params.model +gbm +gbm")

        terminal.press("d")
        terminal.wait_for("Differences")
        terminal.wait_for("the code is the same")
        terminal.press("n")
        shown = terminal.wait_for("numpy")
        assert "1.26.4" in shown and "2.0.0" in shown
        terminal.press("Escape")
        terminal.wait_for_line("^ *params.model +gbm +gbm")

        terminal.press("m")
        shown = terminal.wait_for("2 runs · metric")
        assert "─ auc ─" in shown
        terminal.press("h")
        terminal.wait_for_line(r" at \d+")
        terminal.press("h", "h")
        terminal.wait_for_line(r" at 18\b")
        terminal.press("H")
        terminal.wait_for_line(r" at (?!18)\d+\b")
        terminal.press("0")
        terminal.wait_without(" at ")

        terminal.press("Escape")
        terminal.wait_for_line("^ *params.model +gbm +gbm")
        terminal.press("Escape")
        terminal.wait_for("2 marked")
        terminal.press("Escape")
        terminal.wait_without("marked")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def test_editing_runs_is_seen_by_every_other_process(project: Project, tmp_path: Path) -> None:
    """Tag, star, baseline, note in an editor, trash and undo; none of it where the app may only read."""
    add_runs(project)
    editor = script(tmp_path / "editor", 'echo "the editor of $1"\nread line\nprintf "%s\\n" "$line" >> "$1"\n')
    with app_in_terminal(project, env=environment(EDITOR=str(editor), VISUAL="")) as terminal:
        terminal.wait_for("brave-otter")
        terminal.press("G")
        terminal.wait_for("brave-otter  ✓ finished in")

        terminal.press("t")
        terminal.wait_for("Tag the run")
        terminal.write("kind=winner")
        terminal.press("Enter")
        terminal.wait_for("tagged kind=winner")
        terminal.press("*")
        terminal.wait_for_line("brave-otter.*★")
        terminal.press("p")
        terminal.wait_for_line("brave-otter.*⚑★")

        terminal.press("E")
        shown = terminal.wait_for("the editor of")
        assert "live" not in shown and terminal.ask("alternate_on") == "0"
        terminal.write("worth a second look\n")
        terminal.wait_for("note saved")
        assert terminal.ask("alternate_on") == "1"
        told_now = told_run(project, OTTER)
        assert told_now["tags"] == {"kind": "winner"} and told_now["starred"] is True
        assert told_now["note"].strip() == "worth a second look"
        assert [run["name"] for run in told(project, "runs", "list", "-w", "attributes.pinned = true")] == [
            "brave-otter"
        ]

        terminal.press("d")
        terminal.wait_for("Put the run in the trash?")
        terminal.press("Enter")
        terminal.wait_without("in the trash?")
        assert told_run(project, OTTER)["deleted"] is False, "enter alone means no"
        terminal.press("d")
        terminal.wait_for("Put the run in the trash?")
        terminal.press("y")
        terminal.wait_for("3 runs")
        assert told_run(project, OTTER)["deleted"] is True
        terminal.press("u")
        terminal.wait_for("4 runs")
        assert told_run(project, OTTER)["deleted"] is False
        terminal.press("q")
        assert terminal.wait_for_end() == 0

    before = {uid: told_run(project, uid) for uid in (OTTER, LYNX)}
    with app_in_terminal(project, "--read-only", env=environment(EDITOR=str(editor), VISUAL="")) as terminal:
        terminal.wait_for("brave-otter")
        terminal.wait_for("read-only")
        for key in ("t", "*", "p", "E", "R", "M", "d", "u"):
            terminal.press(key)
            terminal.press("j", "k")  # a dialog would have kept them
            shown = terminal.screen()
            assert "Tag the" not in shown and "trash?" not in shown and "the editor of" not in shown
        terminal.press("?")
        shown = terminal.wait_for("Open the run")
        terminal.write("trash")
        terminal.wait_for("Show the trash")
        assert "Put the runs in the trash" not in terminal.screen()
        terminal.back("Show the trash")
        terminal.wait_for("read-only")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert {uid: told_run(project, uid) for uid in (OTTER, LYNX)} == before


def test_a_training_is_followed_until_it_is_killed(project: Project) -> None:
    """Its row says running and its metric moves; soon after `kill -9` the row says crashed."""
    add_runs(project)
    with app_in_terminal(project, size=WIDE) as terminal:
        terminal.wait_for("brave-otter")
        with training(project, "swift-puma", 100_000) as process:
            terminal.wait_for_line("swift-puma .*● running")
            terminal.wait_for("1 running")
            terminal.press("g")
            terminal.wait_for("swift-puma  ● running")
            seen: list[int] = []
            while len(seen) < 3:
                loss = int(terminal.wait_for_line(r"^.*[│ ]loss +(\d+)\b")[1])
                assert not seen or loss >= seen[-1]
                if not seen or loss > seen[-1]:
                    seen.append(loss)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
        killed = time.monotonic()
        terminal.wait_for_line("swift-puma .*◌ crashed", deadline_s=CRASH_SEEN_S)
        assert time.monotonic() - killed < CRASH_SEEN_S
        terminal.wait_without("1 running", deadline_s=CRASH_SEEN_S)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert {CRANE, HERON} <= {run["run_id"] for run in told(project, "runs", "list")}


def _columns_before(header: str, title: str) -> int:
    """How many columns stand before one, in a header whose titles are separated by two spaces or more."""
    titles = [part.split()[0] for part in re.split(r"\s{2,}", header.partition("│")[0].strip())]
    return titles.index(title)


def _wait_for_order(terminal: Terminal, *names: str) -> None:
    """Wait until runs stand in this order in the table, and no other run does."""

    def in_order(shown: str) -> bool:
        rows = [match[1] for match in re.finditer(r"(?m)^.? (\w+-\w+) .*│", shown)]
        return rows == list(names)

    terminal.wait_until(in_order, f"rows {names}")
