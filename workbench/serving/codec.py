"""JSON, with orjson where the image has it and the standard library otherwise; both refuse NaN and write it as null.

The standard library's reader accepts `NaN` and `Infinity`, which are not JSON; here it does not. Predictions that
are NaN or infinite are written as `null`, for no reader of JSON can be trusted with anything else.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
from collections.abc import Callable
from typing import Any

_orjson: Any = None
try:
    import orjson

    _orjson = orjson
except ImportError:
    pass


def _refuse_constant(_: str) -> Any:
    raise ValueError("not a number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number beyond a double")
    return number


def loads_standard(body: bytes) -> Any:
    """The value of a JSON text, read by the standard library.

    Raises:
        ValueError: it is not JSON in UTF-8; the message may quote the text, so it is not shown to anybody.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("too deeply nested") from error


def plain(value: Any) -> Any:
    """What numpy's and pandas' values are in JSON, as MLflow writes them; for what the encoder does not know itself.

    Raises:
        TypeError: nothing is known for it.
    """
    if hasattr(value, "tolist"):  # numpy arrays and scalars, without importing numpy
        return value.tolist()
    if isinstance(value, bytes | bytearray):
        return base64.encodebytes(value).decode("ascii")
    if isinstance(value, datetime.date | datetime.time):  # pandas' Timestamp is one
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _sound(value: Any) -> Any:
    """`value` with null for what is not finite and with text for keys, for the standard library's encoder."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key if isinstance(key, str) else str(key): _sound(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    return _sound(plain(value))


def dumps_standard(value: Any) -> bytes:
    """The JSON text of a value, written by the standard library."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=plain)
    except (ValueError, TypeError):
        text = json.dumps(_sound(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()


loads: Callable[[bytes], Any] = loads_standard if _orjson is None else _orjson.loads


def dumps(value: Any) -> bytes:
    """The JSON text of a value; `null` for NaN and infinity.

    Raises:
        TypeError: a value has no form in JSON.
    """
    if _orjson is None:
        return dumps_standard(value)
    try:
        text: bytes = _orjson.dumps(value, plain, _orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:  # keys that are not text, integers beyond 64 bits, halves of characters
        return dumps_standard(value)
    return text
