"""TOML that people write: values are taken out with their kind, and a mistake is told by line and column."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.errors import SettingsError

_WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}
_KEY = re.compile(r"\s*(?:\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+))\s*[=.]")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^.\s]+)")


class SettingsFile:
    """A parsed TOML text.

    Args:
        text: of the file.
        path: what messages call it.

    Raises:
        SettingsError: it is no TOML; the message begins with `path:line:column`.

    Attributes:
        document: what it says.
    """

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self._lines = text.splitlines()
        try:
            self.document: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
            line, column = (int(place[1]), int(place[2])) if place else (max(len(self._lines), 1), 1)
            what = str(error).partition(" (at ")[0]
            raise SettingsError(f"{path}:{line}:{column}: {what[:1].lower()}{what[1:]}", "mend that line") from None

    @classmethod
    def read(cls, path: str) -> SettingsFile:
        """The file at `path`.

        Raises:
            SettingsError: it cannot be read, or is no TOML.
        """
        try:
            with open(path, "rb") as file:
                text = file.read().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None
        return cls(text, path)

    def table(self, parent: Mapping[str, Any], place: Sequence[str], name: str) -> dict[str, Any]:
        """The table `name` of `parent`, which is at `place`; an empty one where there is none."""
        found: dict[str, Any] = self.value(parent, place, name, dict, {})
        return found

    def value(self, parent: Mapping[str, Any], place: Sequence[str], name: str, kind: type, default: Any) -> Any:
        """The value `name` of `parent`, of a kind; a whole number is a number as well.

        Raises:
            SettingsError: it is of another kind.
        """
        found = parent.get(name, default)
        if found is default or type(found) is kind or (kind is float and type(found) is int):
            return found
        raise self.error((*place, name), f"{name} is {_WORDS[kind]}")

    def choice(self, parent: Mapping[str, Any], place: Sequence[str], name: str, words: Sequence[str]) -> str:
        """One of several words, the first where there is none."""
        found = str(self.value(parent, place, name, str, words[0]))
        if found not in words:
            raise self.error((*place, name), f"{name} is {found!r}", f"one of: {', '.join(words)}")
        return found

    def texts(self, parent: Mapping[str, Any], place: Sequence[str], name: str) -> tuple[str, ...]:
        """A list of texts."""
        found: list[Any] = self.value(parent, place, name, list, [])
        if not all(isinstance(item, str) for item in found):
            raise self.error((*place, name), f"{name} is a list of texts")
        return tuple(found)

    def known(self, table: Mapping[str, Any], place: Sequence[str], names: Sequence[str]) -> None:
        """Raise where a table has a setting that is none of `names`."""
        for name in table:
            if name not in names:
                raise self.error((*place, name), f"there is no setting {name!r}", f"one of: {', '.join(names)}")

    def error(self, place: Sequence[str], what: str, hint: str | None = None, *, within: str = "") -> SettingsError:
        """An error at a setting.

        Args:
            within: text of that line at whose end the mistake is; without it, the line's first character is named.
        """
        line = self.line(place)
        text = self._lines[line - 1] if self._lines else ""
        start = text.find(within) if within else -1
        column = len(text) - len(text.lstrip()) + 1 if start < 0 else start + len(within) + 1
        return SettingsError(f"{self.path}:{line}:{column}: {what}", hint or "mend that line")

    def line(self, place: Sequence[str]) -> int:
        """The line of a key or a table, or the nearest one above that names a part of it, from 1.

        A table of an array is named by its number, from 0: `("rules", "1", "check")`.
        """
        best, depth, within = 1, 0, 0
        met: dict[str, int] = {}
        for number, text in enumerate(self._lines, 1):
            header = re.match(r"\s*(\[+)([^\]]+)\]+", text)
            if header is not None:
                parts = [a or b or c for a, b, c in _PART.findall(header[2])]
                if header[1] == "[[":
                    name = ".".join(parts)
                    met[name] = met.get(name, -1) + 1
                    parts.append(str(met[name]))
                within = len(parts) if list(place[: len(parts)]) == parts else -1
                if within > depth:
                    best, depth = number, within
            elif 0 <= within < len(place):
                key = _KEY.match(text)
                if key is not None and next(filter(None, key.groups()), "") == place[within] and within + 1 > depth:
                    best, depth = number, within + 1
        return best
