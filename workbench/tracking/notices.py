"""What logging says when something goes wrong: one line on standard error, once for each cause."""

from __future__ import annotations

import os

from workbench.base.errors import InputError, StoreError, WorkbenchError

POLICIES = ("warn", "raise")

_terminal_fd = 2


class Notices:
    """The policy for trouble while logging.

    Args:
        on_error: `warn` says it once and lets the training go on; `raise` raises a WorkbenchError.

    Raises:
        InputError: `on_error` is something else.
    """

    def __init__(self, on_error: str = "warn") -> None:
        if on_error not in POLICIES:
            raise InputError(f"unknown on_error {on_error!r}", f"one of: {', '.join(POLICIES)}")
        self.on_error = on_error
        self._said: set[str] = set()

    def report(self, cause: str, error: Exception) -> None:
        """Deal with `error`; with the policy `warn`, errors of the same cause are said once.

        Raises:
            WorkbenchError: with the policy `raise`; anything else is wrapped into one.
        """
        if self.on_error == "raise":
            if isinstance(error, WorkbenchError):
                raise error
            raise StoreError(f"{cause}: {_text_of(error)}") from error
        hint = error.hint if isinstance(error, WorkbenchError) else None
        self.say(f"{_text_of(error)} ({hint})" if hint else _text_of(error), cause)

    def say(self, message: str, cause: str | None = None) -> None:
        """Write `workbench: MESSAGE` to standard error, once for each cause (default: the message); never raises."""
        cause = cause or message
        if cause in self._said:
            return
        self._said.add(cause)
        line = f"workbench: {' '.join(message.split())}\n".encode(errors="backslashreplace")
        try:
            os.write(_terminal_fd, line)
        except OSError:
            pass


def send_notices_to(fd: int) -> None:
    """Write notices to this file descriptor: the true standard error while descriptor 2 is being captured."""
    global _terminal_fd
    _terminal_fd = fd


def _text_of(error: Exception) -> str:
    if isinstance(error, WorkbenchError):
        return error.message
    return f"{type(error).__name__}: {error}"
