from __future__ import annotations

import os
import sys
import time

import psutil
import pytest

from workbench.base.errors import InputError
from workbench.registry.gates.process import SHOWN_LINES, Finished, TimedOutError, run_command

LEAVES_A_CHILD = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); "
DEADLINE_S = 10.0


def run(*command: str, timeout_s: float = 30.0) -> Finished:
    return run_command(command, cwd=os.getcwd(), variables=os.environ, timeout_s=timeout_s)


def python(code: str, timeout_s: float = 30.0) -> Finished:
    return run(sys.executable, "-c", code, timeout_s=timeout_s)


def has_ended(pid: int) -> bool:
    """Whether a process ends within the deadline; one that nobody has reaped yet has ended."""
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
    return False


def test_a_command_says_how_it_ended_and_what_it_printed_last() -> None:
    found = python("import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)")
    assert (found.status, found.end, sorted(found.output)) == (3, "exit status 3", ["a", "b"])
    assert python("import os; os.abort()").end == "ended by SIGABRT"


def test_only_the_last_lines_are_kept_however_much_is_printed() -> None:
    found = python("for n in range(100_000): print(n, 'x' * 20)")
    assert [line.split()[0] for line in found.output] == [str(n) for n in range(100_000 - SHOWN_LINES, 100_000)]
    assert max(map(len, python("print('x' * 10_000)").output)) == 500


def test_secrets_are_masked() -> None:
    assert python("print('key sk-abcdefghijklmnopqrstuvwxyz')").output == ["key ***"]


def test_a_secret_that_is_cut_in_two_is_not_shown() -> None:
    """Of a line whose beginning is not kept nothing is shown, unless it is the only one."""
    found = python("print('sk-abcdefghijklmnopqrstuvwxyz' * 3000, end='\\n' + 'end')")
    assert found.output == ["end"]


def test_what_takes_too_long_is_killed_with_all_that_it_started() -> None:
    with pytest.raises(TimedOutError) as caught:
        python(LEAVES_A_CHILD + "import time; time.sleep(60)", timeout_s=2.0)
    assert has_ended(int(caught.value.output[0]))


def test_what_a_command_leaves_behind_is_killed_too() -> None:
    found = python(LEAVES_A_CHILD)
    assert found.status == 0
    assert has_ended(int(found.output[0]))


def test_a_command_that_prints_for_ever_ends_in_time() -> None:
    with pytest.raises(TimedOutError) as caught:
        run("yes", timeout_s=0.3)
    assert caught.value.output == ["y"] * SHOWN_LINES


def test_a_command_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="cannot start no-such-command: No such file"):
        run("no-such-command")
    with pytest.raises(InputError, match="cannot start a"):
        run("a\0b")


def test_a_command_reads_nothing() -> None:
    assert python("import sys; print(repr(sys.stdin.read()))").output == ["''"]


def test_colours_are_no_part_of_what_is_kept() -> None:
    assert python(r"print('\x1b[1;31mred\x1b[0m and \x1b[38;5;3myellow\x1b[K')").output == ["red and yellow"]
