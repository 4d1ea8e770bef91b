"""Views of monitors: strips, and pages that stay small whatever is in them."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.output.cells import cell_width
from workbench.output.monitor_heat import heat_lines, strip
from workbench.output.monitor_html import write_html
from workbench.output.monitor_reports import write_junit, write_markdown, write_prometheus
from workbench.output.spans import plain

VERDICTS = ["ok", "warn", "drift", "insufficient", "not tested", None]


def column(number: int) -> dict[str, Any]:
    """What a window found of a column, drawn in full."""
    return {
        "column": f"<b>column</b> {number} " + "x" * 200, "kind": "numeric", "verdict": "drift", "drifted": True,
        "reason": "far away", "test": "wasserstein", "score": 1.23456789, "threshold": 0.1, "floor": 0.0123456,
        "over_floor": 100.0, "p_value": 1e-9, "p_adjusted": 1e-8, "part": None,
        "missing": {"reference": 0.0, "current": 0.1, "p_value": 0.5, "p_adjusted": 0.5, "floor": 0.1, "verdict": "ok"},
        "measures": {}, "parts": {}, "findings": [], "notes": [], "reference": {}, "current": {},
        "distribution": {"edges": [i / 7 for i in range(21)], "values": None, "others": 0,
                         "reference": [0.05] * 20, "current": [0.05] * 20},
    }  # fmt: skip


def monitor(name: str, columns: int, windows: int) -> dict[str, Any]:
    """A document as reports get it."""
    result = {
        "id": "r", "window": "2026-11-03", "start": None, "end": None, "end_s": 1.0, "rows": 10, "verdict": "drift",
        "reasons": ["accuracy 0.5 is below 0.9"], "drifted_columns": [f"c{i}" for i in range(columns)],
        "performance_verdict": "drift", "coverage": 0.5, "notes": [],
    }  # fmt: skip
    counts = {"drift": columns, "warn": 0, "ok": 0, "insufficient": 0, "not tested": 0}
    side: dict[str, Any] = {"rows": 10, "digest": None, "notes": []}
    sides: dict[str, Any] = {name: {"name": name, **side} for name in ("reference", "current")}
    window = {
        "monitor": name, "at": "2026-11-03T00:00:00Z", "result": result, "dataset_drift": True, "drifted_columns": [],
        "drifted_share": 1.0, "counts": counts, "rows": {"reference": 10, "current": 10}, **sides, "preset": None,
        "rule": {"alpha": 0.01, "correction": "holm", "min_rows": 30, "missing_threshold": 0.05, "share": None},
        "columns": [column(number) for number in range(columns)],
        "performance": {
            "rows": 10, "labelled": 5, "coverage": 0.5, "problem": "binary", "assumptions": ["no concept drift"],
            "metrics": [{"metric": "accuracy", "realised": 0.5, "se": 0.1, "n": 5, "estimated": 0.6, "low": 0.5,
                         "high": 0.7, "worse": True, "reason": None}],
        },
    }  # fmt: skip
    return {
        "name": name, "state": "drift", "alert": None, "mute": None, "problem": None, "version": "fraud/1",
        "model": "fraud@champion", "source": "deployment:<x>", "divided": "1d", "settings": {}, "next_due_at": None,
        "is_due": False, "recent": ["drift"] * windows,
        "reference": {"name": "train", "rows": 10, "digest": None, "baseline": "b" * 64, "estimator": None},
        "heat": {"windows": [f"w{i}" for i in range(windows)],
                 "columns": {f"<i>{i}": ["ok", "drift"] * (windows // 2) for i in range(columns)}},
        "window": window,
    }  # fmt: skip


def test_a_page_stays_small_and_harmless() -> None:
    for documents in ([monitor("m", 300, 60)], [monitor(f"m{i}", 100, 30) for i in range(10)]):
        file = io.StringIO()
        write_html(documents, file)
        page = file.getvalue()
        assert len(page.encode()) < 300_000
        assert "<b>" not in page and "<i>1" not in page and "<script" not in page
        assert "worse than usual" in page and "no concept drift" in page


def test_what_is_in_names_cannot_break_other_forms() -> None:
    documents = [monitor('a "b"\n\\', 2, 4)]
    texts = []
    for write in (write_markdown, write_junit, write_prometheus):
        file = io.StringIO()
        write(documents, file)
        texts.append(file.getvalue())
    assert 'monitor="a \\"b\\"\\n\\\\"' in texts[2]
    assert texts[1].count("<failure") == 3
    assert "assumed: no concept drift" in texts[0]


@given(st.lists(st.sampled_from(VERDICTS), max_size=40))
def test_a_strip_has_a_cell_for_each_window(verdicts: list[str | None]) -> None:
    assert cell_width(plain(strip(verdicts))) == len(verdicts)


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=30), st.lists(st.sampled_from(VERDICTS), min_size=5, max_size=5), max_size=4
    ),
    st.integers(20, 120),
)
def test_strips_stay_within_the_terminal(columns: dict[str, list[str | None]], width: int) -> None:
    heat = {"windows": [f"2026-11-0{day}" for day in range(1, 6)], "columns": columns}
    for line in heat_lines(heat, width=width):
        assert cell_width(plain(line)) <= width
