"""Nothing is done without a yes."""

from __future__ import annotations

import pytest

from tests.tui.dialogs.asking import SMALL, asked
from workbench.tui.dialogs.confirm import Confirm


def confirm() -> Confirm:
    """A question."""
    return Confirm("Put 2 runs in the trash?", [[("  brave-otter", "")], [("  quiet-lynx", "")]], "Put in the trash")


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("y", True),
        ("n", None),
        ("enter", None),
        ("escape", None),
        ("tab enter", True),
        ("right enter", True),
        ("l h enter", None),
    ],
)
def test_only_yes_is_yes(keys: str, answer: bool | None) -> None:
    """Enter alone says no."""
    app = asked(confirm(), *keys.split())

    assert app.answers == [answer]
    assert app.leaked == []


def test_it_names_what_it_will_do() -> None:
    """Title, things and the button."""
    shown = asked(confirm()).shown

    for text in ("Put 2 runs in the trash?", "brave-otter", "quiet-lynx", "No", "Put in the trash", "y yes", "n no"):
        assert text in shown


def test_the_answers_stay_in_sight_below_many_lines_and_on_a_small_screen() -> None:
    """The lines scroll, the buttons do not."""
    many = Confirm("Sure?", [[(f"  run-{index}", "")] for index in range(100)], "Delete")

    assert "Delete" in asked(many).shown
    assert "No" in asked(confirm(), size=SMALL).shown


def test_a_long_line_is_broken_not_cut() -> None:
    """Who agrees has read everything."""
    app = asked(Confirm("Sure?", [[("word " * 30 + "end.", "")]], "Do it"))

    assert "end." in app.shown
