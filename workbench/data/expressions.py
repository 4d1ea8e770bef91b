"""A small language of conditions over columns, compiled to polars: `paid_at >= ordered_at AND amount * 1.2 < limit`.

Names are columns, in backticks where they are odd; texts stand in single or double quotes. There are `+ - * / %`,
`= != < <= > >=`, `AND OR NOT`, `IS NULL`, `IN (…)`, `BETWEEN … AND …`, `LIKE 'a%'` and the functions of `FUNCTIONS`.
What is compared with null is null, as in SQL. Nothing of a text is ever run as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from workbench.base.clock import now_us
from workbench.base.errors import FilterError

MAX_LENGTH = 4_000
_MAX_DEPTH = 60

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|`(?P<quoted>[^`]+)`|(?P<word>[^\W\d]\w*)|(?P<mark><=|>=|<>|!=|==|[-+*/%()=<>,]))"
)
_COMPARISONS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_KEYWORDS = frozenset("and or not in is null between like true false".split())


def _now() -> pl.Expr:
    return pl.lit(datetime(1970, 1, 1) + timedelta(microseconds=now_us()))


FUNCTIONS: dict[str, tuple[int, int, Callable[..., pl.Expr]]] = {
    "abs": (1, 1, lambda a: a.abs()),
    "ceil": (1, 1, lambda a: a.ceil()),
    "coalesce": (1, 99, lambda *all: pl.coalesce(*all)),
    "contains": (2, 2, lambda a, b: a.str.contains(b, literal=True)),
    "day": (1, 1, lambda a: a.dt.day()),
    "ends_with": (2, 2, lambda a, b: a.str.ends_with(b)),
    "exp": (1, 1, lambda a: a.exp()),
    "floor": (1, 1, lambda a: a.floor()),
    "greatest": (2, 99, lambda *all: pl.max_horizontal(*all)),
    "if": (3, 3, lambda a, b, c: pl.when(a).then(b).otherwise(c)),
    "is_finite": (1, 1, lambda a: a.is_finite()),
    "is_nan": (1, 1, lambda a: a.is_nan()),
    "least": (2, 99, lambda *all: pl.min_horizontal(*all)),
    "length": (1, 1, lambda a: a.str.len_chars()),
    "ln": (1, 1, lambda a: a.log()),
    "lower": (1, 1, lambda a: a.str.to_lowercase()),
    "matches": (2, 2, lambda a, b: a.str.contains(b)),
    "month": (1, 1, lambda a: a.dt.month()),
    "now": (0, 0, _now),
    "round": (1, 1, lambda a: a.round()),
    "sqrt": (1, 1, lambda a: a.sqrt()),
    "starts_with": (2, 2, lambda a, b: a.str.starts_with(b)),
    "trim": (1, 1, lambda a: a.str.strip_chars()),
    "upper": (1, 1, lambda a: a.str.to_uppercase()),
    "weekday": (1, 1, lambda a: a.dt.weekday()),
    "year": (1, 1, lambda a: a.dt.year()),
}
"""By name: how many arguments at least and at most, and what they become. Monday is 1."""


@dataclass(frozen=True)
class Expression:
    """A compiled condition.

    Attributes:
        text: as it was written.
        condition: true where a row is as it should be.
        columns: the names of the columns that it reads, each once.
    """

    text: str
    condition: pl.Expr
    columns: tuple[str, ...]


def compile_expression(text: str, columns: Mapping[str, pl.Expr] | None = None) -> Expression:
    """Compile a condition.

    Args:
        columns: what to read for a column, where that is not the column itself.

    Raises:
        FilterError: it cannot be understood; the error says where.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError("the expression is too long", text=text, position=MAX_LENGTH)
    parser = _Parser(text, columns or {})
    return Expression(text, parser.whole(), tuple(dict.fromkeys(parser.columns)))


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent: or, and, not, comparison, sum, product, sign, and what stands alone."""

    def __init__(self, text: str, columns: Mapping[str, pl.Expr]) -> None:
        self._text = text
        self._values = columns
        self._tokens = self._split(text)
        self._at = 0
        self._depth = 0
        self.columns: list[str] = []

    def whole(self) -> pl.Expr:
        """The expression, and nothing after it."""
        found = self._or()
        if self._next.kind != "end":
            raise self._error(
                "there is something after the expression", "an operator, or nothing more, is expected here"
            )
        return found

    def _split(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise FilterError(
                    "the expression cannot be read", text=text, position=start, explanation="this is no part of it"
                )
            kind = match.lastgroup or ""
            tokens.append(_Token(kind, match[kind], match.start(kind)))
            position = match.end()
        return [*tokens, _Token("end", "", len(text))]

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> str | None:
        """The next token in lower case where it is one of these words or marks; it is passed by."""
        token = self._next
        if token.kind in ("word", "mark") and token.text.lower() in texts:
            self._at += 1
            return token.text.lower()
        return None

    def _require(self, mark: str) -> None:
        if self._take(mark) is None:
            raise self._error(
                "the expression stops too early" if self._next.kind == "end" else "a mark is missing",
                f"{mark!r} is expected here",
            )

    def _or(self) -> pl.Expr:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._error("the expression is nested too deeply", "")
        found = self._and()
        while self._take("or"):
            found = found | self._and()
        self._depth -= 1
        return found

    def _and(self) -> pl.Expr:
        found = self._not()
        while self._take("and"):
            found = found & self._not()
        return found

    def _not(self) -> pl.Expr:
        negations = 0
        while self._take("not"):
            negations += 1
        found = self._comparison()
        return ~found if negations % 2 else found

    def _comparison(self) -> pl.Expr:
        left = self._sum()
        if self._take("is"):
            negated = self._take("not") is not None
            self._require("null")
            return left.is_not_null() if negated else left.is_null()
        negated = self._take("not") is not None
        if self._take("in"):
            self._require("(")
            values = [self._literal()]
            while self._take(","):
                values.append(self._literal())
            self._require(")")
            found = left.is_in(values)
        elif self._take("between"):
            low = self._sum()
            self._require("and")
            found = left.is_between(low, self._sum())
        elif self._take("like"):
            pattern = self._literal()
            if not isinstance(pattern, str):
                raise self._error("LIKE takes a text", "a text in quotes is expected here")
            found = left.str.contains(f"(?s)^{_like(pattern)}$")
        elif negated:
            raise self._error("NOT stands before IN, BETWEEN or LIKE", "one of them is expected here")
        else:
            operator = self._take(*_COMPARISONS)
            return left if operator is None else _COMPARISONS[operator](left, self._sum())
        return ~found if negated else found

    def _sum(self) -> pl.Expr:
        found = self._product()
        while operator := self._take("+", "-"):
            right = self._product()
            found = found + right if operator == "+" else found - right
        return found

    def _product(self) -> pl.Expr:
        found = self._sign()
        while operator := self._take("*", "/", "%"):
            right = self._sign()
            found = found * right if operator == "*" else found / right if operator == "/" else found % right
        return found

    def _sign(self) -> pl.Expr:
        minus = 0
        while operator := self._take("-", "+"):
            minus += operator == "-"
        found = self._alone()
        return -found if minus % 2 else found

    def _alone(self) -> pl.Expr:
        token = self._next
        if token.kind == "quoted" or (token.kind == "word" and token.text.lower() not in _KEYWORDS):
            self._at += 1
            if token.kind == "word" and self._take("("):
                return self._call(token)
            self.columns.append(token.text)
            return self._values.get(token.text, pl.col(token.text))
        if self._take("("):
            found = self._or()
            self._require(")")
            return found
        return pl.lit(self._literal())

    def _call(self, name: _Token) -> pl.Expr:
        arguments: list[pl.Expr] = []
        if name.text.lower() in ("date", "datetime"):
            moment = self._moment(name.text.lower())
            self._require(")")
            return pl.lit(moment)
        if name.text.lower() not in FUNCTIONS:
            raise FilterError(
                f"there is no function {name.text}", text=self._text, position=name.position,
                explanation=f"one of: {', '.join(sorted([*FUNCTIONS, 'date', 'datetime']))}",
            )  # fmt: skip
        least, most, function = FUNCTIONS[name.text.lower()]
        if not self._take(")"):
            arguments.append(self._or())
            while self._take(","):
                arguments.append(self._or())
            self._require(")")
        if not least <= len(arguments) <= most:
            count = str(least) if least == most else f"{least} or more"
            raise FilterError(
                f"{name.text} takes {count} arguments and has {len(arguments)}", text=self._text, position=name.position
            )
        return function(*arguments)

    def _moment(self, kind: str) -> date | datetime:
        token = self._next
        text = self._literal()
        try:
            if kind == "date":
                return date.fromisoformat(str(text))
            moment = datetime.fromisoformat(str(text))
            return moment if moment.tzinfo is None else moment.astimezone(UTC)
        except ValueError:
            raise FilterError(
                f"{text!r} is no {kind}", text=self._text, position=token.position, explanation="like '2026-11-21'"
            ) from None

    def _literal(self) -> Any:
        minus = self._take("-") is not None
        token = self._next
        if token.kind == "number":
            self._at += 1
            number = float(token.text) if set(token.text) & set(".eE") else int(token.text)
            return -number if minus else number
        if not minus:
            if token.kind == "text":
                self._at += 1
                quote = token.text[0]
                return token.text[1:-1].replace(quote * 2, quote)
            if word := self._take("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[word]
        what = "the expression stops too early" if token.kind == "end" else "a value is missing"
        raise self._error(what, "a column, a number or a text in quotes is expected here")

    def _error(self, message: str, explanation: str) -> FilterError:
        return FilterError(message, text=self._text, position=self._next.position, explanation=explanation)


def _like(pattern: str) -> str:
    """A pattern of LIKE as a regular expression: `%` is anything, `_` one character."""
    parts: Sequence[str] = re.split(r"([%_])", pattern)
    return "".join({"%": ".*", "_": "."}.get(part, re.escape(part)) for part in parts)
