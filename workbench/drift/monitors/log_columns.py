"""Rows of a prediction log with the names that people know: features, `prediction`, `score`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from workbench.data.supertypes import aligned, merged_types
from workbench.drift.monitors.log_lines import Kinds
from workbench.drift.monitors.roles import LOG, PREDICTION
from workbench.drift.monitors.source import Part
from workbench.drift.source import Table
from workbench.store.prediction_rows import FEATURE, OUTPUT, REQUEST, ROW, SCORE, STATUS, TIME, WEIGHT

OK_STATUS = 200
_KEPT = (TIME, STATUS, WEIGHT, REQUEST, ROW)


@dataclass(eq=False)
class Columns:
    """What was read of a log, in the order of time.

    Attributes:
        frame: features by their names, `prediction`, `score`, and the log's own columns after `log.`.
        mixed: columns with values of several kinds somewhere, which are texts here.
        unreadable: lines that could not be read.
        notes: what was done to read them.
        prediction, score, positive, scores: see `Part`.
    """

    frame: pl.DataFrame
    mixed: set[str] = field(default_factory=set)
    unreadable: int = 0
    notes: Sequence[str] = ()
    prediction: str = ""
    score: str = ""
    positive: object = None
    scores: Mapping[str, str] = field(default_factory=dict)

    def lines(self, source: str, name: str, first: int, end: int) -> Part:
        """Some lines as the rows of a window; those that were refused are counted."""
        lines = self.frame.slice(first, end - first)
        answered = lines.filter(pl.col(LOG + STATUS) == OK_STATUS)
        return self.part(source, name, answered, lines.height - answered.height)

    def part(self, source: str, name: str, rows: pl.DataFrame, refused: int = 0) -> Part:
        """Rows that were answered as those of a window."""
        numbers = [column for column in sorted(self.mixed) if column in rows.columns]
        rows = rows.with_columns(_as_numbers(rows.get_column(column)) for column in numbers)
        notes = [*self.notes]
        weights = rows.get_column(LOG + WEIGHT).n_unique() if rows.height else 1
        if weights > 1:
            notes.append("rows were sampled at several rates; drift counts each of them once")
        table = Table(rows.lazy(), f"{source}, {name}", notes)
        return Part(
            table, refused, self.unreadable, tuple(notes), self.prediction, self.score, self.positive, self.scores
        )  # fmt: skip


def flat(
    frames: Sequence[pl.DataFrame], kinds: Kinds, mixed: set[str], unreadable: int, notes: Sequence[str]
) -> Columns:
    """What was read of several files, brought together and sorted by time.

    Args:
        frames: as `store.prediction_rows.read_rows` makes them; types may differ.
        kinds: what the columns hold.
        mixed: columns that hold values of several kinds in a file.
    """
    types, conflicts = merged_types((str(number), dict(frame.schema)) for number, frame in enumerate(frames))
    mixed = mixed | {one.column.removeprefix(FEATURE) for one in conflicts}
    if conflicts or len({tuple(frame.columns) for frame in frames}) > 1:
        frames = [aligned(frame.lazy(), dict(frame.schema), types).collect() for frame in frames]
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=_EMPTY)
    lacking = frame.get_column(TIME).null_count()
    if lacking:
        frame, unreadable = frame.drop_nulls(TIME), unreadable + lacking
        notes = [*notes, f"{lacking:,} lines have no time; they are in no window"]
    if not frame.get_column(TIME).is_sorted():
        frame = frame.sort(TIME, maintain_order=True)
    features = [name.removeprefix(FEATURE) for name in frame.columns if name.startswith(FEATURE)]
    prediction, score = (_free(name, features) for name in (PREDICTION, SCORE))
    columns = [pl.col(name).alias(LOG + name) for name in _KEPT if name in frame.columns]
    columns += [_whole(frame, FEATURE + name).alias(name) for name in features]
    columns.append(_whole(frame, OUTPUT).alias(prediction))
    positive: object = None
    scores: dict[str, str] = {}
    if SCORE in frame.columns and isinstance(frame.schema[SCORE], pl.List):
        if kinds.width == 2:
            columns.append(pl.col(SCORE).list.get(1, null_on_oob=True).alias(score))
            positive = kinds.classes.get(1)
        else:
            for number in range(kinds.width):
                columns.append(pl.col(SCORE).list.get(number, null_on_oob=True).alias(f"{score}_{number}"))
            scores = {str(label): f"{score}_{number}" for number, label in kinds.classes.items()}
    elif SCORE in frame.columns:
        columns.append(pl.col(SCORE).alias(score))
    has_score = any(column.meta.output_name() == score for column in columns)
    return Columns(
        frame.select(columns), mixed, unreadable, notes, prediction, score if has_score else "", positive, scores
    )  # fmt: skip


_EMPTY = {TIME: pl.Int64, STATUS: pl.Int64, WEIGHT: pl.Float64, OUTPUT: pl.Float64, REQUEST: pl.String, ROW: pl.Int64}


def _free(name: str, taken: Sequence[str]) -> str:
    """A name for what is no feature: with `model.` before it, where a feature is called so."""
    return f"model.{name}" if name in taken else name


def _whole(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of numbers as whole ones, where all of them are."""
    values = frame.get_column(name)
    if values.dtype == pl.Float64 and values.is_between(-(2**53), 2**53).all() and (values == values.floor()).all():
        return pl.col(name).cast(pl.Int64)
    return pl.col(name)


def _as_numbers(values: pl.Series) -> pl.Series:
    """Texts as numbers, where all of them are: only other windows have values of another kind."""
    if values.dtype != pl.String:
        return values
    numbers = values.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == values.null_count() else values
