"""Scored rows as arrays: what is true, what was said, how probable it was said to be, and how much each row counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.base.errors import InputError
from workbench.drift.performance.roles import Problem, Roles, class_text, class_texts, require

Floats = NDArray[np.float64]
RELATED_ROWS = 20
"""In so many rows a prediction occurs among the labels."""
OTHER = "other"
"""What the negative class is called where there is none, or are several."""


@dataclass(frozen=True)
class Outcomes:
    """Rows that have a prediction, and a label where labels are wanted.

    Attributes:
        problem: which one.
        classes: of a classification: `(negative, positive)`, or all in order; empty for a regression.
        said: the prediction: the place of its class in `classes`, or the number.
        truth: the label, likewise; NaN where labels are not wanted.
        scores: rows x classes, the probability of each, NaN where there is none; of binary problems one column, that of
            the positive class; None without scores.
        weights: how much each row counts.
        kept: which rows of the frame these are; the others lack a prediction, a label that is wanted, or a weight.
    """

    problem: Problem
    classes: tuple[str, ...]
    said: Floats
    truth: Floats
    scores: Floats | None
    weights: Floats
    kept: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.said)

    @property
    def left_out(self) -> int:
        """How many rows of the frame are not here."""
        return len(self.kept) - self.rows

    @property
    def effective_rows(self) -> float:
        """As many rows of equal weight have means as sure as these (Kish): (Σw)² / Σw²."""
        squares = float(self.weights @ self.weights)
        return float(self.weights.sum()) ** 2 / squares if squares else 0.0

    def where(self, chosen: NDArray[np.bool_]) -> Outcomes:
        """Some of the rows."""
        kept = self.kept.copy()
        kept[kept] = chosen
        scores = None if self.scores is None else self.scores[chosen]
        return replace(
            self,
            said=self.said[chosen],
            truth=self.truth[chosen],
            scores=scores,
            weights=self.weights[chosen],
            kept=kept,
        )


def outcomes_of(
    frame: pl.DataFrame,
    roles: Roles,
    problem: Problem,
    *,
    classes: Sequence[str] | None = None,
    labelled: bool = True,
    name: str = "the data",
) -> Outcomes:
    """The rows of a frame as arrays.

    Args:
        frame: its rows.
        roles: which column is what.
        problem: which one.
        classes: those that may occur; None takes those that do.
        labelled: only rows with a label; without it labels are not looked at.
        name: what messages call the frame.

    Raises:
        InputError: a column is missing or of the wrong kind, a weight is negative, the positive class is not told, or
            a class is predicted that is none of `classes`.
    """
    wanted = [roles.label] if labelled else []
    require(frame, [*wanted, roles.prediction, *roles.scores, *([roles.weight] if roles.weight else [])], name)
    read = _number if problem == "regression" else _class
    there = {role: read(frame, column, name) for role, column in (("said", roles.prediction), ("truth", roles.label))
             if role == "said" or labelled}  # fmt: skip
    weights = _weights(frame, roles.weight, name)
    usable = weights.is_not_null()
    for values in there.values():
        usable = usable & values.is_not_null()
    whole = bool(usable.all())
    used = {role: values if whole else values.filter(usable) for role, values in there.items()}
    scores = None
    if problem == "regression":
        classes = ()
        numbers = {role: values.to_numpy().astype(np.float64) for role, values in used.items()}
    else:
        _related(used, name)
        classes = tuple(classes) if classes is not None else classes_of(list(used.values()), roles, problem)
        numbers = {role: _codes(values, classes, problem, name) for role, values in used.items()}
        scores = _scores(frame, roles, problem, classes, name)
    rows = int(usable.sum())
    return Outcomes(
        problem,
        classes,
        numbers["said"],
        numbers.get("truth", np.full(rows, np.nan)),
        scores if scores is None or whole else scores[usable.to_numpy()],
        (weights if whole else weights.filter(usable)).to_numpy().astype(np.float64),
        usable.to_numpy(),
    )


def classes_of(values: Sequence[pl.Series], roles: Roles, problem: Problem) -> tuple[str, ...]:
    """The classes that occur in texts of classes: `(negative, positive)` of a binary problem, else all in order.

    Raises:
        InputError: nothing says which class is the positive one.
    """
    present = sorted(set().union(*(one.drop_nulls().unique() for one in values)))
    scored = [class_text(name) for name in roles.score] if isinstance(roles.score, Mapping) else []
    if problem == "multiclass":
        return tuple(sorted({*present, *scored}))
    positive = None if roles.positive is None else class_text(roles.positive)
    if positive is None and len(scored) == 1:
        positive = scored[0]
    if positive is None and set(present) <= {"0", "1"}:
        positive = "1"
    if positive is None:
        shown = ", ".join(present[:5]) + (", …" if len(present) > 5 else "")
        raise InputError(f"which class is the positive one of {shown}?", f"--positive {present[-1]}")
    others = [name for name in present if name != positive]
    if len(others) == len(present) > 1:
        raise InputError(f"no row is of the positive class {positive}", f"there are: {', '.join(present[:20])}")
    return (others[0] if len(others) == 1 else OTHER, positive)


def _class(frame: pl.DataFrame, column: str, name: str) -> pl.Series:
    values = frame.get_column(column)
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object):
        raise InputError(f"{column} of {name} holds no classes, it is {values.dtype}")
    if values.dtype.is_float():
        odd = values.filter(values.is_finite() & (values != values.floor()))
        if len(odd):
            raise InputError(
                f"{column} of {name} holds numbers such as {odd[0]:.4g}, no classes",
                "--score names a column of probabilities, --problem regression says that they are predictions",
            )
    return class_texts(values)


def _number(frame: pl.DataFrame, column: str, name: str) -> pl.Series:
    """Finite numbers; null for the others."""
    values = frame.get_column(column)
    if not (values.dtype.is_numeric() or values.dtype in (pl.Boolean, pl.Null)):
        raise InputError(f"{column} of {name} holds no numbers, it is {values.dtype}", "--problem says what it is")
    values = values.cast(pl.Float64)
    return values if values.is_finite().all() else values.set(~values.is_finite(), None)


def _weights(frame: pl.DataFrame, column: str | None, name: str) -> pl.Series:
    if column is None:
        return pl.Series(np.ones(frame.height))
    values = _number(frame, column, name)
    least = values.min()
    if isinstance(least, float) and least < 0:
        raise InputError(f"{column} of {name} has a weight below 0: {least:.4g}")
    return values


def _related(used: Mapping[str, pl.Series], name: str) -> None:
    """Raises InputError where labels and predictions have nothing in common: one of the columns is the wrong one."""
    seen = {role: set(values.unique()) for role, values in used.items()}
    if len(seen) < 2 or not seen["said"].isdisjoint(seen["truth"]) or len(seen["said"] | seen["truth"]) <= 2:
        return
    if len(used["said"]) >= RELATED_ROWS:
        shown = {role: ", ".join(sorted(classes)[:3]) for role, classes in seen.items()}
        raise InputError(f"no prediction of {name} is a label: {shown['said']} are said, {shown['truth']} are true")


def _codes(values: pl.Series, classes: Sequence[str], problem: Problem, name: str) -> Floats:
    """The place of each class in `classes`; in a binary problem whatever is not positive is negative."""
    if problem == "binary":
        return (values == classes[1]).to_numpy().astype(np.float64)
    codes = values.replace_strict({one: i for i, one in enumerate(classes)}, default=None, return_dtype=pl.Float64)
    if codes.null_count():
        unknown = values.filter(codes.is_null())[0]
        raise InputError(f"{name} has the class {unknown!r}, which the reference does not have")
    return codes.to_numpy()


def _scores(frame: pl.DataFrame, roles: Roles, problem: Problem, classes: Sequence[str], name: str) -> Floats | None:
    if roles.score is None:
        return None
    if isinstance(roles.score, str):
        if problem == "multiclass":
            raise InputError("a score of several classes has a column for each", "--score CLASS=COLUMN for each class")
        return _score(frame, roles.score, name).reshape(-1, 1)
    columns = {class_text(one): column for one, column in roles.score.items()}
    if problem == "binary":
        if classes[1] not in columns:
            raise InputError(f"no score is of the positive class {classes[1]}", f"--score {classes[1]}=COLUMN")
        return _score(frame, columns[classes[1]], name).reshape(-1, 1)
    nothing = np.full(frame.height, np.nan)
    return np.column_stack([_score(frame, columns[one], name) if one in columns else nothing for one in classes])


def _score(frame: pl.DataFrame, column: str, name: str) -> Floats:
    return _number(frame, column, name).fill_null(float("nan")).to_numpy()
