"""The performance of a model as lines, records and Markdown."""

from __future__ import annotations

import io
from typing import Any

import pytest

from workbench.output.performance_view import performance_lines, performance_records, write_markdown
from workbench.output.spans import to_text


def metric(name: str, realised: float | None, estimated: float | None = None, **others: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("se", "low", "high", "lower_threshold", "upper_threshold", "worse", "reason"))
    return {
        "metric": name,
        "realised": realised,
        "n": 0 if realised is None else 8,
        "estimated": estimated,
        **empty,
    } | others


def document(*metrics: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "problem": "binary",
        "rows": 10,
        "labelled": 8,
        "coverage": 0.8,
        "left_out": 0,
        "labels": {"unknown": 0, "duplicates": 0, "contradicting": 0, "nulls": 0},
        "current": {"name": "log.parquet", "rows": 10},
        "reference": None,
        "assumptions": [],
        "metrics": list(metrics),
    } | others


def drawn(found: dict[str, Any], width: int | None = 80) -> list[str]:
    return to_text(performance_lines(found, width=width)).splitlines()


def test_columns_without_a_value_are_not_there() -> None:
    lines = drawn(document(metric("accuracy", 0.75, se=0.05), metric("recall", None, reason="nothing is positive")))
    assert lines[0] == "binary: 8 of 10 rows have a label (80 %)"
    assert lines[3].split() == ["metric", "realised", "rows", "why"]
    assert lines[4].split() == ["accuracy", "0.75", "±", "0.05", "8"]
    assert lines[5].endswith("nothing is positive")


def test_numbers_are_shown_whole_or_not_at_all() -> None:
    one = metric(
        "accuracy", 0.75123, 0.81234, se=0.05, low=0.7, high=0.9, lower_threshold=0.6, upper_threshold=1.0, worse=True
    )
    for width in range(20, 120, 7):
        lines = drawn(document(one), width)
        assert max(map(len, lines)) <= width
        assert "accuracy" in lines[[line.startswith("metric") for line in lines].index(True) + 1]
        assert not any("…" in line and "0.75" in line and "0.7512" not in line for line in lines)
    assert "0.7512 ± 0.05" in drawn(document(one), 120)[4]
    assert "worse than usual: accuracy" in drawn(document(one), 120)[0]


def test_a_window_that_is_worse_says_in_what() -> None:
    calm, bad = metric("accuracy", 0.9, 0.9, worse=False), metric("accuracy", 0.5, 0.9, worse=True)
    windows = [
        {**document(one), "window": {"name": name, "start": None, "end": None, "rows": 5}}
        for name, one in (("monday", calm), ("tuesday", bad))
    ]
    lines = drawn(document(calm, windows=windows), 100)
    header = next(i for i, line in enumerate(lines) if line.startswith("window"))
    assert lines[header].split()[-3:] == ["worse", "than", "usual"]
    assert not lines[header + 1].endswith("accuracy") and lines[header + 2].endswith("accuracy")
    assert "█" in lines[4] and "▁" in lines[4]


def test_what_there_is_to_say_about_labels_and_rows_is_said() -> None:
    labels = {"unknown": 1, "duplicates": 2000, "contradicting": 0, "nulls": 3}
    text = "\n".join(drawn(document(metric("accuracy", 0.9), labels=labels, left_out=4), 100))
    assert "labels: 1 of no row, 2,000 repeated, 3 empty" in text
    assert "4 rows have no prediction" in text


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "[red]x[/red]", "line\nbreak"])
def test_odd_names_do_no_harm(name: str) -> None:
    segments = [{**document(metric("accuracy", 0.9)), "segment": name}]
    found = document(metric("accuracy", 0.9), by="shop", segments=segments, segments_left_out=2)
    found["current"]["name"] = name
    lines = drawn(found, 100)
    assert len(lines) == 9 and "\x1b" not in "".join(lines)
    assert lines[-1] == "2 rarer values are left out"
    file = io.StringIO()
    write_markdown(found, file)
    assert "\x1b" not in file.getvalue()


def test_records_have_a_row_for_each_metric_of_each_part() -> None:
    part = {**document(metric("accuracy", 0.5)), "window": {"name": "monday", "start": None, "end": None, "rows": 5}}
    names, rows, _ = performance_records(document(metric("accuracy", 0.9), windows=[part]))
    assert names[:3] == ["window", "metric", "realised"]
    assert [row[:3] for row in rows] == [(None, "accuracy", 0.9), ("monday", "accuracy", 0.5)]


def test_nan_and_infinity_are_numbers_too() -> None:
    lines = drawn(document(metric("mape", "Infinity", "NaN"), problem="regression"))  # type: ignore[arg-type]
    assert "∞" in lines[4] and "NaN" in lines[4]
