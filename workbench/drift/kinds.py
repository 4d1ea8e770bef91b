"""What a column is, told from its type and its values."""

from __future__ import annotations

import re

import polars as pl

LEAST_ROWS = 20
"""With fewer rows nothing is an identifier, a text or a constant: anything looks like one."""
IDENTIFIER_SHARE = 0.5
"""Texts of which more than this share are different are identifiers or free text."""
TEXT_WORDS = 3.0
"""Different texts of at least so many words in the mean are free text."""
FEW_VALUES = 10
"""Numbers with at most so many different values on both sides are compared value by value."""
_IDENTIFIER_NAME = re.compile(r"(^|[_\W])(id|ids|uuid|guid|key|index|rownum|row)$", re.IGNORECASE)
_NAMED_IN_CAMEL = re.compile(r"[a-z]I[dD]$")


def family(dtype: pl.DataType) -> str:
    """What values of a type are: `numeric`, `boolean`, `text`, `datetime`, `empty` or `other`.

    Types of one family compare with each other; a change from one to another is a change of type.
    """
    if dtype == pl.Null:
        return "empty"
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_numeric() or dtype == pl.Duration:
        return "numeric"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype.is_temporal():
        return "datetime"
    return "other"


def kind_of_numbers(name: str, *, rows: int, distinct: int | None, whole: bool, low: float, high: float) -> str:
    """`numeric`, `identifier` or `constant`.

    Whole numbers that are all different are an identifier where the name says so, or where they leave no gaps.

    Args:
        rows: how many values there are.
        distinct: how many different ones; None is unknown, but many.
        whole: their type is one of whole numbers.
        low, high: the least and the greatest.
    """
    if rows < LEAST_ROWS:
        return "numeric"
    if distinct == 1:
        return "constant"
    if whole and (distinct is None or distinct >= 0.99 * rows):
        named = _IDENTIFIER_NAME.search(name) is not None or _NAMED_IN_CAMEL.search(name) is not None
        without_gaps = distinct is not None and distinct == rows and high - low < 1.05 * rows
        if named or without_gaps:
            return "identifier"
    return "numeric"


def kind_of_texts(*, rows: int, distinct: int, words: float) -> str:
    """`categorical`, `text`, `identifier` or `constant`.

    Args:
        rows: how many values there are.
        distinct: how many different ones.
        words: the mean number of words in one.
    """
    if rows < LEAST_ROWS:
        return "categorical"
    if distinct == 1:
        return "constant"
    if distinct > IDENTIFIER_SHARE * rows:
        return "text" if words >= TEXT_WORDS else "identifier"
    return "categorical"
