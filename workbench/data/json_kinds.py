"""Which columns of JSON objects hold values of several kinds, so that only text fits them all."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

_KINDS = {bool: "truth", int: "number", float: "number", str: "text", list: "list", dict: "object"}

Kinds = dict[str, dict[tuple[str, ...], set[str]]]
"""For each column and each place below it, what was found there."""


def mixed_columns(lines: Iterable[bytes]) -> set[str]:
    """Names of the columns that have several kinds of values, at the top or somewhere within lists and objects.

    Args:
        lines: of JSON objects; empty ones, and what is no object, are passed over.
    """
    found: Kinds = defaultdict(lambda: defaultdict(set))
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            for name, value in row.items():
                _look(found[name], (), value)
    return {name for name, places in found.items() if any(len(kinds) > 1 for kinds in places.values())}


def _look(found: dict[tuple[str, ...], set[str]], place: tuple[str, ...], value: Any) -> None:
    if value is None:
        return
    found[place].add(_KINDS[type(value)])
    if isinstance(value, dict):
        if not value:
            found[place].add("nothing")  # an object without keys is no type of a column
        for key, item in value.items():
            _look(found, (*place, key), item)
    elif isinstance(value, list):
        for item in value:
            _look(found, (*place, "[]"), item)
