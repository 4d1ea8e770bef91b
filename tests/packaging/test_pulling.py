"""Prediction logs are brought into the project once, whatever is killed."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.packaging.yards import Yard
from workbench.base.errors import NotFoundError
from workbench.data.prediction_logs import log_folder, read_new
from workbench.packaging import pulling
from workbench.packaging.pulling import Pulled, pull, read_ledger

NAME = "fraud/v1/dt=2026-11-21/pred-1-host-1-0.jsonl"


def lines(*rows: int) -> str:
    return "".join(json.dumps({"row": row}) + "\n" for row in rows)


def written(folder: Path, text: str, name: str = NAME + ".part", mode: str = "a") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        file.write(text)
    return path


def pulled(yard: Yard) -> Pulled:
    containers = yard.deployment().containers
    return pull(yard.engine, yard.project, "fraud", containers, yard.records("fraud"))


@pytest.fixture
def elsewhere(yard: Yard, tmp_path: Path) -> Path:
    """The folder of a deployment's log outside of the project."""
    folder = tmp_path / "elsewhere"
    yard.run("fraud/1", log_dir=str(folder))
    return folder


def test_only_what_is_new_is_copied(yard: Yard, elsewhere: Path) -> None:
    written(elsewhere, lines(1, 2))
    first = pulled(yard)
    assert (first.files, first.rows, first.size_bytes) == (1, 2, len(lines(1, 2)))
    written(elsewhere, lines(3))
    assert pulled(yard).rows == 1
    assert pulled(yard) == Pulled(log_folder(yard.project, "fraud"))
    assert [row["row"] for row in read_new(yard.project, "fraud").rows] == [1, 2, 3]


def test_a_file_that_is_closed_meanwhile_is_not_copied_again(yard: Yard, elsewhere: Path) -> None:
    path = written(elsewhere, lines(1))
    pulled(yard)
    path.rename(elsewhere / NAME)
    assert pulled(yard).rows == 0
    assert [row["row"] for row in read_new(yard.project, "fraud").rows] == [1]


def test_a_torn_last_line_is_left_and_counted(yard: Yard, elsewhere: Path) -> None:
    written(elsewhere, lines(1) + '{"row"')
    assert (pulled(yard).rows, pulled(yard).torn) == (1, 1)
    written(elsewhere, ": 2}\n")
    assert (pulled(yard).rows, pulled(yard).torn) == (1, 0)
    assert Path(log_folder(yard.project, "fraud"), NAME).read_text().splitlines() == ['{"row": 1}', '{"row": 2}']


def test_a_kill_between_the_copy_and_the_ledger_copies_nothing_twice(
    yard: Yard, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(elsewhere, lines(1))
    pulled(yard)
    written(elsewhere, lines(2, 3))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(pulling, "_write_ledger", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        pulled(yard)
    assert pulled(yard).rows == 2
    assert Path(log_folder(yard.project, "fraud"), NAME).read_text() == lines(1, 2, 3)


def test_a_file_that_is_not_what_was_pulled_is_left_alone_and_named(yard: Yard, elsewhere: Path) -> None:
    path = written(elsewhere, lines(1, 2))
    pulled(yard)
    path.write_text(lines(7, 8, 9))
    assert pulled(yard).changed == (NAME,)
    path.write_text("")
    assert pulled(yard).changed == (NAME,)
    assert Path(log_folder(yard.project, "fraud"), NAME).read_text() == lines(1, 2)


def test_a_log_that_is_in_the_project_is_only_taken_note_of(yard: Yard) -> None:
    yard.run("fraud/1")
    folder = Path(log_folder(yard.project, "fraud"))
    path = written(folder, lines(1))
    assert pulled(yard).rows == 1 and pulled(yard).rows == 0
    assert path.read_text() == lines(1)
    assert sorted(name for name in os.listdir(path.parent)) == [path.name]
    assert list(read_ledger(str(folder))) == [NAME]


def test_a_broken_ledger_is_made_again(yard: Yard, elsewhere: Path) -> None:
    written(elsewhere, lines(1))
    pulled(yard)
    Path(log_folder(yard.project, "fraud"), pulling.LEDGER).write_text("{")
    assert pulled(yard).rows == 1
    assert Path(log_folder(yard.project, "fraud"), NAME).read_text() == lines(1)


def test_the_log_of_a_container_that_is_gone_is_still_pulled(yard: Yard, elsewhere: Path) -> None:
    written(elsewhere, lines(1))
    yard.stop(remove=True)
    assert pull(yard.engine, yard.project, "fraud", [], yard.records("fraud")).rows == 1
    with pytest.raises(NotFoundError, match="no deployment is called other"):
        pull(yard.engine, yard.project, "other", [], [])


def test_a_volume_is_read_through_docker_and_nothing_leads_out_of_its_folder(yard: Yard) -> None:
    yard.run("fraud/1", log_dir="volume")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        other = NAME.replace("-1-0", "-1-1")
        members = {NAME + ".part": lines(1, 2), f"../../{NAME}": lines(6), "readme": "no log", other: lines(3)}
        for name, text in members.items():
            header = tarfile.TarInfo(f"workbench/predictions/{name}")
            header.size = len(text)
            tar.addfile(header, io.BytesIO(text.encode()))
        link = tarfile.TarInfo(f"workbench/predictions/{NAME.replace('-1-0', '-2-0')}")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    yard.docker.archive = content.getvalue()
    assert pulled(yard).rows == 3 and pulled(yard).rows == 0
    assert [row["row"] for row in read_new(yard.project, "fraud").rows] == [1, 2, 3]
