"""`workbench drift performance`: what is printed, forms of output, and what is said of mistakes."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import polars as pl
import pytest

from tests.cli.harness import Outcome, check_golden, workbench
from tests.drift.performance.samples import binary_rows, class_rows, number_rows

SCORED = ("--prediction", "prediction", "--score", "score", "--label", "paid")
LATER = ("--labels", "labels.csv", "--key", "request_id")


@pytest.fixture(autouse=True)
def files() -> None:
    """`train.parquet` with labels; `log.parquet` of five days without; `labels.csv` of the first three days, odd."""
    for name, rows, seed in (("train", 3000, 0), ("log", 1000, 1)):
        binary_rows(rows, seed, power=1.5, shift=-0.3 * seed).select(
            pl.format("r{}", pl.int_range(rows)).alias("request_id"),
            pl.int_range(rows).floordiv(rows // 5).cast(pl.Date).alias("day"),
            pl.when(pl.int_range(rows) % 3 == 0).then(pl.lit("books [new]")).otherwise(pl.lit("toys")).alias("shop"),
            pl.all().exclude("label"),
            pl.col("label").alias("paid"),
        ).write_parquet(f"{name}.parquet")
    log = pl.read_parquet("log.parquet")
    labels = log.select("request_id", "paid").head(600)
    odd = {"request_id": ["r0", "r1", "zz", "r700"], "paid": [labels["paid"][0], 1 - labels["paid"][1], 1, None]}
    pl.concat([labels, pl.DataFrame(odd, labels.schema)]).write_csv("labels.csv")
    log.drop("paid").write_parquet("log.parquet")


def performance(*words: str, data: str = "log.parquet", terminal: bool = False) -> Outcome:
    return workbench("drift", "performance", data, *words, terminal=terminal)


def steady(text: str) -> str:
    """The text with four significant digits of every number: the last ones differ between processors."""
    return re.sub(r"\d+\.\d{5,}(e-?\d+)?", lambda found: f"{float(found[0]):.4g}", text)


@pytest.mark.parametrize("width", [80, 140])
def test_a_person_sees_realised_beside_estimated(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    outcome = performance(*SCORED, *LATER, "-r", "train.parquet", "--window", "period=1d", "--by", "shop")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert max(map(len, outcome.stdout.splitlines())) <= width
    check_golden(f"drift_performance_{width}.txt", outcome.stdout)


def test_a_script_gets_every_number() -> None:
    outcome = performance(*SCORED, *LATER, "-r", "train.parquet", "--json")
    document = json.loads(outcome.stdout)
    assert outcome.stderr == ""
    assert (document["labelled"], document["coverage"]) == (600, 0.6)
    assert document["labels"] == {"unknown": 1, "duplicates": 1, "contradicting": 1, "nulls": 1}
    check_golden("drift_performance.json", steady(outcome.stdout))


def test_a_table_is_also_csv_and_parquet() -> None:
    words = (*SCORED, *LATER, "-r", "train.parquet", "--window", "count=2", "--by", "shop")
    assert performance(*words, "-o", "found.csv").status == 0
    rows = list(csv.DictReader(Path("found.csv").read_text().splitlines()))
    assert len(rows) == 8 * 5
    assert [row["window"] for row in rows[::8]] == ["", "rows 1 to 500", "rows 501 to 1,000", "", ""]
    assert [row["shop"] for row in rows[::8]] == ["", "", "", "toys", "books [new]"]
    assert rows[0]["metric"] == "accuracy" and 0 < float(rows[0]["realised"]) < 1
    assert performance(*words, "-o", "found.parquet").status == 0
    found = pl.read_parquet("found.parquet")
    assert found.schema["estimated"] == pl.Float64
    assert found.filter(metric="accuracy")["labelled"].to_list() == [600, 500, 100, 400, 200]


def test_markdown_is_the_summary_of_a_job() -> None:
    outcome = performance(*SCORED, *LATER, "-r", "train.parquet", "--by", "shop", "--md", "-")
    assert outcome.stderr == ""
    check_golden("drift_performance.md", outcome.stdout)
    assert performance(*SCORED, "-r", "train.parquet", "--md", "found.md").status == 0
    assert Path("found.md").read_text().startswith("### ✓ binary: 0 of 1,000 rows have a label (0 %)\n")


def test_several_classes_have_a_score_each() -> None:
    class_rows(400).write_parquet("pets.parquet")
    scores = [f"--score={name}=p_{name}" for name in ("cat", "dog", "cow")]
    outcome = performance("--prediction", "prediction", *scores, "--json", data="pets.parquet")
    document = json.loads(outcome.stdout)
    assert document["problem"] == "multiclass"
    assert [one["metric"] for one in document["metrics"]] == [
        "accuracy", "macro_precision", "macro_recall", "macro_f1", "macro_roc_auc"
    ]  # fmt: skip


def test_numbers_are_estimated_from_what_their_errors_depend_on() -> None:
    number_rows(3000).write_parquet("known.parquet")
    number_rows(500, 1).drop("label").write_parquet("prices.parquet")
    outcome = performance("--prediction", "prediction", "-r", "known.parquet", data="prices.parquet")
    assert "regression: 0 of 500 rows have a label (0 %)" in outcome.stdout
    assert "errors depend on x, colour, prediction" in outcome.stdout
    assert [line.split()[0] for line in outcome.stdout.splitlines()[4:7]] == ["mae", "rmse", "mse"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (SCORED, "there is nothing to measure: log.parquet has no labels, paid is not one of its columns"),
        ((*SCORED, "--labels", "labels.csv"), "--labels and --key belong together"),
        ((*SCORED, *LATER[2:]), "--labels and --key belong together"),
        ((*SCORED, *LATER, "--key", "gone"), "the labels labels.csv have no column 'gone'"),
        (("--prediction", "said"), "log.parquet has no column 'said'"),
        ((*SCORED, "--score", "x"), "several scores are of one class each"),
        ((*SCORED, *LATER, "--problem", "ranking"), "there is no problem 'ranking'"),
        ((*SCORED, *LATER, "--window", "weekly"), "no window: 'weekly'"),
        ((*SCORED, *LATER, "--by", "town"), "log.parquet has no column 'town'"),
        ((*SCORED, *LATER, "--weight", "x"), "x of log.parquet has a weight below 0"),
        ((*SCORED, "-r", "log.parquet"), "log.parquet has no column 'paid'"),
        (("--prediction", "score", "--label", "paid", *LATER), "score of log.parquet holds numbers such as"),
        ((*SCORED, *LATER, "--md", "-", "--json"), "--md - and another form both go to stdout"),
    ],
)
def test_a_mistake_is_named(words: tuple[str, ...], message: str) -> None:
    outcome = performance(*words)
    assert (outcome.status, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"error: {message}")


def test_empty_files_and_rows_without_labels_are_no_traceback() -> None:
    Path("labels.csv").write_text("request_id,paid\n")
    outcome = performance(*SCORED, *LATER)
    assert outcome.status == 2
    assert "nothing to measure: log.parquet has no labels, paid is empty" in outcome.stderr
    pl.read_parquet("log.parquet").clear().write_parquet("none.parquet")
    outcome = performance(*SCORED, "-r", "train.parquet", "--json", data="none.parquet")
    document = json.loads(outcome.stdout)
    assert (document["rows"], document["coverage"]) == (0, 0)
    assert {one["reason"] for one in document["metrics"]} == {"there are no rows", "no row has a score"}
