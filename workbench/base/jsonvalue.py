"""JSON as the product reads and writes it.

JSON has no NaN and no infinities: they are the strings "NaN", "Infinity" and "-Infinity". Values
that JSON does not know (NumPy scalars, paths, dates, arbitrary objects) become the nearest value
that it does, never an exception: a parameter that cannot be logged is a lost parameter.
"""

from __future__ import annotations

import json
import math

_encode_strict = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

_MAX_INT_BITS = 14_000
"""Python refuses to write integers of more than 4,300 digits in decimal."""


def plain(value: object) -> object:
    """`value` made of dicts with string keys, lists, strings, finite numbers, booleans and None alone.

    Raises:
        RecursionError: the value contains itself, or is nested deeper than the stack.
    """
    try:
        return _plain(value)
    except RecursionError:
        raise
    except Exception:  # a value may fail in any way while it is looked at
        return f"<{type(value).__name__}>"


def _plain(value: object) -> object:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        # `str.__str__` and its like skip what a subclass made of them: a string enum is its value.
        return _without_surrogates(str.__str__(value))
    if isinstance(value, int):
        whole = int.__int__(value)
        return whole if whole.bit_length() <= _MAX_INT_BITS else hex(whole)
    if isinstance(value, float):
        number = float.__float__(value)
        return number if math.isfinite(number) else nonfinite_name(number)
    if isinstance(value, dict):
        return {_key(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(v) for v in value), key=str)
    if getattr(value, "shape", None) == ():  # NumPy and Torch scalars
        return plain(value.item())  # type: ignore[attr-defined]
    tolist = getattr(value, "tolist", None)
    return plain(tolist()) if callable(tolist) else _without_surrogates(str(value))


def _key(key: object) -> str:
    """A dict's key as `json` writes it: `true`, `null`, `1`; any other object as its text."""
    inner = plain(key)
    return inner if isinstance(inner, str) else _encode_strict(inner)


def nonfinite_name(value: float) -> str:
    """The string that stands for NaN or an infinity."""
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def dumps(value: object) -> str:
    """One line of compact JSON; never raises for any value."""
    try:
        text = _encode_strict(value)
        text.encode()
        return text
    except Exception:
        try:
            return _encode_strict(plain(value))
        except RecursionError:
            return _encode_strict(f"<{type(value).__name__}: nested too deeply>")


def loads(text: str | bytes) -> object:
    """The value of a JSON document."""
    value: object = json.loads(text)
    return value


def _without_surrogates(text: str) -> str:
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
