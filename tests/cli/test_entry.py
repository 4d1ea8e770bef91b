"""Which command lines open the terminal app without loading the parser of all the others."""

from __future__ import annotations

import pytest

from tests.cli.harness import workbench
from workbench.base.project import Project
from workbench.cli.entry import AppStart, app_start


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", AppStart()),
        ("ui", AppStart(named=True)),
        ("ui --read-only", AppStart(read_only=True, named=True)),
        ("-C there", AppStart("there")),
        ("-C there ui", AppStart("there", named=True)),
        ("status", None),
        ("ui --help", None),
        ("-C", None),
        ("-C --help", None),
        ("ui ui", None),
        ("--version", None),
    ],
)
def test_only_what_opens_the_app_is_recognised(line: str, expected: AppStart | None) -> None:
    """Everything else, mistakes too, goes to the parser that can explain it."""
    assert app_start(line.split()) == expected


def test_without_a_terminal_the_app_says_what_to_use_instead(project: Project) -> None:
    """It draws nothing into a pipe."""
    outcome = workbench("ui")

    assert outcome.status == 2
    assert outcome.stdout == ""
    assert "needs a terminal" in outcome.stderr
    assert "workbench status" in outcome.stderr
