from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.base.ids import new_run_id, new_writer_id
from workbench.journal.layout import journal_name, journals_of, live_dir, parse_name, sealed_dir


def test_a_name_says_the_run_and_the_writer() -> None:
    run, writer = new_run_id(), new_writer_id()
    assert parse_name(journal_name(run, writer)) == (run, writer)
    assert parse_name(journal_name(None, writer)) == (None, writer)


@pytest.mark.parametrize(
    "name",
    ["", "x.wbj", ".DS_Store", "." + "a" * 32 + "." + "b" * 16 + ".wbj", "a" * 32 + "." + "b" * 16 + ".tmp",
     "a" * 31 + "." + "b" * 16 + ".wbj", "a" * 32 + "." + "b" * 15 + ".wbj", "a" * 32 + "." + "b" * 16 + ".wbj.part"],
)  # fmt: skip
def test_other_files_are_no_journals(name: str) -> None:
    assert parse_name(name) is None


def test_the_journals_of_a_run_are_found_in_both_folders(tmp_path: Path) -> None:
    folder = str(tmp_path)
    run, other = "a" * 32, "b" * 32
    assert journals_of(folder, run) == []
    for place in (live_dir(folder), sealed_dir(folder)):
        os.makedirs(place)
    names = [journal_name(run, "2" * 16), journal_name(run, "1" * 16), journal_name(other, "3" * 16)]
    for place, name in zip((live_dir(folder), sealed_dir(folder), live_dir(folder)), names, strict=True):
        (Path(place) / name).touch()
    assert [os.path.basename(path) for path in journals_of(folder, run)] == [names[1], names[0]]
