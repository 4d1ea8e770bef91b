"""System metrics of wandb under the names and units of our own, where both measure the same."""

from __future__ import annotations

import re

from workbench.tracking.capture.system import PREFIX

_MIB = 1024.0 * 1024.0
_SAME = {
    "memory_percent": ("memory_used_percent", 1.0),
    "proc.memory.availableMB": ("memory_available_bytes", _MIB),
    "proc.memory.rssMB": ("memory_rss_bytes", _MIB),
}
_SAME_GPU = {
    "gpu": "utilization_percent",
    "temp": "temperature_celsius",
    "powerWatts": "power_watts",
    "memoryAllocatedBytes": "memory_used_bytes",
    "memoryAllocated": "memory_used_percent",
}
_GPU = re.compile(r"gpu\.(\d+)\.(\w+)$")


def system_metric(key: str, value: float) -> tuple[str, float]:
    """The name and value of a system metric: `gpu.0.temp` is `system/gpu0_temperature_celsius`.

    What we do not measure, or measure otherwise (wandb's `cpu` is a share of all cores), keeps its own name.
    """
    gpu = _GPU.match(key)
    if gpu and gpu[2] in _SAME_GPU:
        return f"{PREFIX}gpu{gpu[1]}_{_SAME_GPU[gpu[2]]}", value
    name, factor = _SAME.get(key, (key, 1.0))
    return PREFIX + name, value * factor
