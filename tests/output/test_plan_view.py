"""How the plan of an image looks."""

from __future__ import annotations

from typing import Any

from workbench.output.plan_view import LARGEST, plan_lines
from workbench.output.spans import plain

PLAN: dict[str, Any] = {
    "image": "fraud:2", "base": "python:3.11-slim", "python": "3.11.9", "loader": "native",
    "packages": {"numpy": "2.4.6", "pandas": "3.1.1"}, "dropped": {"pytest": "not used"}, "notes": ["look out"],
    "base_bytes": 100_000_000, "layers": {"site": 50_000_000, "serve": 200_000, "model": 0},
    "package_bytes": {"numpy": 30_000_000, "pandas": 20_000_000}, "added": 50_200_000,
}  # fmt: skip


def lines(**changed: Any) -> list[str]:
    """The plan as lines of text."""
    return [plain(line).rstrip() for line in plan_lines({**PLAN, **changed})]


def test_layers_stand_with_their_sizes_and_bars() -> None:
    """The base is the longest; an empty layer has no bar."""
    shown = lines()

    assert " layers  150 MB, 50.2 MB over the base" in shown
    assert f"   base        100 MB  {'█' * 24}" in shown
    assert f"   packages     50 MB  {'█' * 12}" in shown
    assert next(line for line in shown if "model" in line).strip().endswith("0 B")


def test_the_largest_packages_are_named_and_the_rest_is_counted() -> None:
    """With versions, where they are known."""
    sizes = {f"p{number}": number * 1_000_000 for number in range(1, LARGEST + 3)}

    shown = lines(package_bytes=sizes, packages={"p10": "1.0"})

    assert shown[shown.index(" packages  10") + 1].startswith("   p10 1.0")
    assert "   and 2 more, 3 MB" in shown


def test_what_is_left_out_and_what_is_to_be_known_is_said() -> None:
    """In words."""
    assert "   without pytest: not used" in lines()
    assert " ! look out" in lines()


def test_names_cannot_write_to_the_terminal() -> None:
    """Control characters are shown as escapes."""
    assert all("\x1b" not in line for line in lines(image="a\x1b[31m", notes=["\x1b]0;x"], dropped={"\x1bq": "\x1b"}))
