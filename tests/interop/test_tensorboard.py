"""Runs of a TensorBoard log directory, held against TensorBoard's own reader."""

from __future__ import annotations

import math
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.interop.event_files import BEGAN_S, BFLOAT16, FILE, FLOAT, HALF, INT64, STRING, EventFile, framed, metadata
from tests.interop.reading_back import documents, journals, points_of
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.interop.importing import ImportReport, import_runs
from workbench.interop.tensorboard.runs import find_event_folders

pytestmark = pytest.mark.interop

BEGAN_US = round(BEGAN_S * 1e6)


def brought(project: Project, directory: Path, experiment: str | None = None) -> ImportReport:
    """Import a log directory."""
    sources, failed = find_event_folders(str(directory), experiment)
    report = import_runs(project, "tensorboard", str(directory), sources)
    assert not failed
    return report


def values(project: Project, name: str = "logs") -> dict[str, list[tuple[int, float]]]:
    """The points of a run without their times."""
    run_id = documents(project)[name]["run_id"]
    return {key: [(step, value) for step, value, _ in series] for key, series in points_of(project, run_id).items()}


def test_every_folder_with_event_files_is_a_run(project: Project, tmp_path: Path) -> None:
    logs = tmp_path / "my logs"
    for below in ("", "sweep/a run", "sweep/b"):
        EventFile(logs / below).scalar("loss", 0.5, 3)
    (logs / "sweep" / "notes").mkdir()
    (logs / "sweep" / "notes" / "readme.txt").write_text("no events")
    report = brought(project, logs)
    assert sorted(run.name for run in report.new) == ["my logs", "sweep/a run", "sweep/b"]
    assert report.points == 3
    runs = documents(project)
    assert {run["experiment"] for run in runs.values()} == {"my logs"}
    run = runs["sweep/b"]
    assert run["status"] == "finished"
    assert run["started_at"] == "2023-11-14T22:13:20.250000Z"
    assert run["ended_at"] == "2023-11-14T22:13:24.250000Z"
    assert points_of(project, run["run_id"]) == {"loss": [(3, 0.5, BEGAN_US + 4_000_000)]}


def test_every_point_comes_repeated_steps_nan_and_infinities_too(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    for step in range(11_000):
        file.scalar("loss", float(step), step)
    for value in (math.nan, math.inf, -math.inf, 1.5, 1.5):
        file.scalar("odd", value, 7)
    assert brought(project, tmp_path / "logs", "e").points == 11_005
    found = values(project)
    assert found["loss"] == [(step, float(step)) for step in range(11_000)]
    assert sorted(map(repr, found["odd"])) == sorted(["(7, nan)", "(7, inf)", "(7, -inf)", "(7, 1.5)", "(7, 1.5)"])


@pytest.mark.parametrize(
    ("tensor", "value"),
    [
        ({"dtype": FLOAT, "tensor_content": struct.pack("<f", 0.25)}, 0.25),
        ({"dtype": FLOAT, "float_val": [0.25]}, 0.25),
        ({"dtype": 2, "double_val": [0.1]}, 0.1),
        ({"dtype": 3, "int_val": [-3]}, -3.0),
        ({"dtype": INT64, "tensor_content": struct.pack("<q", 2**40)}, 2.0**40),
        ({"dtype": 10, "bool_val": [True]}, 1.0),
        ({"dtype": HALF, "half_val": [0x3C00]}, 1.0),
        ({"dtype": BFLOAT16, "half_val": [0x3FC0]}, 1.5),
        ({"dtype": HALF, "tensor_content": struct.pack("<e", 0.5)}, 0.5),
    ],
)
def test_a_scalar_may_be_a_tensor_of_any_type(
    tensor: dict[str, Any], value: float, project: Project, tmp_path: Path
) -> None:
    file = EventFile(tmp_path / "logs")
    file.tensor("loss", 0, "scalars", **tensor)
    file.tensor("loss", 1, **tensor)  # only the first event of a tag has to say what it is
    brought(project, tmp_path / "logs")
    assert values(project) == {"loss": [(0, value), (1, value)]}


def test_what_is_no_scalar_is_left_out_and_said_so(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 1.0, 0)
    file.tensor("weights", 0, "histograms", dtype=FLOAT, float_val=[1.0, 2.0, 3.0])
    file.tensor("pr", 0, "scalars", dtype=FLOAT, float_val=[1.0, 2.0])
    file.value(0, tag=b"old histogram")
    report = brought(project, tmp_path / "logs")
    assert report.points == 1
    [note] = report.notes
    assert "left out: 3 summaries of histograms, images" in note


def test_hparams_become_parameters_and_texts_the_note(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.hparams({"lr": 0.1, "batch": 32.0, "opt": "adam", "amp": True}, group="g1", status=2)
    file.tensor("config/text_summary", 0, "text", dtype=STRING, string_val=[b"old"])
    file.tensor("config/text_summary", 1, "text", dtype=STRING, string_val=[b"**new**", b"second"])
    brought(project, tmp_path / "logs")
    run = documents(project)["logs"]
    assert run["params"] == {"lr": 0.1, "batch": 32, "opt": "adam", "amp": True}
    assert run["tags"] == {"group": "g1"}
    assert run["note"] == "## config\n\n**new**\nsecond"
    assert run["status"] == "failed"


def test_the_host_is_told_by_the_name_of_the_file(project: Project, tmp_path: Path) -> None:
    EventFile(tmp_path / "logs", "events.out.tfevents.1700000000.node-7.cluster.4242.0.v2").scalar("a", 1.0, 0)
    brought(project, tmp_path / "logs")
    run = documents(project)["logs"]
    assert run["host"] == "node-7.cluster"


def test_again_nothing_comes_twice(project: Project, tmp_path: Path) -> None:
    EventFile(tmp_path / "logs").scalar("loss", 0.5, 0)
    first = brought(project, tmp_path / "logs")
    before = journals(project)
    second = brought(project, tmp_path / "logs", "another experiment")
    assert (len(second.new), len(second.updated), second.points) == (0, 0, 0)
    assert [run.run_id for run in second.unchanged] == [first.new[0].run_id]
    assert journals(project) == before


def test_a_run_that_went_on_brings_what_is_new(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    brought(project, tmp_path / "logs")
    file.scalar("loss", 0.25, 1)
    file.scalar("loss", 0.25, 1)  # an equal point is another point
    EventFile(tmp_path / "logs", FILE.replace("1700000000", "1700000009"), BEGAN_S + 9).scalar("loss", 0.125, 2)
    file.hparams({"lr": 0.1})
    report = brought(project, tmp_path / "logs")
    assert [run.points for run in report.updated] == [3]
    assert values(project) == {"loss": [(0, 0.5), (1, 0.25), (1, 0.25), (2, 0.125)]}
    assert documents(project)["logs"]["params"] == {"lr": 0.1}
    assert len(journals(project)) == 2
    assert brought(project, tmp_path / "logs").unchanged


def test_an_edit_made_here_outlives_an_import(project: Project, tmp_path: Path) -> None:
    from workbench.store.edits import set_note

    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    file.tensor("text", 0, "text", dtype=STRING, string_val=[b"theirs"])
    run_id = brought(project, tmp_path / "logs").new[0].run_id
    set_note(project, run_id, "mine")
    file.tensor("text", 1, "text", dtype=STRING, string_val=[b"theirs again"])
    assert brought(project, tmp_path / "logs").updated
    assert documents(project)["logs"]["note"] == "mine"


@pytest.mark.parametrize("cut", [1, 5, 11, 13, 20])
def test_a_torn_file_gives_what_is_intact(cut: int, project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    file.scalar("loss", 0.25, 1)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[:-cut])
    report = brought(project, tmp_path / "logs")
    assert values(project) == {"loss": [(0, 0.5)]}
    assert "ends within a record" in report.notes[0]
    file.path.write_bytes(whole)
    assert brought(project, tmp_path / "logs").points == 1
    assert values(project) == {"loss": [(0, 0.5), (1, 0.25)]}


def test_a_damaged_event_costs_only_itself(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    start = file.path.stat().st_size
    file.scalar("loss", 0.25, 1)
    file.scalar("loss", 0.125, 2)
    data = bytearray(file.path.read_bytes())
    data[start + 12 + 5] ^= 0x10  # within the time of the second event
    file.path.write_bytes(data)
    report = brought(project, tmp_path / "logs")
    assert values(project) == {"loss": [(0, 0.5), (2, 0.125)]}
    assert report.notes == ["logs: 1 damaged events are left out"]


def test_a_damaged_length_ends_the_file(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    start = file.path.stat().st_size
    file.scalar("loss", 0.25, 1)
    data = bytearray(file.path.read_bytes())
    data[start] ^= 1
    file.path.write_bytes(data)
    report = brought(project, tmp_path / "logs")
    assert values(project) == {"loss": [(0, 0.5)]}
    assert f"is damaged at byte {start}" in report.notes[0]


def test_folders_without_a_run_are_skipped_with_the_reason(project: Project, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    EventFile(logs / "good").scalar("loss", 0.5, 0)
    EventFile(logs / "begun")
    (logs / "empty").mkdir()
    (logs / "empty" / FILE).touch()
    (logs / "foreign").mkdir()
    (logs / "foreign" / "notes.tfevents.txt").write_text("what tfevents files are, and what they are not")
    sources, failed = find_event_folders(str(logs), None)
    assert failed == [("foreign", "notes.tfevents.txt is no event file")]
    report = import_runs(project, "tensorboard", str(logs), sources)
    assert [run.name for run in report.new] == ["good"]
    assert sorted(one.source for one in report.skipped) == ["begun", "empty"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_skipped(tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.path.chmod(0)
    assert find_event_folders(str(tmp_path / "logs"), None)[1][0][1].endswith("Permission denied")


@pytest.mark.parametrize(("name", "message"), [("nowhere", "does not exist"), ("file", "is no folder")])
def test_what_is_no_log_directory_is_said(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match=message):
        find_event_folders(str(tmp_path / name), None)


def test_a_folder_without_event_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no event files") as caught:
        find_event_folders(str(tmp_path), None)
    assert caught.value.hint


def test_links_in_circles_end(project: Project, tmp_path: Path) -> None:
    EventFile(tmp_path / "logs" / "a").scalar("loss", 0.5, 0)
    (tmp_path / "logs" / "a" / "up").symlink_to(tmp_path / "logs")
    assert len(brought(project, tmp_path / "logs").new) == 1


def test_odd_times_and_steps_spoil_nothing(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    file.scalar("loss", 0.5, 0)
    file.scalar("loss", 0.25, 1, wall_time=math.nan)
    file.scalar("loss", 0.125, -(2**63))
    report = brought(project, tmp_path / "logs")
    assert values(project) == {"loss": [(0, 0.5), (1, 0.25)]}
    assert "1 points have a step" in report.notes[0]


def test_records_of_other_messages_are_left_out(project: Project, tmp_path: Path) -> None:
    file = EventFile(tmp_path / "logs")
    with file.path.open("ab") as more:
        more.write(framed(b"\xff\xff\xff no message"))
    file.value(0, tag=b"\xff name", simple_value=1.0, metadata=metadata("scalars"))
    report = brought(project, tmp_path / "logs")
    assert values(project) == {"� name": [(0, 1.0)]}
    assert report.notes == ["logs: 1 damaged events are left out"]


@contextmanager
def unheard() -> Iterator[None]:
    """Warnings of libraries that are only looked at are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_the_points_are_those_of_tensorboards_own_reader(project: Project, tmp_path: Path) -> None:
    with unheard():
        writers = pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
        reader = pytest.importorskip(
            "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
        )
        logs = tmp_path / "logs"
        writer = writers.SummaryWriter(str(logs))
        for step in range(500):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_scalars("both", {"a": step, "b": -step}, step)
        writer.add_text("config", "lr: **0.1**", 0)
        writer.add_hparams({"lr": 0.1, "layers": 3, "opt": "adam"}, {"hp/acc": 0.5})
        writer.close()
        version_2 = pytest.importorskip("tensorboard.plugins.scalar.summary_v2")
        tensors = pytest.importorskip("tensorboard.util.tensor_util")
        events = pytest.importorskip("tensorboard.compat.proto.event_pb2")
        with (logs / "events.out.tfevents.1700000001.lab.v2").open("wb") as file:
            for step in range(100):
                event = events.Event(wall_time=BEGAN_S + step, step=step, summary=version_2.scalar_pb("v2", step / 3))
                file.write(framed(event.SerializeToString()))
        report = brought(project, logs)
        compared = 0
        for run in report.new:
            folder = logs if run.name == "logs" else logs / run.name
            theirs = reader.EventAccumulator(str(folder), {"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
            theirs.Reload()
            expected = {
                tag: [(event.step, event.value, round(event.wall_time * 1e6)) for event in theirs.Scalars(tag)]
                for tag in theirs.Tags()["scalars"]
            }
            for tag in theirs.Tags()["tensors"]:
                if theirs.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
                    expected[tag] = [
                        (event.step, tensors.make_ndarray(event.tensor_proto).item(), round(event.wall_time * 1e6))
                        for event in theirs.Tensors(tag)
                    ]
            ours = points_of(project, run.run_id)
            assert {key: sorted(series) for key, series in ours.items()} == {
                key: sorted(series) for key, series in expected.items()
            }
            compared += sum(map(len, expected.values()))
    assert compared == report.points > 1600
