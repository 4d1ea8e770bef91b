"""Parameters of a prediction, which a request may carry beside its rows."""

from __future__ import annotations

from typing import Any

from .errors import Field, SchemaError
from .nested import EXPECTED, convert, is_scalar, problems


class Params:
    """The parameters that a signature declares.

    Attributes:
        specs: as MLflow writes them in JSON.
    """

    def __init__(self, specs: list[dict[str, Any]] | None) -> None:
        self.specs = specs or []
        self._defaults = {spec["name"]: spec.get("default") for spec in self.specs}

    def read(self, given: Any) -> dict[str, Any]:
        """The values for one prediction: defaults, and what the request says; unknown names are ignored.

        Raises:
            SchemaError: a value has another type.
        """
        if not self.specs:
            return {}
        if given is None:
            return dict(self._defaults)
        if not isinstance(given, dict):
            raise SchemaError("params is an object", [Field("params", "an object")])
        values = dict(self._defaults)
        fields: list[Field] = []
        for spec in self.specs:
            name = spec["name"]
            if name in given:
                fields += _problems(spec, given[name], f"params.{name}")
                if not fields:
                    values[name] = _converted(spec, given[name])
        if fields:
            raise SchemaError("a parameter has another type", fields)
        return values


def _problems(spec: dict[str, Any], value: Any, path: str) -> list[Field]:
    kind = spec.get("type") or spec.get("dtype")
    if kind == "object":
        return list(problems(spec, value, path))
    expected = EXPECTED.get(str(kind), str(kind))
    if spec.get("shape"):
        if not isinstance(value, list):
            return [Field(path, f"a list of {expected}")]
        return [
            Field(f"{path}[{index}]", expected)
            for index, item in enumerate(value)
            if item is not None and not is_scalar(str(kind), item)
        ]
    return [] if value is None or is_scalar(str(kind), value) else [Field(path, expected)]


def _converted(spec: dict[str, Any], value: Any) -> Any:
    kind = spec.get("type") or spec.get("dtype")
    if spec.get("shape"):
        return [convert(kind, item) for item in value]
    return value if kind == "object" else convert(kind, value)
