"""Types of a signature that are made of other types: arrays, objects, maps; checked value by value.

Only models that take Python values have them. MLflow checks such values the same way, but says them in its errors.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from .errors import Field

INTEGERS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
EXPECTED = {
    "boolean": "true or false",
    "integer": "a whole number of 32 bits",
    "long": "a whole number of 64 bits",
    "float": "a number",
    "double": "a number",
    "string": "text",
    "binary": "base64 text",
    "datetime": "an ISO 8601 time as text",
}
"""What a value of a type is called in an error."""


def is_scalar(kind: str, value: object) -> bool:
    """Whether a value of JSON has this type of MLflow; null has none."""
    if kind in INTEGERS:
        low, high = INTEGERS[kind]
        whole = type(value) is int or (type(value) is float and value.is_integer())
        return whole and low <= value <= high  # type: ignore[operator]
    if kind in ("float", "double"):
        return type(value) is int or (type(value) is float and math.isfinite(value))
    if kind == "boolean":
        return type(value) is bool
    if kind == "datetime":
        return type(value) is str and _is_time(value)
    if kind == "binary":
        return type(value) is str and _is_base64(value)
    return type(value) is str


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text[:-1] if text.endswith("Z") else text)
    except ValueError:
        return False
    return True


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return False
    return True


def convert(spec: Any, value: Any) -> Any:
    """A checked value as the model gets it: whole numbers as int, base64 as bytes."""
    kind = spec["type"] if isinstance(spec, dict) else spec
    if value is None or kind == "any":
        return value
    if kind == "array":
        return [convert(spec["items"], item) for item in value]
    if kind == "object":
        return {name: convert(spec["properties"][name], item) for name, item in value.items()}
    if kind == "map":
        return {name: convert(spec["values"], item) for name, item in value.items()}
    converters: dict[str, Callable[[Any], Any]] = {
        "integer": int,
        "long": int,
        "float": float,
        "double": float,
        "binary": base64.b64decode,
    }
    converter = converters.get(kind)
    return converter(value) if converter else value


def problems(spec: Any, value: Any, path: str, required: bool = True) -> Iterator[Field]:
    """Where a value is not as its type says.

    Args:
        spec: a type in the JSON of MLflow's signatures: `{"type": "array", "items": …}`, or its name alone.
        path: of the value.
        required: whether it may not be null.
    """
    kind = spec["type"] if isinstance(spec, dict) else spec
    if kind == "any" or (value is None and not required):
        return
    if kind == "array":
        if not isinstance(value, list):
            yield Field(path, "a list")
            return
        for number, item in enumerate(value):
            yield from problems(spec["items"], item, f"{path}[{number}]", required)
    elif kind == "map":
        if not isinstance(value, dict):
            yield Field(path, "an object")
            return
        for number, item in enumerate(value.values()):
            yield from problems(spec["values"], item, f"{path}.{{{number}}}", required)
    elif kind == "object":
        yield from _object_problems(spec["properties"], value, path)
    elif not is_scalar(kind, value):
        yield Field(path, EXPECTED.get(kind, str(kind)))


def _object_problems(properties: dict[str, Any], value: Any, path: str) -> Iterator[Field]:
    """Where a value is not an object with these properties; the names of unknown ones are values and not said."""
    if not isinstance(value, dict):
        yield Field(path, "an object")
        return
    for name, spec in properties.items():
        required = spec.get("required", True)
        if name in value:
            yield from problems(spec, value[name], f"{path}.{name}", required)
        elif required:
            yield Field(f"{path}.{name}", "this property, which is missing")
    if value.keys() - properties.keys():
        yield Field(path, "no properties beyond those of the signature")
