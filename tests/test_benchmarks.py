"""The benchmarks run and count right; how fast they are is for `python -m tests.benchmarks` to say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.harness import (
    BEGIN,
    END,
    Context,
    Row,
    document,
    interleaved,
    markdown,
    median_ratio,
    medians,
    put_between_marks,
)
from tests.benchmarks.rows import BENCHMARKS

WITHOUT_PEER = ["audit", "contention", "curve", "ingest", "registry"]
TINY = ["--scale", "0.002", "--repetitions", "1"]


@pytest.mark.parametrize("name", WITHOUT_PEER)
def test_a_benchmark_runs_on_a_little_data(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "out/report.json"
    assert main([*TINY, "--only", name, "--json", str(report), "--dir", str(tmp_path)]) == 0
    rows = json.loads(report.read_text())["rows"]
    assert rows and all(row["measured"] and row["target"] and row["numbers"] for row in rows)
    assert not [row for row in rows if "MISSING" in row["measured"] or "LOST" in row["measured"]]
    assert "| promise | measured | target |" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - set(WITHOUT_PEER)))
@pytest.mark.filterwarnings("default")
def test_a_benchmark_with_a_peer_runs_on_a_little_data(name: str, tmp_path: Path) -> None:
    assert main([*TINY, "--only", name, "--json", str(tmp_path / "report.json"), "--dir", str(tmp_path)]) == 0


def test_sides_take_turns() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return len(order)

    samples = interleaved(3, lambda: side("a"), lambda: side("b"))
    assert order == ["a", "b"] * 3
    assert samples == [[1, 3, 5], [2, 4, 6]]


def test_the_middle_sample_counts_and_a_slow_moment_cancels_out() -> None:
    values = iter([1.0, 100.0, 2.0])
    assert medians(3, lambda: next(values)) == [2.0]
    assert median_ratio([2.0, 40.0, 2.0], [1.0, 20.0, 1.0]) == 2.0


def test_a_table_says_which_promises_hold() -> None:
    rows = [Row("fast", "1 ms", "≤ 2 ms", "MLflow: 9 ms", True), Row("small", "3 MB", "≤ 2 MB", "", False)]
    lines = markdown(rows).splitlines()
    assert lines[2:] == ["| fast | 1 ms | ≤ 2 ms | MLflow: 9 ms | ✓ |", "| small | 3 MB | ≤ 2 MB | – | ✗ |"]
    assert json.loads(document(rows, 0.5))["rows"][1]["holds"] is False


def test_a_page_takes_the_table_between_its_marks() -> None:
    page = f"# P\n{BEGIN}\nold\n{END}\nrest\n"
    assert put_between_marks(page, "new") == f"# P\n{BEGIN}\nnew\n{END}\nrest\n"
    with pytest.raises(ValueError, match="has no"):
        put_between_marks("# P\n", "new")


def test_sizes_are_scaled_but_never_to_nothing() -> None:
    assert Context(Path(), 0.001).size(100, 7) == 7
    assert Context(Path(), 0.5).size(100) == 50
