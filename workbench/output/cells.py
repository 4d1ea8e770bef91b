"""How many terminal cells a text takes, and cutting and padding by cells.

Most texts are ASCII or the product's own marks, each one cell wide; only others (CJK, emoji,
combining marks) are worth loading Rich's Unicode tables for.
"""

from __future__ import annotations

ELLIPSIS = "…"

_NARROW_RANGES = ((0x20, 0x7F), (0xA0, 0xAD), (0xAE, 0x300), (0x2500, 0x25FD), (0x2800, 0x2900))
_NARROW = frozenset("✓✗★⚑…–−—∞·→≠±×").union(*(map(chr, range(*limits)) for limits in _NARROW_RANGES))
_is_narrow = _NARROW.issuperset

# C0 and C1 controls, line and paragraph separators, and the bidirectional controls that reorder a whole line.
_UNPRINTABLE = [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0x200E, 0x200F, *range(0x202A, 0x202F)]
_UNPRINTABLE += [*range(0x2066, 0x206A), 0xFEFF]
_ESCAPES = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _UNPRINTABLE
} | {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r", 0x1B: "\\e"}  # fmt: skip


def visible(text: str) -> str:
    """`text` on one line, with control characters shown as escapes: a value cannot move the cursor or recolour.

    Lone surrogates become escapes as well: no stream could encode them.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_ESCAPES)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def cell_width(text: str) -> int:
    """The number of terminal cells that `text` takes; wide characters count two, combining marks none."""
    if text.isascii() or _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def clip(text: str, width: int) -> str:
    """`text` cut to at most `width` cells; a cut is shown by a final `…`."""
    if cell_width(text) <= width:
        return text
    if width <= 0:
        return ""
    room = width - 1
    if text.isascii() or _is_narrow(text):
        return text[:room] + ELLIPSIS
    from rich.cells import set_cell_size

    return set_cell_size(text, room).rstrip() + ELLIPSIS if room else ELLIPSIS


def pad(text: str, width: int, align: str = "left") -> str:
    """`text` filled with spaces to `width` cells; a longer one is returned as it is."""
    missing = width - cell_width(text)
    if missing <= 0:
        return text
    return " " * missing + text if align == "right" else text + " " * missing


def fit(text: str, width: int, align: str = "left") -> str:
    """`text` cut and filled to exactly `width` cells."""
    return pad(clip(text, width), width, align)
