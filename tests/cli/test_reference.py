"""docs/cli.md is what the program says of itself."""

from __future__ import annotations

from pathlib import Path

from workbench.cli.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_program_prints() -> None:
    assert reference() == PAGE.read_text(), "run: python -m workbench.cli.reference > docs/cli.md"


def test_every_command_has_a_section() -> None:
    page = reference()
    for name in ("init", "runs list", "runs reproduce", "store gc", "completion install", "demo"):
        assert f"\n## workbench {name}\n" in page
