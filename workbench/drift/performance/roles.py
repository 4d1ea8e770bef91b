"""What the columns of scored rows mean, and which problem they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from workbench.base.errors import InputError

Problem = Literal["binary", "multiclass", "regression"]
PROBLEMS: tuple[Problem, ...] = get_args(Problem)
MOST_CLASSES = 20
"""Whole numbers with more different values are numbers, not classes."""
_TRUTHS = {"true": "1", "True": "1", "TRUE": "1", "false": "0", "False": "0", "FALSE": "0"}


@dataclass(frozen=True)
class Roles:
    """Which column is what.

    Attributes:
        label: what turned out to be true; rows may lack it, or all of it may be missing.
        prediction: what the model said: a class, or a number.
        score: the probability of the positive class; or for each class the column of its probability.
        positive: the positive class of a binary problem, as it is in the data; None is 1 or true.
        key: the column, or columns, that labels which come later are joined by.
        weight: how much each row counts; None is 1.
    """

    label: str
    prediction: str
    score: str | Mapping[str, str] | None = None
    positive: str | int | float | bool | None = None
    key: str | Sequence[str] | None = None
    weight: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of `key`."""
        if self.key is None:
            return ()
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    @property
    def scores(self) -> tuple[str, ...]:
        """The columns of `score`."""
        if self.score is None:
            return ()
        return (self.score,) if isinstance(self.score, str) else tuple(self.score.values())

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column with a role, once."""
        weight = () if self.weight is None else (self.weight,)
        return tuple(dict.fromkeys((self.label, self.prediction, *self.scores, *self.keys, *weight)))

    def as_document(self) -> dict[str, object]:
        """For JSON; `from_document` reads it."""
        score = dict(self.score) if isinstance(self.score, Mapping) else self.score
        positive = None if self.positive is None else class_text(self.positive)
        key = list(self.keys) or None
        return {**vars(self), "score": score, "positive": positive, "key": key}

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Roles:
        """The roles in a document of `as_document`."""
        return cls(**document)  # type: ignore[arg-type]


def problem_of(frame: pl.DataFrame, roles: Roles, given: str | None = None) -> Problem:
    """Which problem the rows are of.

    What is given counts. Else three and more columns of scores are `multiclass`; one or two scores, or a positive
    class, are `binary`. Else values tell: two different labels are `binary`; fractions, or more than `MOST_CLASSES`
    different whole numbers, are `regression`; two classes are `binary`, more `multiclass`.

    Args:
        frame: rows with the prediction; the label counts where it is there.
        roles: which column is what.
        given: what somebody says that it is.

    Raises:
        InputError: there is no such problem, or no such column.
    """
    if given is not None:
        if given not in PROBLEMS:
            raise InputError(f"there is no problem {given!r}", f"one of: {', '.join(PROBLEMS)}")
        return given
    require(frame, [roles.prediction], "the data")
    if isinstance(roles.score, Mapping) and len(roles.score) > 2:
        return "multiclass"
    if roles.score is not None or roles.positive is not None:
        return "binary"
    values = [frame.get_column(name) for name in (roles.label, roles.prediction) if name in frame.columns]
    if len(values) == 2 and not _has_fractions(values[0]) and class_texts(values[0]).drop_nulls().n_unique() == 2:
        return "binary"
    if any(_has_fractions(one) for one in values):
        return "regression"
    classes = set().union(*(class_texts(one).drop_nulls().unique() for one in values))
    if len(classes) > MOST_CLASSES and all(one.dtype.is_numeric() for one in values):
        return "regression"
    return "binary" if len(classes) <= 2 else "multiclass"


def class_texts(values: pl.Series) -> pl.Series:
    """Classes as texts, so that they compare: 1, 1.0, true, "1" and "true" are all `1`. NaN is no class: null."""
    if values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    if values.dtype.is_float():
        values = values.fill_nan(None)
        if not _has_fractions(values) and values.is_between(-(2**53), 2**53).all():
            values = values.cast(pl.Int64)
    return values.cast(pl.String).replace(_TRUTHS)


def class_text(value: object) -> str:
    """One class as `class_texts` has it."""
    return str(class_texts(pl.Series([value]))[0])


def require(frame: pl.DataFrame, names: Sequence[str], what: str) -> None:
    """Raises InputError where the frame lacks one of the columns.

    Args:
        what: what the message calls the frame.
    """
    for name in names:
        if name not in frame.columns:
            raise InputError(f"{what} has no column {name!r}", f"its columns are: {', '.join(_shown(frame))}")


def _shown(frame: pl.DataFrame) -> Iterator[str]:
    yield from frame.columns[:20]
    if frame.width > 20:
        yield f"and {frame.width - 20} more"


def _has_fractions(values: pl.Series) -> bool:
    if values.dtype.is_decimal():
        values = values.cast(pl.Float64)
    if not values.dtype.is_float():
        return False
    finite = values.filter(values.is_finite())
    return bool((finite != finite.floor()).any())
