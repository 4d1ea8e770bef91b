"""Colours that can be read, in every theme that ships."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from workbench.output.spans import STYLES
from workbench.tui.styles import MIN_CONTRAST, Styles, contrast, readable

TRUE_COLOUR_THEMES = sorted(name for name, theme in BUILTIN_THEMES.items() if not theme.ansi)
NOT_READ = {"faint", "border"}
BASES = ("", "cursor", "cursor-blurred", "marked", "header", "cell", "title-on", "table-header")


def colours(style: Style, background: Color) -> tuple[Color, Color] | None:
    """Text and what lies below it; None where the terminal's own colours are used."""
    if style.color is None:
        return None
    below = Color.from_rich_color(style.bgcolor) if style.bgcolor else background
    return Color.from_rich_color(style.color), below


@pytest.mark.parametrize("name", TRUE_COLOUR_THEMES)
def test_every_style_can_be_read_on_every_base(name: str) -> None:
    """A selected, marked or plain row keeps the contrast that is asked of text."""
    theme = BUILTIN_THEMES[name]
    styles = Styles(theme)
    background = Color.parse(theme.to_color_system().generate()["background"])
    poor = []
    for base in BASES:
        for span in {*STYLES, "key", "title", "error"} - NOT_READ:
            pair = colours(styles.on(span, base), background)
            if pair is not None and contrast(*pair) < MIN_CONTRAST:
                poor.append((base, span, round(contrast(*pair), 2)))

    assert not poor


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_every_span_name_has_a_style(name: str) -> None:
    """What views and charts return is known to every theme."""
    styles = Styles(BUILTIN_THEMES[name])

    assert {span for span in STYLES if span and span != "faint" and not styles[span]} == set()


def test_without_colours_no_style_has_one() -> None:
    """Attributes alone tell what a span is."""
    styles = Styles(BUILTIN_THEMES["ansi-dark"], colourless=True)

    for base in BASES:
        for span in STYLES:
            style = styles.on(span, base)
            assert style.color is None
            assert style.bgcolor is None


def test_the_cursor_is_seen_without_colours() -> None:
    """Reverse on a focused table, underline on another."""
    styles = Styles(BUILTIN_THEMES["ansi-dark"], colourless=True)

    assert styles["cursor"].reverse
    assert styles["cursor-blurred"].underline


def test_a_colour_that_can_be_read_stays_and_another_is_moved() -> None:
    """Towards white on dark, towards black on light."""
    black, white = Color.parse("#000000"), Color.parse("#ffffff")

    assert readable(white, black) == white
    assert contrast(readable(Color.parse("#222222"), black), black) >= MIN_CONTRAST
    assert contrast(readable(Color.parse("#dddddd"), white), white) >= MIN_CONTRAST


def test_a_line_fills_exactly_the_width_it_is_given() -> None:
    """Wide glyphs at the edge do not make a line longer or shorter."""
    styles = Styles(BUILTIN_THEMES["nord"])

    for width in range(12):
        assert styles.strip([("日本", "good"), ("語x", "")], width, "cursor").cell_length == width
