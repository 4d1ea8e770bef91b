"""Event files made by hand: framing and messages as TensorBoard's writers make them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from workbench.interop.tensorboard.messages import MESSAGES, Event
from workbench.interop.tensorboard.records import masked_crc

BEGAN_S = 1_700_000_000.25
FILE = "events.out.tfevents.1700000000.lab.example.42.0"
FLOAT, INT64, STRING, HALF, BFLOAT16 = 1, 9, 7, 19, 14


def framed(data: bytes) -> bytes:
    """One record of an event file."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc(length)) + data + struct.pack("<I", masked_crc(data))


class EventFile:
    """An event file that grows.

    Args:
        folder: where it lies.
        name: of the file.
        wall_time: when it was begun, in seconds.
    """

    def __init__(self, folder: Path, name: str = FILE, wall_time: float = BEGAN_S) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / name
        self.append(Event(wall_time=wall_time, file_version=b"brain.Event:2"))

    def append(self, event: Any) -> None:
        """Append an event."""
        with open(self.path, "ab", buffering=0) as file:
            file.write(framed(event.SerializeToString()))

    def value(self, step: int, wall_time: float | None = None, **fields: Any) -> None:
        """Append a summary of one value."""
        event = Event(wall_time=BEGAN_S + 1 + step if wall_time is None else wall_time, step=step)
        event.summary.value.add(**fields)
        self.append(event)

    def scalar(self, tag: str, value: float, step: int, wall_time: float | None = None) -> None:
        """Append a number as version 1 writes it."""
        self.value(step, wall_time, tag=tag.encode(), simple_value=value)

    def tensor(self, tag: str, step: int, plugin: str = "", **tensor: Any) -> None:
        """Append a tensor as version 2 writes it."""
        fields: dict[str, Any] = {"tag": tag.encode(), "tensor": MESSAGES["Tensor"](**tensor)}
        if plugin:
            fields["metadata"] = metadata(plugin)
        self.value(step, **fields)

    def hparams(self, values: dict[str, object], group: str = "", status: int | None = None) -> None:
        """Append parameters of the hparams plugin, and how the session ended."""
        start = MESSAGES["SessionStart"](group_name=group.encode())
        for name, value in values.items():
            fields: dict[str, Any]
            if isinstance(value, bool):
                fields = {"boolean": value}
            elif isinstance(value, str):
                fields = {"string": value.encode()}
            else:
                fields = {"number": value}
            start.hparams.add(key=name.encode(), value=MESSAGES["JsonValue"](**fields))
        content = MESSAGES["HParams"](start=start).SerializeToString()
        self.value(0, tag=b"_hparams_/session_start_info", metadata=metadata("hparams", content))
        if status is not None:
            end = MESSAGES["HParams"](end=MESSAGES["SessionEnd"](status=status)).SerializeToString()
            self.value(0, tag=b"_hparams_/session_end_info", metadata=metadata("hparams", end))


def metadata(plugin: str, content: bytes = b"") -> Any:
    """The metadata of a summary of a plugin."""
    data = MESSAGES["PluginData"](plugin_name=plugin.encode(), content=content)
    return MESSAGES["Metadata"](plugin_data=data)
