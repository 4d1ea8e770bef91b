"""What someone may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def close_names(name: str, known: Iterable[str]) -> list[str]:
    """The known names that look like `name`, the likeliest first, at most three."""
    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.6)


def near_matches(name: str, known: Iterable[str]) -> str | None:
    """A hint with the known names that look like `name`, or None."""
    near = close_names(name, known)
    return f"did you mean {' or '.join(near)}?" if near else None
