"""`workbench monitor`: a story from adding to removing, exit statuses, and the bytes that scripts read."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.harness import Outcome, check_golden, process, workbench
from tests.conftest import FakeClock
from tests.drift.monitors.watched import FIRST, day_name, lines_of, write_days, write_lines, write_reference
from workbench.base.project import Project
from workbench.store.store import Store


@pytest.fixture(autouse=True)
def log(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A reference, and a log of four days of which the third and fourth have moved."""
    monkeypatch.setenv("WORKBENCH_USER", "ada")
    write_reference(Path(project.root))
    folder = Path(project.folder) / "predictions" / "shop"
    write_days(folder, [0, 0, 2, 2])
    return folder


def monitor(*words: str, terminal: bool = False) -> Outcome:
    return workbench("monitor", *words, terminal=terminal)


def add(*words: str, name: str = "shop") -> Outcome:
    return monitor("add", name, "--source", "deployment:shop", "-r", "train.parquet", *words)


def steady(text: str) -> str:
    """The text with five significant digits of every number: the last ones differ between processors."""
    return re.sub(r"\d+\.\d{5,}(e-?\d+)?", lambda found: f"{float(found[0]):.4g}", text)


def unhashed(text: str) -> str:
    """The text without the digest of a baseline, which holds compressed bytes, and what is made of it."""
    text = re.sub(r"\b[0-9a-f]{64}\b", "BASELINE", re.sub(r"(rows, )[0-9a-f]{12}\b", r"\1BASELINE", text))
    return re.sub(r"\b[0-9a-f]{32}\b", "RESULT", text)


def test_the_story_of_a_monitor() -> None:
    added = add("--after", "2")
    assert (added.status, added.stdout) == (
        0, "added shop: deployment:shop, every 1d, against train.parquet (2,000 rows)\n"
    )  # fmt: skip
    ran = monitor("run", "--due")
    assert ran.status == 0
    check_golden("monitor_run.txt", ran.stdout)
    assert monitor("run", "--due").stdout == ""
    assert "nothing new; the newest window is" in monitor("run").stdout
    assert monitor("ack", "shop", "--reason", "known").stdout.endswith("is seen by ada\n")
    assert monitor("mute", "shop", "--for", "2d", "--reason", "test").stdout.startswith(
        "shop is muted until 2026-09-23"
    )
    check_golden("monitor_list.txt", monitor("list").stdout)
    check_golden("monitor_show.txt", unhashed(monitor("show", "shop").stdout))
    assert monitor("unmute", "shop").status == 0
    assert monitor("unmute", "shop").status == 3
    assert monitor("remove", "shop").status == 2
    assert "would remove shop; its 4 results stay" in monitor("remove", "shop", "--dry-run").stdout
    assert monitor("remove", "shop", "--results", "--yes").stdout == "removed shop and its 4 results\n"
    assert "no monitors yet" in monitor("list").stderr


def test_scripts_get_every_number() -> None:
    add()
    runs = json.loads(monitor("run", "--json").stdout)
    assert [one["verdict"] for one in runs[0]["results"]] == ["ok", "ok", "drift", "drift"]
    check_golden("monitor_list.json", unhashed(monitor("list", "--json").stdout))
    check_golden("monitor_list.csv", monitor("list", "--format", "csv").stdout)
    shown = json.loads(monitor("show", "shop", "--json").stdout)
    assert [one["window"] for one in shown["windows"]] == [day_name(3), day_name(2), day_name(1), day_name(0)]
    assert shown["heat"]["columns"]["amount"] == ["ok", "ok", "drift", "drift"]
    window = json.loads(monitor("show", "shop", "--window", day_name(2), "--json").stdout)
    assert window["drifted_columns"] == ["amount"]
    over = json.loads(monitor("show", "shop", "-c", "amount", "--json").stdout)
    assert [one["verdict"] for one in over] == ["drift", "drift", "ok", "ok"]


def test_drift_is_a_no_only_where_that_is_asked_for() -> None:
    add()
    assert monitor("run", "--fail-on-drift", "--until", f"{day_name(1)}T01:00").status == 0
    assert monitor("run", "--fail-on-drift").status == 1
    assert monitor("run", "--fail-on-drift").status == 1
    assert monitor("run").status == 0


def test_reports_for_ci_and_for_people() -> None:
    add()
    outcome = monitor("run", "--md", "m.md", "--html", "m.html", "--junit", "m.xml", "--prometheus", "m.prom")
    assert outcome.status == 0
    check_golden("monitor_report.md", Path("m.md").read_text())
    check_golden("monitor_report.prom", steady(Path("m.prom").read_text()))
    page = Path("m.html").read_text()
    assert len(page) < 300_000
    assert not re.search(r"(src|href)\s*=|<script|https?:", page)
    [suite] = ElementTree.parse("m.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["skipped"]) == ("3", "1", "0")
    assert monitor("report", "shop", "--md", "-").stdout == Path("m.md").read_text()
    assert monitor("report", "shop").status == 2
    assert monitor("run", "--md", "-", "--json").status == 2


def test_one_that_fails_does_not_stop_the_others() -> None:
    Path("sales.csv").write_text("amount\n1\n")
    monitor("add", "a", "--source", "sales.csv", "-r", "train.parquet", "--whole")
    add(name="b")
    Path("sales.csv").unlink()
    outcome = monitor("run")
    assert outcome.status == 2
    assert "a: there is no file" in outcome.stderr
    assert "b  2026-09-15  ok" in outcome.stdout
    listed = json.loads(monitor("list", "--json").stdout)
    assert [one["state"] for one in listed] == ["failed", "drift"]
    assert "there is no file" in monitor("list").stdout


def test_a_failing_command_of_an_alert_is_told_and_kept() -> None:
    add("--on-alert", "echo broken; exit 7")
    outcome = monitor("run")
    assert outcome.status == 6
    assert "the command of its alert failed: exit status 7: broken" in outcome.stderr
    assert "failed: exit status 7: broken" in monitor("show", "shop").stdout


def test_labels_come_late(log: Path) -> None:
    add()
    monitor("run")
    lines = lines_of(FIRST)
    Path("labels.csv").write_text("order,truth\nnobody,1\n" + "".join(f"{one['rid']},{one['y']}\n" for one in lines))
    told = monitor("labels", "shop", "labels.csv", "--key", "order", "--label", "truth")
    assert told.stdout == "201 labels, 200 of known rows; 1 of unknown keys\n"
    assert "2026-09-15  ok" in monitor("run", "--due").stdout
    shown = monitor("show", "shop").stdout
    assert "performance" in shown and "accuracy" in shown and "100 %" in shown
    assert "accuracy" in monitor("show", "shop", "--window", day_name(0)).stdout
    rows = json.loads(workbench("sql", "SELECT metric, realised FROM monitor_performance", "--json").stdout)
    assert {"metric": "accuracy", "realised": 1.0} in rows


def test_a_table_of_workbench_toml_is_registered_and_what_differs_is_said() -> None:
    table = '[monitors.shop]\nsource = "deployment:shop"\nreference = "train.parquet"\n'
    Path("workbench.toml").write_text(table)
    assert monitor("add", "shop").status == 0
    assert monitor("run").stderr == ""
    Path("workbench.toml").write_text(table + "after = 3\n")
    assert "workbench.toml says something else about after" in monitor("run").stderr
    assert monitor("add", "shop").status == 4
    assert monitor("add", "shop", "--again").stdout.startswith("stored anew: shop")
    assert monitor("run").stderr == ""
    assert monitor("add", "other").status == 3


def test_a_source_is_named_from_the_folder_one_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sub/logs").mkdir(parents=True)
    Path("sub/logs/a.csv").write_text("amount\n" + "100\n" * 50)
    monkeypatch.chdir("sub")
    outcome = monitor("add", "s", "--source", "logs/*.csv", "-r", "../train.parquet", "-c", "amount")
    assert outcome.stdout.startswith("added s: sub/logs/*.csv, whole")
    monkeypatch.chdir("..")
    assert monitor("run", "s").status == 0


def test_the_terminal_is_never_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    add("--min", "accuracy=0.5", "--on-alert", "true " + "x" * 200)
    monitor("run")
    for width in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        for words in (
            ("list",),
            ("show", "shop"),
            ("show", "shop", "--window", "@latest"),
            ("show", "shop", "-c", "amount"),
        ):
            shown = monitor(*words, terminal=True).stdout
            assert max(map(len, shown.splitlines())) <= width
            assert "drift" in shown


def test_the_schedule_is_a_line_that_runs(project: Project) -> None:
    add()
    line = monitor("schedule").stdout
    assert re.fullmatch(r"7 \* \* \* \* /\S+ .*-C \S+ monitor run --due >> \S+ 2>&1\n", line)
    assert "[Timer]" in monitor("schedule", "shop", "--systemd").stdout


def test_names_are_completed(project: Project) -> None:
    add()
    asked = {"_WORKBENCH_COMPLETE": "complete_bash", "COMP_WORDS": "workbench monitor show s", "COMP_CWORD": "3"}
    assert process(environment=asked).stdout.strip() == "shop"


def test_lists_are_csv_and_parquet() -> None:
    add()
    monitor("run")
    assert monitor("list", "-o", "m.csv").status == 0
    [row] = list(csv.DictReader(Path("m.csv").read_text().splitlines()))
    assert (row["name"], row["state"], row["drifted_columns"]) == ("shop", "drift", "amount")
    assert monitor("list", "-o", "m.parquet").status == 0


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["add", "x"], 3, "workbench.toml has no table [monitors.x]"),
        (["add", "x", "--source", "nowhere.csv", "-r", "train.parquet"], 2, "there is no file"),
        (["add", "x", "--source", "deployment:shop"], 2, "a monitor needs something to compare with"),
        (["add", "x", "--source", "deployment:shop", "-r", "no.parquet"], 3, "there is no file no.parquet"),
        (["add", "x", "--source", "deployment:shop", "--model", "no@champion"], 3, "no registered model"),
        (
            ["add", "x", "--source", "deployment:shop", "-r", "train.parquet", "--every", "soon"],
            2,
            "no length of windows",
        ),
        (["add", "x", "--source", "deployment:shop", "-r", "train.parquet", "--min", "auc"], 2, "is no COLUMN=VALUE"),
        (["add", "a b", "--source", "deployment:shop", "-r", "train.parquet"], 2, "is no name of a monitor"),
        (["run", "x"], 3, "no monitor is called x"),
        (["run", "--since", "soon"], 2, "'soon' is no date"),
        (["show", "shop"], 3, "no monitor is called shop"),
        (["ack", "x"], 3, "no monitor is called x"),
        (["mute", "x", "--for", "1d", "--until", "2027-01-01", "-m", "x"], 2, "contradict each other"),
        (["mute", "x", "--for", "long", "-m", "x"], 2, "is no length of time"),
        (["labels", "x", "l.csv"], 3, "no monitor is called x"),
    ],
)
def test_what_is_wrong_is_said(words: list[str], status: int, message: str) -> None:
    outcome = monitor(*words)
    assert (outcome.status, outcome.stdout) == (status, "")
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_what_is_wrong_with_a_monitor_that_is_there() -> None:
    add()
    assert "has no results yet" in monitor("report", "shop", "--md", "-").stderr
    assert "has no alert" in monitor("ack", "shop").stderr
    assert "a reason is required" in monitor("mute", "shop", "--for", "1d").stderr
    monitor("run")
    assert "has no window 1999" in monitor("show", "shop", "--window", "1999").stderr
    assert "has a column 'x'" in monitor("show", "shop", "-c", "x").stderr
    assert "there is no file no.csv" in monitor("labels", "shop", "no.csv").stderr


def test_a_file_that_is_being_written_is_no_reason_to_fail(log: Path, project: Project) -> None:
    day = FIRST + timedelta(days=4)
    write_lines(log, day, lines_of(day), suffix=".part", tail=b'{"ts": "20')
    add()
    assert "is not whole yet" in monitor("run").stdout
    with Store(project).reading() as db:
        assert db.execute("SELECT count(*) FROM monitor_results").fetchall() == [(5,)]
