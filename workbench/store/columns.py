"""Columns and sort keys of a list of runs: `lr`, `metrics.auc`, `max(auc)`, `step(min(loss)) as best`, `-auc`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.store.conditions import Operand
from workbench.store.operands import is_name, named, unquoted

if TYPE_CHECKING:
    from sqlglot import Token


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        operand: what it shows.
        label: its header: the name after `as`, else the expression as written.
        text: the whole expression, for messages.
    """

    operand: Operand
    label: str
    text: str


@dataclass(frozen=True)
class SortKey:
    """One key to sort by.

    Attributes:
        operand: what is compared.
        descending: the greatest first; missing values and NaN are last either way.
        text: the whole expression, for messages.
    """

    operand: Operand
    descending: bool
    text: str


def parse_column(text: str) -> Column:
    """A column expression.

    Raises:
        FilterError: with the position of the mistake and what is expected there.
    """
    operand, written, tail = _parse(text, "column")
    bare = not (operand.entity or operand.aggregate or operand.at_step)
    if not tail:
        return Column(operand, operand.name if bare else written, text)
    name = tail[-1]
    label = name.text if name.token_type.name == "STRING" else unquoted(text[name.start : name.end + 1])
    return Column(operand, label, text)


def parse_sort(text: str) -> SortKey:
    """A sort key: a column expression with `-` in front or `DESC` behind for descending order.

    Raises:
        FilterError: as `parse_column`.
    """
    minus = text.lstrip().startswith("-")
    operand, _, tail = _parse(text, "key", text.index("-") + 1 if minus else 0)
    return SortKey(operand, bool(tail and tail[0].text.upper() == "DESC") is not minus, text)


def _parse(text: str, named_place: str, start: int = 0) -> tuple[Operand, str, list[Token]]:
    """The operand, how it is written, and the tokens behind it."""
    word = text[start:].strip()
    if is_name(word):  # as most columns are: these need no parser, which takes long to load
        return named(text, word, text.index(word, start)), word, []
    from workbench.store.dialect import parse
    from workbench.store.filters import read_operand
    from workbench.store.places import TAILS, words_of

    words = words_of(text, "operand", named_place, start)
    size = next((index for index, token in enumerate(words) if token.token_type in TAILS.values()), len(words))
    operand = read_operand(text, parse(text, words[:size]))
    return operand, text[operand.position : words[size - 1].end + 1], words[size:]
