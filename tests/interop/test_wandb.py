"""Runs that wandb wrote, from files made by hand and from wandb itself where it is installed."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.interop.reading_back import documents, journals, output_of, points_of
from tests.interop.wandb_files import BEGAN_S, BLOCK_BYTES, RunFile, framed, items
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.interop.importing import ImportReport, import_runs
from workbench.interop.wandb.log import read_records
from workbench.interop.wandb.output import Lines
from workbench.interop.wandb.runs import find_wandb_runs
from workbench.interop.wandb.system import system_metric
from workbench.store.blobs import BlobStore

pytestmark = pytest.mark.interop

BEGAN_US = BEGAN_S * 1_000_000


def brought(project: Project, directory: Path, experiment: str | None = None) -> ImportReport:
    """Import a folder of wandb."""
    sources, failed = find_wandb_runs(project, str(directory), experiment)
    assert not failed
    return import_runs(project, "wandb", str(directory), sources)


def test_a_run_comes_with_everything_that_wandb_recorded(project: Project, tmp_path: Path) -> None:
    file = RunFile(run_group=b"g1", job_type=b"train", notes=b"a note", tags=[b"a", b"b"], host=b"lab", sweep_id=b"s1")
    file.config({"_wandb": {}, "lr": 0.1, "model": {"depth": 3, "kind": "gbm"}, "gone": 1})
    file.add(config={"remove": [{"key": b"gone"}]})
    file.add(
        environment={
            "python": b"CPython 3.12.4",
            "program": b"train.py",
            "args": [b"--api-key", b"secret", b"--lr", b"0.1"],
            "executable": b"/usr/bin/python",
            "root": b"/code",
            "username": b"ada",
            "git": {"commit": b"3f2a", "remote_url": b"https://ada:secret@example.org/x.git"},
        }
    )
    file.stats(1, {"gpu.0.temp": 61.0, "proc.memory.rssMB": 2.0, "cpu": 12.5})
    file.stats(2, {"gpu.0.temp": 62.0})
    file.log(0, {"loss": 0.5, "val.acc": 0.25, "done": False, "word": "first"})
    file.log(5, {"loss": math.nan, "val.acc": "Infinity", "word": "last"})
    file.add(summary={"update": items({"best": 0.99, "verdict": "good", "hist": {"_type": "histogram"}})})
    file.end(0)
    path = file.write(tmp_path / "wandb")
    (path.parent / "files" / "media").mkdir(parents=True)
    (path.parent / "files" / "media" / "plot.txt").write_text("a plot")
    report = brought(project, tmp_path / "wandb")
    assert report.points == 4 + 5 + 1
    assert report.notes == ["offline-run-20231114_221320-abc123: left out, no numbers: hist"]
    run = documents(project)["first"]
    assert run["experiment"] == "fraud"
    assert (run["status"], run["exit_code"]) == ("finished", 0)
    assert run["params"] == {"lr": 0.1, "model.depth": 3, "model.kind": "gbm"}
    assert run["tags"] == {
        "a": "true", "b": "true", "group": "g1", "job_type": "train", "sweep": "s1", "verdict": "good", "word": "last",
        "wandb.run_id": "abc123",
    }  # fmt: skip
    assert run["note"] == "a note"
    assert run["started_at"] == "2023-11-14T22:13:20.250000Z"
    assert run["ended_at"] == "2023-11-14T22:13:26.000000Z"
    assert run["git"]["commit"] == "3f2a"
    assert run["captures"]["git"]["remote"] == "https://***@example.org/x.git"
    assert run["source"]["command"] == ["/usr/bin/python", "train.py", "--api-key", "***", "--lr", "0.1"]
    assert (run["user"], run["host"]) == ("ada", "lab")
    [artifact] = run["artifacts"]
    assert artifact["path"] == "media/plot.txt"
    with BlobStore(project).open(artifact["sha256"]) as content:
        assert content.read() == b"a plot"
    points = points_of(project, run["run_id"])
    assert points["best"] == [(5, 0.99, BEGAN_US + 6_000_000)]
    assert points["done"] == [(0, 0.0, BEGAN_US + 1_000_000)]
    assert points["val.acc"] == [(0, 0.25, BEGAN_US + 1_000_000), (5, math.inf, BEGAN_US + 6_000_000)]
    assert math.isnan(points["loss"][1][1])
    assert points["system/gpu0_temperature_celsius"] == [
        (0, 61.0, BEGAN_US + 1_000_000),
        (1, 62.0, BEGAN_US + 2_000_000),
    ]
    assert points["system/memory_rss_bytes"] == [(0, 2.0 * 2**20, BEGAN_US + 1_000_000)]
    assert points["system/cpu"] == [(0, 12.5, BEGAN_US + 1_000_000)]


@pytest.mark.parametrize(("code", "status"), [(0, "finished"), (1, "failed"), (255, "killed"), (None, "killed")])
def test_the_exit_code_says_how_a_run_ended(code: int | None, status: str, project: Project, tmp_path: Path) -> None:
    file = RunFile()
    file.log(0, {"loss": 1})
    if code is not None:
        file.end(code)
    file.write(tmp_path / "wandb")
    brought(project, tmp_path / "wandb")
    run = documents(project)["first"]
    assert (run["status"], run["exit_code"]) == (status, code)


def test_output_comes_as_lines(project: Project, tmp_path: Path) -> None:
    file = RunFile()
    for second, (text, stream) in enumerate(
        [("epoch 0", 1), ("\n", 1), ("warn", 0), ("ing\n", 0), (" 10%\r 20%\r 100%\nx\n", 1), ("\x1b[1mno end", 1)]
    ):
        file.output(text, second, stream=stream)
    file.write(tmp_path / "wandb")
    brought(project, tmp_path / "wandb")
    assert output_of(project) == [
        (1, "epoch 0", True), (2, "warning", True), (1, " 100%", True), (1, "x", True), (1, "no end", False),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from((1, 2)), st.text("ab\n", max_size=6)), max_size=12))
def test_no_text_of_the_output_is_lost(pieces: list[tuple[int, str]]) -> None:
    lines = Lines()
    found = [line for moment, (stream, text) in enumerate(pieces) for line in lines.add(stream, moment, text)]
    found += lines.rest()
    for stream in (1, 2):
        written = "".join(text for own, text in pieces if own == stream)
        assert "".join(text + "\n" * newline for own, _, text, newline in found if own == stream) == written


def test_again_nothing_comes_twice_and_a_run_that_went_on_brings_what_is_new(project: Project, tmp_path: Path) -> None:
    file = RunFile()
    file.log(0, {"loss": 0.5})
    file.output("one\n", 1)
    file.write(tmp_path / "wandb")
    first = brought(project, tmp_path / "wandb")
    before = journals(project)
    assert brought(project, tmp_path / "wandb").unchanged == [type(first.new[0])(first.new[0].run_id, "first", 0)]
    assert journals(project) == before
    file.log(1, {"loss": 0.25})
    file.config({"late": 7})
    file.output("two\n", 2)
    file.end(0)
    path = file.write(tmp_path / "wandb")
    (path.parent / "files").mkdir()
    (path.parent / "files" / "output.log").write_text("one\ntwo\n")
    report = brought(project, tmp_path / "wandb")
    assert [(run.run_id, run.points) for run in report.updated] == [(first.new[0].run_id, 1)]
    run = documents(project)["first"]
    assert (run["status"], run["params"], len(run["artifacts"])) == ("finished", {"late": 7}, 1)
    assert [value for _, value, _ in points_of(project, run["run_id"])["loss"]] == [0.5, 0.25]
    assert [text for _, text, _ in output_of(project)] == ["one", "two"]
    assert brought(project, tmp_path / "wandb").unchanged


def test_a_resumed_run_is_one_run(project: Project, tmp_path: Path) -> None:
    first, second = RunFile(), RunFile()
    first.log(0, {"loss": 0.5})
    first.end(1)
    second.log(1, {"loss": 0.25})
    second.end(0)
    first.write(tmp_path / "wandb", "20231114_100000")
    assert brought(project, tmp_path / "wandb").new
    second.write(tmp_path / "wandb", "20231114_120000")
    assert brought(project, tmp_path / "wandb").updated[0].points == 1
    run = documents(project)["first"]
    assert run["status"] == "finished"
    assert len(points_of(project, run["run_id"])["loss"]) == 2


def test_the_same_id_in_another_project_is_another_run(project: Project, tmp_path: Path) -> None:
    for name in ("fraud", "churn"):
        file = RunFile(project=name)
        file.log(0, {"loss": 1})
        file.write(tmp_path / name / "wandb")
    assert len(brought(project, tmp_path).new) == 2


@pytest.mark.parametrize("below", [".", "wandb", "wandb/offline-run-20231114_221320-abc123"])
def test_the_folder_may_be_named_from_above_and_from_below(below: str, project: Project, tmp_path: Path) -> None:
    file = RunFile()
    file.log(0, {"loss": 1})
    file.write(tmp_path / "wandb")
    (tmp_path / "wandb" / "latest-run").symlink_to("offline-run-20231114_221320-abc123")
    report = brought(project, tmp_path / below, "mine")
    assert [run.name for run in report.new] == ["first"]
    assert documents(project)["first"]["experiment"] == "mine"


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_torn_file_gives_what_is_intact(keep: float, project: Project, tmp_path: Path) -> None:
    file = RunFile()
    for step in range(2000):
        file.log(step, {"loss": step / 7})
    path = file.write(tmp_path / "wandb")
    whole = path.read_bytes()
    path.write_bytes(whole[: round(len(whole) * keep)])
    report = brought(project, tmp_path / "wandb")
    assert 2000 * keep - 60 < report.points < 2000 * keep + 60
    path.write_bytes(whole)
    assert brought(project, tmp_path / "wandb").points == 2000 - report.points
    run_id = documents(project)["first"]["run_id"]
    found = [(step, value) for step, value, _ in points_of(project, run_id)["loss"]]
    assert found == [(step, step / 7) for step in range(2000)]


def test_a_damaged_block_costs_only_itself(project: Project, tmp_path: Path) -> None:
    file = RunFile()
    for step in range(2000):
        file.log(step, {"loss": step / 7})
    path = file.write(tmp_path / "wandb")
    data = bytearray(path.read_bytes())
    data[BLOCK_BYTES * 3 + 100] ^= 1
    path.write_bytes(data)
    report = brought(project, tmp_path / "wandb")
    assert 2000 - 400 < report.points < 2000
    assert "damaged in 1 blocks" in report.notes[0]


@given(st.lists(st.binary(max_size=3) | st.integers(0, 3 * BLOCK_BYTES).map(bytes), max_size=6))
def test_records_of_any_size_are_read_as_they_were_framed(records: list[bytes]) -> None:
    path = Path("run.wandb")
    path.write_bytes(framed(records))
    notes: list[str] = []
    assert list(read_records(str(path), notes)) == records
    assert notes == []


def test_what_holds_no_run_is_said(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "wandb" / "run-1"
    folder.mkdir(parents=True)
    for name, data in (("run-1.wandb", b"PK\x03\x04"), ("run-2.wandb", b""), ("run-3.wandb", framed([]))):
        (folder / name).write_bytes(data)
    _, failed = find_wandb_runs(project, str(tmp_path / "wandb"), None)
    assert failed == [
        ("run-1/run-1.wandb", "run-1.wandb is no wandb run file"),
        ("run-1/run-2.wandb", "no run in it yet"),
        ("run-1/run-3.wandb", "no run in it yet"),
    ]
    with pytest.raises(InputError, match="does not exist"):
        find_wandb_runs(project, "nowhere", None)
    with pytest.raises(InputError, match="no wandb runs in"):
        find_wandb_runs(project, str(project.folder), None)


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("gpu.3.gpu", "system/gpu3_utilization_percent", 50.0),
        ("gpu.3.memoryAllocatedBytes", "system/gpu3_memory_used_bytes", 50.0),
        ("gpu.3.memory", "system/gpu.3.memory", 50.0),
        ("memory_percent", "system/memory_used_percent", 50.0),
        ("proc.memory.availableMB", "system/memory_available_bytes", 50.0 * 2**20),
        ("disk./.usagePercent", "system/disk./.usagePercent", 50.0),
    ],
)
def test_what_we_measure_too_has_our_name_and_unit(key: str, name: str, value: float) -> None:
    assert system_metric(key, 50.0) == (name, value)


WRITE = """
import json, sys, wandb
run = wandb.init(project="fraud", name="real", group="g", tags=["a"], notes="n", config={"lr": 0.1, "m": {"d": 3}})
for step in range(300):
    run.log({"loss": 1 / (step + 1), "val": {"acc": step / 300}, "nan": float("nan")})
run.summary["best"] = 0.99
print("hello from the run")
json.dump({"loss": run.summary["loss"], "best": run.summary["best"], "id": run.id}, open("summary.json", "w"))
run.finish()
"""


@pytest.mark.skipif(importlib.util.find_spec("wandb") is None, reason="wandb is not installed")
def test_what_wandb_itself_writes_is_read(project: Project, tmp_path: Path) -> None:
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
    subprocess.run([sys.executable, "-c", WRITE], cwd=tmp_path, env=environment, check=True, capture_output=True)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert not brought(project, tmp_path / "wandb").notes
    run = documents(project)["real"]
    assert (run["status"], run["experiment"], run["note"]) == ("finished", "fraud", "n")
    assert run["params"] == {"lr": 0.1, "m.d": 3}
    assert run["tags"]["wandb.run_id"] == summary["id"]
    assert run["metrics"]["loss"] == summary["loss"]
    assert run["metrics"]["best"] == summary["best"]
    points = points_of(project, run["run_id"])
    assert [(step, value) for step, value, _ in points["loss"]] == [(step, 1 / (step + 1)) for step in range(300)]
    assert [(step, value) for step, value, _ in points["val.acc"]] == [(step, step / 300) for step in range(300)]
    assert (1, "hello from the run", True) in output_of(project)
