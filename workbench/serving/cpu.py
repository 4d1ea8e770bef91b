"""How many processors this process may use: the quota of its control group, not the number that the machine has."""

from __future__ import annotations

import math
import os

SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Read by numerical libraries when they are first imported."""


def one_thread_for_libraries() -> None:
    """Let numerical libraries use one thread each, unless the environment says otherwise; before numpy is imported.

    Requests are small and run side by side: threads inside of one prediction only fight each other.
    """
    for name in SINGLE_THREADED:
        os.environ.setdefault(name, "1")


def available_cpus(root: str = "/sys/fs/cgroup") -> int:
    """Processors, at least 1: the quota rounded up, within those that this process may be scheduled on.

    Args:
        root: where the control groups are mounted, of version 1 or 2.
    """
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        count = os.cpu_count() or 1
    quota = _quota(root)
    return max(1, count if quota is None else min(count, math.ceil(quota)))


def _quota(root: str) -> float | None:
    """Processors that the control group allows, or None without a limit."""
    text = _read(f"{root}/cpu.max")
    if text is not None:
        limit, _, period = text.partition(" ")
    else:
        limit = _read(f"{root}/cpu/cpu.cfs_quota_us") or "-1"
        period = _read(f"{root}/cpu/cpu.cfs_period_us") or "100000"
    try:
        quota = float(limit) / float(period or 100_000)
    except (ValueError, ZeroDivisionError):  # "max"
        return None
    return quota if quota > 0 else None


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return None
