"""The only writer of stdout and stderr: stdout is data, stderr is talk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from workbench.base.errors import InputError
from workbench.output import terminal
from workbench.output.cells import clip
from workbench.output.spans import Line, to_text

STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class ReaderGoneError(Exception):
    """Whoever read stdout has closed it, as `head` does; nothing is wrong."""


def prepare() -> None:
    """Make both streams take every character: one that the terminal's encoding lacks is written as an escape.

    A stream that was closed before the start (`>&-`) leads nowhere, and its descriptor is taken, so that no file that
    is opened later gets it and receives what child processes print.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free descriptor, which is `fd`
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def out(text: str = "", *, end: str = "\n") -> None:
    """Write data to stdout.

    Raises:
        ReaderGoneError: the pipe is closed.
        InputError: it cannot be written.
    """
    with _writing_stdout():
        sys.stdout.write(text + end)


def draw(lines: Iterable[Line]) -> None:
    """Write styled lines to stdout, as its terminal can show them."""
    out(to_text(lines, colour=colour(), ascii=ascii_only()), end="")


@contextmanager
def data_file(path: str | None) -> Iterator[TextIO]:
    """Where a document goes: stdout, or the file `path`, which appears when it is complete.

    Raises:
        ReaderGoneError: the pipe is closed.
        InputError: the file cannot be written.
    """
    if path is None:
        with _writing_stdout():
            yield sys.stdout
        return
    from workbench.output.files import whole_file

    with whole_file(path) as file:
        yield file
    note(f"wrote {path}")


def out_bytes(data: bytes) -> None:
    """Write bytes to stdout as they are.

    Raises:
        ReaderGoneError: the pipe is closed.
        InputError: it cannot be written.
    """
    flush()
    with _writing_stdout():
        sys.stdout.buffer.write(data)


@contextmanager
def reserved_stdout() -> Iterator[None]:
    """Keep stdout for one document: what child processes write to it meanwhile goes to stderr."""
    flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)


def flush() -> None:
    """Push buffered data out, where a closed pipe or a full disk shows.

    Raises:
        ReaderGoneError: the pipe is closed.
        InputError: it cannot be written.
    """
    with _writing_stdout():
        sys.stdout.flush()


def flush_all() -> None:
    """Push everything out for the last time; nobody is left to be told of a failure."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue


def note(text: str) -> None:
    """Say something on stderr: what was done, what was left out."""
    err(style(text, "dim", sys.stderr))


def err(text: str = "") -> None:
    """Write one line to stderr, after what stdout holds back."""
    try:
        sys.stdout.flush()
    except OSError:
        pass
    _tell(text + "\n")


def error(message: str, lines: Iterable[str], hint: str | None) -> None:
    """Write an error: what is wrong, lines that show where, and what to do."""
    err(f"{style('error:', 'red', sys.stderr)} {message}")
    for line in lines:
        err(line)
    if hint:
        err(f"{style('hint:', 'cyan', sys.stderr)} {hint}")


def traceback() -> None:
    """Write the traceback of the error being handled to stderr."""
    import traceback as tracebacks

    err(tracebacks.format_exc().rstrip())


def interactive() -> bool:
    """Whether a person can be asked: both stdin and stderr are terminals."""
    return terminal.is_terminal(sys.stdin) and terminal.is_terminal(sys.stderr)


def on_terminal() -> bool:
    """Whether a full-screen app can be shown: all three streams are a terminal that can place its cursor."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(map(terminal.is_terminal, streams)) and os.environ.get("TERM") not in ("dumb", "unknown")


def to_terminal() -> bool:
    """Whether stdout is a terminal."""
    return terminal.is_terminal(sys.stdout)


def colour(stream: TextIO | None = None) -> bool:
    """Whether a stream (default: stdout) gets colour: NO_COLOR forbids it, FORCE_COLOR asks for it, else a terminal."""
    return terminal.wants_colour(stream or sys.stdout)


def width() -> int | None:
    """Columns of the terminal that reads stdout; None for a pipe or file, where nothing is cut."""
    return terminal.terminal_width(sys.stdout)


def drawing_width() -> int:
    """Columns to draw charts and views in: the terminal's, else those of COLUMNS, else 100.

    In a pipe at most those of the terminal behind stderr: what `head` or `less` shows must not wrap.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns):
        return int(columns)
    return width() or min(100, terminal.terminal_width(sys.stderr) or 100)


def ascii_only() -> bool:
    """Whether stdout's encoding lacks marks and braille."""
    return terminal.wants_ascii(sys.stdout)


def encoding() -> str:
    """The encoding of stdout."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def style(text: str, name: str, stream: TextIO | None = None) -> str:
    """Text in one of STYLES where the stream (default: stdout) gets colour."""
    return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if colour(stream) else text


def confirm(question: str, *, yes: bool) -> bool:
    """Whether to go on: `yes` agrees, else the person at the terminal is asked.

    Raises:
        InputError: there is nobody to ask.
    """
    if yes:
        return True
    if not interactive():
        raise InputError(
            "this needs a yes, and there is no terminal to ask on", "add --yes to agree, or --dry-run to look"
        )
    _tell(f"{question} [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def ask(question: str) -> str:
    """What the person at the terminal answers, on one line."""
    _tell(f"{question} ")
    return sys.stdin.readline().strip()


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """Show on a terminal's stderr what is being waited for, and remove it afterwards."""
    ticker = Ticker()
    if terminal.is_terminal(sys.stderr):
        ticker.show(f"{label} …")
    try:
        yield
    finally:
        ticker.clear()


class Ticker:
    """One line on stderr that changes; in a pipe, a line for each change."""

    def __init__(self) -> None:
        self._in_place = terminal.is_terminal(sys.stderr)
        self._drawn = False
        self._text = ""

    def show(self, text: str) -> None:
        """Show a new text."""
        self._text = text
        if not self._in_place:
            err(text)
            return
        shown = style(clip(text, (terminal.terminal_width(sys.stderr) or 80) - 1), "dim", sys.stderr)
        _tell(f"\r\x1b[K{shown}")
        self._drawn = True

    def clear(self) -> None:
        """Remove the text, to write something above it."""
        if self._drawn:
            _tell("\r\x1b[K")
            self._drawn = False

    def redraw(self) -> None:
        """Show the text again after `clear`."""
        if self._in_place and self._text and not self._drawn:
            self.show(self._text)

    def end(self) -> None:
        """Leave the last text where it is."""
        self.redraw()
        if self._drawn:
            _tell("\n")
            self._drawn = False


def _tell(text: str) -> None:
    """Write to stderr as it is; a stderr that is gone is no reason to stop."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        pass


@contextmanager
def _writing_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _forget_stdout()
        raise ReaderGoneError from None
    except OSError as problem:
        _forget_stdout()
        raise InputError(f"cannot write to stdout: {(problem.strerror or str(problem)).lower()}") from None


def _forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not complain about what it cannot write."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        pass
    finally:
        os.close(nothing)
