"""docs/keys.md is what the program says of its keys."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.tui.actions import ACTIONS, SCOPES, shown_key
from workbench.tui.keys_page import keys_page

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"


def test_the_page_is_what_the_actions_say() -> None:
    """Nobody writes it by hand."""
    if os.environ.get("GOLDEN") == "write":
        PAGE.write_text(keys_page(), encoding="utf-8", newline="")

    assert keys_page() == PAGE.read_text(encoding="utf-8"), "run: GOLDEN=write pytest tests/tui/test_keys_page.py"


def test_every_action_has_a_row_with_its_keys() -> None:
    """Also those that the help leaves out at the moment."""
    rows = keys_page().splitlines()

    for action in ACTIONS:
        row = next(row for row in rows if f"| `{action.id}` |" in row)
        assert all(f"`{shown_key(key)}`" in row.split(" | ")[0] for key in action.keys), row


def test_every_scope_with_actions_has_a_table() -> None:
    """In the order of the scopes."""
    titles = [line.removeprefix("## ") for line in keys_page().splitlines() if line.startswith("## ")]

    known = {action.scope for action in ACTIONS}
    assert titles == [title for scope, title in SCOPES.items() if scope in known]


def test_what_changes_something_is_marked() -> None:
    """A person reads the page before they press a key."""
    rows = {row.split(" | ")[2].strip("`"): row for row in keys_page().splitlines() if row.startswith("| `")}

    assert {name for name, row in rows.items() if "✎" in row} == {action.id for action in ACTIONS if action.writes}
