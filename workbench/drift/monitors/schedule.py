"""What makes a machine run monitors: a line for cron, or a service and a timer for systemd."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

from workbench.base.project import Project
from workbench.drift.monitors.due import by_time
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.periods import SECONDS, Period

HOURLY, QUARTER = "7 * * * *", "*/15 * * * *"
_CALENDARS = {HOURLY: "*-*-* *:07:00", QUARTER: "*-*-* *:00/15:00"}
LOG = "monitors.log"


def cron_line(project: Project, monitors: Sequence[Monitor], name: str | None = None) -> str:
    """The line of a crontab that runs what is due.

    Args:
        monitors: which are run: the shortest window says how often.
        name: of the only one; None runs all that there are then.
    """
    log = os.path.join(project.folder, LOG)
    command = f"{' '.join(map(shlex.quote, words(project, name)))} >> {shlex.quote(log)} 2>&1"
    return f"{often(monitors)} {command.replace('%', chr(92) + '%')}"


def units(project: Project, monitors: Sequence[Monitor], name: str | None = None) -> str:
    """A service and a timer for systemd, as the two files one below the other."""
    title = f"workbench-monitor-{name}" if name else f"workbench-monitor-{_plain(project.name)}"
    command = " ".join(_quoted(word) for word in words(project, name))
    return (
        f"# ~/.config/systemd/user/{title}.service\n"
        "[Unit]\n"
        f"Description=Monitors of {_line(project.name)}\n\n"
        "[Service]\n"
        "Type=oneshot\n"
        f"WorkingDirectory={_specifier(project.root)}\n"
        f"ExecStart={command}\n\n"
        f"# ~/.config/systemd/user/{title}.timer\n"
        "[Unit]\n"
        f"Description=When monitors of {_line(project.name)} are looked at\n\n"
        "[Timer]\n"
        f"OnCalendar={_CALENDARS[often(monitors)]}\n"
        "Persistent=true\n\n"
        "[Install]\n"
        "WantedBy=timers.target\n\n"
        f"# systemctl --user daemon-reload && systemctl --user enable --now {title}.timer\n"
    )


def often(monitors: Sequence[Monitor]) -> str:
    """How often is often enough, as five fields of a crontab: each hour, or four times as often for short windows.

    A window of a day is closed at an hour of UTC, and cron counts in the machine's own time.
    """
    periods = [Period.parsed(monitor.divided) for monitor in monitors if by_time(monitor)]
    shortest_s = min((one.count * SECONDS.get(one.unit, SECONDS["d"]) for one in periods), default=SECONDS["h"])
    return QUARTER if shortest_s < SECONDS["h"] else HOURLY


def words(project: Project, name: str | None) -> list[str]:
    """The command as words, with absolute paths: cron knows neither a folder nor a virtual environment."""
    program = os.path.join(os.path.dirname(sys.executable), "workbench")
    start = [program] if os.path.exists(program) else [sys.executable, "-m", "workbench"]
    return [*start, "-C", project.root, "monitor", "run", *([name] if name else []), "--due"]


def _quoted(word: str) -> str:
    """A word as systemd reads it."""
    escaped = _specifier(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if set(escaped) & set(" \t\"'\\;$") else escaped


def _specifier(text: str) -> str:
    return text.replace("%", "%%")


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in text) or "project"


def _line(text: str) -> str:
    return _specifier(" ".join(text.split()))
