"""What may be typed next in a filter: names, operators, statuses, and words between conditions."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from re import Match

ENTITIES = ("attributes.", "metrics.", "params.", "tags.", "datasets.")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IN", "IS NULL", "IS NOT NULL", "BETWEEN", "NOT")
JOINTS = ("AND", "OR")
STATUSES = ("running", "finished", "failed", "killed", "crashed", "stale")
LIMIT = 24
"""So many are offered at most."""

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*'?)
    | (?P<name>(?:[^\W\d](?:[\w/-]|\.)*|`(?:[^`]|``)*`?|"(?:[^"]|"")*"?)(?:\.?`(?:[^`]|``)*`?|\.[\w./-]*)*)
    | (?P<number>[+-]?\d[\w.+-]*)
    | (?P<operator>!=|<>|<=|>=|[=<>])
    | (?P<mark>[(),])
    """,
    re.VERBOSE,
)
_WORD_OPERATORS = frozenset({"LIKE", "ILIKE", "RLIKE", "IN", "BETWEEN"})


def completions(text: str, names: Sequence[str]) -> list[str]:
    """What may stand for the word at the end of a filter, the likeliest first; each begins as the word does.

    Args:
        text: the filter up to the cursor.
        names: full names as a filter wants them (`metrics.auc`, ``params.`learning rate` ``), in sorted order.

    Returns:
        words, not whole filters; the word at the end is `last_word(text)`.
    """
    word = last_word(text)
    tokens = [(kind, match[0]) for match in _TOKEN.finditer(text[: len(text) - len(word)]) if (kind := match.lastgroup)]
    wanted, operand = _wanted(tokens)
    if word[:1] in ("'", '"'):
        offered = [f"'{status}'" for status in STATUSES] if wanted == "value" and _is_status(operand) else []
        return [status for status in offered if status.startswith(word) and status != word]
    if wanted == "name":
        return _names(word, names)
    if wanted == "value":
        return [f"'{status}'" for status in STATUSES] if _is_status(operand) and not word else []
    return _words(word, OPERATORS if wanted == "operator" else JOINTS)


def last_word(text: str) -> str:
    """The word that is being typed at the end of a filter; empty behind a space, a parenthesis and the like."""
    last = max(_TOKEN.finditer(text), key=Match.end, default=None)
    if last is None or last.end() != len(text) or last.lastgroup in ("operator", "mark"):
        return ""
    word = last[0]
    if last.lastgroup == "text" and len(word) > 1 and word.endswith("'"):
        return ""
    return word


def _wanted(tokens: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What the next word is: a name, an operator, a value or a joint; and the name that it is about."""
    wanted, operand = "name", ""
    for kind, token in tokens:
        upper = token.upper()
        if kind == "name" and wanted == "name" and upper != "NOT":
            wanted, operand = "operator", token
        elif (kind == "name" and upper in ("AND", "OR")) or (wanted == "name" and token == "("):
            wanted = "name"
        elif kind == "operator" or upper in _WORD_OPERATORS or (wanted == "joint" and token == ","):
            wanted = "value"
        elif wanted == "operator" and token == "(":  # a call: best(metrics.loss)
            wanted = "name"
        elif (wanted == "value" and kind in ("text", "number", "name")) or upper == "NULL":
            wanted = "joint"
    return wanted, operand


def _is_status(operand: str) -> bool:
    return operand.lower().removeprefix("attributes.") == "status"


def _names(word: str, names: Sequence[str]) -> list[str]:
    entities = [entity for entity in ENTITIES if entity.startswith(word) and entity != word]
    start = bisect_left(names, word)
    found = []
    for name in names[start : start + LIMIT]:
        if not name.startswith(word):
            break
        if name != word:
            found.append(name)
    return [*(entities if "." not in word else ()), *found][:LIMIT]


def _words(word: str, offered: Sequence[str]) -> list[str]:
    """Words in the case in which the first letters are typed."""
    fitting = [other for other in offered if other.startswith(word.upper()) and other != word.upper()]
    return [word + (other[len(word) :].lower() if word.islower() else other[len(word) :]) for other in fitting]
