"""The parts of the view of a run."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.output.run_sections import compared_lines, context_line, error_line, headline, machine_pairs, value_lines
from workbench.output.spans import plain
from workbench.tracking.compare import MISSING, Row

NOW_US = 1_790_000_000_000_000
BEGAN = "2026-09-21T14:10:08.000000Z"


def head(**more: Any) -> dict[str, Any]:
    """A run that began 192 seconds ago."""
    return {"run_id": "a" * 32, "name": "brave-otter", "started_at": BEGAN, "experiment": "fraud"} | more


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"status": "running", "duration_s": None}, "brave-otter  ● running 3m12s"),
        ({"status": "finished", "duration_s": 60.0}, "brave-otter  ✓ finished in 1m00s"),
        ({"status": "failed", "duration_s": 2.0}, "brave-otter  ✗ failed after 2.0s"),
        ({"status": "killed", "duration_s": 2.0}, "brave-otter  ✗ killed after 2.0s"),
        ({"status": "crashed", "duration_s": 12.0}, "brave-otter  ◌ crashed after 12s, last heard of 3m ago"),
        ({"status": "stale", "duration_s": 12.0}, "brave-otter  ◌ stale after 12s, last heard of 3m ago"),
        (
            {"status": "finished", "duration_s": 1.0, "pinned": True, "starred": True},
            "brave-otter ⚑★  ✓ finished in 1.0s",
        ),
        ({"status": "finished", "duration_s": 1.0, "deleted": True}, "brave-otter  ✓ finished in 1.0s  in the trash"),
        ({"status": "finished", "duration_s": None, "started_at": None}, "brave-otter  ✓ finished"),
        ({"status": "running", "started_at": "nonsense"}, "brave-otter  ● running"),
        ({"status": None, "name": ""}, "aaaaaaaa"),
        ({"status": None, "name": "a\nb[c]"}, "a\\nb[c]"),
    ],
)
def test_a_headline_says_how_the_run_is_in_words(more: dict[str, Any], text: str) -> None:
    """Marks, flags and words; no state by colour alone."""
    assert plain(headline(head(**more), NOW_US)) == text


def test_a_run_says_where_it_belongs() -> None:
    """Experiment, id, when, who, parent, exit status."""
    line = context_line(head(user="ada", host="lab", parent_run_id="b" * 32, exit_code=3), NOW_US)
    assert plain(line) == "fraud  aaaaaaaa  2026-09-21 14:10 (3m ago)  ada on lab  part of bbbbbbbb  exit status 3"


@pytest.mark.parametrize(
    ("error", "line"),
    [("Traceback\n  x\nValueError: no\n\n", "ValueError: no"), (None, ""), ("\n", ""), ("a\x1b[31m", "a\\e[31m")],
)
def test_the_last_line_of_an_error_is_told(error: str | None, line: str) -> None:
    """Blank lines at the end say nothing."""
    assert error_line({"error": error}) == line


def test_what_differs_comes_first_with_the_other_value_beside_it() -> None:
    """Marked, not only coloured; values of any width stand under each other."""
    rows = [
        Row("depth", [8, 8], False),
        Row("lr", [0.05, 0.1], True),
        Row("名", ["値値", MISSING], True),
        Row("gone", [MISSING, None], True),
    ]
    assert [plain(line) for line in compared_lines(rows)] == [
        "≠ lr     0.05  (0.1)",
        "≠ 名     値値  (–)",
        "≠ gone   –     (null)",
        "  depth  8",
    ]


def test_equal_runs_have_no_second_column() -> None:
    """Nothing differs."""
    assert [plain(line) for line in compared_lines([Row("lr", [1, 1], False)])] == ["  lr  1"]
    assert compared_lines([]) == []


def test_the_use_of_the_machine_has_units_and_survives_nan() -> None:
    """Units come from the names."""
    values = {"system/gpu0_memory_bytes": float("nan"), "system/cpu_percent": 12.5, "system/disk_read_bytes_per_s": 2e6}
    assert machine_pairs(values) == [("gpu0_memory_bytes", "NaN"), ("cpu", "12.5 %"), ("disk_read", "2 MB/s")]


def test_one_long_name_pushes_only_its_own_value_aside() -> None:
    """Where the values of the others are to stay in sight."""
    lines = [plain(line) for line in value_lines({"lr": 0.1, "x" * 30: 2}, label_width=10)]
    assert lines == ["lr          0.1", "x" * 30 + "  2"]
    rows = [Row("lr", [0.1, 0.2], True), Row("x" * 30, [1, 1], False)]
    assert plain(compared_lines(rows, label_width=10)[0]) == "≠ lr        0.1  (0.2)"
