"""Free text as numbers: its length, its words, and how many of them are unknown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from workbench.drift.sample import Sample

ROWS = 20_000
"""Rows of each side that words are counted in, at equal distances."""
WORDS = 20_000
"""The most frequent words of the reference that are kept."""


@dataclass(frozen=True)
class TextStatistics:
    """Numbers of each text.

    Attributes:
        length: characters.
        words: between blanks.
        unknown: the share of words that are not in the vocabulary.
        vocabulary: words of the reference, in lower case.
    """

    length: Sample
    words: Sample
    unknown: Sample
    vocabulary: Collection[str]


def of_reference(texts: pl.Series) -> TextStatistics:
    """Statistics of the reference.

    The vocabulary is that of every second text, and unknown words are counted in the others: without drift these are
    what new texts are, so the two can be compared.

    Args:
        texts: without nulls.
    """
    texts = _sampled(texts)
    first, second = texts.gather_every(2), texts.gather_every(2, 1)
    counted = _words(first).explode(empty_as_null=False).value_counts(sort=True, name="count")
    vocabulary = frozenset(counted.get_column(counted.columns[0]).head(WORDS).to_list())
    return TextStatistics(*_lengths(texts), _unknown(second, vocabulary), vocabulary)


def of_current(texts: pl.Series, vocabulary: Collection[str]) -> TextStatistics:
    """Statistics of current texts by the vocabulary of the reference."""
    texts = _sampled(texts)
    return TextStatistics(*_lengths(texts), _unknown(texts, vocabulary), vocabulary)


def mean_words(texts: pl.Series) -> float:
    """The mean number of words, of some texts at equal distances."""
    some = texts.gather_every(max(1, len(texts) // 1000))
    mean = (some.str.count_matches(r"\s+") + 1).mean()
    return float(mean) if isinstance(mean, (int, float)) else 0.0


def _sampled(texts: pl.Series) -> pl.Series:
    return texts.gather_every(max(1, -(-len(texts) // ROWS)))


def _words(texts: pl.Series) -> pl.Series:
    return texts.str.to_lowercase().str.extract_all(r"\w+")


def _lengths(texts: pl.Series) -> tuple[Sample, Sample]:
    return Sample.of(texts.str.len_chars().to_numpy()), Sample.of(_words(texts).list.len().to_numpy())


def _unknown(texts: pl.Series, vocabulary: Collection[str]) -> Sample:
    words = _words(texts)
    known = pl.Series(sorted(vocabulary), dtype=pl.String)
    frame = pl.DataFrame({"row": range(len(words)), "word": words})
    exploded = frame.explode("word").filter(pl.col("word").is_not_null())
    shares = exploded.group_by("row").agg((~pl.col("word").is_in(known.implode())).mean().alias("share"))
    return Sample.of(shares.get_column("share").to_numpy())
