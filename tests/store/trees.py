"""Filters made up for property tests: every kind of tree that the language can express."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from workbench.store.conditions import (
    PATTERNS,
    Comparison,
    Condition,
    Entity,
    Every,
    IsNull,
    Membership,
    Not,
    Operand,
    Some,
)
from workbench.store.fields import ATTRIBUTES
from workbench.store.operands import DATASET_FIELDS

keys = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
values = st.one_of(
    st.floats(allow_nan=False),
    st.just(math.nan),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
)


@st.composite
def operands(draw: st.DrawFn) -> Operand:
    entity: Entity = draw(st.sampled_from(["metrics", "params", "tags", "attributes", "datasets", ""]))
    if entity == "attributes":
        return Operand(entity, draw(st.sampled_from(list(ATTRIBUTES))))
    if entity == "datasets":
        return Operand(entity, draw(st.sampled_from(DATASET_FIELDS)))
    if entity in ("metrics", "") and draw(st.booleans()):
        aggregate = draw(st.sampled_from(["max", "min", "first", "last", "best", "mean", "count"]))
        at_step = aggregate not in ("mean", "count") and draw(st.booleans())
        return Operand(entity, draw(keys), aggregate, at_step)
    return Operand(entity, draw(keys))


@st.composite
def leaves(draw: st.DrawFn) -> Condition:
    operand = draw(operands())
    kind = draw(st.sampled_from(["compare", "pattern", "in", "null"]))
    if kind == "compare":
        return Comparison(operand, draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="])), draw(values))
    if kind == "pattern":
        return Comparison(operand, draw(st.sampled_from(PATTERNS)), draw(keys))
    if kind == "in":
        return Membership(operand, tuple(draw(st.lists(values, min_size=1, max_size=3))))
    return IsNull(operand)


conditions = st.recursive(
    leaves(),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=8,
)
