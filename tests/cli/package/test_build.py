"""`workbench package build`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import workbench
from tests.packaging.conftest import FakeTrial
from tests.packaging.fakes import PASSED
from tests.packaging.shops import Shop

BASE = ("--base-image", "local/python:3.11")


def test_stages_go_to_stderr_and_the_image_to_stdout(shop: Shop) -> None:
    shop.add_version(alias="champion")
    done = workbench("package", "build", "fraud@champion", *BASE)
    assert done.status == 0, done
    assert [line.split()[:2] for line in done.stderr.splitlines()[:5]] == [
        ["✓", stage] for stage in ("base", "lock", "wheels", "layers", "smoke")
    ]
    assert "local/python:3.11  (3.11.2, glibc 2.36, x86_64)" in done.stderr
    assert "packages new" in done.stderr
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"fraud:1  sha256:[0-9a-f]{12}…  102 MB \(2 MB over the base\)", first)
    assert second == "  run it: workbench package run fraud:1"


def test_json_is_one_document_and_nothing_else(shop: Shop) -> None:
    shop.add_version()
    done = workbench("package", "build", "fraud/1", *BASE, "--json")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert (document["image"], document["layers_reused"], document["smoke"]["ok"]) == ("fraud:1", 1, True)
    assert {"image_id", "size", "seconds"} <= document.keys()


def test_on_a_terminal_the_stages_are_live(shop: Shop) -> None:
    shop.add_version()
    done = workbench("package", "build", "fraud/1", *BASE, terminal=True)
    assert "Step 2/3 : ADD" in done.stderr
    assert "\r" in done.stderr


def test_a_failed_smoke_test_shows_the_lines_and_exits_with_1(shop: Shop) -> None:
    shop.add_version()
    shop.client.answers = [json.dumps({**PASSED, "uid": 0, "metrics": 500})]
    done = workbench("package", "build", "fraud/1", *BASE)
    assert done.status == 1
    assert "✗ smoke" in done.stderr
    assert "error: the smoke test failed: user: uid 0\n  metrics: /metrics answers 500\n" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("fraud/9",), 3, "fraud has no version 9"),
        (("nothing@best",), 3, "nothing"),
        (("fraud/1", "--base-image", "missing:1"), 6, "missing:1 is not here and cannot be fetched"),
        (("fraud/1", "--max-size", "many"), 2, "--max-size many is no size"),
        (("fraud/1", "--sample", "2"), 2, "--sample is more than 0 and at most 1"),
        (("fraud/1", "--redact", "=drop"), 2, "names no column"),
        (("fraud/1", *BASE, "--max-size", "1kB"), 4, "may have 1 kB"),
        (("fraud/1", *BASE, "--drop", "polars"), 2, "does not declare polars"),
        (("fraud/1", *BASE, "--include", "nowhere.py"), 2, "there is no nowhere.py"),
    ],
)
def test_each_mistake_has_its_words_and_its_status(shop: Shop, words: tuple[str, ...], status: int, said: str) -> None:
    shop.add_version()
    done = workbench("package", "build", *words)
    assert (done.status, said in done.stderr) == (status, True), done.stderr
    assert shop.client.names() in (["local/python:3.11"], sorted([*shop.client.names()]))
    assert "fraud:1" not in shop.client.names()
    assert shop.client.containers_by_id == {}


def test_ctrl_c_says_that_nothing_was_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: FakeTrial, cancelled: Any = None) -> None:
        raise KeyboardInterrupt

    shop.add_version()
    monkeypatch.setattr(FakeTrial, "result", interrupted)
    done = workbench("package", "build", "fraud/1", *BASE)
    assert done.status == 130
    assert "error: interrupted: no image was named, fraud:1 is as before" in done.stderr
    assert "fraud:1" not in shop.client.names()


def test_what_the_server_keeps_of_predictions_goes_into_the_image(shop: Shop) -> None:
    shop.add_version()
    words = ("--log", "sketch", "--sample", "0.1", "--redact", "email=hash", "--redact", "age")
    assert workbench("package", "build", "fraud/1", *BASE, "--no-smoke", *words).status == 0
    done = workbench("package", "build", "fraud/1", *BASE, "--emit", "out", *words)
    assert done.status == 0
    import tarfile

    with tarfile.open("out/30-model.tar") as tar:
        stream = tar.extractfile("opt/model/serve.json")
        assert stream is not None
        settings = json.load(stream)["settings"]
    assert settings == {"log_mode": "sketch", "log_sample": 0.1, "redact": {"email": "hash", "age": "drop"}}
    assert 'io.workbench.log_mode="sketch"' in Path("out/Dockerfile").read_text()


def test_nothing_is_built_to_look_or_to_emit(shop: Shop) -> None:
    shop.add_version()
    done = workbench("package", "build", "fraud/1", *BASE, "--dry-run")
    assert re.fullmatch(r"would build fraud:1  2 packages, [\d.]+ kB over the base\n", done.stdout)
    emitted = workbench("package", "build", "fraud/1", *BASE, "--emit", "out")
    assert "build it: docker build --network none --tag fraud:1 out" in emitted.stdout
    assert (shop.client.built, shop.client.names()) == ([], ["local/python:3.11"])
    again = workbench("package", "build", "fraud/1", *BASE, "--emit", "out")
    assert (again.status, "has something in it" in again.stderr) == (4, True)


def test_a_base_that_is_not_here_is_assumed_for_a_folder(shop: Shop) -> None:
    shop.add_version()
    done = workbench("package", "build", "fraud/1", "--emit", "out", "--platform", "linux/arm64")
    assert done.status == 0, done.stderr
    assert "note: python:3.11-slim is not here; what it has is assumed" in done.stderr
    assert "aarch64" in Path("out/README.md").read_text()


def test_without_an_engine_a_folder_can_still_be_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.base.errors import DockerError

    def nobody() -> None:
        raise DockerError("no Docker engine answers at the local socket", "start Docker")

    monkeypatch.setattr("workbench.packaging.engine.connect", nobody)
    shop.add_version()
    assert workbench("package", "build", "fraud/1").status == 6
    done = workbench("package", "build", "fraud/1", "--emit", "out", "--platform", "linux/arm64", "--python", "3.11")
    assert done.status == 0, done.stderr
    assert "what the base image has is assumed" in done.stderr
    assert Path("out/Dockerfile").read_text().startswith("FROM python:3.11-slim\n")
