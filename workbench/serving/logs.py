"""What the server says on stderr: one JSON object for each line, and never a value of the input.

Other libraries put values into their messages, so of their records only place and kind are written.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from datetime import datetime, timezone
from typing import Any

from .codec import dumps

_lock = threading.Lock()


def now_text() -> str:
    """The time, UTC, microseconds: `2026-11-21T05:15:17.504251Z`."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def log(level: str, event: str, **fields: Any) -> None:
    """Write one line.

    Args:
        level: `info`, `warning` or `error`.
        event: what happened, in a few words that do not vary.
        fields: further facts; never values of the input or predictions.
    """
    line = dumps({"ts": now_text(), "level": level, "event": event, **fields}) + b"\n"
    with _lock:
        try:
            sys.stderr.buffer.write(line)
            sys.stderr.buffer.flush()
        except (AttributeError, OSError, ValueError):  # stderr is gone or is not a file; serving goes on
            pass


def where(error: BaseException) -> list[str]:
    """The frames of an error, innermost last, as `file:line function`; without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


class _Forward(logging.Handler):
    """Other libraries' records, without their messages, which may quote the input."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"logger": record.name, "at": f"{record.pathname}:{record.lineno}"}
        if record.name.startswith("uvicorn"):
            fields["message"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = type(record.exc_info[1]).__name__
            fields["frames"] = where(record.exc_info[1])
        log(record.levelname.lower(), "library", **fields)


def capture() -> None:
    """Send the records and warnings of every library here."""
    root = logging.getLogger()
    root.handlers[:] = [_Forward(logging.WARNING)]
    root.setLevel(logging.WARNING)

    def show(message: Any, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
        log("warning", "library", kind=category.__name__, at=f"{filename}:{lineno}")

    warnings.showwarning = show
