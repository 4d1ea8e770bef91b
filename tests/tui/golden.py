"""Screens as text files, which a change has to be meant to change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from textual.app import App

from tests.tui.screen_text import screen_text

GOLDEN = Path(__file__).parent / "golden"


def check_screen(name: str, app: App[Any]) -> None:
    """Compare the screen with the golden file `name`, or write the file where the environment has `GOLDEN=write`."""
    path = GOLDEN / name
    text = screen_text(app) + "\n"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == expected, f"differs from {path.name}; where that is meant: GOLDEN=write pytest tests/tui\n{text}"
