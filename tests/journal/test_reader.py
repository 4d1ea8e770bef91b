from __future__ import annotations

import math
import os

from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.block import DAMAGED, TORN
from workbench.journal.reader import read_journal
from workbench.journal.writer import JournalWriter


def test_everything_written_is_read_in_order(project: Project) -> None:
    run = new_run_id()
    writer = JournalWriter(project.journal_dir, run)
    writer.event("param", name="lr", value=0.1)
    writer.metrics({"loss": 1.5, "acc": float("nan")}, 0, time_us=10)
    writer.metrics({"loss": float("-inf")}, 1, time_us=11)
    writer.close()
    contents = read_journal(writer.path)
    assert [event["e"] for event in contents.events] == ["open", "param", "seal"]
    assert contents.events[0]["run"] == run
    assert [point[:2] for point in contents.metrics] == [("loss", 0), ("acc", 0), ("loss", 1)]
    values = [point[2] for point in contents.metrics]
    assert values[0] == 1.5
    assert math.isnan(values[1])
    assert values[2] == -math.inf
    assert contents.gaps == []
    assert contents.size_bytes == os.path.getsize(writer.path)


def test_a_name_whose_definition_is_lost_is_a_number_with_a_question_mark(project: Project) -> None:
    writer = JournalWriter(project.journal_dir, new_run_id())
    at = os.path.getsize(writer.path)
    writer.metrics({"loss": 1.0}, 0)
    writer.metrics({"loss": 2.0}, 1)
    writer.close()
    with open(writer.path, "rb+") as file:
        file.seek(at + 40)
        file.write(b"\0")
    contents = read_journal(writer.path)
    assert [(name, step) for name, step, _, _ in contents.metrics] == [("?0", 1)]
    assert [gap[2] for gap in contents.gaps] == [DAMAGED]


def test_half_a_block_is_awaited_from_a_living_writer_and_torn_from_a_dead_one(project: Project) -> None:
    writer = JournalWriter(project.journal_dir, new_run_id())
    size = os.path.getsize(writer.path)
    os.write(writer._fd, b"#0000")
    assert (read_journal(writer.path).gaps, read_journal(writer.path).size_bytes) == ([], size)
    os.close(writer._fd)
    writer._end()
    assert read_journal(writer.path).gaps == [(size, size + 5, TORN)]
