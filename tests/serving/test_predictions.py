"""The prediction log: what is written, what never is, and that it stays within its limits."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from workbench.serving.batch import Batch
from workbench.serving.description import Description
from workbench.serving.errors import CODES
from workbench.serving.files import LineFiles
from workbench.serving.metrics import Metrics
from workbench.serving.predictions import Entry, PredictionLog
from workbench.serving.redaction import Redaction
from workbench.serving.settings import Settings
from workbench.serving.sketch import Sketch

TIME_S = 1_790_000_000.25
ROWS = [[5.1, "de", 3], [6.0, None, 4]]


def entry(
    request_id: str = "r1", rows: Any = ROWS, predictions: Any = (0, 1), time_s: float = TIME_S, status: int = 200
) -> Entry:
    batch = None if rows is None else Batch(len(rows), None, ("amount", "country", "age"), rows)
    return Entry(
        time_s, request_id, status, 0.0012, batch, list(predictions), ["inputs.age[0]"] if rows is None else []
    )


def write(folder: Path, *entries: Entry, model: Path | None = None, **settings: Any) -> tuple[list[Any], Metrics]:
    """The lines of all closed files after these requests, and the counters."""
    metrics = Metrics(CODES)
    description = Description(folder=str(model or folder), model="iris", version="3", digest="sha256:ab")
    options: dict[str, Any] = {"instance": "pod/1", **settings}
    log = PredictionLog(description, Settings(log_dir=str(folder), **options), metrics, options.pop("classes", None))
    for item in entries:
        log.offer(item)
    log.start()
    log.close()
    assert not list(folder.rglob("*.part"))
    lines = [json.loads(line) for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    return lines, metrics


def test_every_row_is_one_line(tmp_path: Path) -> None:
    lines, metrics = write(tmp_path, entry(), deployment="prod", slot="blue")
    assert lines[0] == {
        "v": 1,
        "ts": "2026-09-21T14:13:20.250000Z",
        "rid": "r1",
        "row": 0,
        "model": "iris",
        "version": "3",
        "digest": "sha256:ab",
        "deploy": "prod",
        "slot": "blue",
        "ms": 1.2,
        "status": 200,
        "w": 1.0,
        "x": {"amount": 5.1, "country": "de", "age": 3},
        "y": 0,
    }
    assert [(line["row"], line["y"]) for line in lines] == [(0, 0), (1, 1)]
    assert metrics.value("prediction_log_rows_total") == 2


def test_files_are_named_by_model_version_and_day(tmp_path: Path) -> None:
    write(tmp_path, entry())
    path = next(tmp_path.rglob("*.jsonl"))
    assert path.parts[-4:-2] == ("iris", "v3")
    assert path.parent.name.startswith("dt=20")
    assert path.name.startswith("pred-")
    assert "-pod_1-" in path.name


def test_duckdb_reads_the_log_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, entry(), entry("r2", rows=None, status=400))
    query = f"SELECT count(*), sum(x.amount), max(x.country) FROM read_json('{tmp_path}/**/*.jsonl') WHERE status = 200"
    assert duckdb.connect().execute(query).fetchall() == [(2, 11.1, "de")]


def test_a_refused_request_leaves_its_paths_and_no_values(tmp_path: Path) -> None:
    lines, _ = write(tmp_path, entry(rows=None, status=400))
    assert (lines[0]["status"], lines[0]["fields"]) == (400, ["inputs.age[0]"])
    assert not {"x", "y"} & lines[0].keys()


def test_scores_of_classes_are_kept_beside_the_class(tmp_path: Path) -> None:
    metrics = Metrics(CODES)
    description = Description(folder=str(tmp_path), model="iris")
    log = PredictionLog(description, Settings(log_dir=str(tmp_path), instance="i"), metrics, ["cat", "dog"])
    log.offer(entry(predictions=[[0.2, 0.8], [0.9, 0.1]]))
    log.start()
    log.close()
    lines = [json.loads(line) for line in next(tmp_path.rglob("*.jsonl")).read_text().splitlines()]
    assert [(line["y"], line["score"]) for line in lines] == [("dog", [0.2, 0.8]), ("cat", [0.9, 0.1])]


def test_a_sample_is_the_same_requests_everywhere_and_says_its_weight(tmp_path: Path) -> None:
    entries = [entry(f"r{number}") for number in range(400)]
    first, _ = write(tmp_path / "a", *entries, log_sample=0.25)
    second, _ = write(tmp_path / "b", *entries, log_sample=0.25)
    ids = {line["rid"] for line in first}
    assert ids == {line["rid"] for line in second}
    assert 60 < len(ids) < 140
    assert {line["w"] for line in first} == {4.0}
    assert len(first) == 2 * len(ids)


def test_redacted_columns_never_reach_the_disk(tmp_path: Path) -> None:
    rules = {"country": "hash", "age": "drop"}
    lines, _ = write(tmp_path / "a", entry(), redact=rules, redact_key="k1")
    assert lines[0]["x"].keys() == {"amount", "country"}
    assert lines[0]["x"]["country"] not in ("de", None)
    assert lines[1]["x"]["country"] is None
    assert write(tmp_path / "b", entry(), redact=rules)[0][0]["x"] == {"amount": 5.1}


def test_a_hash_depends_on_the_value_and_the_key() -> None:
    def hashed(value: Any, key: str) -> Any:
        return Redaction({"a": "hash"}, key).apply({"a": value})["a"]

    assert hashed("x", "k") == hashed("x", "k") != hashed("y", "k")
    assert hashed("x", "k") != hashed("x", "other")


def test_what_does_not_fit_into_the_queue_is_dropped_and_counted(tmp_path: Path) -> None:
    lines, metrics = write(tmp_path, entry("a"), entry("b"), entry("c"), log_queue_rows=4)
    assert {line["rid"] for line in lines} == {"a", "b"}
    assert metrics.value("prediction_log_dropped_total") == 2


def test_a_full_disk_limit_drops_and_counts(tmp_path: Path) -> None:
    lines, metrics = write(tmp_path, entry(), log_max_bytes=100)
    assert not lines
    assert metrics.value("prediction_log_dropped_total") == 2


def test_a_folder_that_cannot_be_written_drops_and_counts(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "iris").write_text("a file is in the way")
    lines, metrics = write(tmp_path, entry())
    assert not lines
    assert metrics.value("prediction_log_dropped_total") == 2
    assert metrics.value("prediction_log_errors_total") == 1
    assert "cannot be written" in capfd.readouterr().err


def test_a_model_that_does_not_answer_by_rows_is_logged_without_answers(tmp_path: Path) -> None:
    lines, _ = write(tmp_path, entry(predictions=[7]))
    assert [line["y"] for line in lines] == [None, None]


def test_a_file_is_closed_by_size_and_named_differently_while_it_is_open(tmp_path: Path) -> None:
    files = LineFiles(str(tmp_path), "pred", "i", rotate_bytes=10, rotate_s=60)
    files.write(b"0123456789\n")
    assert len(list(tmp_path.rglob("*.jsonl.part"))) == 1
    files.write(b"x\n")
    assert len(list(tmp_path.rglob("*.jsonl"))) == 1
    files.close()
    files.close()
    texts = sorted(path.read_bytes() for path in tmp_path.rglob("*.jsonl"))
    assert texts == [b"0123456789\n", b"x\n"]


def test_a_file_is_closed_by_age(tmp_path: Path) -> None:
    files = LineFiles(str(tmp_path), "pred", "i", rotate_bytes=10**6, rotate_s=1e-9)
    files.write(b"a\n")
    time.sleep(0.001)
    files.rotate()
    assert len(list(tmp_path.rglob("*.jsonl"))) == 1


REFERENCE = {
    "schema": 1,
    "columns": {"amount": {"edges": [5.5, 10.0]}, "country": {"values": ["de", "fr"]}},
    "prediction": {"values": [0]},
}


def test_sketches_count_by_hour_against_the_bins_of_the_reference(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "reference.json").write_text(json.dumps(REFERENCE))
    entries = [entry(), entry("r2", rows=None, status=400), entry("r3", time_s=TIME_S + 3600)]
    lines, _ = write(tmp_path / "log", *entries, model=model, log_mode="sketch")
    assert [line["kind"] for line in lines] == ["sketch", "sketch"]
    first = lines[0]
    assert (first["hour"], first["rows"], first["requests"]) == ("2026-09-21T14:00:00Z", 2, {"200": 1, "400": 1})
    assert first["columns"]["amount"] == {"counts": [1, 1, 0], "nulls": 0}
    assert first["columns"]["country"] == {"counts": [1, 0, 0], "nulls": 1}
    assert first["prediction"] == {"counts": [1, 1], "nulls": 0}
    assert "x" not in first
    assert lines[1]["hour"] == "2026-09-21T15:00:00Z"
    both, _ = write(tmp_path / "both", *entries, model=model)
    assert sorted(line.get("kind", "row") for line in both) == ["row"] * 5 + ["sketch"] * 2


def test_a_broken_reference_does_not_stop_the_log(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "reference.json").write_text("[]")
    lines, _ = write(tmp_path / "log", entry(), model=model)
    assert len(lines) == 2
    assert Sketch.read(str(tmp_path / "none.json")) is None
