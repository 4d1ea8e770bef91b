from __future__ import annotations

from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from workbench.journal.block import (
    DAMAGED,
    HEADER_SIZE,
    TORN,
    Scan,
    block_end,
    encode_block,
    parse_header,
    scan,
)

# Records are JSON and numbers: neither a newline nor a NUL byte is ever in one.
payloads = st.lists(
    st.lists(
        st.binary(max_size=30).map(lambda b: b.translate(bytes.maketrans(b"\n\0", b"##"))), min_size=1, max_size=3
    ).map(lambda lines: b"\n\t".join(lines) + b"\n"),
    min_size=1,
    max_size=8,
)


def journal(contents: list[bytes]) -> list[bytes]:
    crc = 0
    blocks = []
    for payload in contents:
        blocks.append(encode_block(payload, crc))
        crc = crc32(blocks[-1], crc)
    return blocks


def intact(data: bytes, found: Scan) -> bytes:
    return b"".join(data[start:end] for start, end in found.ranges)


@given(payloads)
def test_what_is_written_is_verified_in_one_stretch(contents: list[bytes]) -> None:
    data = b"".join(journal(contents))
    found = scan(data, 0, writer_alive=False)
    assert found.ranges == [(0, len(data))]
    assert (found.gaps, found.consumed, found.running_crc) == ([], len(data), crc32(data))


@given(payloads, st.data())
def test_a_truncated_journal_yields_its_whole_blocks(contents: list[bytes], data: st.DataObject) -> None:
    blocks = journal(contents)
    whole = b"".join(blocks)
    size = data.draw(st.integers(0, len(whole)))
    ends = [0]
    for block in blocks:
        ends.append(ends[-1] + len(block))
    settled = max(end for end in ends if end <= size)
    waiting = scan(whole[:size], 0, writer_alive=True)
    assert (waiting.consumed, waiting.gaps) == (settled, [])
    dead = scan(whole[:size], 0, writer_alive=False)
    assert dead.gaps == ([(settled, size, TORN)] if settled < size else [])
    assert intact(whole, waiting) == intact(whole, dead) == whole[:settled]


@given(payloads, st.data())
def test_reading_in_two_goes_is_reading_in_one(contents: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(journal(contents))
    size = data.draw(st.integers(0, len(whole)))
    first = scan(whole[:size], 0, writer_alive=True)
    rest = whole[first.consumed :]
    second = scan(rest, first.running_crc, writer_alive=True)
    assert intact(whole[:size], first) + intact(rest, second) == whole
    assert second.running_crc == crc32(whole)


@given(payloads, st.data())
def test_a_flipped_bit_costs_the_block_that_it_is_in(contents: list[bytes], data: st.DataObject) -> None:
    blocks = journal(contents)
    whole = bytearray(b"".join(blocks))
    position = data.draw(st.integers(0, len(whole) - 1))
    whole[position] ^= 1 << data.draw(st.integers(0, 7))
    hit, start = 0, 0
    while start + len(blocks[hit]) <= position:
        start += len(blocks[hit])
        hit += 1
    found = scan(bytes(whole), 0, writer_alive=False)
    kept = intact(bytes(whole), found)
    others = b"".join(blocks[:hit] + blocks[hit + 1 :])
    # A running checksum that is hit is noticed too, but takes no payload with it: then all blocks are kept.
    assert kept == others or kept == bytes(whole)
    assert found.consumed == len(whole)
    if kept == others:
        [(first, last, _)] = found.gaps
        assert (first, last) == (start, start + len(blocks[hit]))


@given(payloads, st.data())
def test_a_run_of_nul_bytes_costs_the_blocks_that_it_covers(contents: list[bytes], data: st.DataObject) -> None:
    blocks = journal(contents)
    whole = bytearray(b"".join(blocks))
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first, len(whole) - 1))
    whole[first : last + 1] = bytes(last + 1 - first)
    found = scan(bytes(whole), 0, writer_alive=False)
    kept = []
    start = 0
    for block in blocks:
        if start + len(block) <= first or start > last:
            kept.append(block)
        start += len(block)
    assert intact(bytes(whole), found) == b"".join(kept)
    assert sum(end - begin for begin, end, _ in found.gaps) + sum(map(len, kept)) == len(whole)


def test_the_blocks_after_a_gap_are_verified_in_one_stretch_again() -> None:
    blocks = journal([b"a\n", b"b\n", b"c\n"])
    damaged = blocks[0] + b"?" * len(blocks[1]) + blocks[2]
    found = scan(damaged, 0, writer_alive=True)
    more = encode_block(b"d\n", crc32(b"".join(blocks)))
    assert scan(more, found.running_crc, writer_alive=True).ranges == [(0, len(more))]


def test_a_damaged_last_block_is_damage_and_an_unfinished_one_a_torn_tail() -> None:
    first, last = journal([b"a\n", b"b\n"])
    damaged = first + last[:-2] + b"?\n"
    assert [gap[2] for gap in scan(damaged, 0, writer_alive=False).gaps] == [DAMAGED]
    for size in range(1, len(last)):
        assert [gap[2] for gap in scan(first + last[:size], 0, writer_alive=False).gaps] == [TORN]
    nothing = first + bytes(len(last))  # what a loss of power may leave
    assert [gap[2] for gap in scan(nothing, 0, writer_alive=False).gaps] == [DAMAGED]


def test_a_hash_sign_in_a_payload_starts_no_block() -> None:
    payload = b"#0000000a 00000000 00000000\tx\n"
    data = encode_block(payload, 0)
    assert scan(data, 0, writer_alive=False).ranges == [(0, len(data))]
    assert scan(data[1:], 0, writer_alive=False).ranges == []


def test_a_header_is_parsed_only_where_it_is_whole_and_well_formed() -> None:
    block = encode_block(b"x\n", 7)
    header = parse_header(block, 0)
    assert header is not None
    assert (header.length, header.crc, header.running_crc) == (2, crc32(b"x\n"), 7)
    assert parse_header(block[: HEADER_SIZE - 1], 0) is None
    assert parse_header(block.replace(b"#", b"!"), 0) is None
    assert parse_header(b"#zzzzzzzz 00000000 00000000\t", 0) is None
    assert block_end(block, 0) == len(block)
    assert block_end(block[:-1], 0) is None
    assert block_end(encode_block(b"", 0), 0) is None


def test_no_bytes_are_nothing() -> None:
    found = scan(b"", 5, writer_alive=False)
    assert (found.ranges, found.gaps, found.consumed, found.running_crc) == ([], [], 0, 5)
