from __future__ import annotations

import re

from workbench.base.ids import new_run_id
from workbench.base.names import ADJECTIVES, ANIMALS, run_name


def test_a_name_follows_from_the_id_alone() -> None:
    run_id = new_run_id()
    assert run_name(run_id) == run_name(run_id)
    assert re.fullmatch(r"[a-z]+-[a-z]+", run_name(run_id))


def test_names_spread_over_every_pair_of_words() -> None:
    names = {run_name(new_run_id()) for _ in range(5000)}
    assert len(names) > 0.6 * min(5000, len(ADJECTIVES) * len(ANIMALS))


def test_no_word_comes_twice_and_none_is_long() -> None:
    for words in (ADJECTIVES, ANIMALS):
        assert len(set(words)) == len(words)
        assert max(map(len, words)) <= 7
        assert words == sorted(words)
