"""The dialect of SQL that filters, columns and sort keys are written in: sqlglot's tokenizer and parser, cut down."""

from __future__ import annotations

import re
from typing import Any, ClassVar, NoReturn

import sqlglot
from sqlglot import Dialect, Token, exp
from sqlglot import TokenType as T
from sqlglot.errors import SqlglotError, TokenError

from workbench.store.conditions import KEYWORDS
from workbench.store.operands import NAME, check_characters, fail

MAX_DEPTH = 60
TOO_DEEP = ("the filter is nested too deeply", f"at most {MAX_DEPTH} levels of parentheses and NOT")

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-](?:inf(?:inity)?|nan)", re.IGNORECASE)
_WORDS = (T.VAR, T.IDENTIFIER, T.NUMBER)
_COMBINE = "combine conditions with AND, OR and NOT"
_REASONS = {
    **dict.fromkeys("'\"`", ("a quote is not closed", "no closing {} follows this one")),
    **dict.fromkeys("+-.", ("this is not a number", "numbers look like 0.9, -3 or 1e-5; text goes in single quotes")),
    **dict.fromkeys("&|", ("{} is not an operator here", _COMBINE)),
    ";": ("a filter is one expression", _COMBINE),
    "!": ("an operator is not complete", "write != or NOT"),
    "*": ("there is no arithmetic in a filter", "use LIKE 'a%' for patterns"),
}


class Filters(Dialect):
    """SQL's conditions and nothing else of SQL."""

    IDENTIFIERS_CAN_START_WITH_DIGIT = True

    class Tokenizer(sqlglot.Tokenizer):
        """What is not listed here is part of a word, so names hold dots, slashes and dashes without quotes."""

        SINGLE_TOKENS: ClassVar = {
            "(": T.L_PAREN, ")": T.R_PAREN, ",": T.COMMA, "=": T.EQ, "<": T.LT, ">": T.GT,
            **dict.fromkeys("!;&|*'\"`", T.UNKNOWN),
        }  # fmt: skip
        KEYWORDS: ClassVar = {
            "==": T.EQ, "!=": T.NEQ, "<>": T.NEQ, "<=": T.LTE, ">=": T.GTE, **{word: T[word] for word in KEYWORDS},
        }  # fmt: skip
        IDENTIFIERS: ClassVar = ["`", '"']
        COMMENTS: ClassVar[list[str | tuple[str, str]]] = []

    class Parser(sqlglot.Parser):
        """No function is known, so all are calls by name."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {}
        RANGE_PARSERS: ClassVar = {
            **{kind: sqlglot.Parser.RANGE_PARSERS[kind] for kind in (T.BETWEEN, T.IS, T.LIKE, T.ILIKE, T.RLIKE)},
            T.IN: lambda self, this: self._list(this, self._curr),
        }
        UNARY_PARSERS: ClassVar = {
            T.NOT: sqlglot.Parser.UNARY_PARSERS[T.NOT],
            T.L_PAREN: lambda self: self._group(),
        }

        def _list(self, this: exp.Expr, opened: Token) -> exp.Expr:
            return self._parse_in(this).update_positions(opened)

        def _group(self) -> exp.Expr:
            # sqlglot's own way tries subqueries too, and takes twice the stack for each parenthesis.
            group = exp.Paren(this=self._parse_disjunction())
            self._match_r_paren(group)
            return group


def tokenize(text: str, start: int = 0) -> list[Token]:
    """The words of `text` from `start` on.

    A name is one token whatever it is made of: VAR, or IDENTIFIER where all of it is in one pair of quotes.

    Raises:
        FilterError: a character, a quote or a number that the language does not have.
    """
    check_characters(text)
    tokenizer = Filters().tokenizer()
    try:
        found = tokenizer.tokenize(" " * start + text[start:])
    except TokenError:  # tells no exact place: a quote is not closed, and opens behind the last good token
        _refuse_gap(text, tokenizer.tokens[-1].end + 1 if tokenizer.tokens else start, len(text))
        raise
    words: list[Token] = []
    end = start
    for token in found:
        _refuse_gap(text, end, token.start)
        dotted = end == token.start and "." in text[end - 1 : end + 1] and token.token_type in _WORDS
        if dotted and words and words[-1].token_type in _WORDS:
            begin = words.pop().start
            words.append(Token(T.VAR, text[begin : token.end + 1], start=begin, end=token.end))
        else:
            words.append(token)
        end = token.end + 1
    _refuse_gap(text, end, len(text))
    for word in words:
        _check_word(text, word)
    return words


def parse(text: str, words: list[Token]) -> exp.Expr:
    """sqlglot's tree of a condition or an operand.

    Raises:
        FilterError: sqlglot does not understand it.
    """
    try:
        [tree] = Filters().parser().parse_into(exp.Condition, words, text)
    except RecursionError:
        fail(text, 0, *TOO_DEEP)
    except SqlglotError:
        tree = None
    return tree or refuse(text, words[0].start)


def refuse(text: str, position: int) -> NoReturn:
    """Raise the FilterError for what is SQL but no filter."""
    fail(text, position, "this is not understood", "a filter holds conditions, AND, OR, NOT and parentheses")


def _check_word(text: str, word: Token) -> None:
    """Tell names and numbers apart, which sqlglot does by the first character."""
    if word.token_type not in (*_WORDS, T.UNKNOWN):
        return
    written = text[word.start : word.end + 1]
    if _NUMBER.fullmatch(written):
        word.token_type, word.text = T.NUMBER, written
        return
    name = NAME.match(written)
    position = word.start + (name.end() if name else 0)
    if position > word.end:
        return
    if name and text[position] == ".":
        fail(text, position + 1, "a name ends in a dot", "a key is expected here, like `auc`")
    _refuse_character(text, position)


def _refuse_gap(text: str, start: int, end: int) -> None:
    """Between words is only space: sqlglot knows a comment, `{#`, that cannot be switched off."""
    if gap := text[start:end].strip():
        _refuse_character(text, text.index(gap, start))


def _refuse_character(text: str, position: int) -> NoReturn:
    character = text[position]
    shown = character if character.isprintable() else ascii(character)[1:-1]
    message, explanation = _REASONS.get(
        "." if character.isdigit() else character,
        ("{} is not understood", "keys with such characters go in backticks: metrics.`my key`"),
    )
    fail(text, position, message.format(shown), explanation.format(shown))
