from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from workbench.base.errors import InputError
from workbench.data.predictions import Roles, UnpairedError, pair, read_predictions


def written(text: str, name: str = "predictions.csv") -> str:
    Path(name).write_text(text)
    return name


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_both_formats_are_read_whatever_they_are_called(suffix: str) -> None:
    frame = pl.DataFrame({"y": [1, 0], "said": [0.5, 0.25], "land": ["at", None]})
    if suffix == "csv":
        frame.write_csv("0")
    else:
        frame.write_parquet("0")
    found = read_predictions("0", Roles("y", "said", by="land"))
    assert found.to_dict(as_series=False) == {"label": [1.0, 0.0], "prediction": [0.5, 0.25], "by": ["at", None]}


def test_a_late_text_makes_the_whole_column_texts() -> None:
    path = written("label,prediction\n" + "1,1\n" * 500 + "unknown,1\n")
    assert read_predictions(path, Roles())["label"].dtype == pl.String


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("label,other\n1,1\n", "has no column prediction, its columns are label, other"),
        ("label,prediction\n", "has no rows"),
        ("label,prediction\n1,\n0,1\n", "1 rows of predictions.csv have no prediction"),
        ("label,prediction\n1,NaN\n", "1 rows of predictions.csv have no prediction"),
        ("label,prediction\n1,2,3\n4,5,6\n", "cannot be read"),
        ("", "cannot be read"),
        ("PAR1 but no more", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_named(text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_predictions(written(text), Roles())


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"no\.csv cannot be read"):
        read_predictions("no.csv", Roles())


def frame(text: str, id: str | None = None) -> pl.DataFrame:
    return read_predictions(written(text), Roles(id=id))


def test_rows_are_paired_by_their_places() -> None:
    paired = pair(frame("label,prediction\n1,1\n0,1\n"), frame("label,prediction\n1,0\n0,0\n"))
    assert paired.rows() == [(1.0, 1.0, 0.0), (0.0, 1.0, 0.0)]


def test_rows_are_paired_by_their_ids_in_any_order() -> None:
    a = frame("id,label,prediction\na,1,1\nb,0,1\n", "id")
    b = frame("id,label,prediction\nb,0,0\na,1,7\n", "id")
    assert pair(a, b).rows() == [(1.0, 1.0, 7.0), (0.0, 1.0, 0.0)]


@pytest.mark.parametrize(
    ("a", "b", "id", "problem"),
    [
        ("label,prediction\n1,1\n", "label,prediction\n1,1\n0,0\n", None, "1 rows and the other 2"),
        ("label,prediction\n1,1\n", "label,prediction\n0,1\n", None, "1 rows have other labels"),
        ("label,prediction\n1,1\n", "label,prediction\nx,1\n", None, "numbers and of the other texts"),
        ("id,label,prediction\n1,1,1\n", "id,label,prediction\n2,1,1\n", "id", "1 rows have ids"),
        ("id,label,prediction\n1,1,1\n1,1,1\n", "id,label,prediction\n1,1,1\n2,1,1\n", "id", "no row, or several"),
        ("id,label,prediction\n1,1,1\n", "id,label,prediction\nx,1,1\n", "id", "1 rows have ids"),
    ],
)
def test_rows_that_do_not_belong_together_are_not_paired(a: str, b: str, id: str | None, problem: str) -> None:
    with pytest.raises(UnpairedError, match=problem):
        pair(frame(a, id), frame(b, id))
