"""The framing of event files, TFRecord: length, its checksum, data, its checksum.

https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details. The checksums are masked CRC-32C,
which the standard library does not have.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

from workbench.base.errors import InputError

_HEADER = struct.Struct("<QI")
_CHECKSUM = struct.Struct("<I")
_BUFFER_BYTES = 1024 * 1024


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE = _table()


def masked_crc(data: bytes) -> int:
    """The masked CRC-32C of `data`, as the format has it."""
    crc = 0xFFFFFFFF
    table = _TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return (crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8 & 0xFFFFFFFF


def read_records(path: str, notes: list[str]) -> Iterator[tuple[bytes, int]]:
    """`(data, masked CRC as written)` of each record; comparing the two is left to whoever uses the data.

    A record that the writer did not finish ends the file: a killed writer leaves one, and a living one too.

    Args:
        path: the file.
        notes: receives a sentence where bytes are lost.

    Raises:
        InputError: the file cannot be read, or it does not begin with a record.
    """
    name = os.path.basename(path)
    try:
        with open(path, "rb", buffering=_BUFFER_BYTES) as file:
            size = os.fstat(file.fileno()).st_size
            position = 0
            while header := file.read(_HEADER.size):
                if len(header) < _HEADER.size:
                    break
                length, crc = _HEADER.unpack(header)
                if masked_crc(header[:8]) != crc:
                    if position == 0:
                        raise InputError(f"{name} is no event file")
                    notes.append(f"{name} is damaged at byte {position}; what follows is left out")
                    return
                end = position + _HEADER.size + length + _CHECKSUM.size
                if end > size:
                    break
                data, checksum = file.read(length), file.read(_CHECKSUM.size)
                if len(checksum) < _CHECKSUM.size:
                    break
                yield data, _CHECKSUM.unpack(checksum)[0]
                position = end
            if position < size and header:
                notes.append(f"{name} ends within a record, which is left out")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
