"""Protocol buffer messages described by a few lines of Python, parsed by the protobuf library.

The trackers whose files are read bring generated classes, but with them themselves: importing wandb's takes a second
and 80 MB on the disk, TensorBoard's half a second and gRPC. Numbers of fields never change their meaning, so the few
that are needed are written down where they are used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

Field = tuple[int, str, str]
"""Number, name, and type: a scalar of protobuf or the name of a message of the table, with `*` behind where repeated.

Text is `bytes`, since a damaged or foreign character in it must not cost the whole message: see `text`.
"""


def message_classes(package: str, table: Mapping[str, Sequence[Field]]) -> dict[str, Any]:
    """The classes of the messages of `table`, which know nothing of any other messages of this process.

    Args:
        package: a name for them.
        table: the fields by the message's name.
    """
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package)
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in table.items():
        message = file.message_type.add(name=name)
        for number, field, kind in fields:
            kind, repeated = kind.removesuffix("*"), kind.endswith("*")
            label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
            added = message.field.add(name=field, number=number, label=label)
            if kind in table:
                added.type, added.type_name = kinds.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                added.type = getattr(kinds, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}")) for name in table}


def parsed(kind: Any, data: bytes) -> Any | None:
    """A message of the class `kind`; None where `data` is none."""
    message = kind()
    try:
        message.ParseFromString(data)
    except (DecodeError, RecursionError):
        return None
    return message


def text(data: bytes) -> str:
    """The text of a field; what is not UTF-8 is replaced."""
    return data.decode(errors="replace")
