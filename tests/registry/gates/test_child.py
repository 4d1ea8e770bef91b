from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from workbench.base.errors import InputError
from workbench.registry.gates.child import CrashedError, call
from workbench.registry.gates.process import TimedOutError


def called(function: str, timeout_s: float = 30.0, own_code: bool = False, **arguments: Any) -> object:
    return call(function, arguments, cwd=os.getcwd(), timeout_s=timeout_s, own_code=own_code)


def test_a_function_runs_in_a_process_of_its_own() -> None:
    assert called("os:getcwd") == os.getcwd()
    assert called("os:getpid") != os.getpid()


def test_an_error_of_ours_comes_back() -> None:
    with pytest.raises(InputError, match=r"rules\.toml:1:1") as caught:
        called("workbench.registry.policy:parse_rules", text="approvers", path="rules.toml")
    assert caught.value.hint == "mend that line"


def test_any_other_end_is_a_crash() -> None:
    with pytest.raises(CrashedError, match="TypeError: "):
        called("os:getcwd", no_such_argument=1)
    with pytest.raises(CrashedError, match=r"^ended by SIGABRT"):
        called("os:abort")
    with pytest.raises(CrashedError, match=r"^exit status 0"):
        called("sys:exit")


def test_a_function_that_hangs_is_given_up() -> None:
    with pytest.raises(TimedOutError):
        called("signal:pause", timeout_s=0.5)


def test_modules_of_the_folder_are_seen_only_where_they_are_wanted() -> None:
    Path("mine.py").write_text("def answer():\n    print('printed')\n    return 42\n")
    assert called("mine:answer", own_code=True) == 42
    with pytest.raises(CrashedError, match="No module named 'mine'"):
        called("mine:answer")


def test_what_a_gate_logs_belongs_to_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUN_ID", "a" * 32)
    Path("mine.py").write_text("import os\ndef answer():\n    return os.environ.get('WORKBENCH_RUN_ID')\n")
    assert called("mine:answer", own_code=True) is None
