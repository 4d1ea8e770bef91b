"""From bytes to the lines that a person has seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.rendering import rendered
from workbench.tracking.capture.lines import MAX_OPEN_ROWS, Line, LineAssembler


def lines_of(data: bytes, chunk_bytes: int = 1_000_000) -> list[str]:
    """Every line of a stream that arrives in chunks, as a reader sees them in the end."""
    assembler = LineAssembler()
    lines: list[Line] = []
    for start in range(0, len(data), chunk_bytes):
        lines += assembler.feed(data[start : start + chunk_bytes])
    return list(rendered(lines + assembler.finish()))


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\n\nthree", ["one", "", "three"]),
        (b"\n", [""]),
        (b"windows\r\nlines\r\n", ["windows", "lines"]),
        ("schön ✓\n".encode(), ["schön ✓"]),
        (b"caf\xe9\n", ["caf\\xe9"]),
        (b"cut \xe2\x9c", ["cut \\xe2\\x9c"]),
        (b"\x1b[1;31mred\x1b[0m and \x1b[38;5;9mmore\x1b[m\n", ["red and more"]),
        (b"\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\ \x1b]0;title\x07end\n", ["link end"]),
        (b"tab\there\x07\x00!\n", ["tab\there!"]),
        (b"typo\b\bped\n", ["typed"[:2] + "ped"]),
        (b"0%\r50%\r100%\n", ["100%"]),
        (b"0%\r50%\r100%\rdone", ["done"]),
        (b"100%\r\n", ["100%"]),
        (b"bar\r   \rafter\n", ["after"]),
        (b"bar\r   \r", []),
        (b"long bar\r\x1b[Kshort\n", ["short"]),
        (b"long bar\x1b[2K\rshort\n", ["short"]),
        (b"long bar\x1b[1Gshort\n", ["short"]),
        (b"\x1b(Btext\x1b=\n", ["text"]),
        (b"\x1b[", []),
    ],
)
@pytest.mark.parametrize("chunk_bytes", [1, 3, 1000])
def test_bytes_become_lines(data: bytes, lines: list[str], chunk_bytes: int) -> None:
    assert lines_of(data, chunk_bytes) == lines


def tqdm_bar(description: str, total: int) -> bytes:
    return b"".join(b"\r%s: %3d%%|" % (description.encode(), 100 * n // total) for n in range(total + 1))


def nested_bars(*, leave: bool) -> bytes:
    """What tqdm writes for `trange(2)` around `tqdm(range(3), leave=leave)`."""
    data = b"\router:   0%|"
    for epoch in (1, 2):
        data += b"\n\x1b[A" + b"".join(b"\n\rinner %d: %d%%|\x1b[A" % (epoch, n) for n in (0, 33, 66, 99))
        data += b"\rinner %d: 100%%|\n" % epoch if leave else b"\n\r             \r\x1b[A"
        data += b"\router: %3d%%|" % (50 * epoch)
    return data + b"\n"


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_a_progress_bar_is_one_line(chunk_bytes: int) -> None:
    data = b"start\n" + tqdm_bar("train", 50) + b"\nend\n"
    assert lines_of(data, chunk_bytes) == ["start", "train: 100%|", "end"]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_nested_bars_are_one_line_each(chunk_bytes: int) -> None:
    assert lines_of(nested_bars(leave=False), chunk_bytes) == ["outer: 100%|"]
    assert lines_of(nested_bars(leave=True), chunk_bytes) == ["inner 1: 100%|", "inner 2: 100%|", "outer: 100%|"]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_a_live_display_that_hides_the_cursor_is_one_frame(chunk_bytes: int) -> None:
    frame = "one {0}%\ntwo {0}%"
    data = "\x1b[?25l" + frame.format(0)
    for n in (50, 100):
        data += "\r\x1b[2K\x1b[1A\x1b[2K" + frame.format(n)
    assert lines_of((data + "\n\x1b[?25hdone\n").encode(), chunk_bytes) == ["one 100%", "two 100%", "done"]


def test_ordinary_lines_come_at_once() -> None:
    assembler = LineAssembler()
    assert assembler.feed(b"one\ntw") == [("one", True)]
    assert assembler.feed(b"o\n") == [("two", True)]
    assert not assembler.waiting


def test_a_finished_bar_comes_when_the_program_rests() -> None:
    assembler = LineAssembler()
    assert assembler.feed(b"0%\r100%\nnext\n") == []
    assert assembler.waiting
    assert assembler.settle() == [("100%", True), ("next", True)]
    assert not assembler.waiting


def test_a_bar_that_the_cursor_rests_on_stays_open() -> None:
    assembler = LineAssembler()
    assembler.feed(b"\router 0%\n\rinner 0%\x1b[A")
    assert assembler.settle() == []
    assert assembler.feed(b"\router 9%\n\rinner 5%\n") == []
    assert assembler.finish() == [("outer 9%", True), ("inner 5%", True)]


def test_lines_of_a_live_display_come_when_they_no_longer_change() -> None:
    assembler = LineAssembler()
    assert assembler.feed(b"\x1b[?25lone\ntwo\n") == []
    assert assembler.live
    assert assembler.settle() == []
    assert assembler.settle() == [("one", True), ("two", True)]


def test_bars_do_not_hold_back_more_than_a_screen() -> None:
    assembler = LineAssembler()
    lines = assembler.feed(b"0%\r100%\n" + b"next\n" * 500)
    assert lines[0] == ("100%", True)
    assert 501 - len(lines) <= MAX_OPEN_ROWS


def test_a_prompt_is_shown_and_then_continued() -> None:
    assembler = LineAssembler()
    lines = assembler.feed(b"Name: ")
    assert lines == []
    lines += assembler.preview(bars=False)
    assert lines == [("Name: ", False)]
    assert assembler.preview(bars=False) == []
    lines += assembler.feed(b"Ada\n")
    assert lines == [("Name: ", False), ("Ada", True)]
    assert list(rendered(lines)) == ["Name: Ada"]


def test_a_bar_that_was_shown_is_replaced() -> None:
    assembler = LineAssembler()
    assembler.feed(b"1%\r2%")
    assert assembler.preview(bars=False) == []
    lines = assembler.preview(bars=True)
    lines += assembler.feed(b"\r3%\n")
    lines += assembler.finish()
    assert lines == [("2%", False), ("\r3%", True)]
    assert list(rendered(lines)) == ["3%"]


def test_a_very_long_line_comes_in_pieces() -> None:
    assembler = LineAssembler(max_line_characters=10)
    lines = assembler.feed(b"x" * 25 + b"\nshort\n")
    assert [len(text) for text, _ in lines] == [10, 10, 5, 5]
    assert list(rendered(lines)) == ["x" * 25, "short"]


def test_an_endless_escape_sequence_is_given_up() -> None:
    assembler = LineAssembler()
    for _ in range(100):
        assembler.feed(b"\x1b]" + b"x" * 1000)
    assert assembler.feed(b"\x07end\n")[-1][0].endswith("end")


@given(st.binary(max_size=200), st.integers(1, 20))
def test_chunks_do_not_matter(data: bytes, chunk_bytes: int) -> None:
    assert lines_of(data, chunk_bytes) == lines_of(data)


@given(st.lists(st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=20), max_size=10))
def test_plain_text_is_kept(lines: list[str]) -> None:
    assert lines_of("".join(line + "\n" for line in lines).encode()) == lines


CONTROLS = ["\r", "\n", "\b", "\x1b[A", "\x1b[B", "\x1b[K", "\x1b[2K", "\x1b[J", "\x1b[?25l", "\x1b[?25h", "ab", "c "]


@given(st.lists(st.sampled_from(CONTROLS), max_size=60), st.lists(st.sampled_from(["settle", "bars", "quiet"])))
def test_any_controls_and_pauses_lose_no_row_and_leave_no_control(parts: list[str], pauses: list[str]) -> None:
    assembler = LineAssembler()
    lines: list[Line] = []
    for number, part in enumerate(parts):
        lines += assembler.feed(part.encode())
        if number < len(pauses):
            pause = pauses[number]
            lines += assembler.settle() if pause == "settle" else assembler.preview(bars=pause == "bars")
    lines += assembler.finish()
    assert not assembler.waiting
    assert all(set(text) <= set("abc ") for text in rendered(lines))
