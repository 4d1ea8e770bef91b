"""The command of an alert: once, with the alert on stdin, and its failure is never hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.drift.monitors.watched import FIRST, Watched, day_name, lines_of, write_days, write_lines
from workbench.base.errors import InputError, NotFoundError
from workbench.drift.monitors import hook
from workbench.drift.monitors.decisions import acknowledge, handling, mute, unmute
from workbench.drift.monitors.monitor import find_monitor
from workbench.drift.monitors.overview import MonitorState, overview
from workbench.drift.monitors.results import course

TELL = "cat >> told.jsonl; echo $WORKBENCH_ALERT:$WORKBENCH_MONITOR:$WORKBENCH_WINDOW:$WORKBENCH_COLUMNS >> env.txt"


def told() -> list[str]:
    """What the command was told, one text for each time."""
    return Path("env.txt").read_text().split() if Path("env.txt").exists() else []


def state(watched: Watched) -> MonitorState:
    with watched.reading() as db:
        [found] = overview(db, watched.project, watched.clock.now_us)
    return found


def test_it_runs_once_for_an_alert_with_all_that_is_known(watched: Watched) -> None:
    write_days(watched.log, [0, 2, 2])
    watched.add(on_alert=TELL)
    [ran] = watched.run().hooks
    assert (ran.state, ran.outcome, ran.detail) == ("raised", "done", "")
    assert told() == [f"raised:shop:{day_name(1)}:amount"]
    alert = json.loads(Path("told.jsonl").read_text())
    assert (alert["monitor"], alert["state"], alert["columns"], alert["windows"]) == ("shop", "raised", ["amount"], 2)
    assert watched.run().hooks == ()
    assert watched.run(again=True).hooks == ()
    assert len(told()) == 1


def test_alerts_of_the_past_that_were_cleared_are_history(watched: Watched) -> None:
    write_days(watched.log, [2, 0, 2, 0])
    watched.add(on_alert=TELL)
    assert watched.run().hooks == ()


def test_every_alert_since_the_registration_is_told_even_if_it_was_cleared(watched: Watched) -> None:
    watched.log.mkdir(parents=True)
    watched.add(on_alert=TELL, on_clear=True)
    write_days(watched.log, [2, 0, 0], first=FIRST.replace(day=22))
    watched.clock.advance(5 * 86_400)
    watched.run()
    watched.run()
    assert told() == ["raised:shop:2026-09-22:amount", "cleared:shop:2026-09-23:"]


def test_it_takes_as_many_windows_as_the_rule_says(watched: Watched) -> None:
    write_days(watched.log, [0, 2, 0, 2, 2])
    watched.add(on_alert=TELL, after=2)
    watched.run()
    assert told() == [f"raised:shop:{day_name(4)}:amount"]


@pytest.mark.parametrize(
    ("command", "outcome", "detail"),
    [("echo no; exit 3", "failed", "exit status 3: no"), ("sleep 60", "timeout", "not done after 0.2 s; it was ended")],
)
def test_a_failure_is_kept(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, command: str, outcome: str, detail: str
) -> None:
    monkeypatch.setattr(hook, "TIMEOUT_S", 0.2 if outcome == "timeout" else 60.0)
    write_days(watched.log, [2])
    monitor = watched.add(on_alert=command)
    [ran] = watched.run().hooks
    assert (ran.outcome, ran.detail) == (outcome, detail)
    with watched.reading() as db:
        standing = course(db, monitor).standing
        assert standing is not None
        assert handling(db, monitor.id, standing).hooks == (ran,)
    assert watched.run().hooks == ()


def test_what_was_killed_before_it_ran_is_run_by_the_next(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(watched.log, [2])
    watched.add(on_alert=TELL)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(hook, "_run", killed)
        with pytest.raises(KeyboardInterrupt):
            watched.run()
    assert len(watched.run().hooks) == 1
    assert len(told()) == 1


def test_a_muted_monitor_raises_its_alert_in_silence(watched: Watched) -> None:
    write_days(watched.log, [2])
    monitor = watched.add(on_alert=TELL)
    with watched.reading() as db:
        mute(db, watched.project, monitor, "ada", "load test", until_us=watched.clock.now_us + 10**9)
    [ran] = watched.run().hooks
    assert (ran.outcome, ran.detail) == ("quiet", "muted by ada: load test")
    found = state(watched)
    assert found.alert is not None and found.mute is not None and found.mute.reason == "load test"
    watched.clock.advance(10**4)
    assert state(watched).mute is None
    assert watched.run().hooks == () and told() == []


def test_muting_needs_a_reason_and_a_time_to_come(watched: Watched) -> None:
    monitor = watched.add()
    with watched.reading() as db:
        with pytest.raises(InputError, match="reason"):
            mute(db, watched.project, monitor, "ada", " ")
        with pytest.raises(InputError, match="over"):
            mute(db, watched.project, monitor, "ada", "x", until_us=watched.clock.now_us)
        with pytest.raises(NotFoundError, match="not muted"):
            unmute(db, watched.project, monitor, "ada")
        mute(db, watched.project, monitor, "ada", "x")
    with watched.reading() as db:
        unmute(db, watched.project, find_monitor(db, "shop"), "bob")
    assert state(watched).mute is None


def test_an_alert_that_was_seen_stays_visible_until_it_is_cleared(watched: Watched) -> None:
    write_days(watched.log, [2, 2])
    monitor = watched.add()
    with watched.reading() as db, pytest.raises(NotFoundError, match="has no alert"):
        acknowledge(db, watched.project, monitor, "ada")
    watched.run()
    with watched.reading() as db:
        acknowledge(db, watched.project, monitor, "ada", "known")
    found = state(watched)
    assert found.alert is not None and found.handling.acknowledged is not None
    assert (found.handling.acknowledged.who, found.handling.acknowledged.reason) == ("ada", "known")
    watched.add(again=True, on_alert=TELL)
    watched.run()
    assert told() == []
    write_lines(watched.log, FIRST.replace(day=17), lines_of(FIRST.replace(day=17)))
    watched.run(again=True)
    assert state(watched).alert is None


def test_an_overview_tells_what_is_due(watched: Watched) -> None:
    write_days(watched.log, [0, 2])
    watched.add()
    assert (state(watched).state, state(watched).is_due, state(watched).last) == ("new", True, None)
    watched.run()
    found = state(watched)
    assert (found.state, found.recent, found.is_due) == ("drift", ("ok", "drift"), False)
    assert found.next_due_us is not None and found.next_due_us > watched.clock.now_us
