"""What may stand where in a filter, a column or a sort key, and what to say where something else does.

sqlglot reads all of SQL and forgives much; its messages are about SQL. This walk along its tokens lets only the
language of filters pass, and points at the first word that does not fit. It also settles what depends on the place:
double quotes hold a name before an operator and text after it, `nan` is a number where a value stands, `as` is a
name unless it follows a column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from sqlglot import Token
from sqlglot import TokenType as T

from workbench.store.conditions import CONSTANTS, quote_string
from workbench.store.dialect import MAX_DEPTH, TOO_DEEP, tokenize
from workbench.store.hints import near_matches
from workbench.store.operands import fail, is_flag, named

AGGREGATES = ("max", "min", "first", "last", "mean", "best", "count", "step")
MAX_CONDITIONS = 400


class _Place(NamedTuple):
    """What is wanted: what a wrong word is not, the explanation, and for each right word the place behind it."""

    what: str
    wanted: str
    then: Mapping[T, str]


_END = T.UNKNOWN
TAILS = {"AS": T.ALIAS, "ASC": T.ASC, "DESC": T.DESC}
_NAMES = {T.IDENTIFIER: "named", T.VAR: "call"}
_TEXT = "text in single quotes is expected here; in LIKE, % stands for any text and _ for one character"
_JOINS = {T.AND: "condition", T.OR: "condition", T.R_PAREN: "joint", _END: ""}
_LABELS = dict.fromkeys((T.IDENTIFIER, T.STRING), "last")
_DIRECTIONS = dict.fromkeys((T.ASC, T.DESC), "last")
_PATTERNS = dict.fromkeys((T.LIKE, T.ILIKE, T.RLIKE), "pattern")
_RANGES = {T.IN: "list", T.BETWEEN: "low", **_PATTERNS}
_OPERATORS = {
    **dict.fromkeys((T.EQ, T.NEQ, T.LT, T.LTE, T.GT, T.GTE), "value"), T.IS: "is", T.NOT: "negated", **_RANGES,
}  # fmt: skip


def _name(*others: T) -> _Place:
    wanted = "a name is expected here, like metrics.auc, params.lr or status"
    return _Place("a name", wanted, {**_NAMES, **dict.fromkeys(others, "condition")})


def _value(then: str) -> _Place:
    values = dict.fromkeys((T.STRING, T.NUMBER), then)
    return _Place("a value", "a value is expected here, like 0.9 or 'text'", values)


_PLACES = {
    "condition": _name(T.NOT, T.L_PAREN),
    "operand": _name(),
    "call": _Place("", "", {T.L_PAREN: "operand"}),
    "closing": _Place("a parenthesis is not closed", "a ) is expected here, as in max(loss)", {T.R_PAREN: "named"}),
    "operator": _Place(
        "{} is not compared with anything",
        "an operator is expected here: = != < <= > >= LIKE ILIKE RLIKE IN BETWEEN IS NULL",
        {**_OPERATORS, **_JOINS},
    ),
    "value": _value("joint"),
    "low": _value("bounds"),
    "bounds": _Place("", "AND and the upper bound are expected here", {T.AND: "value"}),
    "is": _Place("", "NULL is expected here, as in IS NULL or IS NOT NULL", {T.NULL: "joint", T.NOT: "null"}),
    "null": _Place("", "NULL is expected here, as in IS NOT NULL", {T.NULL: "joint"}),
    "negated": _Place("", "IN, LIKE, ILIKE, RLIKE or BETWEEN is expected after NOT", _RANGES),
    "pattern": _Place("a pattern", _TEXT, {T.STRING: "joint"}),
    "list": _Place("a list", "a list is expected here, like ('a', 'b') or (1, 2)", {T.L_PAREN: "item"}),
    "item": _value("more"),
    "more": _Place("the list is not closed", "a , or ) is expected here", {T.COMMA: "item", T.R_PAREN: "joint"}),
    "joint": _Place("", "AND, OR or the end of the filter is expected here", _JOINS),
    "column": _Place("", "as NAME or the end of the column is expected here", {T.ALIAS: "label", _END: ""}),
    "label": _Place("a name", "a name is expected after as, like: min(loss) as best", _LABELS),
    "key": _Place("", "ASC, DESC or the end of the sort key is expected here", {**_DIRECTIONS, _END: ""}),
    "last": _Place("", "the end is expected here", {_END: ""}),
}


def words_of(text: str, place: str = "condition", behind: str = "operator", start: int = 0) -> list[Token]:
    """The tokens of a text in which everything stands where it may.

    Args:
        place: what the text begins with, "condition" or "operand".
        behind: what follows a name: "operator" in a filter, "column" or "key" where it is alone.
        start: where in `text` to begin.

    Raises:
        FilterError: at the first word that does not fit, at an unbalanced parenthesis, or where a limit is passed.
    """
    words = tokenize(text, start)
    end = Token(_END, "", start=len(text.rstrip()), end=len(text) - 1)
    groups: list[Token] = []
    calls = negations = conditions = 0
    subject, begun = "", end  # the operand that a condition is about, and its first word
    for word, following in zip([*words, end], [*words[1:], end, end], strict=False):
        kind = word.token_type = _kind(text, word, place, following)
        if place in ("condition", "operand") and kind in _NAMES and not calls:
            begun, conditions = word, conditions + 1
        alone = place == "operator" and kind in _JOINS
        flag = alone and begun.token_type is T.IDENTIFIER and is_flag(named(text, subject, begun.start))
        if kind not in _PLACES[place].then or (alone and not flag):
            _misplaced(text, word, place, subject)
        match place, kind:
            case "condition", T.L_PAREN:
                groups.append(word)
            case "call", _:
                calls += 1
            case "closing", _:
                calls -= 1
            case "joint" | "operator", T.R_PAREN if groups:
                groups.pop()
            case "joint" | "operator", T.R_PAREN:
                fail(text, word.start, "a parenthesis closes that was never opened", "remove it, or open one before")
        negations = negations + 1 if kind is T.NOT else 0
        if len(groups) + calls + negations > MAX_DEPTH:
            fail(text, word.start, *TOO_DEEP)
        if conditions > MAX_CONDITIONS:
            explanation = f"at most {MAX_CONDITIONS} conditions; IN (…) holds many values in one"
            fail(text, word.start, "the filter is too long", explanation)
        place = _PLACES[place].then[kind]
        if place == "named":
            place = "closing" if calls else behind
            subject = text[begun.start : word.end + 1]
    if groups:
        fail(text, groups[-1].start, "a parenthesis is not closed", "no ) follows this one")
    return words


def _kind(text: str, word: Token, place: str, following: Token) -> T:
    """What a word is at its place."""
    written = text[word.start : word.end + 1]
    then = _PLACES[place].then
    if word.token_type is T.IDENTIFIER and written[0] == '"' and T.STRING in then:
        return T.STRING
    if place == "label" and written.isidentifier():
        return T.IDENTIFIER
    if written.lower() in CONSTANTS and T.NUMBER in then:
        return T.NUMBER
    if word.token_type is not T.VAR:
        return word.token_type
    if TAILS.get(written.upper()) in then:
        return TAILS[written.upper()]
    if following.token_type is not T.L_PAREN or not written.isidentifier() or T.VAR not in then:
        return T.IDENTIFIER
    if written.lower() not in AGGREGATES:
        near = near_matches(written.lower(), AGGREGATES)
        fail(text, word.start, f"there is no function {written}", f"known here: {', '.join(AGGREGATES)}", near)
    return T.VAR


def _misplaced(text: str, word: Token, place: str, subject: str) -> NoReturn:
    """Say what is wrong with `word`, and what is wanted after `subject`."""
    what, wanted, then = _PLACES[place]
    shown = "the end" if word.token_type is _END else f"`{text[word.start : word.end + 1]}`"
    message = f"{shown} is not {what or 'expected'}"
    if " is " in what:
        message = what.format(subject)
    elif what and word.token_type is _END:
        message = f"{what} is missing"
    elif T.NUMBER in then and word.token_type is T.NULL:
        message, wanted = "nothing equals NULL", f"write {subject} IS NULL or {subject} IS NOT NULL"
    elif T.NUMBER in then and word.token_type is T.IDENTIFIER:
        wanted = f"text goes in single quotes: {quote_string(shown.strip('`'))}"
    fail(text, word.start, message, wanted)
