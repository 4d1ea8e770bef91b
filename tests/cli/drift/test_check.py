"""`workbench drift`: exit statuses, forms of output, and what is kept."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from tests.cli.harness import Outcome, check_golden, workbench
from tests.conftest import FakeClock
from workbench.base.project import Project

ROWS = 1000


@pytest.fixture(autouse=True)
def files() -> None:
    """`train.parquet` and `today.parquet`: amount has moved, merchant has a new value, age has gaps."""
    for name, seed, shift in (("train", 0, 0.0), ("today", 1, 1.5)):
        random = np.random.default_rng(seed)
        merchants = random.choice(["bakery", "books", "cinema"], ROWS, p=[0.5, 0.3, 0.2])
        if shift:
            merchants[:14] = "new <shop>"
        ages = [None if shift and i % 4 == 0 else float(age) for i, age in enumerate(random.normal(40, 9, ROWS))]
        pl.DataFrame(
            {
                "amount": random.normal(100 + 20 * shift, 20, ROWS),
                "merchant": merchants,
                "age": ages,
                "calm": random.normal(size=ROWS),
                "customer_id": np.arange(ROWS) + (ROWS if shift else 0),
                "day": pl.Series(np.arange(ROWS) // 200).cast(pl.Date),
            }
        ).write_parquet(f"{name}.parquet")


def drift(*words: str, terminal: bool = False) -> Outcome:
    return workbench("drift", *words, terminal=terminal)


def check(*words: str, reference: str = "train.parquet", terminal: bool = False) -> Outcome:
    return drift("check", "-r", reference, "--current", "today.parquet", *words, terminal=terminal)


def steady(text: str) -> str:
    """The text with five significant digits of every number: the last ones differ between processors."""
    return re.sub(r"\d+\.\d{5,}(e-?\d+)?", lambda found: f"{float(found[0]):.4g}", text)


def test_a_person_sees_what_has_moved_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    outcome = check()
    assert outcome.status == 0
    check_golden("drift_check.txt", outcome.stdout)


def test_a_script_gets_every_number() -> None:
    outcome = check("--json")
    document = json.loads(outcome.stdout)
    assert outcome.stderr == ""
    assert document["dataset_drift"] is True
    assert document["drifted_columns"] == ["amount", "age"]
    check_golden("drift_check.json", steady(outcome.stdout))


def test_drift_is_a_no_only_where_that_is_asked_for() -> None:
    assert check("--fail-on-drift").status == 1
    assert check("--fail-on-drift", "-c", "calm").status == 0
    assert check("--fail-on-drift", "--share", "0.9").status == 0


def test_options_reach_the_check() -> None:
    words = [
        "--test",
        "amount=ks",
        "--threshold",
        "amount=0.9",
        "--ignore",
        "age",
        "--alpha",
        "0.001",
        "--min-rows",
        "9",
    ]
    document = json.loads(check(*words, "--correction", "bh", "--kind", "customer_id=numeric", "--json").stdout)
    found = {one["column"]: one for one in document["columns"]}
    assert (found["amount"]["test"], found["amount"]["threshold"], found["amount"]["verdict"]) == ("ks", 0.9, "warn")
    assert "age" not in found
    assert found["customer_id"]["verdict"] == "drift"
    assert document["rule"] == {
        "alpha": 0.001, "correction": "bh", "min_rows": 9, "missing_threshold": 0.05, "share": None
    }  # fmt: skip


def test_a_table_is_also_csv_and_parquet() -> None:
    assert check("-o", "drift.csv").status == 0
    rows = list(csv.DictReader(Path("drift.csv").read_text().splitlines()))
    assert rows[0]["column"] == "amount" and rows[0]["verdict"] == "drift"
    assert check("-o", "drift.parquet").status == 0
    assert pl.read_parquet("drift.parquet").height == 6
    assert check("-o", "drift.json").status == 0
    assert json.loads(Path("drift.json").read_text())["dataset_drift"] is True


def test_reports_for_ci_and_for_people() -> None:
    outcome = check("--md", "d.md", "--html", "d.html", "--junit", "d.xml", "--prometheus", "d.prom")
    assert outcome.status == 0
    check_golden("drift_check.md", Path("d.md").read_text())
    check_golden("drift_check.prom", steady(Path("d.prom").read_text()))
    page = Path("d.html").read_text()
    assert len(page) < 300_000
    assert not re.search(r"(src|href)\s*=|<script|https?:", page)
    assert "new &lt;shop&gt;" in page or "new <shop>" not in page
    suite = ElementTree.parse("d.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["skipped"]) == ("6", "2", "2")
    assert suite.find("testcase[@name='amount']/failure") is not None


def test_markdown_can_be_all_that_is_printed() -> None:
    outcome = check("--md", "-")
    assert outcome.stdout.startswith("### ✗ drift: 2 of 4 columns, 1 warning")
    assert check("--md", "-", "--json").status == 2


def test_the_terminal_is_never_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        shown = check(terminal=True).stdout
        assert max(map(len, shown.splitlines())) <= width
        assert "amount" in shown and "drift" in shown


def test_windows_and_segments() -> None:
    document = json.loads(check("--window", "period=1d", "--json").stdout)
    assert [one["window"]["name"] for one in document["windows"]] == [f"1970-01-0{day}" for day in range(1, 6)]
    shown = check("--window", "count=2").stdout
    assert shown.startswith("✗ drift: 2 of 2 windows")
    assert "rows 1 to 500" in shown
    previous = check("--window", "period=1d", "-c", "amount", reference="previous")
    assert previous.stdout.startswith("✓ no drift: 0 of 4 windows")
    segments = check("--by", "merchant")
    assert segments.stdout.startswith("✗ drift: 3 of 3 segments")
    assert check("--by", "merchant", "--window", "count=2").status == 2
    assert check(reference="previous").status == 2


def test_a_preset_and_all_columns_together() -> None:
    assert json.loads(check("--preset", "evidently", "--json").stdout)["preset"] == "evidently"
    chosen = json.loads(check("--preset", "evidently", "--test", "psi", "--threshold", "0.2", "--json").stdout)
    assert {(one["test"], one["threshold"]) for one in chosen["columns"] if one["test"]} == {("psi", 0.2)}
    refused = check("--preset", "evidently", "--test", "tvd")
    assert (refused.status, "no test of the preset evidently 'tvd'" in refused.stderr) == (2, True)
    assert "all columns together, domain classifier" in check("--multivariate").stdout


def test_a_baseline_is_stored_once_and_takes_the_files_place() -> None:
    made = drift("baseline", "train.parquet", "-o", "train.baseline.json")
    assert made.status == 0
    assert re.fullmatch(r"6 columns of 1,000 rows in [\d.]+ kB\n", made.stdout)
    whole = json.loads(check("--json").stdout)
    Path("train.parquet").unlink()
    stored = json.loads(check("--json", reference="train.baseline.json").stdout)
    assert [one["score"] for one in stored["columns"]] == [one["score"] for one in whole["columns"]]
    assert drift("check", "-r", "train.baseline.json", "--current", "train.baseline.json").status == 2
    assert drift("baseline", "today.parquet", "-o", "b.bin").status == 2


def test_what_is_kept_can_be_found_shown_and_reported(project: Project, clock: FakeClock) -> None:
    kept = check("--save", "--name", "daily")
    found = re.search(r"kept: workbench drift show ([0-9a-f]{8})", kept.stderr)
    assert found is not None
    clock.advance(86_400)
    check("--save", "--name", "daily", "-c", "calm")
    history = json.loads(drift("history", "--json").stdout)
    assert [one["dataset_drift"] for one in history] == [False, True]
    assert drift("history").stdout.count("daily") == 2
    assert drift("history", "amount", "--name", "daily").stdout.count(found[1]) == 1
    rows = json.loads(drift("history", "calm", "--json").stdout)
    assert [row["verdict"] for row in rows] == ["ok", "ok"]
    assert drift("show", found[1]).stdout.startswith("✗ drift: 2 of 4 columns, 1 warning")
    assert drift("show").stdout.startswith("✓ no drift")
    column = drift("show", found[1], "-c", "amount").stdout
    assert "wasserstein normed" in column or "wasserstein_normed" in column
    assert json.loads(drift("show", found[1], "--json").stdout)["name"] == "daily"
    assert drift("report", found[1], "--md", "-").stdout.startswith("### ✗ drift")
    assert drift("report", found[1]).status == 2


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["check", "-r", "no.parquet", "--current", "today.parquet"], 3, "there is no file no.parquet"),
        (["check", "-r", "train.parquet", "--current", "today.parquet", "-c", "x"], 2, "there is no column 'x'"),
        (["check", "-r", "train.parquet", "--current", "today.parquet", "--test", "kss"], 2, "there is no test 'kss'"),
        (["check", "-r", "train.parquet", "--current", "today.parquet", "--threshold", "a=b"], 2, "is no number"),
        (["check", "-r", "train.parquet", "--current", "today.parquet", "--save"], 3, "no workbench project"),
        (["check", "-r", "run:abcd", "--current", "today.parquet"], 3, "run:abcd needs a project"),
        (["check", "-r", "train.parquet", "--current", "empty.csv"], 2, "empty.csv is empty"),
        (["check", "-r", "train.parquet", "--current", "torn.parquet"], 2, "torn.parquet is no whole Parquet file"),
        (["show"], 3, "no workbench project"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], status: int, message: str) -> None:
    Path("empty.csv").write_text("")
    Path("torn.parquet").write_bytes(Path("today.parquet").read_bytes()[:-20])
    outcome = drift(*words)
    assert (outcome.status, outcome.stdout) == (status, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_without_checks_the_lists_say_how_to_keep_one(project: Project) -> None:
    assert "--save keeps one" in drift("history").stderr
    assert drift("show").status == 3
    assert drift("history", "amount").status == 3


def test_files_with_padded_headers_and_mixed_types_are_one_table() -> None:
    Path("logs").mkdir()
    Path("logs/a.csv").write_text(" amount , n\n" + "".join(f"{i % 50},{i}\n" for i in range(100)))
    Path("logs/b.csv").write_text("n,amount\n" + "".join(f"{i},{i % 50}.5\n" for i in range(100)))
    outcome = drift("check", "-r", "logs", "--current", "logs/*.csv", "--json")
    found = {one["column"]: one for one in json.loads(outcome.stdout)["columns"]}
    assert found["amount"]["verdict"] == "ok"
    assert found["amount"]["kind"] == "numeric"
