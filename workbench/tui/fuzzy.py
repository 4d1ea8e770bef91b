"""Finding names by a few of their letters."""

from __future__ import annotations

import re
from collections.abc import Sequence


def ranked(query: str, texts: Sequence[str]) -> list[int]:
    """The indices of the texts that hold every word of a query, the best first; ties keep their order.

    A word is best at the beginning of a text, then at the beginning of a word, then anywhere, then with its
    letters scattered in their order: `vlo` finds `val_loss`. Case does not matter.

    Args:
        query: words between spaces; without any, every text fits.
        texts: in lower case.
    """
    words = query.lower().split()
    if not words:
        return list(range(len(texts)))
    tests = [_Word(word) for word in words]
    found = []
    for index, text in enumerate(texts):
        total = 0
        for test in tests:
            rank = test.rank(text)
            if rank is None:
                break
            total += rank
        else:
            found.append((total, index))
    found.sort()
    return [index for _, index in found]


class _Word:
    def __init__(self, word: str) -> None:
        self._word = word
        self._at_start = re.compile(rf"(?<![^\W_]){re.escape(word)}")
        # Never backtracks: between two letters stands nothing that could be the second one.
        self._scattered = re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in word), re.S)

    def rank(self, text: str) -> int | None:
        """0 for the best; None where the word is not in the text."""
        if self._word in text:
            if text.startswith(self._word):
                return 0
            return 1 if self._at_start.search(text) else 2
        return 3 if self._scattered.match(text) else None
