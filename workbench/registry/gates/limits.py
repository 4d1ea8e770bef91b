"""The limits that a value keeps to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from workbench.base.numbers import format_number
from workbench.registry.gates.settings import Settings

DIGITS = 6
"""Significant digits in what gates say: enough to see on which side of a limit a value is."""


@dataclass(frozen=True)
class Limits:
    """`min` and `max`, both included; None is no limit."""

    min: float | None
    max: float | None

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """The limits that settings declare, if any.

        Raises:
            SettingsError: they are no numbers, or contradict each other.
        """
        found = cls(take.maybe("min", float), take.maybe("max", float))
        if found.min is not None and found.max is not None and found.min > found.max:
            raise take.error("min is more than max")
        return found

    def __bool__(self) -> bool:
        return self.min is not None or self.max is not None

    def hold(self, value: float) -> bool:
        """Whether a value is within them."""
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    @property
    def wanted(self) -> str:
        """`at least 0.9 is wanted`."""
        limits = (("at least", self.min), ("at most", self.max))
        return f"{' and '.join(f'{word} {shown(limit)}' for word, limit in limits if limit is not None)} is wanted"


def shown(value: float) -> str:
    """A number as gates say it."""
    return format_number(value, DIGITS)


def signed(value: float) -> str:
    """A difference as gates say it, with its sign: `+0.01`, `−0.01`, `±0`."""
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{shown(abs(value))}"
