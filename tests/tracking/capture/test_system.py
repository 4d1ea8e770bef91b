"""System metrics: right numbers, and one bad counter costs only itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

import pytest

from tests.tracking.terminal import wait_until
from workbench.tracking.capture import system
from workbench.tracking.capture.system import Rates, SystemSampler, default_counters, sample


class Fake:
    """A counter that gives what the test says, and raises where that is an exception."""

    def __init__(self, *results: Mapping[str, float] | Exception) -> None:
        self._results = list(results)

    def __call__(self) -> Mapping[str, float]:
        result = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        if isinstance(result, Exception):
            raise result
        return result


def test_a_counter_that_fails_once_or_always_costs_only_its_own_values() -> None:
    counters = [
        Fake(ValueError("always")),
        Fake({"a": 1}),
        Fake({"b": 1}, OSError("once"), {"b": 3}),
        Fake({"c": float("nan"), "d": float("inf"), "e": 2}),
    ]
    assert sample(counters) == {"system/a": 1.0, "system/b": 1.0, "system/e": 2.0}
    assert sample(counters) == {"system/a": 1.0, "system/e": 2.0}
    assert sample(counters) == {"system/a": 1.0, "system/b": 3.0, "system/e": 2.0}


def test_rates_are_amounts_per_second() -> None:
    now_s = [0.0]
    totals = Fake({"x": 100}, {"x": 300, "new": 5}, {"x": 10, "new": 5}, {"x": 20, "new": 5}, {"x": 20})
    rates = Rates(totals, lambda: now_s[0])
    assert rates() == {}
    now_s[0] = 4.0
    assert rates() == {"x": 50.0}
    now_s[0] = 5.0
    assert rates() == {"new": 0.0}  # a counter that began anew says nothing
    now_s[0] = 7.0
    assert rates() == {"x": 5.0, "new": 0.0}
    assert rates() == {}  # no time has passed


def test_rates_after_a_failure_cover_the_whole_time() -> None:
    now_s = [0.0]
    rates = Rates(Fake({"x": 0}, OSError(), {"x": 100}), lambda: now_s[0])
    rates()
    now_s[0] = 5.0
    with pytest.raises(OSError):
        rates()
    now_s[0] = 10.0
    assert rates() == {"x": 10.0}


def test_this_machine_has_the_documented_counters() -> None:
    counters = default_counters(os.getpid(), {})
    sample(counters)
    time.sleep(0.05)  # rates need a stretch of time
    values = sample(counters)
    assert {
        "system/cpu_percent",
        "system/memory_rss_bytes",
        "system/processes",
        "system/cpu_total_percent",
        "system/memory_used_percent",
        "system/memory_available_bytes",
        "system/disk_used_percent",
        "system/disk_free_bytes",
    } <= set(values)
    assert values["system/memory_rss_bytes"] > 1e6
    assert 0 <= values["system/memory_used_percent"] <= 100
    documented = system.__doc__ or ""
    assert all(name.removeprefix("system/") in documented for name in values)


def test_the_work_of_descendants_counts() -> None:
    busy = [sys.executable, "-c", "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"]
    with subprocess.Popen(busy, start_new_session=True) as process:
        try:
            tree = system._ProcessTree(process.pid)
            wait_until(lambda: tree()["processes"] == 2, "the grandchild")
            tree()
            wait_until(lambda: tree().get("cpu_percent", 0) > 5, "the load")
            assert tree()["memory_rss_bytes"] > 2e6
        finally:
            os.killpg(process.pid, 9)


def test_a_process_that_is_gone_leaves_the_machines_counters() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    names = set(sample(default_counters(process.pid, {})))
    assert "system/memory_used_percent" in names
    assert "system/processes" not in names


def test_the_sampler_samples_at_once_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "FIRST_SAMPLE_S", 0.01)
    monkeypatch.setattr(system, "_SHORTEST_INTERVAL_S", 0.0)
    got: list[dict[str, float]] = []
    sampler = SystemSampler(got.append, interval_s=3600, counters=[Fake({"a": 1}), Fake(OSError())])
    sampler.start()
    sampler.start()
    wait_until(lambda: got, "the first sample")
    sampler.stop()
    sampler.stop()
    assert got == [{"system/a": 1.0}] * 2
    assert not [thread for thread in threading.enumerate() if thread.name == "workbench-system"]


def test_a_receiver_that_fails_does_not_end_the_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_SHORTEST_INTERVAL_S", 0.01)
    calls: list[dict[str, float]] = []

    def fail(values: dict[str, float]) -> None:
        calls.append(values)
        raise OSError

    sampler = SystemSampler(fail, interval_s=0.01, counters=[Fake({"a": 1})])
    sampler.start()
    wait_until(lambda: len(calls) >= 3, "more samples")
    sampler.stop()


def test_importing_and_making_a_sampler_does_not_load_psutil() -> None:
    code = (
        "import sys; from workbench.tracking.capture.system import SystemSampler; SystemSampler(print); "
        "print('psutil' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).stdout == b"False\n"


def test_stop_in_a_forked_child_does_nothing() -> None:
    code = """
import os, sys
from workbench.tracking.capture.system import SystemSampler
sampler = SystemSampler(lambda values: None); sampler.start()
pid = os.fork()
if pid == 0:
    sampler.stop(); os._exit(3)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
sampler.stop()
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
