"""GPU metrics against a made-up NVML: only visible devices, and each reading on its own."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.tracking.capture.gpu import gpu_counters
from workbench.tracking.capture.system import sample


class FakeNvml:
    """Four devices with the UUIDs GPU-0aaa, GPU-1bbb, …; `broken` names calls that raise."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self, *broken: str, bytes_uuid: bool = False) -> None:
        self.broken = set(broken)
        self.bytes_uuid = bytes_uuid

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("nvml") and name in self.broken:
            raise RuntimeError("NVML says no")
        return super().__getattribute__(name)

    def nvmlInit(self) -> None:  # noqa: N802
        pass

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 4

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:  # noqa: N802
        if f"device {number}" in self.broken:
            raise RuntimeError("the device is lost")
        return number

    def nvmlDeviceGetUUID(self, device: int) -> str | bytes:  # noqa: N802
        uuid = f"GPU-{device}{'abcd'[device] * 3}"
        return uuid.encode() if self.bytes_uuid else uuid

    def nvmlDeviceGetUtilizationRates(self, device: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=10 * device, memory=1)

    def nvmlDeviceGetMemoryInfo(self, device: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(used=20, total=80, free=60)

    def nvmlDeviceGetTemperature(self, device: int, sensor: int) -> int:  # noqa: N802
        return 50

    def nvmlDeviceGetPowerUsage(self, device: int) -> int:  # noqa: N802
        return 123_456


def devices(visible: str | None, nvml: FakeNvml | None = None) -> set[str]:
    """The devices that metrics are there of."""
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    values = sample(gpu_counters(environment, nvml or FakeNvml()))
    return {name.split("/")[1].split("_")[0] for name in values}


def test_a_device_has_its_metrics() -> None:
    assert sample(gpu_counters({"CUDA_VISIBLE_DEVICES": "1"}, FakeNvml())) == {
        "system/gpu1_utilization_percent": 10.0,
        "system/gpu1_memory_used_bytes": 20.0,
        "system/gpu1_memory_used_percent": 25.0,
        "system/gpu1_temperature_celsius": 50.0,
        "system/gpu1_power_watts": 123.456,
    }


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, {"gpu0", "gpu1", "gpu2", "gpu3"}),
        ("", set()),
        ("-1", set()),
        ("NoDevFiles", set()),
        ("2", {"gpu2"}),
        ("3, 1", {"gpu1", "gpu3"}),
        ("1,-1,2", {"gpu1"}),
        ("0,9,1", {"gpu0"}),
        ("GPU-2ccc", {"gpu2"}),
        ("GPU-3,GPU-0", {"gpu0", "gpu3"}),
        ("GPU-", set()),
        ("MIG-GPU-0aaa/1/0", set()),
    ],
)
def test_only_visible_devices_are_measured(visible: str | None, expected: set[str]) -> None:
    assert devices(visible) == expected
    assert devices(visible, FakeNvml(bytes_uuid=True)) == expected


@pytest.mark.parametrize(
    "call",
    ["nvmlDeviceGetUtilizationRates", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetTemperature", "nvmlDeviceGetPowerUsage"],
)
def test_a_reading_that_fails_costs_only_itself(call: str) -> None:
    whole = sample(gpu_counters({}, FakeNvml()))
    left = sample(gpu_counters({}, FakeNvml(call)))
    assert set(left) < set(whole)
    assert len(whole) - len(left) in (4, 8)


def test_a_lost_device_does_not_hide_the_others() -> None:
    assert devices(None, FakeNvml("device 1")) == {"gpu0", "gpu2", "gpu3"}


def test_without_bindings_or_driver_there_are_no_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu_counters({}) == []
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml("nvmlInit"))
    assert gpu_counters({}) == []
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    assert len(gpu_counters({})) == 16
