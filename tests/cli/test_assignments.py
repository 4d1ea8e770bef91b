"""KEY=VALUE words."""

from __future__ import annotations

import pytest

from workbench.base.errors import InputError
from workbench.cli.assignments import assignments, typed


def test_the_first_equals_sign_separates() -> None:
    assert assignments(["a=b=c", "empty=", "ключ=é"], "-t") == {"a": "b=c", "empty": "", "ключ": "é"}


@pytest.mark.parametrize("word", ["a", "=b", ""])
def test_a_word_without_key_or_sign_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="is not KEY=VALUE"):
        assignments([word], "-t")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("3", 3),
        ("true", True),
        ("null", None),
        ("adam", "adam"),
        ("[1]", "[1]"),
        ('"x"', '"x"'),
        ("", ""),
    ],
)
def test_numbers_and_booleans_are_typed(text: str, value: object) -> None:
    assert typed(text) == value
    assert type(typed(text)) is type(value)
