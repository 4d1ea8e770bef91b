"""What a stream can show: its width, colours and characters."""

from __future__ import annotations

import os
from typing import TextIO


def is_terminal(stream: TextIO) -> bool:
    """Whether the stream is a terminal; False for a closed one."""
    try:
        return stream.isatty()
    except (ValueError, AttributeError):
        return False


def terminal_width(stream: TextIO) -> int | None:
    """The columns of the terminal behind `stream`; None for a pipe or a file, where nothing is cut.

    `COLUMNS` wins over what the terminal says.
    """
    if not is_terminal(stream):
        return None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def wants_colour(stream: TextIO) -> bool:
    """Whether to colour: `NO_COLOR` (https://no-color.org) forbids, `FORCE_COLOR` demands, else a terminal that can."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_terminal(stream) and os.environ.get("TERM") not in ("dumb", "unknown")


def wants_ascii(stream: TextIO) -> bool:
    """Whether the stream's encoding cannot hold marks and braille."""
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").replace("_", "")
    return not encoding.startswith("utf")
