"""NVIDIA devices through NVML, where the bindings (`pip install mlops-workbench[gpu]`) and a driver are there.

For each visible device N, numbered as `nvidia-smi` does: `gpuN_utilization_percent`,
`gpuN_memory_used_bytes`, `gpuN_memory_used_percent`, `gpuN_temperature_celsius`, `gpuN_power_watts`.
Calls: https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Counter = Callable[[], Mapping[str, float]]


def gpu_counters(environment: Mapping[str, str], nvml: Any = None) -> list[Counter]:
    """The counters of the devices that a process with this environment sees; none without NVML.

    Each reading is a counter of its own: what a device does not support, or fails to tell, costs only itself.

    Args:
        environment: CUDA_VISIBLE_DEVICES decides.
        nvml: the bindings; default the module `pynvml`.
    """
    nvml = nvml or _load()
    if nvml is None:
        return []
    counters: list[Counter] = []
    for number, device in _visible_devices(nvml, environment.get("CUDA_VISIBLE_DEVICES")):
        counters += _device_counters(nvml, f"gpu{number}_", device)
    return counters


def _load() -> Any:
    """The initialised bindings, or None."""
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the old distribution of that name announces its end
            import pynvml

        pynvml.nvmlInit()
    except Exception:  # not installed, no driver, a driver of another version
        return None
    return pynvml


def _visible_devices(nvml: Any, visible: str | None) -> list[tuple[int, Any]]:
    """`(number, handle)` of the devices that CUDA_VISIBLE_DEVICES lets through; None lets all through.

    As in CUDA, entries are numbers or prefixes of UUIDs, and the first that fits no device ends the
    list (https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars). A MIG entry stands for no
    whole device and shows none. Numbers are taken in the order of the PCI bus, which is CUDA's own where
    all devices are alike or CUDA_DEVICE_ORDER says so.
    """
    devices: dict[int, Any] = {}
    uuids: dict[int, str] = {}
    for number in range(nvml.nvmlDeviceGetCount()):
        try:
            devices[number] = nvml.nvmlDeviceGetHandleByIndex(number)
            if visible and "GPU-" in visible:
                uuid = nvml.nvmlDeviceGetUUID(devices[number])
                uuids[number] = uuid.decode() if isinstance(uuid, bytes) else uuid
        except Exception:  # a device that fell off the bus does not hide the others
            continue
    if visible is None:
        return list(devices.items())
    chosen: list[int] = []
    for entry in visible.split(","):
        entry = entry.strip()
        if entry.startswith("GPU-"):
            fits = [number for number, uuid in uuids.items() if uuid.startswith(entry)]
        else:
            fits = [int(entry)] if entry.isdecimal() and int(entry) in devices else []
        if len(fits) != 1:
            break
        chosen += fits
    return [(number, devices[number]) for number in sorted(set(chosen))]


def _device_counters(nvml: Any, prefix: str, device: Any) -> list[Counter]:
    def utilization() -> Mapping[str, float]:
        return {prefix + "utilization_percent": nvml.nvmlDeviceGetUtilizationRates(device).gpu}

    def memory() -> Mapping[str, float]:
        status = nvml.nvmlDeviceGetMemoryInfo(device)
        return {
            prefix + "memory_used_bytes": status.used,
            prefix + "memory_used_percent": 100.0 * status.used / status.total,
        }

    def temperature() -> Mapping[str, float]:
        return {prefix + "temperature_celsius": nvml.nvmlDeviceGetTemperature(device, nvml.NVML_TEMPERATURE_GPU)}

    def power() -> Mapping[str, float]:
        return {prefix + "power_watts": nvml.nvmlDeviceGetPowerUsage(device) / 1000}  # NVML tells milliwatts

    return [utilization, memory, temperature, power]
