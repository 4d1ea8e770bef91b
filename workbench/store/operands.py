"""How names are written in filters, columns and sort keys: `metrics.auc`, `params."learning rate"`, `status`."""

from __future__ import annotations

import re
from typing import NoReturn

from workbench.base.errors import FilterError
from workbench.store.conditions import ENTITIES, KEYWORDS, SEGMENT, Operand
from workbench.store.fields import ATTRIBUTE_NAMES, ATTRIBUTES, find_attribute
from workbench.store.hints import near_matches

DATASET_FIELDS = ("name", "digest", "path", "format", "context")
_BACKTICKS = r"`(?:[^`]|``)*`"
_QUOTED = rf'{_BACKTICKS}|"(?:[^"]|"")*"'
_PIECE = re.compile(rf"{_QUOTED}|{SEGMENT}")
NAME = re.compile(rf"(?:(?=[^\W\d]){SEGMENT}|{_QUOTED})(?:\.(?:{_QUOTED}|{SEGMENT}))*")
"""Pieces between dots, each plain or in quotes; the first does not begin like a number."""


def fail(text: str, position: int, message: str, explanation: str, hint: str | None = None) -> NoReturn:
    """Raise the FilterError for a mistake at `position` of `text`."""
    raise FilterError(message, text=text, position=position, explanation=explanation, hint=hint)


def check_characters(text: str) -> None:
    """Raise a FilterError where `text` holds a character that no database does."""
    for index, character in enumerate(text):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            fail(text, index, "the text is not valid UTF-8", "remove this character")


def is_name(word: str) -> bool:
    """Whether `word` is one name and nothing else, so that reading it takes no parser."""
    return word.isprintable() and word.upper() not in KEYWORDS and NAME.fullmatch(word) is not None


def unquoted(word: str) -> str:
    """A name without its quotes."""
    return ".".join(_pieces(word))


def named(text: str, word: str, position: int) -> Operand:
    """The operand that `word`, which stands at `position` of `text`, names.

    Raises:
        FilterError: a run has no such attribute, or a data set no such field.
    """
    first, *rest = _pieces(word)
    entity = ENTITIES.get(first.lower()) if rest else None
    if entity is None:
        return Operand("", unquoted(word), position=position)
    key = ".".join(rest)
    if entity == "attributes":
        attribute = find_attribute(key)
        if attribute is None:
            near = near_matches(key.lower(), ATTRIBUTE_NAMES)
            fail(text, position, f"a run has no attribute {key}", f"known: {', '.join(ATTRIBUTES)}", near)
        key = attribute.name
    elif entity == "datasets" and key not in DATASET_FIELDS:
        fail(text, position, f"a dataset has no {key}", f"known: {', '.join(DATASET_FIELDS)}")
    return Operand(entity, key, position=position)


def is_flag(operand: Operand) -> bool:
    """Whether an operand is an attribute that is true or false, and so a condition by itself."""
    attribute = find_attribute(operand.name)
    return operand.entity in ("attributes", "") and attribute is not None and attribute.kind == "bool"


def _pieces(word: str) -> list[str]:
    """What stands between the dots of a name; in quotes, a doubled quote is one."""
    found = _PIECE.findall(word)
    return [piece[1:-1].replace(piece[0] * 2, piece[0]) if piece[0] in '`"' else piece for piece in found]
