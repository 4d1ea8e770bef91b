"""What goes into a model and what comes out of it, as names and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PARTS = ("inputs", "outputs", "params")


def column_types(signature: Mapping[str, Any] | None) -> dict[str, str]:
    """Types by `inputs.NAME`, `outputs.NAME` and `params.NAME`; what has no name goes by its position, from 0.

    Args:
        signature: as MLflow's `MLmodel` states it, with its parts parsed; None has no columns.
    """
    found: dict[str, str] = {}
    for part in PARTS:
        columns = (signature or {}).get(part)
        for position, column in enumerate(columns if isinstance(columns, list) else []):
            if isinstance(column, Mapping):
                found[f"{part}.{column.get('name', position)}"] = _type_of(column)
    return found


def _type_of(column: Mapping[str, Any]) -> str:
    """`double`, `string optional`, `float64 (-1, 3)`."""
    tensor = column.get("tensor-spec")
    kind = str(column.get("type"))
    if isinstance(tensor, Mapping):
        shape = ", ".join(str(size) for size in tensor.get("shape") or ())
        kind = f"{tensor.get('dtype')} ({shape})"
    return f"{kind} optional" if column.get("required") is False else kind
