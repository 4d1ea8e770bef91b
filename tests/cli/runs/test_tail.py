"""`workbench runs tail`: what comes, until the run ends."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Lab
from tests.cli.harness import workbench
from workbench.cli.runs import tail


def at_each_pause(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], None]) -> None:
    """Let the pauses between two looks do something instead of waiting."""
    waiting = iter(steps)
    monkeypatch.setattr(tail, "pause", lambda seconds: next(waiting)())


def test_lines_and_metrics_come_until_the_run_ends(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.live.event("out", s=1, x="epoch 0")
    lab.live.event("out", s=1, x="epoch 1")

    def train() -> None:
        lab.live.event("out", s=1, x="epoch 2")
        lab.live.metrics({"loss": 0.5}, 1)

    def end() -> None:
        lab.live.event("out", s=2, x="done")
        lab.live.event("end", status="finished", exit_code=0, error=None)
        lab.live.close()

    at_each_pause(monkeypatch, train, lambda: None, end)
    outcome = workbench("runs", "tail", "@latest", "-n", "1")
    assert (outcome.status, outcome.stdout) == (0, "epoch 1\nepoch 2\ndone\n")
    assert outcome.stderr == "loss 0.9\nloss 0.5\ncalm-heron (eeeeeeee) finished after 5m01s\n"


def test_it_need_not_follow(lab: Lab) -> None:
    lab.live.event("out", s=1, x="epoch 0")
    outcome = workbench("runs", "tail", "calm-heron", "--no-follow")
    assert (outcome.status, outcome.stdout) == (0, "epoch 0\n")
    assert "calm-heron (eeeeeeee) runs for" in outcome.stderr


def test_control_c_stops_looking_and_says_so(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    at_each_pause(monkeypatch, interrupt)
    outcome = workbench("runs", "tail", "calm-heron")
    assert outcome.status == 130
    assert outcome.stderr.endswith("error: stopped following calm-heron; the run goes on\n")


def test_scripts_get_one_document_a_line(lab: Lab) -> None:
    documents = [json.loads(line) for line in workbench("runs", "tail", "brave-otter", "--json").stdout.splitlines()]
    assert [one.get("text") for one in documents] == ["epoch 0", "a warning", "epoch 1", None]
    assert documents[-1] == {"metrics": {"auc": 0.93, "loss": 0.2}}


def test_on_a_terminal_the_metrics_change_in_place(lab: Lab) -> None:
    outcome = workbench("runs", "tail", "calm-heron", "--no-follow", terminal=True)
    assert outcome.stderr.startswith("\r\x1b[Kloss 0.9")
