"""`workbench runs artifacts`: listing, copying out, and never outside of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CRANE, OTTER, Lab
from tests.cli.harness import process, workbench, write_run
from workbench.store.blobs import BlobStore

CONTENT = b'{"auc": 0.93}\n'


def test_files_are_copied_with_their_folders(lab: Lab) -> None:
    outcome = workbench("runs", "artifacts", OTTER, "-o", "out")
    assert (outcome.status, outcome.stdout) == (0, "copied 2 files, 28 B, to out\n")
    assert Path("out/metrics.json").read_bytes() == CONTENT
    assert Path("out/model/MLmodel").read_bytes() == CONTENT


def test_a_folder_alone_can_be_copied(lab: Lab) -> None:
    assert workbench("runs", "artifacts", OTTER, "model/", "-o", "out").status == 0
    assert [path.name for path in Path("out").iterdir()] == ["model"]


def test_what_is_there_is_not_overwritten_unless_asked(lab: Lab) -> None:
    Path("metrics.json").write_text("mine")
    outcome = workbench("runs", "artifacts", OTTER, "-o", ".")
    assert outcome.status == 4
    assert Path("metrics.json").read_text() == "mine"
    assert not Path("model").exists()
    assert workbench("runs", "artifacts", OTTER, "-o", ".", "--force").status == 0
    assert Path("metrics.json").read_bytes() == CONTENT


def test_one_file_can_go_to_stdout(lab: Lab) -> None:
    assert process("runs", "artifacts", OTTER, "metrics.json", "-o", "-").stdout == CONTENT.decode()
    assert workbench("runs", "artifacts", OTTER, "-o", "-").status == 2


def test_an_unknown_artifact_is_not_found(lab: Lab) -> None:
    assert workbench("runs", "artifacts", OTTER, "metrics.jso").status == 3
    assert workbench("runs", "artifacts", CRANE).stderr == "the run logged no files\n"


def test_a_damaged_content_is_not_copied(lab: Lab) -> None:
    sha256 = BlobStore(lab.project).put_bytes(CONTENT)[0]
    path = Path(BlobStore(lab.project).path_of(sha256))
    path.chmod(0o644)
    path.write_bytes(b"other")
    outcome = workbench("runs", "artifacts", OTTER, "metrics.json", "-o", "out")
    assert outcome.status == 5
    assert "damaged" in outcome.stderr
    assert list(Path("out").iterdir()) == []


@pytest.mark.parametrize("path", ["../evil", "/tmp/evil", "a/../../evil", "a\\..\\evil"])
def test_no_path_leads_out_of_the_folder(lab: Lab, path: str) -> None:
    sha256, size = BlobStore(lab.project).put_bytes(CONTENT)
    event: dict[str, object] = {"e": "art", "path": path, "sha256": sha256, "size": size, "kind": "file"}
    write_run(lab.project, "9" * 32, [event], name="foreign")
    outcome = workbench("runs", "artifacts", "foreign", "-o", "out")
    assert outcome.status == 4
    assert not Path("out").exists()
