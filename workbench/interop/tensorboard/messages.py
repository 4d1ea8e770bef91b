"""The messages in event files, as far as they are read.

Numbers as in tensorboard/compat/proto/{event,summary,tensor}.proto and tensorboard/plugins/hparams/plugin_data.proto of
https://github.com/tensorflow/tensorboard.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from workbench.interop.protobuf import Field, message_classes, text

TABLE: dict[str, tuple[Field, ...]] = {
    "Event": (
        (1, "wall_time", "double"),
        (2, "step", "int64"),
        (3, "file_version", "bytes"),
        (5, "summary", "Summary"),
    ),
    "Summary": ((1, "value", "Value*"),),
    "Value": (
        (1, "tag", "bytes"),
        (2, "simple_value", "float"),
        (8, "tensor", "Tensor"),
        (9, "metadata", "Metadata"),
    ),
    "Metadata": ((1, "plugin_data", "PluginData"), (4, "data_class", "int32")),
    "PluginData": ((1, "plugin_name", "bytes"), (2, "content", "bytes")),
    "Tensor": (
        (1, "dtype", "int32"),
        (4, "tensor_content", "bytes"),
        (5, "float_val", "float*"),
        (6, "double_val", "double*"),
        (7, "int_val", "int32*"),
        (8, "string_val", "bytes*"),
        (10, "int64_val", "int64*"),
        (11, "bool_val", "bool*"),
        (13, "half_val", "int32*"),
        (16, "uint32_val", "uint32*"),
        (17, "uint64_val", "uint64*"),
    ),
    "HParams": ((3, "start", "SessionStart"), (4, "end", "SessionEnd")),
    "SessionStart": ((1, "hparams", "Entry*"), (4, "group_name", "bytes")),
    "SessionEnd": ((1, "status", "int32"),),
    "Entry": ((1, "key", "bytes"), (2, "value", "JsonValue")),
    "JsonValue": ((2, "number", "double"), (3, "string", "bytes"), (4, "boolean", "bool")),
}
MESSAGES = message_classes("workbench.tensorboard", TABLE)
Event: Any = MESSAGES["Event"]
HParams: Any = MESSAGES["HParams"]

SCALAR_CLASS = 1
"""`data_class` of summaries that are one number."""
STATUS_FAILURE = 2
"""`status` of a session that failed."""

_STRING = 7


def _half(bits: int) -> float:
    return float(struct.unpack("<e", struct.pack("<H", bits & 0xFFFF))[0])


def _bfloat16(bits: int) -> float:
    return float(struct.unpack("<f", struct.pack("<I", (bits & 0xFFFF) << 16))[0])


# By the number of the type: the field that holds the values, the form of packed bytes, and what a value means.
_NUMBERS: dict[int, tuple[str, str, Callable[[Any], float]]] = {
    1: ("float_val", "<f", float),
    2: ("double_val", "<d", float),
    3: ("int_val", "<i", float),
    4: ("int_val", "<B", float),
    5: ("int_val", "<h", float),
    6: ("int_val", "<b", float),
    9: ("int64_val", "<q", float),
    10: ("bool_val", "<?", float),
    14: ("half_val", "<H", _bfloat16),
    17: ("int_val", "<H", float),
    19: ("half_val", "<H", _half),
    22: ("uint32_val", "<I", float),
    23: ("uint64_val", "<Q", float),
}


def number_of(tensor: Any) -> float | None:
    """The number of a tensor of one element; None where it is something else."""
    form = _NUMBERS.get(tensor.dtype)
    if form is None:
        return None
    field, packed, meaning = form
    values = getattr(tensor, field)
    if len(values) == 1:
        return meaning(values[0])
    if not values and len(tensor.tensor_content) == struct.calcsize(packed):
        return meaning(struct.unpack(packed, tensor.tensor_content)[0])
    return None


def text_of(tensor: Any) -> str | None:
    """The text of a tensor of strings, its elements one below the other; None where it is something else."""
    if tensor.dtype != _STRING or not tensor.string_val:
        return None
    return "\n".join(text(element) for element in tensor.string_val)
