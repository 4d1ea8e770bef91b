"""Reading prediction logs on from where somebody was."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from workbench.base.project import Project
from workbench.data.prediction_logs import SKETCHES, log_files, log_folder, parse_name, read_new

DAY = "2026-11-21"


def write(project: Project, name: str, rows: list[int], *, tail: str = "", day: str = DAY, mode: str = "a") -> Path:
    """Rows of a log file, `pred-…` unless it says otherwise."""
    path = Path(log_folder(project, "fraud"), "fraud", "v1", f"dt={day}", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        file.write("".join(json.dumps({"v": 1, "row": row}) + "\n" for row in rows) + tail)
    return path


def numbers(rows: list[dict[str, object]]) -> list[object]:
    return [row["row"] for row in rows]


def test_nothing_is_no_error(project: Project) -> None:
    assert read_new(project, "fraud").rows == []


def test_only_what_is_new_is_read(project: Project) -> None:
    write(project, "pred-1-host-1-0.jsonl.part", [1, 2])
    first = read_new(project, "fraud")
    write(project, "pred-1-host-1-0.jsonl.part", [3])
    second = read_new(project, "fraud", json.loads(json.dumps(first.cursor)))
    assert (numbers(first.rows), numbers(second.rows)) == ([1, 2], [3])
    assert read_new(project, "fraud", second.cursor).rows == []


def test_a_file_that_is_closed_is_the_same_file(project: Project) -> None:
    path = write(project, "pred-1-host-1-0.jsonl.part", [1])
    first = read_new(project, "fraud")
    path.rename(path.with_suffix(""))
    write(project, "pred-1-host-1-0.jsonl", [2])
    assert numbers(read_new(project, "fraud", first.cursor).rows) == [2]
    assert [file.is_open for file in log_files(project, "fraud")] == [False]


def test_files_come_in_the_order_of_time(project: Project) -> None:
    write(project, "pred-20-host-1-0.jsonl", [3])
    write(project, "pred-3-host-9-0.jsonl", [2])
    write(project, "pred-9-host-1-0.jsonl", [1], day="2026-11-20")
    assert numbers(read_new(project, "fraud").rows) == [1, 2, 3]
    assert numbers(read_new(project, "fraud", since=date(2026, 11, 21)).rows) == [2, 3]


def test_a_torn_last_line_waits_for_its_end(project: Project) -> None:
    write(project, "pred-1-host-1-0.jsonl.part", [1], tail='{"v":1,"ro')
    first = read_new(project, "fraud")
    assert (numbers(first.rows), first.torn) == ([1], 1)
    write(project, "pred-1-host-1-0.jsonl.part", [], tail='w":2}\n')
    second = read_new(project, "fraud", first.cursor)
    assert (numbers(second.rows), second.torn) == ([2], 0)


def test_lines_that_are_no_objects_are_counted_and_left_out(project: Project) -> None:
    write(project, "pred-1-host-1-0.jsonl", [1], tail='[1]\n\xff{\n{"row": 2}\n')
    found = read_new(project, "fraud")
    assert (numbers(found.rows), found.unreadable) == ([1, 2], 2)


def test_a_limit_is_gone_on_from(project: Project) -> None:
    write(project, "pred-1-host-1-0.jsonl", [1, 2, 3])
    write(project, "pred-2-host-1-0.jsonl", [4])
    rows: list[object] = []
    cursor: dict[str, int] = {}
    for _ in range(9):
        found = read_new(project, "fraud", cursor, limit=2)
        rows, cursor = rows + numbers(found.rows), found.cursor
        if found.is_all:
            break
    assert rows == [1, 2, 3, 4]


def test_sketches_are_files_of_their_own(project: Project) -> None:
    write(project, "sketch-1-host-1-0.jsonl", [7])
    write(project, "pred-1-host-1-0.jsonl", [1])
    assert numbers(read_new(project, "fraud", kind=SKETCHES).rows) == [7]
    assert numbers(read_new(project, "fraud").rows) == [1]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "pred-1.jsonl", "dt=2026-11-21/pred-x.jsonl", "/dt=2026-11-21/pred-1-h.jsonl",
     "../dt=2026-11-21/pred-1-h.jsonl", "dt=yesterday/pred-1-h.jsonl"],
)  # fmt: skip
def test_other_files_are_no_log(name: str) -> None:
    assert parse_name(name) is None


def test_a_file_of_a_day_that_is_none_is_left_out(project: Project) -> None:
    write(project, "pred-1-host-1-0.jsonl", [1], day="2026-99-99")
    assert log_files(project, "fraud") == []
