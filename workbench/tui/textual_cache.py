"""One cache of Textual's, mended: it keeps the lines of widgets that are long gone."""

from __future__ import annotations

from typing import Any

from textual._styles_cache import StylesCache


def mend_colour_cache() -> None:
    """Have the colours around a widget remembered by the colours alone.

    Textual remembers the last 1,024 answers of `StylesCache.get_inner_outer`, which depend on two colours, for each
    widget anew, and with each answer the widget's `StylesCache`: every line that it has drawn. After a few minutes of
    opening and closing screens that is tens of MB of what nobody sees any more. The method's first parameter is called
    `cls`: as the class method that it is meant to be, it remembers one answer for each pair of colours.
    See https://github.com/Textualize/textual/issues/6665.
    """
    found: Any = vars(StylesCache).get("get_inner_outer")
    if hasattr(found, "cache_clear"):  # a Textual that remembers otherwise is left as it is
        StylesCache.get_inner_outer = classmethod(found)  # type: ignore[method-assign, assignment]
