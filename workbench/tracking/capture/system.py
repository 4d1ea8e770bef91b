"""What a run uses of its machine, as metrics whose names begin with `system/`.

| metric | unit | of |
| --- | --- | --- |
| `cpu_percent` | % of one core, so 400 on four busy cores | the process and its descendants |
| `memory_rss_bytes` | bytes in memory | the process and its descendants |
| `processes` | count | the process and its descendants |
| `cpu_total_percent` | % of all cores | the machine |
| `memory_used_percent`, `memory_available_bytes` | %, bytes | the machine |
| `disk_read_bytes_per_s`, `disk_write_bytes_per_s` | bytes per second | the machine |
| `disk_used_percent`, `disk_free_bytes` | %, bytes | the file system of the working directory |
| `network_sent_bytes_per_s`, `network_received_bytes_per_s` | bytes per second | the machine, loopback left out |
| `gpu0_…` | see `gpu` | one device |
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

Counter = Callable[[], Mapping[str, float]]
"""Measures something now: values by name without the `system/` in front. May raise."""

PREFIX = "system/"
FIRST_SAMPLE_S = 1.0
_SHORTEST_INTERVAL_S = 0.1


class SystemSampler:
    """Calls `emit` with a dict of metrics from a daemon thread: soon after the start, every interval, and at the end.

    A counter that fails, once or always, costs only its own values.

    Args:
        emit: receives `{"system/cpu_percent": 97.5, …}`, all finite; what it raises is dropped.
        pid: the root of the process tree to measure; default this process.
        interval_s: seconds from one sample to the next.
        counters: what to measure; default everything that this machine has.
        environment: of the measured process; its CUDA_VISIBLE_DEVICES chooses the devices. Default our own.
    """

    def __init__(
        self,
        emit: Callable[[dict[str, float]], None],
        pid: int | None = None,
        interval_s: float = 10.0,
        *,
        counters: Sequence[Counter] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._emit = emit
        self._pid = pid or os.getpid()
        self._interval_s = max(interval_s, _SHORTEST_INTERVAL_S)
        self._counters = counters
        self._environment = os.environ if environment is None else environment
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._owner_pid = os.getpid()

    def start(self) -> None:
        """Begin to sample."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="workbench-system", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Take a last sample and end the thread; does nothing in a forked child."""
        thread, self._thread = self._thread, None
        if thread is not None and self._owner_pid == os.getpid():
            self._stop.set()
            thread.join(timeout_s)

    def _work(self) -> None:
        counters = self._counters
        if counters is None:
            counters = default_counters(self._pid, self._environment)
        sample(counters)  # rates begin here
        last_s = time.monotonic()
        wait_s = min(FIRST_SAMPLE_S, self._interval_s)
        stopping = False
        while not stopping:
            stopping = self._stop.wait(wait_s)
            now_s = time.monotonic()
            if stopping and now_s - last_s < _SHORTEST_INTERVAL_S:
                return  # rates over so short a time say nothing
            last_s, wait_s = now_s, self._interval_s
            values = sample(counters)
            if values:
                try:
                    self._emit(values)
                except Exception:
                    pass


def sample(counters: Sequence[Counter]) -> dict[str, float]:
    """The values of all counters that work right now, by full metric name."""
    values: dict[str, float] = {}
    for counter in counters:
        try:
            for name, value in counter().items():
                if value - value == 0.0:  # a rate that is not finite says nothing
                    values[PREFIX + name] = float(value)
        except Exception:
            continue
    return values


def default_counters(pid: int, environment: Mapping[str, str]) -> list[Counter]:
    """The counters of this machine; imports psutil, which takes milliseconds."""
    from workbench.tracking.capture.gpu import gpu_counters

    counters: list[Counter] = []
    for make in (lambda: [_ProcessTree(pid)], _machine_counters, lambda: gpu_counters(environment)):
        try:
            counters += make()
        except Exception:  # no psutil for this platform, the process is gone, a driver that fails to load
            continue
    return counters


class Rates:
    """Turns running totals into amounts per second.

    Args:
        totals: the totals by name, ever growing but for a restart or an overflow.
        clock: seconds.
    """

    def __init__(self, totals: Counter, clock: Callable[[], float] = time.monotonic) -> None:
        self._totals = totals
        self._clock = clock
        self._last: Mapping[str, float] = {}
        self._last_s = 0.0

    def __call__(self) -> Mapping[str, float]:
        totals, now_s = self._totals(), self._clock()
        last, elapsed_s = self._last, now_s - self._last_s
        self._last, self._last_s = totals, now_s
        if elapsed_s <= 0:
            return {}
        return {n: (v - last[n]) / elapsed_s for n, v in totals.items() if n in last and v >= last[n]}


class _ProcessTree:
    """CPU and memory of a process and its descendants."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic) -> None:
        import psutil

        self._root = psutil.Process(pid)
        self._clock = clock
        self._cpu_s: dict[tuple[int, float], float] = {}
        self._last_s: float | None = None

    def __call__(self) -> Mapping[str, float]:
        processes = [self._root, *self._root.children(recursive=True)]
        cpu_s: dict[tuple[int, float], float] = {}
        rss_bytes = 0
        for process in processes:
            measured = _measure(process)
            if measured is not None:
                cpu_s[process.pid, process.create_time()], process_rss_bytes = measured
                rss_bytes += process_rss_bytes
        now_s, last_s = self._clock(), self._last_s
        last_cpu_s, self._cpu_s, self._last_s = self._cpu_s, cpu_s, now_s
        values = {"memory_rss_bytes": float(rss_bytes), "processes": float(len(cpu_s))}
        if last_s is not None and now_s > last_s:
            # A process that is new since the last sample has done all its work since then.
            used_s = sum(max(0.0, total - last_cpu_s.get(key, 0.0)) for key, total in cpu_s.items())
            values["cpu_percent"] = 100.0 * used_s / (now_s - last_s)
        return values


def _measure(process: psutil.Process) -> tuple[float, int] | None:
    """CPU seconds and resident bytes; None where the process has just ended or belongs to somebody else."""
    import psutil

    try:
        with process.oneshot():
            times = process.cpu_times()
            return times.user + times.system, process.memory_info().rss
    except psutil.Error:
        return None


def _machine_counters() -> list[Counter]:
    import psutil

    def cpu() -> Mapping[str, float]:
        return {"cpu_total_percent": psutil.cpu_percent(None)}

    def memory() -> Mapping[str, float]:
        status = psutil.virtual_memory()
        return {"memory_used_percent": status.percent, "memory_available_bytes": status.available}

    def disk_space() -> Mapping[str, float]:
        usage = psutil.disk_usage(".")
        return {"disk_used_percent": usage.percent, "disk_free_bytes": usage.free}

    def disk() -> Mapping[str, float]:
        totals = psutil.disk_io_counters()
        if totals is None:  # a container without block devices
            return {}
        return {"disk_read_bytes_per_s": totals.read_bytes, "disk_write_bytes_per_s": totals.write_bytes}

    def network() -> Mapping[str, float]:
        cards = [io for name, io in psutil.net_io_counters(pernic=True).items() if not name.startswith("lo")]
        return {
            "network_sent_bytes_per_s": sum(io.bytes_sent for io in cards),
            "network_received_bytes_per_s": sum(io.bytes_recv for io in cards),
        }

    return [cpu, memory, disk_space, Rates(disk), Rates(network)]
