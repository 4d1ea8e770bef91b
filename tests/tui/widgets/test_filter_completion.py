"""What may be typed next in a filter."""

from __future__ import annotations

import pytest

from workbench.tui.widgets.filter_completion import completions, last_word

NAMES = sorted(["attributes.status", "metrics.auc", "metrics.loss", "metrics.`val loss`", "params.lr", "tags.kind"])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("metrics.au", "metrics.au"),
        ("metrics.`val lo", "metrics.`val lo"),
        ("metrics.auc ", ""),
        ("metrics.auc >", ""),
        ("metrics.auc > 0.9 AN", "AN"),
        ("(metr", "metr"),
        ("params.model = 'g b", "'g b"),
        ("params.model = 'gbm'", ""),
        ("best(metrics.lo", "metrics.lo"),
    ],
)
def test_the_word_that_is_being_typed(text: str, word: str) -> None:
    """Names in backticks and texts in quotes hold spaces."""
    assert last_word(text) == word


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("met", ["metrics.", "metrics.`val loss`", "metrics.auc", "metrics.loss"]),
        ("metrics.", ["metrics.`val loss`", "metrics.auc", "metrics.loss"]),
        ("metrics.a", ["metrics.auc"]),
        ("metrics.`v", ["metrics.`val loss`"]),
        ("metrics.auc > 0.9 AND pa", ["params.", "params.lr"]),
        ("NOT (par", ["params.", "params.lr"]),
        ("best(metrics.l", ["metrics.loss"]),
        ("metrics.auc > 0.9 ", ["AND", "OR"]),
        ("metrics.auc > 0.9 a", ["and"]),
        ("metrics.auc > 0.9 A", ["AND"]),
        ("params.model LI", ["LIKE"]),
        ("params.model i", ["ilike", "in", "is null", "is not null"]),
        ("attributes.status = ", ["'running'", "'finished'", "'failed'", "'killed'", "'crashed'", "'stale'"]),
        ("status = 'f", ["'finished'", "'failed'"]),
        ("attributes.status IN ('finished', 'r", ["'running'"]),
        ("params.model = 'f", []),
        ("params.model = ", []),
        ("params.model IS NULL ", ["AND", "OR"]),
        ("metrics.nothing", []),
    ],
)
def test_what_may_follow(text: str, first: list[str]) -> None:
    """Words begin as what is typed does, in its case."""
    assert completions(text, NAMES) == first


def test_every_operator_may_follow_a_name() -> None:
    """In the order of the help."""
    assert completions("metrics.auc ", NAMES)[:6] == ["=", "!=", "<", "<=", ">", ">="]


def test_names_are_offered_at_the_beginning() -> None:
    """Entities first."""
    assert completions("", NAMES)[:2] == ["attributes.", "metrics."]


def test_odd_texts_are_no_trouble() -> None:
    """Whatever somebody types."""
    for text in ("'", "`", '"', "((((", "\x00", "漢字", "a.b.c.d", "= = =", "metrics.`", "IN (", ")", "1e999"):
        completions(text, NAMES)
