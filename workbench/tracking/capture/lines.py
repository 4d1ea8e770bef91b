"""From the bytes that a program writes to a terminal to the lines that a person has seen.

A small model of a terminal: rows, a cursor row, and the few controls that progress bars use. A row
that was rewritten (tqdm, pip, Keras) or that the cursor came back to (nested bars, Rich) is kept
open until it is settled, so that a bar becomes one line and not one for each percent. Columns are
not modelled: text after a carriage return replaces the row.

Lines are plain text: colours, cursor movement, hyperlinks and window titles are dropped, since the
lines are searched, compared and shown in places that have colours of their own. Bytes that are not
UTF-8 become `\\xff`.

A line whose `newline` is false is not complete. The next line of the same stream continues it, or
replaces it where its text begins with a carriage return: texts written one after the other, with
`\\n` where `newline` is true, look on a terminal like the original. `store.outputs` joins them for readers.
"""

from __future__ import annotations

import codecs
import re

MAX_LINE_CHARACTERS = 1_000_000
MAX_OPEN_ROWS = 100

# Patterns are text: compiling them at import would cost every start milliseconds.
_SPECIAL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
# Text, or one control: ECMA-48 CSI, OSC (ended by BEL or ST) and other strings, two-character escapes, single ones.
_TOKEN = r"""(?x)
        (?P<text>[^\x00-\x08\n-\x1f\x7f-\x9f]+)
      | (?:\x1b\[|\x9b)(?P<arguments>[0-?]*)[ -/]*(?P<final>[@-~])
      | \x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)
      | \x1b[ -/]*[0-Z\\`-~]
      | (?P<unfinished>(?:\x1b\[|\x9b)[0-?]*[ -/]*\Z | \x1b[\]PX^_][^\x07\x1b]*\x1b?\Z | \x1b[ -/]*\Z)
      | (?P<control>[\x00-\x08\n-\x1f\x7f-\x9f])"""
_MAX_UNFINISHED_CHARACTERS = 4096


Line = tuple[str, bool]
"""`(text, newline)`: one line of output, or the beginning of one."""


class _Row:
    """A row that is not settled.

    Attributes:
        text: what it shows.
        shown: what was passed on of it already; None for nothing.
        returned: a carriage return came, so the next text replaces the row.
        rewritten: it was written after a carriage return: a progress bar.
        touched: it changed since the last `settle`.
    """

    __slots__ = ("returned", "rewritten", "shown", "text", "touched")

    def __init__(self) -> None:
        self.text = ""
        self.shown: str | None = None
        self.returned = False
        self.rewritten = False
        self.touched = True

    def write(self, text: str) -> None:
        if self.returned:
            self.text, self.returned, self.rewritten = text, False, True
        else:
            self.text += text
        self.touched = True

    def erase(self) -> None:
        self.rewritten = self.rewritten or self.text != ""
        self.text = ""
        self.touched = True

    @property
    def visible(self) -> str:
        """What a person sees: bars are padded and wiped with blanks."""
        return self.text.rstrip() if self.rewritten else self.text

    @property
    def is_news(self) -> bool:
        """Whether it shows something that was not passed on yet."""
        return self.visible != (self.shown or "")

    def take(self, newline: bool) -> Line:
        """What is new of this row, in the form that continues or replaces what was shown of it."""
        text, shown = self.visible, self.shown
        self.shown = text
        if shown is None:
            return text, newline
        if text.startswith(shown):
            return text[len(shown) :], newline
        return "\r" + text, newline


class LineAssembler:
    """Makes lines of one stream of bytes.

    `feed` gives the lines that are complete; `settle` those that wait because a progress bar might come
    back to them; `preview` the beginning of the last one.
    """

    def __init__(self, max_line_characters: int = MAX_LINE_CHARACTERS) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._max = max_line_characters
        self._unfinished = ""
        self._rows = [_Row()]
        self._at = 0
        self._cursor_hidden = False

    def feed(self, data: bytes) -> list[Line]:
        """The lines that `data` completes."""
        return self._feed(self._decoder.decode(data))

    @property
    def waiting(self) -> bool:
        """Whether `settle` or `preview` may still have something to give."""
        return self._at > 0 or self._rows[0].is_news

    def settle(self) -> list[Line]:
        """The lines above the cursor, for a moment in which the program does not print.

        A program comes back to a bar right after it moved below it, so at rest the cursor is on the
        uppermost line that may still change. With a hidden cursor (a live display) it is on the last,
        and only lines that did not change since the last call are settled.
        """
        count = 0
        while count < self._at and not (self._cursor_hidden and self._rows[count].touched):
            count += 1
        for row in self._rows:
            row.touched = False
        return self._emit(count)

    @property
    def live(self) -> bool:
        """Whether the program hides the cursor, as those do that redraw several lines."""
        return self._cursor_hidden

    def preview(self, *, bars: bool) -> list[Line]:
        """The part of the unfinished line that was not passed on yet: a prompt; with `bars` also the state of a bar."""
        row = self._rows[self._at]
        if self._at > 0 or not row.is_news or (row.rewritten and not bars):
            return []
        return [row.take(newline=False)]

    def finish(self) -> list[Line]:
        """Everything that is left; the last line has no newline."""
        lines = self._feed(self._decoder.decode(b"", final=True))
        self._unfinished = ""
        while len(self._rows) - 1 > self._at and not self._rows[-1].visible:
            self._rows.pop()
        last = self._rows[-1]
        lines += self._emit(len(self._rows) - 1)
        if last.is_news:
            lines.append(last.take(newline=False))
        self._rows, self._at = [_Row()], 0
        return lines

    def _feed(self, text: str) -> list[Line]:
        if self._unfinished:
            text, self._unfinished = self._unfinished + text, ""
        if len(self._rows) == 1 and not self._cursor_hidden and not re.search(_SPECIAL, text):
            row = self._rows[0]
            if not row.returned and not row.rewritten and len(text) <= self._max:
                return self._feed_plain(row, text)
        lines: list[Line] = []
        for token in re.finditer(_TOKEN, text):
            kind = token.lastgroup
            if kind == "text":
                lines += self._write(token[0])
            elif kind == "control":
                lines += self._control(token[0])
            elif kind == "final":
                self._sequence(token["arguments"], token["final"])
            elif kind == "unfinished" and len(token[0]) < _MAX_UNFINISHED_CHARACTERS:
                self._unfinished = token[0]
        return lines

    def _feed_plain(self, row: _Row, text: str) -> list[Line]:
        """The common case, without controls and with nothing held back: as fast as `str.split`."""
        first, newline, rest = text.partition("\n")
        lines = self._write(first)
        if newline:
            *middle, last = rest.split("\n")
            lines.append(self._rows[0].take(newline=True))
            lines += [(line, True) for line in middle]
            self._rows = [_Row()]
            lines += self._write(last)
        return lines

    def _write(self, text: str) -> list[Line]:
        row = self._rows[self._at]
        lines = []
        while len(text) + (0 if row.returned else len(row.text)) > self._max:
            room = self._max - (0 if row.returned else len(row.text))
            row.write(text[:room])
            text = text[room:]
            lines += self._emit(self._at)
            lines.append(row.take(newline=False))
            row.text = row.shown = ""  # the next piece continues what was passed on
        if text:
            row.write(text)
        return lines

    def _control(self, control: str) -> list[Line]:
        row = self._rows[self._at]
        if control == "\n":
            self._at += 1
            if self._at == len(self._rows):
                self._rows.append(_Row())
            else:
                self._rows[self._at].returned = True
            return self._emit(self._settled())
        if control == "\r":
            row.returned = True
        elif control == "\b" and row.text and not row.returned:
            row.text = row.text[:-1]
            row.rewritten = row.touched = True
        return []

    def _sequence(self, arguments: str, final: str) -> None:
        """Cursor and erase sequences, https://ecma-international.org/publications-and-standards/standards/ecma-48/."""
        number = int(arguments) if arguments.isdecimal() else 1
        row = self._rows[self._at]
        if final in "AF":
            self._at = max(0, self._at - number)
        elif final in "BE":
            self._at = min(len(self._rows) - 1, self._at + number)
        if final in "EF" or (final == "G" and number == 1):
            self._rows[self._at].returned = True
        elif final == "K" and (row.returned or arguments in ("1", "2")):
            row.erase()
        elif final == "J" and arguments in ("", "0"):
            del self._rows[self._at + 1 :]
        elif final in "hl" and arguments == "?25":
            self._cursor_hidden = final == "l"

    def _settled(self) -> int:
        """How many rows at the top cannot change any more, as far as one can tell."""
        count = 0
        while count < self._at and not self._rows[count].rewritten and not self._cursor_hidden:
            count += 1
        return min(self._at, max(count, len(self._rows) - MAX_OPEN_ROWS))

    def _emit(self, count: int) -> list[Line]:
        lines = [row.take(newline=True) for row in self._rows[:count]]
        del self._rows[:count]
        self._at -= count
        return lines
