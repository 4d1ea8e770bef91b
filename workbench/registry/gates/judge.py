"""What a kind of gate is: settings that can judge a candidate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from workbench.registry.gates.candidate import Candidate, Reference
from workbench.registry.gates.settings import Settings


@dataclass(frozen=True)
class Verdict:
    """What a gate found.

    Attributes:
        passed: whether the candidate passes.
        detail: one sentence that says what was found and what is wanted.
        measured: numbers behind it, by name; JSON values.
    """

    passed: bool
    detail: str
    measured: dict[str, Any] = field(default_factory=dict)


class Judge(ABC):
    """One gate with its settings."""

    @property
    def others(self) -> Sequence[Reference]:
        """The versions that it compares with."""
        return ()

    @classmethod
    @abstractmethod
    def declared(cls, take: Settings) -> Self:
        """The gate that settings declare.

        Raises:
            SettingsError: a setting is missing or does not fit.
        """

    @abstractmethod
    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """Judge a version.

        Args:
            timeout_s: how long it may take; whatever runs or reads code and files of the user's has to keep to it.

        Raises:
            InputError, NotFoundError, RefusedError: the version does not pass, and why.
            TimedOutError: it took too long.
            Exception: the gate crashed.
        """
