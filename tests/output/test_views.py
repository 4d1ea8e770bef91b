"""The views of a run, a comparison, a diff and a reproduction."""

from __future__ import annotations

from typing import Any

from workbench.output.cells import cell_width
from workbench.output.compare_view import comparison_lines, comparison_records, comparison_table
from workbench.output.diff_view import change_starts, diff_lines, diff_size
from workbench.output.reproduction_view import plan_lines, reproduction_lines
from workbench.output.run_view import run_lines
from workbench.output.spans import Line, plain
from workbench.tracking.compare import compare_documents
from workbench.tracking.reproduce import Reproduction, ReproductionPlan


def document(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {
        "run_id": f"{number:032x}",
        "name": name,
        "experiment": "fraud",
        "status": "finished",
        "started_at": "2026-09-21T14:10:20.000000Z",
        "duration_s": 192.0,
        "params": {"lr": 0.1, "model": "gbm"},
        "metrics": {"auc": 0.9287, "log_loss": 0.1203},
        "tags": {},
        "git": {"commit": "3f2a91c" + "0" * 33, "branch": "main", "dirty": False},
        "source": {"command": ["python", "train.py"], "cwd": "/home/ada/fraud"},
        "artifacts": [],
        "datasets": [],
    } | more


def texts(lines: list[Line]) -> list[str]:
    return [plain(line) for line in lines]


def test_a_run_shows_what_it_is_and_only_sections_with_content() -> None:
    lines = texts(run_lines(document(1, "quiet-lynx [b]", starred=True), width=80, now_us=1_790_000_000_000_000))
    assert lines[0] == f"✓ quiet-lynx [b] ★  finished  {1:032x}"
    assert "  started     2026-09-21 14:10:20  (3m ago)" in lines
    assert "  auc       0.9287" in lines
    assert not any("artifacts" in line or "tags" in line for line in lines)
    assert all(cell_width(line) <= 80 for line in lines)


def test_a_metric_has_its_course_beside_it() -> None:
    lines = texts(run_lines(document(1, "a"), histories={"auc": [0.0, 1.0]}))
    assert "  auc       0.9287  ▁█" in lines


def test_a_run_with_thousands_of_values_shows_the_first_and_says_how_many_there_are() -> None:
    many = {f"m{number}": number for number in range(5000)}
    lines = texts(run_lines(document(1, "a", params=many, metrics=many), width=80))
    assert lines.count("  … 4,900 more; --json shows all") == 2
    assert len(lines) < 230


def test_a_very_long_name_does_not_hide_the_values() -> None:
    lines = texts(run_lines(document(1, "a", params={"p" * 3000: 7}, metrics={"m" * 3000: 0.25, "b": 0.5}), width=80))
    assert f"  {'p' * 47}…  7" in lines
    assert f"  {'m' * 47}…  0.25" in lines


def test_a_command_is_shown_as_a_shell_takes_it() -> None:
    source = {"command": ["bash", "-c", "ls | wc"], "cwd": "/"}
    assert "  command  bash -c 'ls | wc'" in texts(run_lines(document(1, "a", source=source)))


def test_the_use_of_the_machine_has_units() -> None:
    machine = {
        "system/memory_rss_bytes": 12_689_408,
        "system/disk_read_bytes_per_s": 3288.0,
        "system/cpu_percent": 39.4,
    }
    lines = texts(run_lines(document(1, "a", system_metrics=machine | {"system/processes": 2})))
    assert lines[-4:] == ["  memory_rss  12.7 MB", "  disk_read   3.29 kB/s", "  cpu         39.4 %", "  processes   2"]


def test_a_narrow_run_is_cut() -> None:
    assert all(cell_width(line) <= 30 for line in texts(run_lines(document(1, "日本" * 30), width=30)))


def test_a_comparison_marks_the_baseline_the_best_and_the_way_to_it() -> None:
    better = document(
        2, "brave-otter", params={"lr": 0.05, "model": "gbm"}, metrics={"auc": 0.9312, "log_loss": 0.1187}
    )
    lines = texts(comparison_lines(compare_documents([document(1, "quiet-lynx"), better]), width=100))
    assert lines[0].split("  ")[-2:] != []
    assert "✓ ⚑ quiet-lynx" in lines[0]
    assert any(line.startswith("params.lr") and line.split() == ["params.lr", "0.1", "0.05"] for line in lines)
    assert any(line.split() == ["auc", "0.9287", "0.9312", "+0.0025", "▲", "✓"] for line in lines)
    assert any(line.split() == ["log_loss", "0.1203", "0.1187", "−0.0016", "▲", "✓"] for line in lines)
    assert not any("params.model" in line for line in lines)


def test_many_runs_follow_in_blocks_that_fit_and_repeat_the_baseline() -> None:
    runs = [document(i, f"run-number-{i}", params={"lr": i}) for i in range(8)]
    lines = texts(comparison_lines(compare_documents(runs), width=80))
    assert all(cell_width(line) <= 80 for line in lines)
    assert sum("⚑ run-number-0" in line for line in lines) > 1
    assert all(any(f"run-number-{i}" in line for line in lines) for i in range(8))


def test_equal_runs_say_so() -> None:
    lines = texts(comparison_lines(compare_documents([document(1, "a"), document(2, "b")])))
    assert any("nothing differs" in line for line in lines)


def test_a_diff_is_coloured_by_its_signs() -> None:
    lines = diff_lines(["--- a", "+++ b", "@@ -1 +1 @@", "-old\x1b[31m", "+\tnew", " same"])
    assert [line[0][1] for line in lines] == ["bold", "bold", "hunk", "removed", "added", ""]
    assert lines[3][0][0] == "-old\\e[31m"
    assert lines[4][0][0] == "+       new"


def test_a_table_of_runs_shows_the_baseline_and_those_from_a_run_on() -> None:
    runs = [document(i, f"run-number-{i}", params={"lr": i}) for i in range(8)]
    table = comparison_table(compare_documents(runs, baseline=2))
    assert table.order == [2, 0, 1, 3, 4, 5, 6, 7]
    columns = table.columns(70, 4)
    assert columns.runs[:2] == [2, 4]
    assert 2 < len(columns.runs) < 8
    names = plain(table.line(0, columns, selected=4))
    assert "⚑ run-number-2" in names
    assert [text.strip() for text, style in table.line(0, columns, selected=4) if style == "cursor"] == [
        "✓ run-number-4"
    ]
    assert [text for _, block in enumerate(table.blocks(70)) for text in block.runs[1:]] == table.order[1:]


def test_the_room_that_is_left_goes_to_texts_that_are_cut() -> None:
    runs = [document(i, f"run-{i}", params={"path": f"{i}" * 60}) for i in range(9)]
    table = comparison_table(compare_documents(runs))
    cut, filled = (table.columns(100, 1, least=22, fill=fill) for fill in (False, True))
    assert cut.runs == filled.runs
    assert cut.widths == [22] * 3
    assert filled.widths == [26] * 3
    assert cell_width(plain(table.line(2, filled))) <= 100


def test_a_comparison_for_programs_has_a_row_for_each_thing() -> None:
    names, rows = comparison_records(
        compare_documents([document(1, "a"), document(2, "b", params={"lr": 0.2}, metrics={"auc": 0.95})])
    )
    assert names == ["name", "a", "b"]
    assert rows[0] == ["run_id", f"{1:032x}", f"{2:032x}"]
    assert ["params.lr", 0.1, 0.2] in rows
    assert ["params.model", "gbm", None] in rows
    assert ["metrics.log_loss", 0.1203, None] in rows


PATCH = """\
diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,2 +1,3 @@
--- a comment
+++ more
+more
 same
@@ -10 +11 @@ def train():
-old
+new
\\ No newline at end of file
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
""".splitlines()


def test_a_removed_line_that_looks_like_a_heading_is_a_removed_line() -> None:
    styles = [line[0][1] for line in diff_lines(PATCH)]
    assert styles[:7] == ["bold", "bold", "bold", "hunk", "removed", "added", "added"]
    assert styles[11:13] == ["", "bold"]


def test_the_size_of_a_diff_counts_files_and_lines() -> None:
    assert plain(diff_size(PATCH)) == "2 files, +3 −2"
    assert plain(diff_size(["--- a", "+++ b", "-python: 3.11", "+python: 3.12"])) == "+1 −1"
    assert diff_size([]) == []


def test_changes_begin_at_files_and_at_further_hunks() -> None:
    assert [PATCH[start][:10] for start in change_starts(PATCH)] == ["diff --git", "@@ -10 +11", "diff --git"]
    assert change_starts(["--- a", "+++ b", "-x==1", "+x==2", "+y==1", "-z==1"]) == [2, 4, 5]
    assert change_starts([]) == []


def test_a_very_long_line_of_a_diff_is_cut() -> None:
    [[(text, _)]] = diff_lines(["+" + "x" * 100_000], width=50)
    assert text == "+" + "x" * 48 + "…"


def plan(**more: Any) -> ReproductionPlan:
    facts: dict[str, Any] = {
        "document": document(1, "quiet-lynx"),
        "repository": "/home/ada/fraud",
        "commit": "3f2a91c" + "0" * 33,
        "patch": b"x" * 1200,
        "command": ["python", "train.py"],
        "folder": ".",
        "environment": {"python": "3.12.4", "packages": {"numpy": "2.0.0"}},
        "mode": "auto",
    }
    return ReproductionPlan(**(facts | more))


def test_a_plan_says_what_it_takes_and_what_stands_against_it() -> None:
    lines = texts(plan_lines(plan(obstacles=["no command"], notes=["data moved"])))
    assert "code        3f2a91c00000 + 1.2 kB of uncommitted changes" in lines
    assert "python      3.12.4, 1 packages (auto)" in lines
    assert lines[-2:] == ["! data moved", "✗ no command"]


def test_a_reproduction_gives_its_verdict() -> None:
    first, again = document(1, "quiet-lynx"), document(2, "brave-otter")
    equal = Reproduction(again["run_id"], 0, compare_documents([first, again], all=True))
    assert "✓ brave-otter reproduces it: 2 of 2 metrics are equal" in texts(reproduction_lines(equal))
    other = document(2, "brave-otter", metrics={"auc": 0.9, "log_loss": 0.1203})
    differing = Reproduction(
        other["run_id"], 0, compare_documents([first, other], all=True), ["---", "+++", "-a", "+b"]
    )
    lines = texts(reproduction_lines(differing))
    assert "✗ 1 of 2 metrics differ: auc" in lines
    assert any("the output differs in 2 lines" in line for line in lines)
    failed = Reproduction(again["run_id"], 3, compare_documents([first, again], all=True))
    assert "✗ brave-otter ended with exit status 3" in texts(reproduction_lines(failed))
