"""The framing of `.wandb` files: LevelDB's log format with a header of wandb's own and CRC-32 for CRC-32C.

Blocks of 32 KiB hold fragments: checksum, length, kind, data; a record is one fragment or several. See
https://github.com/google/leveldb/blob/main/doc/log_format.md and core/pkg/leveldb/record.go of
https://github.com/wandb/wandb.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from zlib import crc32

from workbench.base.errors import InputError

FILE_HEADER = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
_BLOCK_BYTES = 32 * 1024
_FRAGMENT = struct.Struct("<IHB")
_FULL, _FIRST, _LAST = 1, 2, 4


def read_records(path: str, notes: list[str]) -> Iterator[bytes]:
    """The data of each intact record. A record that the writer did not finish ends the file.

    Args:
        path: the file.
        notes: receives a sentence where bytes are lost.

    Raises:
        InputError: the file cannot be read or is of another kind.
    """
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            block = file.read(_BLOCK_BYTES)
            if block and not block.startswith(FILE_HEADER[:4]):
                raise InputError(f"{name} is no wandb run file")
            position = len(FILE_HEADER)
            parts: list[bytes] | None = None
            damaged, torn = 0, False
            while block:
                at_end = len(block) < _BLOCK_BYTES
                while position + _FRAGMENT.size <= len(block):
                    crc, length, kind = _FRAGMENT.unpack_from(block, position)
                    data = block[position + _FRAGMENT.size : position + _FRAGMENT.size + length]
                    if kind == 0 and length == 0:  # the rest of the block was set aside and never written
                        break
                    if len(data) < length and at_end:  # torn
                        break
                    if len(data) < length or crc32(data, crc32(bytes((kind,)))) != crc:
                        damaged += 1
                        parts = None
                        break
                    position += _FRAGMENT.size + length
                    if kind in (_FULL, _FIRST):
                        parts = []
                    if parts is None:  # the beginning of this record is lost
                        continue
                    parts.append(data)
                    if kind in (_FULL, _LAST):
                        yield b"".join(parts)
                        parts = None
                torn = parts is not None or (at_end and position < len(block))
                block, position = file.read(_BLOCK_BYTES), 0
            if damaged:
                notes.append(f"{name} is damaged in {damaged} blocks; the records in them are left out")
            elif torn:
                notes.append(f"{name} ends within a record, which is left out")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
