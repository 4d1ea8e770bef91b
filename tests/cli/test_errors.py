"""Errors: their form on stderr and the exit status of each kind."""

from __future__ import annotations

import pytest

from workbench.base.errors import (
    AmbiguousNameError,
    FilterError,
    RefusedError,
    RunNotFoundError,
    StoreBusyError,
    ToolError,
)
from workbench.cli.errors import InterruptedByUserError, guarded


def failing(error: BaseException) -> int:
    """The exit status of a command that raises `error`."""

    def body() -> None:
        raise error

    return guarded(body)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AmbiguousNameError("two runs"), 2),
        (RunNotFoundError("no run"), 3),
        (RefusedError("no"), 4),
        (StoreBusyError("busy"), 5),
        (ToolError("git"), 6),
        (InterruptedByUserError(), 130),
        (KeyboardInterrupt(), 130),
        (OSError("disk"), 5),
        (KeyError("x"), 1),
    ],
)
def test_every_kind_has_its_status(error: BaseException, status: int) -> None:
    assert failing(error) == status


def test_a_hint_follows_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    failing(RunNotFoundError("no run is called x", "workbench runs list"))
    assert capsys.readouterr().err == "error: no run is called x\nhint: workbench runs list\n"


def test_a_filter_s_mistake_is_pointed_at(capsys: pytest.CaptureFixture[str]) -> None:
    text = "metrics.auc >"
    error = FilterError(
        "the filter stops too early", text=text, position=13, explanation="a value is expected here, like 0.9", hint="h"
    )
    assert failing(error) == 2
    assert capsys.readouterr().err == (
        "error: the filter stops too early\n"
        "  metrics.auc >\n"
        "               ^ a value is expected here, like 0.9\n"
        "hint: h\n"
    )


def test_the_caret_counts_cells_and_finds_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = "a = 1 AND\nb = '损失' >"
    failing(FilterError("m", text=text, position=text.index(">")))
    assert capsys.readouterr().err == "error: m\n  b = '损失' >\n             ^\n"


def test_a_surprise_is_called_a_bug_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(ZeroDivisionError("division by zero")) == 1
    assert capsys.readouterr().err == (
        "error: unexpected ZeroDivisionError: division by zero\n"
        "hint: this looks like a bug: repeat with WORKBENCH_DEBUG=1 and report what it prints\n"
    )


def test_debugging_keeps_the_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_DEBUG", "1")
    failing(RunNotFoundError("no run"))
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_colour_is_for_those_who_ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    failing(RunNotFoundError("no run"))
    assert capsys.readouterr().err == "\x1b[31merror:\x1b[0m no run\n"


def test_the_result_of_a_command_is_its_status() -> None:
    assert guarded(lambda: 7) == 7
    assert guarded(lambda: None) == 0
