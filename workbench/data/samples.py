"""Samples of text files: enough lines to tell columns and types, without reading gigabytes for that."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from typing import IO

from workbench.base.errors import InputError
from workbench.data.sources import SourceFile

WHOLE_BYTES = 32_000_000
"""So much text is looked at as a whole; of more than that a sample is."""
_PLACES = 16
_TAIL_BYTES = 1 << 20


class Sample:
    """Lines of a file.

    Attributes:
        text: whole lines, the first line of the file among them; UTF-8 unless `encoding` says otherwise.
        complete: they are all lines that the file has.
    """

    def __init__(self, text: bytes, complete: bool) -> None:
        self.text = text
        self.complete = complete


def sample_lines(file: SourceFile, budget_bytes: int) -> Sample:
    """The beginning of a file and lines from places all over it, `budget_bytes` in all.

    Args:
        budget_bytes: about how much; a file that is not larger is read as a whole.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with opened(file) as source:
            if file.compressed or file.size_bytes <= budget_bytes:
                text = source.read(budget_bytes + 1)
                complete = len(text) <= budget_bytes
                return Sample(text if complete else _whole_lines(text), complete)
            part = max(budget_bytes // (2 * _PLACES), 4096)
            head = _whole_lines(source.read(budget_bytes // 2))
            if b'"' in head and file.format in ("csv", "tsv"):  # a line break may be inside a cell
                return Sample(head, False)
            texts = [head]
            for number in range(1, _PLACES + 1):
                source.seek(max(file.size_bytes * number // _PLACES - part, len(head)))
                source.readline()
                texts.append(_whole_lines(source.read(part)))
            return Sample(b"".join(texts), False)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(file, error) from None


def pieces(file: SourceFile, *, quoted: bool = False) -> Iterator[bytes]:
    """All of a file in pieces of whole lines, about `WHOLE_BYTES` each.

    Args:
        quoted: a line break between double quotes ends no line.

    Raises:
        InputError: it cannot be read.
    """
    rest = b""
    try:
        with opened(file) as source:
            while chunk := source.read(WHOLE_BYTES):
                text = rest + chunk
                end = text.rfind(b"\n") + 1
                while quoted and end and text.count(b'"', 0, end) % 2:
                    end = text.rfind(b"\n", 0, end - 1) + 1
                rest = text[end:]
                if end:
                    yield text[:end]
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(file, error) from None
    if rest:
        yield rest


def last_line(file: SourceFile) -> tuple[bytes, int]:
    """What follows the last line end of a file that is not compressed, and where it begins; b"" where nothing does.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with open(file.path, "rb") as source:
            size_bytes = source.seek(0, os.SEEK_END)
            source.seek(max(size_bytes - _TAIL_BYTES, 0))
            tail = source.read()
    except OSError as error:
        raise unreadable(file, error) from None
    rest = tail.rpartition(b"\n")[2]
    return rest, size_bytes - len(rest)


def opened(file: SourceFile) -> IO[bytes]:
    """The file for reading, unpacked."""
    return gzip.open(file.path, "rb") if file.compressed else open(file.path, "rb")  # type: ignore[return-value]


def unreadable(file: SourceFile, error: BaseException) -> InputError:
    """What an error in reading a file means."""
    if isinstance(error, OSError) and error.strerror:
        return InputError(f"cannot read {file.name}: {error.strerror}")
    if isinstance(error, (EOFError, zlib.error)) or file.compressed:
        return InputError(f"{file.name} is cut off or damaged: {error}", "is it still being written?")
    return InputError(f"cannot read {file.name}: {error}")


def _whole_lines(text: bytes) -> bytes:
    head, end, _ = text.rpartition(b"\n")
    return head + end
