"""Names are found by a few of their letters."""

from __future__ import annotations

import time

from workbench.tui.fuzzy import ranked


def found(query: str, *texts: str) -> list[str]:
    """The texts that are found, in their order."""
    return [texts[index] for index in ranked(query, texts)]


def test_without_a_query_everything_is_there_in_its_order() -> None:
    """Spaces are no query."""
    assert found("  ", "b", "a") == ["b", "a"]


def test_the_beginning_is_better_than_the_middle_and_scattered_letters_are_last() -> None:
    """So that what was meant stands first."""
    assert found("loss", "l_o_s_s", "xloss", "val_loss", "loss") == ["loss", "val_loss", "xloss", "l_o_s_s"]


def test_every_word_has_to_be_there_in_any_order() -> None:
    """Case does not matter."""
    assert found("LOSS val", "val_loss", "loss") == ["val_loss"]


def test_brackets_and_the_like_are_letters() -> None:
    """Nothing that is typed is a pattern."""
    assert found("[a-z]*", "x", "f[a-z]*") == ["f[a-z]*"]
    assert found("^]\\", "a^b]c\\") == ["a^b]c\\"]


def test_a_name_made_to_be_slow_is_not() -> None:
    """A search that tries every combination would take years here."""
    start = time.perf_counter()

    assert found("a" * 30 + "b", *["a" * 2000] * 100) == []
    assert time.perf_counter() - start < 2
