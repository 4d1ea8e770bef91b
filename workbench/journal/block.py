"""Framing of a journal: blocks that can be verified one by one, or megabytes at a time.

A block is `#LLLLLLLL CCCCCCCC RRRRRRRR` + tab + payload, where the three fields are eight hex
digits each: the payload's length in bytes, the CRC-32 of the payload, and the running CRC-32 of
every byte of the file before this block. The payload is one or more lines; lines after the first
start with a tab, so only a block starts with `#`.

One block is one `write(2)`, and the unit that is either there or not. A reader that knows the
running CRC at its offset verifies everything up to the last header with a single call of
`zlib.crc32`; only when that fails does it look at blocks one by one, which needs no running CRC.
"""

from __future__ import annotations

from zlib import crc32

FORMAT_VERSION = 1
HEADER_SIZE = 28
_MARK = ord("#")

TORN = "torn tail"
DAMAGED = "damaged"


def encode_block(payload: bytes, running_crc: int) -> bytes:
    """The bytes of one block after a file whose bytes so far have `running_crc`."""
    return b"#%08x %08x %08x\t%b" % (len(payload), crc32(payload), running_crc, payload)


class Header:
    """The three numbers of a block's header."""

    __slots__ = ("crc", "length", "running_crc")

    def __init__(self, length: int, crc: int, running_crc: int) -> None:
        self.length = length
        self.crc = crc
        self.running_crc = running_crc


def parse_header(data: bytes, position: int) -> Header | None:
    """The header at `position`, or None where there is no complete one."""
    head = data[position : position + HEADER_SIZE]
    if len(head) < HEADER_SIZE or head[0] != _MARK or head[9] != 32 or head[18] != 32 or head[27] != 9:
        return None
    try:
        return Header(int(head[1:9], 16), int(head[10:18], 16), int(head[19:27], 16))
    except ValueError:
        return None


def block_end(data: bytes, position: int) -> int | None:
    """Where the block at `position` ends when it is complete and intact, else None."""
    header = parse_header(data, position)
    if header is None:
        return None
    start = position + HEADER_SIZE
    end = start + header.length
    if header.length == 0 or end > len(data) or data[end - 1] != 10:
        return None
    return end if crc32(memoryview(data)[start:end]) == header.crc else None


class Scan:
    """What a stretch of a journal holds.

    Attributes:
        ranges: `(start, end)` byte ranges of intact blocks, in order, as long as possible.
        gaps: `(start, end, reason)` ranges that are lost.
        consumed: offset after the last byte that is settled, intact or lost.
        running_crc: the running CRC of the file at `consumed`.
    """

    __slots__ = ("consumed", "gaps", "ranges", "running_crc")

    def __init__(
        self, ranges: list[tuple[int, int]], gaps: list[tuple[int, int, str]], consumed: int, running_crc: int
    ) -> None:
        self.ranges = ranges
        self.gaps = gaps
        self.consumed = consumed
        self.running_crc = running_crc


def scan(data: bytes, running_crc: int, *, writer_alive: bool) -> Scan:
    """Find the intact blocks of `data`, which starts at a block boundary.

    Args:
        data: bytes of a journal from a settled offset to its end.
        running_crc: the running CRC of the file at that offset.
        writer_alive: whether an incomplete tail may still become complete; if not, it is a gap.
    """
    end = _verified_prefix(data, running_crc)
    if end == len(data):
        return Scan([(0, end)] if end else [], [], end, crc32(data, running_crc))
    return _scan_blocks(data, running_crc, writer_alive)


def _verified_prefix(data: bytes, running_crc: int) -> int:
    """The length of `data` if all of it is intact blocks by the running CRC, else -1; 0 for no data."""
    if not data:
        return 0
    last = data.rfind(b"\n#") + 1
    header = parse_header(data, last)
    if header is None or block_end(data, last) != len(data):
        return -1
    return len(data) if crc32(memoryview(data)[:last], running_crc) == header.running_crc else -1


def _scan_blocks(data: bytes, running_crc: int, writer_alive: bool) -> Scan:
    ranges: list[tuple[int, int]] = []
    gaps: list[tuple[int, int, str]] = []
    position = start = 0
    running = running_crc
    while position < len(data):
        end = block_end(data, position)
        if end is not None:
            header = parse_header(data, position)
            assert header is not None
            # The header's own value, so that bytes lost before this block do not spoil the fast path after it.
            running = crc32(memoryview(data)[position:end], header.running_crc)
            position = end
            continue
        if position > start:
            ranges.append((start, position))
        following = _next_block(data, position + 1)
        if following is None:
            if not writer_alive:
                gaps.append((position, len(data), TORN if _is_beginning(data, position) else DAMAGED))
                position = len(data)
            return Scan(ranges, gaps, position, running)
        gaps.append((position, following, DAMAGED))
        position = start = following
    if position > start:
        ranges.append((start, position))
    return Scan(ranges, gaps, position, running)


def _is_beginning(data: bytes, position: int) -> bool:
    """Whether `data` ends within a block that starts at `position`: one that nobody was told is written."""
    if len(data) - position < HEADER_SIZE:
        return data[position] == _MARK
    header = parse_header(data, position)
    return header is not None and position + HEADER_SIZE + header.length > len(data)


def _next_block(data: bytes, position: int) -> int | None:
    """The next offset at which an intact block starts."""
    while True:
        found = data.find(b"#", position)
        if found < 0:
            return None
        # A damaged newline before a block must not hide the block, so any `#` that verifies will do.
        if block_end(data, found) is not None:
            return found
        position = found + 1
