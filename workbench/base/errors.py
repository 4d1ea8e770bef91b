"""The error tree and the exit codes that scripts rely on.

Every error that a user can cause is a `WorkbenchError` with a message that says what is wrong and,
where there is one, a hint that says what to do next. One subclass per cause; the exit code belongs
to the class.
"""

from __future__ import annotations

import errno
from enum import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class ExitCode(IntEnum):
    """Exit statuses of the command line."""

    DONE = 0
    """The command did what it was asked."""
    NO = 1
    """The answer is no: a gate failed, drift was found, a validation failed."""
    USAGE = 2
    """The command line or the input is wrong."""
    NOT_FOUND = 3
    """What was named does not exist."""
    REFUSED = 4
    """Refused: an approval is missing, or something still points at it."""
    STORE = 5
    """The store is busy or unusable."""
    TOOL = 6
    """An outside tool (git, Docker) failed."""
    INTERRUPTED = 130
    """The user pressed Ctrl-C."""


class WorkbenchError(Exception):
    """Base of every error that is shown to a user without a traceback.

    Args:
        message: what is wrong, one sentence without a final full stop.
        hint: a command or an action that helps, or None.
    """

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(WorkbenchError):
    """The command line or an argument is wrong."""


class SettingsError(InputError):
    """`workbench.toml` cannot be understood; the message begins with `path:line:column`."""


class AmbiguousNameError(WorkbenchError):
    """A prefix or a name fits more than one thing."""


class FilterError(WorkbenchError):
    """A filter or column expression cannot be understood.

    Args:
        message: what is wrong.
        text: the whole expression as the user wrote it.
        position: 0-based offset into `text` where the mistake is.
        explanation: what is expected there; shown after the caret.
        hint: what to do next.
    """

    def __init__(
        self, message: str, *, text: str, position: int, explanation: str = "", hint: str | None = None
    ) -> None:
        super().__init__(message, hint)
        self.text = text
        self.position = position
        self.explanation = explanation


class NotFoundError(WorkbenchError):
    """What was named does not exist."""

    exit_code = ExitCode.NOT_FOUND


class ProjectNotFoundError(NotFoundError):
    """No `.workbench` folder here or above."""


class RunNotFoundError(NotFoundError):
    """No run has this id, prefix or name."""


class MetricNotFoundError(NotFoundError):
    """A run has no such metric."""


class ArtifactNotFoundError(NotFoundError):
    """A run has no such artifact, or its bytes are missing."""


class ModelNotFoundError(NotFoundError):
    """No registered model has this name."""


class VersionNotFoundError(NotFoundError):
    """A registered model has no version of this number."""


class AliasNotFoundError(NotFoundError):
    """A registered model has no such alias."""


class RefusedError(WorkbenchError):
    """The action is not allowed in this state."""

    exit_code = ExitCode.REFUSED


class ModelExistsError(RefusedError):
    """Another registered model has this name already."""


class ApprovalMissingError(RefusedError):
    """What is asked for needs an approval, or an approval needs something that is not there."""


class DecidedError(RefusedError):
    """A version is approved or rejected already."""


class StillReferencedError(RefusedError):
    """Something still points at what is to be deleted."""


class StoreError(WorkbenchError):
    """The store is busy or unusable."""

    exit_code = ExitCode.STORE


class StoreBusyError(StoreError):
    """Another process holds the store for longer than the wait."""


class StoreInterruptedError(StoreError):
    """A visit was given up because this program no longer wants its answer."""


class StoreUnusableError(StoreError):
    """The store cannot be read: foreign, damaged, or a broken `workbench.toml`."""


class StoreTooNewError(StoreError):
    """The project was written by a newer workbench."""


class StorePermissionError(StoreError):
    """The store's folder or files may not be read or written by this user."""


class DiskFullError(StoreError):
    """There is no space left where the store lives."""


class ToolError(WorkbenchError):
    """An outside tool (git, uv, Docker) is missing or failed."""

    exit_code = ExitCode.TOOL


class DockerError(ToolError):
    """The Docker engine cannot be reached, refuses, or failed."""


class BaseImageError(ToolError):
    """The base image is not there, or no model of this Python runs in it."""


class RequirementsError(ToolError):
    """The packages of a model cannot be resolved or fetched for its image."""


class BuildFailedError(ToolError):
    """A step of a build failed.

    Args:
        message: which step, and what it says.
        output: the last lines that it wrote.
        hint: the likely cause.
    """

    def __init__(self, message: str, output: Sequence[str] = (), hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.output = tuple(output)


class ModelUnusableError(WorkbenchError):
    """A model cannot be loaded on this machine, or does not predict its input example."""

    exit_code = ExitCode.NO


class SmokeFailedError(BuildFailedError):
    """An image was built and does not do what the model does; it has no tag."""

    exit_code = ExitCode.NO


class StartFailedError(BuildFailedError):
    """A container was started and is not ready; what ran before it runs again."""


def store_error(error: OSError, path: str) -> StoreError:
    """What a failed write to the store at `path` means to the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(f"no space left to write {path}", "free some space, then try again")
    if error.errno in (errno.EPERM, errno.EACCES, errno.EROFS):
        return StorePermissionError(f"{path} may not be written", "check the owner and mode of the folder")
    return StoreError(f"cannot write {path}: {error.strerror or error}")
