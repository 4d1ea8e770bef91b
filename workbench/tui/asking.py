"""What passes between the screens and the desk: questions and deeds one way, answers and the store's mood the other."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from workbench.base.errors import WorkbenchError
from workbench.base.project import Project


class Question(Hashable, Protocol):
    """Something to know: a frozen dataclass, equal to another that asks the same."""

    def ask(self, db: Any) -> Any:
        """What the store says. The store is held meanwhile, by this thread alone: be quick.

        Raises:
            WorkbenchError: it cannot be answered.
        """

    def work(self, found: Any) -> Any:
        """The answer made of what the store said; the store is free again."""


class Deed(Protocol):
    """Something to do."""

    def do(self, project: Project, db: Any) -> Any:
        """Do it during a visit; returns what `Performed` carries.

        Raises:
            WorkbenchError: it could not be done, and nothing is changed.
        """


class Asker(Protocol):
    """Whoever hears answers: a widget or a screen."""

    def post_message(self, message: Any) -> bool: ...


@dataclass(frozen=True, slots=True)
class Mood:
    """How the store is.

    Attributes:
        kind: live; busy (another process holds it); lost (it cannot be read); memory (it is read into memory alone).
        text: a sentence that says more; empty where it is live.
        hint: what to do about it.
    """

    kind: str = "live"
    text: str = ""
    hint: str = ""


@dataclass(slots=True)
class Wish:
    """One question of one asker, and what is known of its answer.

    Attributes:
        asker: who hears it.
        slot: names one of the asker's questions.
        question: what to know.
        once: it is forgotten after the first answer.
        asked: whether it was answered.
        found: what the store said last.
        answer: what was made of it and told last.
        failed: why there is no answer.
    """

    asker: Asker
    slot: str
    question: Question
    once: bool
    asked: bool = False
    found: Any = None
    answer: Any = None
    failed: WorkbenchError | None = None
