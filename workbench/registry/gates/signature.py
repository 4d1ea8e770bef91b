"""Gates on a model's signature: whoever calls another version can call this one in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from workbench.registry.evidence import read_description, read_signature
from workbench.registry.gates.against import maybe_against, named, opponent
from workbench.registry.gates.candidate import Candidate, Facts, Reference
from workbench.registry.gates.judge import Judge, Verdict
from workbench.registry.gates.settings import Settings

WIDER = {("integer", "long"), ("integer", "double"), ("float", "double")}
"""Types and those that take every value of them, as MLflow converts inputs (mlflow.models.utils)."""
_KINDS = {"integer": "whole number", "long": "whole number", "float": "number", "double": "number"}

Columns = dict[str, Mapping[str, Any]]
"""What a signature says of each column, by its name, or its place where it has none."""


@dataclass(frozen=True)
class Signature(Judge):
    """`signature`: there is one, and an input example; inputs and outputs are compatible with another version's."""

    against: Reference | None
    allow_new_optional: bool

    @classmethod
    def declared(cls, take: Settings) -> Self:
        """See `Judge`."""
        return cls(maybe_against(take), take.get("allow_new_optional", True))

    @property
    def others(self) -> Sequence[Reference]:
        """See `Judge`."""
        return () if self.against is None else (self.against,)

    def judge(self, candidate: Candidate, timeout_s: float) -> Verdict:
        """See `Judge`."""
        own = _signature(candidate, candidate.facts)
        if own is None:
            return Verdict(False, f"{candidate.facts.shown} has no signature: log_model(…, input_example=…) makes one")
        if self.against is None:
            described = read_description(candidate.project, candidate.facts.files)
            if not described.get("saved_input_example_info"):
                return Verdict(False, f"{candidate.facts.shown} has no input example: log_model(…, input_example=…)")
            return Verdict(
                True, f"a signature of {len(columns_of(own, 'inputs'))} inputs and an input example are there"
            )
        other = opponent(candidate, self.against)
        if isinstance(other, Verdict):
            return other
        theirs = _signature(candidate, other)
        if theirs is None:
            return Verdict(False, f"{named(other, self.against)} has no signature to compare with")
        problems = incompatible(own, theirs, allow_new_optional=self.allow_new_optional)
        if problems:
            return Verdict(False, f"not as {named(other, self.against)}: {'; '.join(problems)}", {"problems": problems})
        return Verdict(True, f"compatible with {named(other, self.against)}")


def incompatible(own: Mapping[str, Any], theirs: Mapping[str, Any], *, allow_new_optional: bool = True) -> list[str]:
    """Why a caller of the one signature cannot call the other, a clause each; empty where it can.

    Args:
        own: the signature of the new model, as the MLflow format has it.
        theirs: the one that callers know.
        allow_new_optional: whether the new model may have further inputs that need not be given.
    """
    problems = []
    before, after = columns_of(theirs, "inputs"), columns_of(own, "inputs")
    for name, column in after.items():
        known = before.get(name)
        required = column.get("required", True)
        if known is None:
            if required:
                problems.append(f"the input {name} is new and required")
            elif not allow_new_optional:
                problems.append(f"the input {name} is new")
            continue
        if required and not known.get("required", True):
            problems.append(f"the input {name} has become required")
        if not takes(column, known):
            problems.append(f"the input {name} was {_type(known)} and is {_type(column)}")
    return problems + _other_outputs(columns_of(own, "outputs"), columns_of(theirs, "outputs"))


def columns_of(signature: Mapping[str, Any], part: str) -> Columns:
    """The columns of `inputs` or `outputs`."""
    found = signature.get(part)
    listed = [column for column in found if isinstance(column, Mapping)] if isinstance(found, list) else []
    return {str(column.get("name", f"#{number}")): column for number, column in enumerate(listed, 1)}


def takes(column: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a column takes every value that was right for another one."""
    if column.get("type") == known.get("type") == "tensor":
        new, old = column.get("tensor-spec") or {}, known.get("tensor-spec") or {}
        return new.get("dtype") == old.get("dtype") and _holds_shape(new.get("shape"), old.get("shape"))
    return _type_parts(column) == _type_parts(known) or (known.get("type"), column.get("type")) in WIDER


def _other_outputs(own: Columns, theirs: Columns) -> list[str]:
    gone = [f"the output {name} is gone" for name in theirs if name not in own]
    changed = [
        f"the output {name} was {_type(theirs[name])} and is {_type(column)}"
        for name, column in own.items()
        if name in theirs and _kind(column) != _kind(theirs[name])
    ]
    new = [f"the output {name} is new" for name in own if name not in theirs]
    return gone + changed + new


def _signature(candidate: Candidate, facts: Facts) -> Mapping[str, Any] | None:
    return facts.signature or read_signature(candidate.project, facts.files)


def _type_parts(column: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part, value in column.items() if part not in ("name", "required")}


def _kind(column: Mapping[str, Any]) -> object:
    if column.get("type") == "tensor":
        spec = column.get("tensor-spec") or {}
        return str(spec.get("dtype")).rstrip("0123456789"), spec.get("shape")
    return _KINDS.get(str(column.get("type"))) or _type_parts(column)


def _type(column: Mapping[str, Any]) -> str:
    if column.get("type") == "tensor":
        spec = column.get("tensor-spec") or {}
        return f"{spec.get('dtype')}{spec.get('shape')}"
    return str(column.get("type"))


def _holds_shape(new: object, old: object) -> bool:
    """Whether a shape takes another; -1 is any length."""
    if not isinstance(new, list) or not isinstance(old, list) or len(new) != len(old):
        return bool(new == old)
    return all(wanted in (-1, given) for wanted, given in zip(new, old, strict=True))
