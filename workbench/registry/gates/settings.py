"""Taking the settings of a gate out of its table, and saying where one does not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from workbench.base.errors import SettingsError
from workbench.registry.policy import Gate

Value = TypeVar("Value", str, int, float, bool)

_WORDS = {
    str: "a text", int: "a whole number of 0 or more", float: "a number", bool: "true or false",
}  # fmt: skip


class Settings:
    """The settings of one gate; each may be taken once.

    Args:
        gate: as it is declared.
        path: of the file that declares it.
    """

    def __init__(self, gate: Gate, path: str) -> None:
        self._gate = gate
        self._path = path
        self._known: list[str] = []

    def maybe(self, name: str, kind: type[Value]) -> Value | None:
        """A setting; None where it is not there.

        Raises:
            SettingsError: it is something else than `kind`; int is 0 or more, float finite, str not empty.
        """
        self._known.append(name)
        found = self._gate.settings.get(name)
        if found is None:
            return None
        fits = type(found) is kind or (kind is float and type(found) is int)
        if not fits or found == "" or (kind is int and found < 0) or (kind is float and not math.isfinite(found)):
            raise self.error(f"{name} is {_WORDS[kind]}")
        return kind(found)

    def get(self, name: str, default: Value) -> Value:
        """A setting of the kind of its default. Raises: as `maybe`."""
        found = self.maybe(name, type(default))
        return default if found is None else found

    def require(self, name: str, kind: type[Value]) -> Value:
        """A setting that has to be there.

        Raises:
            SettingsError: it is not, or as `maybe`.
        """
        found = self.maybe(name, kind)
        if found is None:
            raise self.error(f"it has no {name}")
        return found

    def positive(self, name: str, default: float | None = None) -> float:
        """A number above 0, required where there is no default.

        Raises:
            SettingsError: it is none.
        """
        found = self.require(name, float) if default is None else self.get(name, default)
        if found <= 0:
            raise self.error(f"{name} is more than 0")
        return found

    def choice(self, name: str, options: Sequence[str], default: str | None = None) -> str | None:
        """One of several texts.

        Raises:
            SettingsError: it is another.
        """
        found = self.maybe(name, str)
        if found is not None and found not in options:
            raise self.error(f"there is no {name} {found!r}", f"one of: {', '.join(options)}")
        return default if found is None else found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where it is not there.

        Raises:
            SettingsError: it is something else.
        """
        found = self.raw(name)
        if found is None:
            return ()
        if not isinstance(found, list) or not all(isinstance(item, str) and item for item in found):
            raise self.error(f"{name} is a list of texts")
        return tuple(found)

    def raw(self, name: str) -> Any:
        """A setting as it stands; None where it is not there."""
        self._known.append(name)
        return self._gate.settings.get(name)

    def finish(self) -> None:
        """Say what nobody has taken.

        Raises:
            SettingsError: there is such a setting.
        """
        for name in self._gate.settings:
            if name not in self._known:
                raise self.error(f"there is no setting {name!r}", f"one of: {', '.join(sorted(set(self._known)))}")

    def error(self, what: str, hint: str | None = None) -> SettingsError:
        """An error that names the file, the line and the gate."""
        place = f"{self._path}:{self._gate.line}:1"
        return SettingsError(
            f"{place}: the gate {self._gate.name} ({self._gate.kind}): {what}", hint or "docs/gates.md shows each kind"
        )
