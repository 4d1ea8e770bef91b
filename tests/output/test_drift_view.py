"""Drift checks drawn: whatever is in the names stays text, and whatever the width is nothing is wider."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import polars as pl

from workbench.drift.check import check
from workbench.drift.options import Options
from workbench.drift.source import table_of
from workbench.output.cells import cell_width
from workbench.output.drift_html import write_html
from workbench.output.drift_reports import write_junit, write_markdown, write_prometheus
from workbench.output.drift_view import column_lines, drift_lines, drift_records, p_text, spark
from workbench.output.spans import plain

ODD = '<script>"\\\n[bold]|'


def document(columns: int = 3, rows: int = 100, shift: float = 2.0) -> dict[str, Any]:
    random = np.random.default_rng(0)

    def side(moved: float) -> pl.DataFrame:
        numbers = {f"{ODD}{i}": random.normal(moved, size=rows) for i in range(columns)}
        return pl.DataFrame({**numbers, "c": random.choice([ODD, "b\x1b[31m"], rows)})

    return check(table_of(side(0.0), ODD), table_of(side(shift), "current"), Options())


def written(write: Any, of: dict[str, Any]) -> str:
    file = io.StringIO()
    write(of, file)
    return file.getvalue()


def test_lines_fit_and_hold_no_control_characters() -> None:
    for width in (40, 80, 140):
        for line in drift_lines(document(), width=width):
            assert cell_width(plain(line)) <= width
            assert plain(line).isprintable()


def test_one_column_in_full_fits_too() -> None:
    for column in document()["columns"]:
        lines = [plain(line) for line in column_lines(column, width=80)]
        assert all(cell_width(line) <= 80 and (line.isprintable() or not line) for line in lines)


def test_of_many_columns_those_with_a_finding_are_shown() -> None:
    calm = document(columns=60, shift=0.0)
    lines = [plain(line) for line in drift_lines(calm, width=100)]
    assert lines[-1] == "61 more columns: --all shows them"
    assert len(drift_lines(calm, width=100, everything=True)) > 60


def test_nothing_in_a_page_can_run_or_load_and_it_stays_small() -> None:
    page = written(write_html, document(columns=300))
    assert "<script" not in page
    assert len(page.encode()) < 300_000
    assert "default-src 'none'" in page


def test_a_page_of_many_windows_stays_small_too() -> None:
    one = document(columns=60)
    windows = [{**one, "window": {"name": f"2026-01-{day}", "rows": 100}} for day in range(500)]
    page = written(write_html, {**one, "windows": windows})
    assert len(page.encode()) < 300_000
    assert "Below: the last 12 of 500." in page


def test_reports_escape_names() -> None:
    found = document(columns=1)
    assert '\\"\\\\\\n[bold]|0"} 1' in written(write_prometheus, found)
    assert "&lt;script&gt;" in written(write_junit, found)
    table = [line for line in written(write_markdown, found).splitlines() if line.startswith("|")]
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1


def test_records_have_a_value_for_each_name() -> None:
    names, rows, columns = drift_records(document())
    assert {len(row) for row in rows} == {len(names)} == {len(columns)}


def test_a_sparkline_begins_at_nothing() -> None:
    assert spark([0.5, 0.5]) == "██"
    assert spark([]) == ""
    assert len(spark([0.05] * 20)) == 10


def test_small_p_values_are_bounds() -> None:
    assert (p_text(1e-13), p_text(0.0), p_text(0.0034), p_text(None)) == ("<1e-12", "<1e-12", "0.0034", "")
