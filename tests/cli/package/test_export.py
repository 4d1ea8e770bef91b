"""`workbench package export`; tests/packaging/test_exporting.py holds what is written against schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.harness import workbench
from tests.conftest import FakeClock
from tests.packaging.yards import Yard
from workbench.base.project import Project


@pytest.fixture
def yard(project: Project, clock: FakeClock) -> Iterator[Yard]:
    """Images, and no engine."""
    opened = Yard.open(project, clock)
    yield opened
    opened.registry.close()


def test_files_are_written_without_docker(yard: Yard, tmp_path: Path) -> None:
    done = workbench("package", "export", "fraud/3", "--format", "compose", "-o", "deploy")
    assert (done.status, done.stdout) == (0, "wrote deploy/compose.yaml\n")
    again = workbench("package", "export", "fraud:3", "--format", "compose", "-o", "deploy")
    assert again.status == 4 and "is there already" in again.stderr


def test_kubernetes_says_that_the_image_has_to_be_somewhere(yard: Yard) -> None:
    done = workbench("package", "export", "fraud/3", "--format", "kubernetes", "-o", "deploy")
    assert "--image REF names one of a registry" in done.stderr
    words = ["fraud/3", "--format", "kubernetes", "-o", "other", "--image", "r.example.org/f:3", "--json"]
    named = workbench("package", "export", *words)
    assert json.loads(named.stdout) == {
        "format": "kubernetes", "files": ["other/kubernetes.yaml"], "image": "r.example.org/f:3", "name": "fraud",
    }  # fmt: skip
    assert "image: r.example.org/f:3" in Path("other/kubernetes.yaml").read_text()


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["fraud/9", "--format", "compose"], 3),
        (["fraud/3", "--format", "helm"], 2),
        (["fraud/3", "--format", "compose", "--port", "0"], 2),
        (["fraud/3", "--format", "dockerfile", "--port", "9000"], 2),
    ],
)
def test_what_cannot_be_is_refused(yard: Yard, words: list[str], status: int) -> None:
    assert workbench("package", "export", *words, "-o", "deploy").status == status
    assert not Path("deploy").exists()
