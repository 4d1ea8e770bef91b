"""Messages of the desk to whoever asked."""

from __future__ import annotations

from typing import Any

from textual.message import Message

from workbench.base.errors import WorkbenchError


class Answered(Message, bubble=False):
    """The answer to a question, the first one or another one than before.

    Attributes:
        slot: as the asker named it.
        question: what was asked.
        answer: what the question's `work` returned.
    """

    def __init__(self, slot: str, question: Any, answer: Any) -> None:
        super().__init__()
        self.slot = slot
        self.question = question
        self.answer = answer


class Unanswered(Message, bubble=False):
    """A question could not be answered. Attributes as `Answered`, but `error`."""

    def __init__(self, slot: str, question: Any, error: WorkbenchError) -> None:
        super().__init__()
        self.slot = slot
        self.question = question
        self.error = error


class Performed(Message, bubble=False):
    """A deed is done.

    Attributes:
        deed: what.
        outcome: what it returned.
    """

    def __init__(self, deed: Any, outcome: Any) -> None:
        super().__init__()
        self.deed = deed
        self.outcome = outcome


class NotPerformed(Message, bubble=False):
    """A deed could not be done.

    Attributes:
        deed: what.
        error: why.
    """

    def __init__(self, deed: Any, error: WorkbenchError) -> None:
        super().__init__()
        self.deed = deed
        self.error = error
