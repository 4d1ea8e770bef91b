"""What a user sees of an error, and the exit status that goes with it.

Every way in which a command can end badly passes here: the product's own errors, the command line that does not
parse, Ctrl-C, a reader that closed the pipe, and what nobody foresaw.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from workbench.base.errors import BuildFailedError, ExitCode, FilterError, WorkbenchError
from workbench.cli import console
from workbench.output.cells import cell_width, visible


class InterruptedByUserError(WorkbenchError):
    """The user pressed Ctrl-C."""

    exit_code = ExitCode.INTERRUPTED

    def __init__(self, message: str = "interrupted", hint: str | None = None) -> None:
        super().__init__(message, hint)


def guarded(body: Callable[[], object]) -> int:
    """Run a command line and return its exit status; errors are shown on stderr.

    With `WORKBENCH_DEBUG=1` an error keeps its traceback.
    """
    try:
        try:
            result = body()
            console.flush()
        except KeyboardInterrupt:
            raise InterruptedByUserError from None
        except RuntimeError as error:
            if "Query interrupted" in str(error):  # what DuckDB makes of Ctrl-C
                raise InterruptedByUserError from None
            raise
        return int(result) if isinstance(result, int) else 0
    except console.ReaderGoneError:
        return 0
    except Exception as error:
        if os.environ.get("WORKBENCH_DEBUG") == "1":
            console.traceback()
        return report(error)


def report(error: Exception) -> int:
    """Show one error on stderr and return the exit status that belongs to it."""
    import typer  # whoever got as far as an error has it, but for the app's

    if isinstance(error, WorkbenchError):
        lines = caret_lines(error) if isinstance(error, FilterError) else []
        if isinstance(error, BuildFailedError):
            lines = [f"  {visible(line)}" for line in error.output]
        console.error(error.message, lines, error.hint)
        return int(error.exit_code)
    if isinstance(error, typer.TyperException):
        console.error(_sentence(error.format_message()), [], _usage_hint(error))
        return int(ExitCode.USAGE)
    if isinstance(error, typer.Abort):
        console.error("interrupted", [], None)
        return int(ExitCode.INTERRUPTED)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    console.error(
        f"unexpected {what}", [], "this looks like a bug: repeat with WORKBENCH_DEBUG=1 and report what it prints"
    )
    from_storage = isinstance(error, OSError) or type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb")
    return int(ExitCode.STORE if from_storage else ExitCode.NO)


def caret_lines(error: FilterError) -> list[str]:
    """The line of the expression that holds the mistake, and a caret below it with what is expected there."""
    start = error.text.rfind("\n", 0, error.position) + 1
    line = error.text[start:].split("\n", 1)[0]
    before = line[: max(0, error.position - start)]
    indent = " " * cell_width(before.replace("\t", " "))
    return [f"  {line}".replace("\t", " "), f"  {indent}^ {error.explanation}".rstrip()]


def _sentence(message: str) -> str:
    """Typer's message in the form of ours: lower case, no full stop, one line."""
    text = " ".join(message.split()).rstrip(".")
    text = text.partition(" (Possible options:")[0]  # the hint names them
    return text[:1].lower() + text[1:]


def _usage_hint(error: Exception) -> str | None:
    context = getattr(error, "ctx", None)
    near = getattr(error, "possibilities", None)
    near = [name for name in near or () if name != "--help"]
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"{context.command_path} --help" if context is not None else None
