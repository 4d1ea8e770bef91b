"""`workbench package list`, `inspect`, `diff`, `smoke`, `save`, `load` and `gc`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.harness import Outcome, workbench
from tests.conftest import FakeClock
from tests.packaging.fakes import PASSED, saved_image, tar_of
from tests.packaging.shops import Shop


def package(*words: str, status: int = 0) -> Outcome:
    done = workbench("package", *words)
    assert done.status == status, done
    return done


@pytest.fixture
def two(shop: Shop, clock: FakeClock) -> Shop:
    """Two versions with an image each; champion is the first."""
    shop.add_version("a", alias="champion")
    shop.add_version("b")
    for version in ("fraud/1", "fraud/2"):
        package("build", version, "--base-image", "local/python:3.11")
        clock.advance(3600)
    return shop


def test_images_are_listed_the_newest_first(two: Shop) -> None:
    lines = package("list").stdout.splitlines()
    assert lines[0].split() == ["image", "model", "id", "size", "added", "loader", "smoke", "here", "age"]
    assert [line.split()[0] for line in lines[1:]] == ["fraud:2", "fraud:1"]
    assert lines[1].split()[-3:] == ["✓", "✓", "1h"]
    [document] = json.loads(package("list", "fraud@champion", "--json").stdout)
    assert (document["image"], document["version"], document["here"]) == ("fraud:1", 1, True)


def test_an_image_that_docker_lost_is_listed_so(two: Shop) -> None:
    two.client.remove_image("fraud:1")
    assert json.loads(package("list", "fraud/1", "--json").stdout)[0]["here"] is False
    assert "Docker has it no more" in package("inspect", "fraud/1").stdout


def test_without_images_the_next_command_is_named(shop: Shop) -> None:
    assert "workbench package build" in package("list").stderr


def test_one_image_in_full(two: Shop) -> None:
    shown = package("inspect", "fraud:1").stdout
    for part in ("fraud/1, run aaaaaaaa", "numpy 2.4.6", "✓ ready", "mlflow-skinny: not needed by the native loader"):
        assert part in shown
    document = json.loads(package("inspect", "fraud@champion", "--json").stdout)
    assert (document["image"], document["loader"]) == ("fraud:1", "native")
    assert document["packages"]["numpy"] == "2.4.6"
    missing = package("inspect", "fraud:7", status=3)
    assert "no image of this project is called fraud:7" in missing.stderr


def test_the_bill_of_materials_comes_out_of_the_image(two: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tar_of({"sbom.cdx.json": b'{"bomFormat": "CycloneDX"}'})
    monkeypatch.setattr(two.client, "get_archive", lambda *_: (iter([archive]), {}), raising=False)
    assert json.loads(package("inspect", "fraud:1", "--sbom").stdout) == {"bomFormat": "CycloneDX"}
    assert two.client.containers_by_id == {}


def test_what_differs_between_two_images(two: Shop) -> None:
    shown = package("diff", "fraud/1", "fraud/2").stdout
    assert shown.splitlines()[0] == "fraud:1 → fraud:2"
    assert "version    1 → 2" in shown
    assert "3 of 4 and 4 are the same" in shown
    assert json.loads(package("diff", "fraud:1", "fraud:1", "--json").stdout)["same"] is True


def test_a_smoke_test_is_repeated_and_exits_with_what_came_of_it(two: Shop) -> None:
    assert "✓ predictions" in package("smoke", "fraud:1").stdout
    two.client.answers = [json.dumps({**PASSED, "uid": 0})]
    assert "✗ user" in package("smoke", "fraud:1", status=1).stdout
    assert json.loads(package("list", "fraud/1", "--json").stdout)[0]["smoke"]["ok"] is False


def test_an_image_goes_into_a_file_and_comes_back(two: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    content = saved_image([tar_of({"a": b"1"})], "fraud:1")
    monkeypatch.setattr(two.client, "get_image", lambda name: iter([content]), raising=False)
    assert package("save", "fraud:1", "-o", "f.tar").stdout.startswith("wrote f.tar  fraud:1, ")
    assert "-o FILE" in package("save", "fraud:1", status=2).stderr

    def load(file: Any, **_: Any) -> None:
        from workbench.packaging.saving import read_saved

        labels = {"io.workbench.model": "fraud", "io.workbench.version": "1", "io.workbench.run_id": "a" * 32}
        made = two.client.add_image("x", layers=read_saved("f.tar").layers, Config={"Labels": labels})
        two.client.tag(made, "fraud", "1")

    monkeypatch.setattr(two.client, "load_image", load, raising=False)
    assert "--replace" in package("load", "f.tar", status=4).stderr
    assert package("load", "f.tar", "--replace").stdout.startswith("fraud:1  sha256:")
    documents = json.loads(package("list", "--json").stdout)
    assert [document["image"] for document in documents] == ["fraud:1", "fraud:2", "fraud:1"]
    assert documents[0]["model"] == "fraud"


def test_old_images_go_after_a_yes(two: Shop) -> None:
    assert package("gc", "--keep", "0", "--dry-run").stdout == "would remove fraud:2\n"
    assert "needs a yes" in package("gc", "--keep", "0", status=2).stderr
    assert package("gc", "--keep", "0", "--yes").stdout.startswith("removed fraud:2  ")
    assert "fraud:2" not in two.client.names()
    assert [one["image"] for one in json.loads(package("list", "--json").stdout)] == ["fraud:1"]
    assert package("gc", "--keep", "0", "--yes").stdout == "nothing to remove\n"
    assert package("gc").stdout == "nothing to remove\n"
