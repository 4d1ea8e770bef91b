"""Settings: which source is the strongest, what is refused, and the quota of processors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.serving.cpu import available_cpus
from workbench.serving.errors import LoadError
from workbench.serving.settings import Settings, read_settings


def test_arguments_beat_the_environment_which_beats_serve_json() -> None:
    document = {"port": 1, "max_rows": 5, "queue": 7, "redact": {"ssn": "drop"}}
    environment = {"WORKBENCH_SERVING_PORT": "2", "WORKBENCH_SERVING_MAX_ROWS": "6"}
    found = read_settings(document, environment, port=3, host=None)
    assert (found.port, found.max_rows, found.queue, found.redact) == (3, 6, 7, {"ssn": "drop"})
    assert found.host == "127.0.0.1"
    assert found.instance


def test_redactions_may_come_from_the_environment() -> None:
    found = read_settings({}, {"WORKBENCH_SERVING_REDACT": "ssn=drop, email=hash"})
    assert found.redact == {"ssn": "drop", "email": "hash"}


@pytest.mark.parametrize(
    "document",
    [
        {"port": "many"},
        {"log_mode": "all"},
        {"extra_columns": "keep"},
        {"redact": {"a": "blur"}},
        {"redact": "a"},
        {"log_sample": 0},
        {"log_sample": 2},
        {"max_rows": 0},
    ],
)
def test_a_value_that_cannot_be_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(LoadError):
        read_settings(document, {})


def test_a_token_comes_from_the_environment_or_a_file_and_never_from_serve_json(tmp_path: Path) -> None:
    assert read_settings({"token": "stored"}, {}).token == ""
    assert read_settings({}, {"WORKBENCH_SERVING_TOKEN": "env"}).token == "env"
    path = tmp_path / "token"
    path.write_text("file\n")
    found = read_settings({}, {"WORKBENCH_SERVING_TOKEN_FILE": str(path)})
    assert found.token == "file"
    assert "file" not in repr(found).replace("token_file", "").replace("key_file", "").replace(str(path), "")
    path.write_text("\n")
    for name in (str(path), str(tmp_path / "none")):
        with pytest.raises(LoadError):
            read_settings({}, {"WORKBENCH_SERVING_TOKEN_FILE": name})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "max 100000"}, None),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, None),
        ({}, None),
    ],
)
def test_processors_follow_the_quota_of_the_control_group(
    files: dict[str, str], expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert available_cpus(str(tmp_path)) == (expected or 8)


def test_nothing_is_logged_without_a_folder() -> None:
    assert not Settings().logs_predictions
    assert Settings(log_dir="x").logs_predictions
    assert not Settings(log_dir="x", log_mode="none").logs_predictions
