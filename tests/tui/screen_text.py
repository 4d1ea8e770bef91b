"""What is on the screen of an app that runs without a terminal."""

from __future__ import annotations

from typing import Any

from textual.app import App


def screen_text(app: App[Any]) -> str:
    """The screen as lines of text, without the spaces at their ends."""
    # Textual offers pictures of the screen only as SVG; this is the one place that knows its compositor.
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
