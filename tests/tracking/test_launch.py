"""`workbench run`: the command runs as it would alone, and everything about it is recorded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.journals import events_of, points_of, roles_of
from tests.tracking.terminal import terminal, wait_until
from workbench.base.errors import InputError, StorePermissionError
from workbench.base.project import Project
from workbench.journal.layout import live_dir, sealed_dir
from workbench.journal.liveness import writer_alive
from workbench.journal.writer import JournalWriter
from workbench.store.blobs import BlobStore
from workbench.tracking import launch as launch_module
from workbench.tracking.launch import launch

LAUNCHER = """
import sys
from workbench.base.project import find_or_create_project
from workbench.tracking.launch import launch
sys.exit(launch(find_or_create_project(), sys.argv[1:]))
"""
LAUNCH = [sys.executable, "-c", LAUNCHER]


def the_run(project: Project) -> str:
    """The id of the one run there is."""
    names = [n for folder in (live_dir, sealed_dir) for n in os.listdir(folder(project.journal_dir)) if n[0] != "."]
    [run_id] = {name.split(".")[0] for name in names}
    return run_id


def recorded(project: Project, kind: str) -> list[dict[str, Any]]:
    return events_of(project, the_run(project), kind)


def end_of(project: Project) -> tuple[str, int, str | None]:
    [end] = recorded(project, "end")
    return end["status"], end["exit_code"], end["error"]


def output_of(project: Project, stream: int = 1) -> list[str]:
    return [event["x"] for event in recorded(project, "out") if event["s"] == stream]


def test_a_command_is_recorded_from_start_to_end(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    status = launch(
        project,
        ["sh", "-c", "echo hello; echo oops >&2", "--api-key=hunter2"],
        experiment="fraud",
        name="first",
        params={"lr": 0.1, "adam": {"eps": 1}},
        tags={"kind": "baseline"},
        on_start=told.append,
    )
    assert status == 0
    assert told == [the_run(project)]
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("hello\n", "oops\n")
    [start] = recorded(project, "start")
    assert (start["experiment"], start["name"], start["parent"], start["resumed"]) == ("fraud", "first", None, False)
    assert start["command"] == ["sh", "-c", "echo hello; echo oops >&2", "--api-key=***"]
    assert start["cwd"] == os.getcwd()
    assert start["host"] == os.uname().nodename
    assert [(e["name"], e["value"]) for e in recorded(project, "param")] == [("lr", 0.1), ("adam.eps", 1)]
    assert [(e["name"], e["value"]) for e in recorded(project, "tag")] == [("kind", "baseline")]
    assert (output_of(project, 1), output_of(project, 2)) == (["hello"], ["oops"])
    assert end_of(project) == ("finished", 0, None)
    assert recorded(project, "seal")
    assert roles_of(project, the_run(project)) == ["main"]


@pytest.mark.parametrize(
    ("script", "status", "end"),
    [
        ("exit 0", 0, ("finished", 0, None)),
        ("exit 3", 3, ("failed", 3, "exit status 3")),
        ("echo 'ValueError: bad lr' >&2; exit 1", 1, ("failed", 1, "ValueError: bad lr")),
        ("kill -KILL $$", 137, ("killed", 137, "killed by SIGKILL")),
        ("kill -TERM $$", 143, ("killed", 143, "killed by SIGTERM")),
        ("kill -SEGV $$", 139, ("killed", 139, "killed by SIGSEGV")),
    ],
)
def test_the_status_is_the_commands_own(
    project: Project, script: str, status: int, end: tuple[str, int, str | None]
) -> None:
    assert launch(project, ["sh", "-c", script]) == status
    assert end_of(project) == end


def test_a_command_that_does_not_exist_is_127_as_in_a_shell(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    assert launch(project, ["no-such-command", "x"]) == 127
    assert capfd.readouterr().err == "workbench: command not found: no-such-command\n"
    assert end_of(project) == ("failed", 127, "command not found: no-such-command")


def test_a_file_that_is_no_program_is_126_as_in_a_shell(project: Project, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo\n")
    assert launch(project, [str(script)]) == 126
    assert end_of(project) == ("failed", 126, f"cannot run {script}: Permission denied")


def test_a_script_whose_interpreter_is_missing_is_said_so(project: Project, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/python\n")
    script.chmod(0o755)
    assert launch(project, [str(script)]) == 126
    assert end_of(project)[2] == f"cannot run {script}: the program in its first line is missing"


def test_no_command_is_a_mistake(project: Project) -> None:
    with pytest.raises(InputError):
        launch(project, [])


def test_standard_input_is_the_commands(project: Project) -> None:
    done = subprocess.run([*LAUNCH, "cat"], input=b"piped\xff", capture_output=True, timeout=30)
    assert done.stdout == b"piped\xff"
    assert output_of(project) == ["piped\\xff"]


def test_the_command_finds_its_run_and_its_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = "0123456789abcdef" * 2
    monkeypatch.setenv("WORKBENCH_RUN_ID", parent)
    monkeypatch.setenv("WORKBENCH_EXPERIMENT", "sweep")
    launch(project, ["sh", "-c", "echo $WORKBENCH_RUN_ID $WORKBENCH_DIR $PYTHONUNBUFFERED"])
    assert output_of(project) == [f"{the_run(project)} {project.root} 1"]
    [start] = recorded(project, "start")
    assert (start["parent"], start["experiment"]) == (parent, "sweep")


def test_a_program_that_uses_the_sdk_adds_to_the_same_run(project: Project) -> None:
    code = "import workbench as wb\nwith wb.start_run() as run: run.log({'loss': 0.5}, step=3)"
    assert launch(project, [sys.executable, "-c", code]) == 0
    assert ("loss", 3, 0.5) in points_of(project, the_run(project))
    assert roles_of(project, the_run(project)) == ["main", "worker"]
    assert end_of(project) == ("finished", 0, None)


def test_code_and_environment_are_recorded_before_the_command_changes_them(project: Project, tmp_path: Path) -> None:
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    (tmp_path / "train.py").write_text("new\n")
    launch(project, ["sh", "-c", "echo changed > train.py"])
    captured = {event["name"]: event["value"] for event in recorded(project, "cap")}
    assert set(captured) == {"git", "patch", "environment"}
    assert len(captured["git"]["commit"]) == 40
    assert captured["git"]["dirty"] is True
    with BlobStore(project).open(captured["patch"]["sha256"]) as patch:
        assert b"+new" in patch.read()
    assert captured["environment"]["packages"]["pytest"]


def test_the_load_of_the_command_is_sampled(project: Project) -> None:
    assert launch(project, ["sleep", "1.2"]) == 0
    names = {name for name, _, _ in points_of(project, the_run(project))}
    assert {"system/cpu_total_percent", "system/memory_rss_bytes"} <= names


def test_heartbeats_say_that_the_run_lives(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_module, "HEARTBEAT_INTERVAL_S", 0.05)
    launch(project, ["sleep", "0.4"])
    assert len(recorded(project, "hb")) >= 2


def test_a_journal_that_cannot_be_written_does_not_stop_the_command(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*arguments: object, **options: object) -> JournalWriter:
        raise StorePermissionError("the journal may not be written")

    monkeypatch.setattr(launch_module, "JournalWriter", refuse)
    told: list[str] = []
    assert launch(project, ["sh", "-c", "echo hello $WORKBENCH_RUN_ID; exit 4"], on_start=told.append) == 4
    assert told == []
    shown = capfd.readouterr()
    assert shown.out == "hello\n"
    assert "nothing of this run is recorded" in shown.err


def test_a_full_disk_does_not_stop_the_command(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(JournalWriter, "events", fail)
    monkeypatch.setattr(JournalWriter, "metrics", fail)
    assert launch(project, ["sh", "-c", "echo hello; exit 4"]) == 4
    shown = capfd.readouterr()
    assert shown.out == "hello\n"
    assert shown.err.count("No space left on device") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_launcher_reaches_the_command(project: Project, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [
            *LAUNCH,
            "sh",
            "-c",
            f"trap 'echo got it; exit 7' {number.name[3:]}; echo ready; while :; do sleep 0.02; done",
        ],
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert (rest, process.returncode) == (b"got it\n", 7)
    assert end_of(project) == ("killed", 7, f"ended by {number.name}")


def test_a_command_that_dies_of_a_signal_passed_on_is_killed(project: Project) -> None:
    process = subprocess.Popen([*LAUNCH, "sh", "-c", "echo ready; exec sleep 60"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 143
    assert end_of(project) == ("killed", 143, "killed by SIGTERM")


def test_an_ignored_hangup_stays_ignored(project: Project) -> None:
    process = subprocess.Popen(
        ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *LAUNCH, "sh", "-c", "echo ready; read line; echo alive"],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGHUP)
    rest, _ = process.communicate(b"\n", timeout=30)
    assert (rest, process.returncode) == (b"alive\n", 0)


COUNTS_INTERRUPTS = """
import os, signal, sys, time
count = 0
def note(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, note)
print("ready", sys.stdout.isatty(), os.get_terminal_size().columns, flush=True)
while not count: time.sleep(0.01)
time.sleep(0.3)
print("interrupts:", count, flush=True)
sys.exit(5)
"""


def test_ctrl_c_reaches_the_command_once(project: Project) -> None:
    with terminal(*LAUNCH, sys.executable, "-c", COUNTS_INTERRUPTS, columns=91) as screen:
        screen.expect(b"ready True 91")
        screen.type(b"\x03")
        assert screen.wait() == 5
    assert b"interrupts: 1\r\n" in screen.output
    assert end_of(project) == ("killed", 5, "ended by SIGINT")


def test_kill_int_on_a_terminal_reaches_the_command_once(project: Project) -> None:
    with terminal(*LAUNCH, sys.executable, "-c", COUNTS_INTERRUPTS) as screen:
        screen.expect(b"ready True")
        os.kill(screen.pid, signal.SIGINT)
        assert screen.wait() == 5
    assert b"interrupts: 1\r\n" in screen.output


def test_ctrl_c_ends_a_python_program_as_killed(project: Project) -> None:
    with terminal(*LAUNCH, sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)") as screen:
        screen.expect(b"ready")
        screen.type(b"\x03")
        assert screen.wait() == 130
    assert b"KeyboardInterrupt" in screen.output
    assert end_of(project) == ("killed", 130, "killed by SIGINT")


def test_what_is_typed_reaches_the_command(project: Project) -> None:
    with terminal(*LAUNCH, sys.executable, "-c", "print('hello ' + input('name? '))") as screen:
        screen.expect(b"name? ")
        screen.type(b"Ada\n")
        assert screen.wait() == 0
    assert b"hello Ada\r\n" in screen.output


def test_ctrl_z_stops_both_and_continue_goes_on(project: Project) -> None:
    code = "import time\nprint('ready', flush=True)\nfor n in range(100): time.sleep(0.01)\nprint('done', flush=True)"
    with terminal("sh", "-ic", '"$@"; echo stopped $?; fg', "sh", *LAUNCH, sys.executable, "-c", code) as screen:
        screen.expect(b"ready")
        screen.type(b"\x1a")
        screen.expect(b"done")
        screen.wait()
    assert screen.output.index(b"stopped") < screen.output.index(b"done")
    assert end_of(project) == ("finished", 0, None)


def test_a_killed_launcher_leaves_a_journal_that_is_known_to_be_dead(project: Project, tmp_path: Path) -> None:
    code = (
        f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); print('ready'); time.sleep(60)"
    )
    process = subprocess.Popen([*LAUNCH, sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    [name] = [name for name in os.listdir(live_dir(project.journal_dir)) if name[0] != "."]
    path = os.path.join(live_dir(project.journal_dir), name)
    wait_until(lambda: output_of(project) == ["ready"], "the output")
    assert writer_alive(path)
    process.kill()
    process.communicate(timeout=30)
    command_pid = int((tmp_path / "pid").read_text())
    try:
        os.kill(command_pid, 0)  # the command goes on
        assert not writer_alive(path)
        assert recorded(project, "start")
        assert not recorded(project, "end")
    finally:
        os.kill(command_pid, signal.SIGKILL)


def test_a_background_process_does_not_keep_the_run_open(project: Project) -> None:
    done = subprocess.run([*LAUNCH, "sh", "-c", "sleep 60 >&2 & echo $!"], stdout=subprocess.PIPE, timeout=30)
    os.kill(int(done.stdout), signal.SIGKILL)
    assert done.returncode == 0
    assert end_of(project) == ("finished", 0, None)


def test_a_reader_that_goes_away_ends_the_command_as_in_a_shell(project: Project) -> None:
    done = subprocess.run(["sh", "-c", '"$@" | head -1', "sh", *LAUNCH, "yes"], capture_output=True, timeout=30)
    assert done.stdout == b"y\n"
    wait_until(lambda: recorded(project, "end"), "the end")
    assert end_of(project) == ("killed", 141, "killed by SIGPIPE")


def test_the_last_words_of_a_crash_are_recorded(project: Project) -> None:
    assert launch(project, [sys.executable, "-X", "faulthandler", "-c", "import os; os.abort()"]) == 134
    assert output_of(project, 2)[0] == "Fatal Python error: Aborted"


def test_all_of_a_large_output_is_recorded_in_order(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    launch(project, [sys.executable, "-c", "for n in range(30_000): print('line', n)"])
    assert output_of(project) == [f"line {n}" for n in range(30_000)]
    assert capfd.readouterr().out == "".join(f"line {n}\n" for n in range(30_000))


def test_launching_outside_the_main_thread_works(project: Project) -> None:
    code = (
        "import json, threading\nfrom workbench.base.project import find_project\n"
        "from workbench.tracking.launch import launch\nstatus = []\n"
        "t = threading.Thread(target=lambda: status.append(launch(find_project(), ['sh', '-c', 'exit 6'])))\n"
        "t.start(); t.join(); print(json.dumps(status))"
    )
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=30)
    assert json.loads(done.stdout) == [6]
    assert end_of(project) == ("failed", 6, "exit status 6")
