"""The console output of a wandb run as lines."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")

Line = tuple[int, int, str, bool]


class Lines:
    """Puts together what was written to each stream, piece by piece.

    A line that was written over (`\\r`, as progress bars do) is what it was last.
    """

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, str]] = {}

    def add(self, stream: int, time_us: int, text: str) -> list[Line]:
        """The lines that a piece completes: `(stream, time, text, True)`, with the time of their first piece."""
        began_us, before = self._open.pop(stream, (time_us, ""))
        *complete, rest = (before + text).split("\n")
        lines = [
            (stream, began_us if number == 0 else time_us, _shown(line), True) for number, line in enumerate(complete)
        ]
        if rest:
            self._open[stream] = (time_us if complete else began_us, rest)
        return lines

    def rest(self) -> list[Line]:
        """The lines that nothing has completed."""
        return [(stream, time_us, _shown(text), False) for stream, (time_us, text) in sorted(self._open.items())]


def _shown(line: str) -> str:
    return _ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]
