"""What makes a machine run monitors: words that survive a shell, cron and systemd."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from tests.drift.monitors.test_due import MONITOR
from workbench.base.project import Project, create_project
from workbench.drift.monitors.schedule import HOURLY, QUARTER, cron_line, often, units, words


@pytest.fixture
def odd(tmp_path: Path) -> Project:
    """A project whose path has all that has to be quoted."""
    folder = tmp_path / 'it\'s 50% "odd" $HOME;'
    folder.mkdir()
    return create_project(str(folder))


def test_a_shell_reads_the_words_back(odd: Project) -> None:
    line = cron_line(odd, [MONITOR], "m")
    assert line.startswith(HOURLY)
    command = line.removeprefix(HOURLY).replace("\\%", "%").partition(" >> ")[0]
    assert shlex.split(command) == words(odd, "m")
    assert "%" not in line.replace("\\%", "")
    assert shlex.split(command)[0].startswith("/")


def test_systemd_gets_a_service_and_a_timer(odd: Project) -> None:
    text = units(odd, [MONITOR])
    assert "OnCalendar=*-*-* *:07:00" in text and "Persistent=true" in text and "[Install]" in text
    command = next(line for line in text.splitlines() if line.startswith("ExecStart="))
    assert "50%% " in command and '\\"odd\\"' in command and "$$HOME" in command


def test_short_windows_are_looked_at_more_often() -> None:
    assert often([]) == HOURLY
    assert often([replace(MONITOR, divided="1w"), replace(MONITOR, divided="whole")]) == HOURLY
    assert often([replace(MONITOR, divided="10m"), MONITOR]) == QUARTER
