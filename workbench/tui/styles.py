"""The styles of spans in the colours of a theme.

Views and charts name what a span means (`good`, `series0`, see `output.spans`); here the app's theme
gives that a colour which can be read on the theme's background. Where there are no colours
(`NO_COLOR`), attributes alone tell: reverse, bold, underline.
"""

from __future__ import annotations

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget

from workbench.output.cells import cell_width
from workbench.output.spans import STYLES, Line

MIN_CONTRAST = 4.5
"""Ratio of luminances of text on its background: https://www.w3.org/TR/WCAG21/#contrast-minimum."""
MIN_CONTRAST_OF_RULES = 1.6
"""Lines between things are not read."""

# Told apart by people with any colour vision: https://jfly.uni-koeln.de/color/
_SERIES = ("#56B4E9", "#E69F00", "#CC79A7", "#009E73", "#0072B2", "#D55E00", "#F0E442", "#999999")

_OWN_COLOURS = frozenset({"cursor", "cell", "header", "title-on"})
"""Lines in one colour, whatever their spans mean."""

_COLOURLESS = {
    "header": "reverse",
    "tab-on": "bold underline",
    "key": "bold",
    "title": "bold",
    "title-on": "bold reverse",
    "cursor": "reverse",
    "cursor-blurred": "underline",
    "cell": "reverse bold underline",
    "marked": "bold",
    "table-header": "bold underline",
    "error": "bold",
    "accent": "bold",
    "heading": "bold",
    "bold": "bold",
    "bad": "bold",
    "series1": "bold",
    "series3": "bold",
    "series5": "bold",
    "series7": "bold",
}
_ANSI = {
    **STYLES,
    "header": "reverse",
    "tab-on": "bold reverse",
    "key": "bold cyan",
    "title": "bold",
    "title-on": "bold reverse",
    "cursor": "reverse",
    "cursor-blurred": "underline",
    "cell": "reverse bold underline",
    "marked": "bold",
    "table-header": "bold",
    "error": "red",
    "border": "bright_black",
}


class Styles:
    """The style of each span name in one theme.

    Args:
        theme: a Textual theme.
        colourless: no colours at all.
    """

    def __init__(self, theme: Theme, *, colourless: bool = False) -> None:
        if colourless:
            self._styles = {name: Style.parse(style) for name, style in _COLOURLESS.items()}
        elif theme.ansi:
            self._styles = {name: Style.parse(style or "none") for name, style in _ANSI.items()}
        else:
            self._styles = _themed(theme)
        self._plain = Style()
        self._combined: dict[tuple[str, str], Style] = {}

    def __getitem__(self, name: str) -> Style:
        """The style of a span name; the empty style for a name that has none."""
        return self._styles.get(name, self._plain)

    def on(self, name: str, base: str) -> Style:
        """The style of a span in a line whose style is `base`; on the cursor the line's own colours win."""
        key = (name, base)
        style = self._combined.get(key)
        if style is None:
            below, own = self[base], self[name]
            if base in _OWN_COLOURS:
                style = below + Style(bold=own.bold or below.bold, underline=own.underline or below.underline)
            elif own.color is not None and below.bgcolor is not None and own.bgcolor is None:
                background = Color.from_rich_color(below.bgcolor)
                style = below + own + Style(color=readable(Color.from_rich_color(own.color), background).rich_color)
            else:
                style = below + own
            self._combined[key] = style
        return style

    def escape_codes(self) -> dict[str, str]:
        """The parameters of each style's escape sequence (SGR), by span name."""
        return {name: style._make_ansi_codes(ColorSystem.TRUECOLOR) for name, style in self._styles.items()}

    def strip(self, line: Line, width: int, base: str = "", *, left: int = 0) -> Strip:
        """A line as exactly `width` cells, cut or filled, from cell `left` on."""
        segments = [Segment(text, self.on(name, base)) for text, name in line]
        strip = Strip(segments, sum(cell_width(text) for text, _ in line))
        return (
            strip.crop(left).adjust_cell_length(width, self[base])
            if left
            else strip.adjust_cell_length(width, self[base])
        )


def contrast(a: Color, b: Color) -> float:
    """The contrast ratio of two colours, 1 to 21: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio."""
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: Color, background: Color, ratio: float = MIN_CONTRAST) -> Color:
    """The colour, as far towards black or white as it takes to be read on the background."""
    target = Color.parse("#ffffff" if _luminance(background) < 0.18 else "#000000")
    for step in range(11):
        candidate = colour.blend(target, step / 10)
        if contrast(candidate, background) >= ratio:
            return candidate
    return target


def _luminance(colour: Color) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""

    def linear(share: float) -> float:
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _themed(theme: Theme) -> dict[str, Style]:
    variables = theme.to_color_system().generate()
    background = Color.parse(variables["background"])
    panel = Color.parse(variables["panel"])
    foreground = readable(Color.parse(variables["foreground"]), background)
    cursor = Color.parse(variables["block-cursor-background"])

    def text(name: str, *, on: Color = background, bold: bool = False) -> Style:
        return Style(color=readable(Color.parse(name), on).rich_color, bold=bold or None)

    def block(colour: Color, below: Color, *, bold: bool = False) -> Style:
        return Style(color=readable(colour, below).rich_color, bgcolor=below.rich_color, bold=bold or None)

    blurred = background.blend(cursor, 0.25)
    return {
        "bold": Style(bold=True),
        "dim": text(foreground.blend(background, 0.35).hex),
        "faint": Style(
            color=readable(foreground.blend(background, 0.75), background, MIN_CONTRAST_OF_RULES).rich_color
        ),
        "border": Style(
            color=readable(foreground.blend(background, 0.75), background, MIN_CONTRAST_OF_RULES).rich_color
        ),
        "heading": text(variables["primary"], bold=True),
        "accent": text(variables["accent"]),
        "good": text(variables["success"]),
        "added": text(variables["success"]),
        "bad": text(variables["error"]),
        "removed": text(variables["error"]),
        "error": text(variables["error"]),
        "warn": text(variables["warning"]),
        "running": text(variables["primary"]),
        "hunk": text(variables["primary"]),
        "key": text(variables["accent"], bold=True),
        "marked": Style(bold=True, bgcolor=background.blend(Color.parse(variables["accent"]), 0.12).rich_color),
        "table-header": block(foreground, panel, bold=True),
        "header": block(foreground, panel),
        "tab-on": block(foreground, background, bold=True),
        "title": text(foreground.hex, bold=True),
        "title-on": block(Color.parse("#ffffff"), cursor, bold=True),
        "cursor": block(Color.parse("#ffffff"), cursor),
        "cursor-blurred": block(foreground, blurred),
        "cell": block(Color.parse("#ffffff"), cursor.darken(0.12) if theme.dark else cursor.lighten(0.12), bold=True)
        + Style(underline=True),
        **{f"series{index}": text(colour) for index, colour in enumerate(_SERIES)},
    }


def ink(widget: Widget) -> Styles:
    """The styles of the theme that a widget's app has now."""
    app = widget.app
    theme, key = app.current_theme, (app.theme, app.no_color)
    known = _known.get(key)
    if known is None:
        known = _known[key] = Styles(theme, colourless=app.no_color)
    return known


_known: dict[tuple[str, bool], Styles] = {}
