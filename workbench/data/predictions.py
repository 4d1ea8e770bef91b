"""Files of predictions: what a model said of each row beside what is true; read, and paired row by row."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench.base.errors import InputError

_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Roles:
    """Which columns of a file mean what.

    Attributes:
        label: what is true.
        prediction: what the model said: a class or a number; for `auc` and `log_loss` a score of class 1.
        id: what a row is known by; None where rows are known by their place.
        by: what rows are grouped by; None where they are not.
    """

    label: str = "label"
    prediction: str = "prediction"
    id: str | None = None
    by: str | None = None


class UnpairedError(InputError):
    """The rows of two files do not belong together."""


def read_predictions(path: str, roles: Roles, shown: str | None = None) -> pl.DataFrame:
    """The rows of a CSV or Parquet file, as columns `label`, `prediction`, and `id` and `by` where they are named.

    Labels and predictions are Float64 where both are numbers or truths, else texts.

    Args:
        path: of the file; its first bytes say which of the two it is.
        shown: what messages call it; default its path.

    Raises:
        InputError: it cannot be read, lacks a column, or has no rows; a row lacks a label or a prediction.
    """
    shown = shown or path
    wanted = {role: name for role, name in vars(roles).items() if name is not None}
    try:
        with open(path, "rb") as file:
            is_parquet = file.read(len(_PARQUET)) == _PARQUET
        rows = pl.scan_parquet(path) if is_parquet else pl.scan_csv(path, infer_schema_length=None)
        present = rows.collect_schema().names()
        for name in wanted.values():
            if name not in present:
                raise InputError(f"{shown} has no column {name}, its columns are {', '.join(present[:20])}")
        frame = rows.select(pl.col(name).alias(role) for role, name in wanted.items()).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{shown} cannot be read: {str(error).splitlines()[0]}") from None
    if frame.is_empty():
        raise InputError(f"{shown} has no rows")
    return _typed(frame, shown)


def pair(a: pl.DataFrame, b: pl.DataFrame) -> pl.DataFrame:
    """The rows of two files of predictions beside each other: columns `label`, `a` and `b`.

    They are paired by `id` where the files have one, else by their places.

    Raises:
        UnpairedError: a row of one has no partner in the other, or the labels of partners differ.
    """
    if "id" in a.columns:
        for frame in (a, b):
            if frame["id"].null_count() or frame["id"].n_unique() < frame.height:
                raise UnpairedError("an id names no row, or several")
        if a["id"].dtype != b["id"].dtype:
            a, b = (frame.with_columns(pl.col("id").cast(pl.String)) for frame in (a, b))
        b = a.select("id").join(b, on="id", how="left", maintain_order="left") if a.height == b.height else b
    if a.height != b.height:
        raise UnpairedError(f"one has {a.height:,} rows and the other {b.height:,}")
    if a["label"].dtype != b["label"].dtype:
        raise UnpairedError("the labels of one are numbers and of the other texts")
    if b["label"].null_count():
        raise UnpairedError(f"{b['label'].null_count():,} rows have ids that the other does not have")
    differing = int((a["label"] != b["label"]).sum())
    if differing:
        raise UnpairedError(f"{differing:,} rows have other labels")
    return pl.DataFrame({"label": a["label"], "a": a["prediction"], "b": b["prediction"]})


def _typed(frame: pl.DataFrame, shown: str) -> pl.DataFrame:
    both = ("label", "prediction")
    numbers = all(frame[name].dtype.is_numeric() or frame[name].dtype == pl.Boolean for name in both)
    kind = pl.Float64 if numbers else pl.String
    frame = frame.with_columns(pl.col(name).cast(kind) for name in both)
    for name in both:
        missing = frame[name].null_count() + (int(frame[name].is_nan().sum()) if numbers else 0)
        if missing:
            raise InputError(f"{missing:,} rows of {shown} have no {name}")
    return frame
