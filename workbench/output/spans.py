"""Styled lines: what every view and chart returns, so that the command line and the terminal app can both draw it.

A line is a list of spans; a span is a text and the name of a style. Names say what a span means
(`good`, `series0`), never a colour, so that a theme may choose. Texts are never parsed: brackets
in a run's name are brackets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Span = tuple[str, str]
"""Text and style name; the empty name is the terminal's own style."""
Line = list[Span]

STYLES: Mapping[str, str] = {
    "": "",
    "bold": "bold",
    "dim": "dim",
    "faint": "bright_black",
    "heading": "bold",
    "accent": "cyan",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "running": "cyan",
    "added": "green",
    "removed": "red",
    "hunk": "cyan",
    "series0": "cyan",
    "series1": "yellow",
    "series2": "magenta",
    "series3": "green",
    "series4": "blue",
    "series5": "red",
    "series6": "bright_cyan",
    "series7": "bright_magenta",
}
"""Style names as Rich styles. Only the 16 colours of the terminal's own theme, so light themes stay readable."""

_SGR = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "bright_black": "90",
    "bright_magenta": "95",
    "bright_cyan": "96",
}
_CODES = {name: ";".join(_SGR[word] for word in style.split()) for name, style in STYLES.items()}

_ASCII = str.maketrans(
    {
        "●": "*", "✓": "+", "✗": "x", "◌": "o", "★": "*", "▌": ">", "⚑": "#", "▲": "^", "▼": "v", "▶": ">",
        "…": "~", "–": "-", "−": "-", "—": "-", "∞": "I", "×": "x", "·": ".", "→": ">", "≠": "!", "±": "~",
        "─": "-", "━": "=", "┄": "-", "│": "|", "┤": "|", "└": "+", "├": "+", "┼": "+", "┊": ":",
        "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#",
    }
)  # fmt: skip


def plain(line: Line) -> str:
    """The text of a line without its styles."""
    return "".join(text for text, _ in line)


def to_text(lines: Iterable[Line], *, colour: bool = False, ascii: bool = False) -> str:
    """The lines as one text, each ended by a newline.

    Args:
        lines: styled lines.
        colour: add the escape codes of the styles (SGR, 16 colours).
        ascii: replace marks and box characters by ASCII of the same width, for terminals without UTF-8.
    """
    parts: list[str] = []
    for line in lines:
        for text, style in line:
            code = _CODES.get(style) if colour and text else None
            parts.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
        parts.append("\n")
    joined = "".join(parts)
    return to_ascii(joined) if ascii else joined


def to_ascii(text: str) -> str:
    """`text` with the product's marks and box characters as ASCII of the same width; other characters stay."""
    return text.translate(_ASCII)
