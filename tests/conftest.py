"""What every test stands on: a home, a working directory and an environment of its own, and a clock it sets itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.thorough import is_thorough
from workbench.base.clock import set_clock
from workbench.base.project import Project, create_project

FOREIGN_PREFIXES = ("WORKBENCH_", "MLFLOW_", "XDG_", "GIT_", "TYPER_", "PYTEST_THEME", "UV_RUN")
FOREIGN_NAMES = ("FORCE_COLOR", "CLICOLOR_FORCE", "PAGER", "LINES", "LANG", "LANGUAGE", "PY_COLORS", "PYTHONSTARTUP")

# A busy machine is no failure.
settings.register_profile("workbench", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")

START_US = 1_790_000_000_000_000
"""Where a `FakeClock` begins: 2026-09-21T14:13:20Z."""


class FakeClock:
    """A clock that moves only when the test says so.

    Attributes:
        now_us: the time that `base.clock.now_us` returns, microseconds since the epoch, UTC.
    """

    def __init__(self, now_us: int = START_US) -> None:
        self.now_us = now_us

    def advance(self, duration_s: float) -> None:
        """Move the clock forward."""
        self.now_us += round(duration_s * 1_000_000)

    def __call__(self) -> int:
        """Nanoseconds since the epoch, as `set_clock` wants them."""
        return self.now_us * 1000


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests that take seconds each their mark, before `-m` chooses; and some a second try."""
    for item in items:
        if is_thorough(item.nodeid):
            item.add_marker(pytest.mark.thorough)
        if item.nodeid.startswith("tests/tui/"):  # a terminal draws in parts, and late on a busy machine
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=["TerminalError"]))


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests of processes and terminals wait as much as they work."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(autouse=True)
def hermetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the developer's home, settings, terminal, time zone or project.

    The working directory is `tmp_path`; the home beside it is `tmp_path/home`.
    """
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name in FOREIGN_NAMES:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    for variable, folder in (
        ("HOME", ""),
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
    ):
        path = home / folder
        path.mkdir(parents=True, exist_ok=True)
        monkeypatch.setenv(variable, str(path))
    for variable, value in (
        ("GIT_CONFIG_GLOBAL", os.devnull),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.org"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", "UTC"),
        ("TERM", "xterm-256color"),
        ("NO_COLOR", "1"),
        ("COLUMNS", "100"),
    ):
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project whose root is the working directory."""
    return create_project(str(tmp_path))


@pytest.fixture
def clock() -> Iterator[FakeClock]:
    """The product's clock, standing still at `START_US` until the test moves it."""
    fake = FakeClock()
    set_clock(fake)
    yield fake
    set_clock(None)
