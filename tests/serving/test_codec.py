"""Both ways of reading and writing JSON say the same, and neither lets NaN through."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.serving import codec

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=12,
)


def without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [without_nan(item) for item in value]
    return {key: without_nan(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_back_with_null_for_what_is_not_finite(value: Any) -> None:
    for dumps in (codec.dumps, codec.dumps_standard):
        for loads in (codec.loads, codec.loads_standard):
            assert loads(dumps(value)) == without_nan(value)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_body_is_read_the_same_or_refused_by_both_readers(body: bytes) -> None:
    found: list[Any] = []
    for loads in (codec.loads, codec.loads_standard):
        try:
            found.append(loads(body))
        except ValueError:
            found.append("refused")
    assert found[0] == found[1]


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"\xff", b"{", b""])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    for loads in (codec.loads, codec.loads_standard):
        with pytest.raises(ValueError):
            loads(text)


def test_values_of_numpy_are_written_as_mlflow_writes_them() -> None:
    from mlflow.utils.proto_json_utils import NumpyEncoder

    values = {
        "array": np.array([[1, 2], [3, 4]]),
        "float32": np.float32(0.1),
        "objects": np.array(["a", None], dtype=object),
        "bytes": b"\x00\xff",
        "time": datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
    }
    expected = json.loads(json.dumps(values, cls=NumpyEncoder))
    assert codec.loads(codec.dumps(values)) == expected
    assert codec.loads(codec.dumps_standard(values)) == expected


def test_keys_that_are_no_text_are_written_as_text() -> None:
    assert codec.loads(codec.dumps({1: [float("nan")]})) == {"1": [None]}


def test_what_has_no_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError):
        codec.dumps({"a": object()})
