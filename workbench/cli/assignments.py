"""KEY=VALUE words."""

from __future__ import annotations

import json
from collections.abc import Iterable

from workbench.base.errors import InputError


def assignments(words: Iterable[str], option: str) -> dict[str, str]:
    """The values by key; a key given twice keeps the last one.

    Raises:
        InputError: a word has no `=` or no key.
    """
    values: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise InputError(f"{word!r} is not KEY=VALUE", f"for example: {option} kind=baseline".replace("  ", " "))
        values[key] = value
    return values


def typed(text: str) -> object:
    """The number, boolean or null that a text spells in JSON, else the text itself: `0.1`, `true`, `adam`."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value if value is None or isinstance(value, (bool, int, float)) else text
