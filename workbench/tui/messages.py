"""Messages of the desk and of the dock to whoever asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.message import Message

from workbench.base.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.packaging.building import Progress
    from workbench.tui.dock import Errand, Seen


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


class EngineSeen(Message, bubble=False):
    """The engine was looked at.

    Attributes:
        seen: what it has shown.
    """

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self.seen = seen


class ErrandSaid(Message, bubble=False):
    """What an errand does now.

    Attributes:
        errand: which one.
        stage, text: the name of the stage, and one line.
    """

    def __init__(self, errand: Errand, stage: str, text: str) -> None:
        super().__init__()
        self.errand = errand
        self.stage = stage
        self.text = text


class ErrandHeard(Message, bubble=False):
    """A line of the engine.

    Attributes:
        errand: which one.
        progress: the line, and which step it belongs to.
    """

    def __init__(self, errand: Errand, progress: Progress) -> None:
        super().__init__()
        self.errand = errand
        self.progress = progress


class ErrandDone(Message, bubble=False):
    """An errand is done.

    Attributes:
        errand: which one.
        outcome: what its task returned.
    """

    def __init__(self, errand: Errand, outcome: Any) -> None:
        super().__init__()
        self.errand = errand
        self.outcome = outcome


class ErrandFailed(Message, bubble=False):
    """An errand could not be done. Attributes as `ErrandDone`, but `error`."""

    def __init__(self, errand: Errand, error: WorkbenchError) -> None:
        super().__init__()
        self.errand = errand
        self.error = error


class PlanMade(Message, bubble=False):
    """It is known what an image would be made of.

    Attributes:
        errand: that builds it once it is told to.
        plan: as `packaging.delivery.plan_document` makes it.
    """

    def __init__(self, errand: Errand, plan: dict[str, Any]) -> None:
        super().__init__()
        self.errand = errand
        self.plan = plan
