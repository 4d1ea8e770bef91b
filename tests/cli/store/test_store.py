"""`workbench store`: each command on a sound store, on an empty one and on a damaged one."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.cli.conftest import CRANE, LYNX, Lab
from tests.cli.harness import workbench
from workbench.base.project import Project
from workbench.store.blobs import BlobStore


def test_ingest_says_what_was_new(lab: Lab) -> None:
    first, second = workbench("store", "ingest"), workbench("store", "ingest")
    assert first.stdout.startswith("read 5 journals, ")
    assert second.stdout == "nothing new\n"
    assert json.loads(workbench("store", "ingest", "--json").stdout)["journals"] == 0


def test_rebuild_reads_everything_again(lab: Lab) -> None:
    before = workbench("runs", "list", "--json").stdout
    assert workbench("store", "rebuild").stdout.startswith("rebuilt from 5 journals, ")
    assert workbench("runs", "list", "--json").stdout == before


def test_verify_finds_nothing_in_a_sound_store(lab: Lab) -> None:
    outcome = workbench("store", "verify")
    assert (outcome.status, outcome.stderr) == (0, "")
    assert outcome.stdout == "✓ checked 5 journals, 0 segments, 1 contents, 14 points\n"


def test_verify_answers_no_for_a_damaged_content(lab: Lab) -> None:
    [(sha256, _, _)] = BlobStore(lab.project).each()
    path = Path(BlobStore(lab.project).path_of(sha256))
    path.chmod(0o644)
    path.write_bytes(b"other")
    outcome = workbench("store", "verify")
    assert outcome.status == 1
    assert outcome.stdout.startswith(f"✗ content {sha256[:12]}")
    assert json.loads(workbench("store", "verify", "--json").stdout)["problems"]


def test_size_adds_up(lab: Lab) -> None:
    document = json.loads(workbench("store", "size", "--json").stdout)
    parts = ["journal_bytes", "segment_bytes", "blob_bytes", "cache_bytes"]
    assert document["total_bytes"] == sum(document[part] for part in parts)
    assert document["runs"] == 5
    table = workbench("store", "size").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["what", "journals", "segments", "contents", "cache", "total"]
    assert workbench("store", "size", "--format", "csv").stdout.startswith("what,files,size,holds\njournals,5,")


def test_garbage_is_counted_asked_about_and_removed(lab: Lab) -> None:
    sha256, _ = BlobStore(lab.project).put_bytes(b"nobody needs this")
    path = BlobStore(lab.project).path_of(sha256)
    assert workbench("store", "gc", "--yes").stdout.startswith("nothing to delete")
    os.utime(path, (0, 0))
    assert workbench("store", "gc", "--dry-run").stdout == "would delete 1 content, 17 B\n"
    assert workbench("store", "gc").status == 2
    assert workbench("store", "gc", terminal=True, stdin="n\n").stdout.strip() == "kept everything"
    assert os.path.exists(path)
    assert workbench("store", "gc", "--yes").stdout == "deleted 1 content, 17 B\n"
    assert not os.path.exists(path)
    assert workbench("runs", "artifacts", "brave-otter", "-o", "out").status == 0


def test_compaction_changes_nothing_that_shows(lab: Lab) -> None:
    before = workbench("runs", "list", "--json").stdout
    sealed = [path for path in Path(lab.project.journal_dir).rglob("*.wbj") if not path.name.startswith("e")]
    assert workbench("store", "ingest").status == 0
    for path in Path(lab.project.journal_dir, "sealed").rglob("*.wbj"):
        os.utime(path, (0, 0))
    dry = workbench("store", "compact", "--dry-run")
    assert dry.stdout.startswith(f"would pack {len(sealed)} journals, ")
    assert workbench("store", "compact").stdout.startswith(f"packed {len(sealed)} journals: ")
    assert workbench("runs", "list", "--json").stdout == before
    assert workbench("store", "compact").stdout.startswith("no journal is older than ")


def test_an_empty_store_can_be_looked_after(project: Project) -> None:
    for command in ("ingest", "rebuild", "compact", "verify", "gc", "size"):
        assert workbench("store", command).status == 0, command


def test_a_damaged_journal_is_told_and_the_rest_is_read(lab: Lab) -> None:
    [path] = [path for path in Path(lab.project.journal_dir).rglob("*.wbj") if path.name.startswith(LYNX)]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)
    outcome = workbench("runs", "show", CRANE)
    assert outcome.status == 0
    assert "note: " in outcome.stderr
    assert workbench("store", "verify").status == 1
