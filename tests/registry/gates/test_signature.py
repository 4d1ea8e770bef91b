from __future__ import annotations

from typing import Any

import pytest

from tests.registry.gates.candidates import candidate, facts, outcome_of, stored
from workbench.base.project import Project
from workbench.registry.gates.signature import incompatible


def column(name: str | None, kind: str, required: bool = True) -> dict[str, Any]:
    return {"type": kind, "required": required, **({} if name is None else {"name": name})}


def tensor(dtype: str, *shape: int) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}


A = column("a", "double")
KNOWN = {"inputs": [A, column("b", "long"), column("c", "string", False)], "outputs": [column(None, "long")]}


@pytest.mark.parametrize(
    ("inputs", "problems"),
    [
        (KNOWN["inputs"], []),
        ([A], []),
        ([*KNOWN["inputs"], column("d", "long")], ["the input d is new and required"]),
        ([*KNOWN["inputs"], column("d", "long", False)], []),
        ([column("a", "float")], ["the input a was double and is float"]),
        ([column("b", "double")], ["the input b was long and is double"]),
        ([column("c", "string")], ["the input c has become required"]),
        ([column("b", "string"), column("d", "long")],
         ["the input b was long and is string", "the input d is new and required"]),
    ],
)  # fmt: skip
def test_inputs_that_callers_know_are_still_taken(inputs: list[dict[str, Any]], problems: list[str]) -> None:
    assert incompatible({**KNOWN, "inputs": inputs}, KNOWN) == problems


def test_a_new_optional_input_can_be_forbidden() -> None:
    own = {**KNOWN, "inputs": [*KNOWN["inputs"], column("d", "long", False)]}
    assert incompatible(own, KNOWN, allow_new_optional=False) == ["the input d is new"]


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [("integer", "long", True), ("long", "integer", False), ("float", "double", True), ("integer", "double", True)],
)
def test_a_wider_type_takes_what_a_narrower_one_took(old: str, new: str, fits: bool) -> None:
    problems = incompatible({"inputs": [column("a", new)]}, {"inputs": [column("a", old)]})
    assert (problems == []) is fits


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        (tensor("float32", -1, 3), tensor("float32", -1, 3), True),
        (tensor("float32", 8, 3), tensor("float32", -1, 3), True),
        (tensor("float32", -1, 3), tensor("float32", 8, 3), False),
        (tensor("float32", -1, 3), tensor("float64", -1, 3), False),
        (tensor("float32", -1, 3), tensor("float32", -1, 3, 1), False),
    ],
)
def test_tensors_keep_their_type_and_shape(old: dict[str, Any], new: dict[str, Any], fits: bool) -> None:
    assert (incompatible({"inputs": [new]}, {"inputs": [old]}) == []) is fits


@pytest.mark.parametrize(
    ("outputs", "problem"),
    [
        ([column(None, "integer")], None),
        ([column(None, "double")], "the output #1 was long and is double"),
        ([], "the output #1 is gone"),
        ([column(None, "long"), column(None, "long")], "the output #2 is new"),
    ],
)
def test_outputs_stay_of_their_kind(outputs: list[dict[str, Any]], problem: str | None) -> None:
    assert incompatible({**KNOWN, "outputs": outputs}, KNOWN) == ([problem] if problem else [])


def test_a_version_without_a_signature_does_not_pass(project: Project) -> None:
    assert "fraud/2 has no signature" in outcome_of(candidate(project), "signature").detail
    others = {"champion": facts(1)}
    found = outcome_of(candidate(project, facts(signature=KNOWN), others), "signature", against="champion")
    assert (found.outcome, found.detail) == ("failed", "fraud/1 (champion) has no signature to compare with")


def test_without_another_version_an_input_example_is_wanted(project: Project) -> None:
    without = facts(signature=KNOWN, files=stored(project, {"MLmodel": "flavors: {}\n"}))
    assert "no input example" in outcome_of(candidate(project, without), "signature").detail
    text = "saved_input_example_info: {artifact_path: input_example.json}\n"
    assert outcome_of(
        candidate(project, facts(signature=KNOWN, files=stored(project, {"MLmodel": text}))), "signature"
    ).passed


def test_the_signature_of_an_imported_version_is_read_from_its_files(project: Project) -> None:
    text = """signature: {inputs: '[{"type": "string", "name": "a", "required": true}]'}\n"""
    own = facts(files=stored(project, {"MLmodel": text}))
    found = outcome_of(candidate(project, own, {1: facts(1, signature=KNOWN)}), "signature", against=1)
    assert found.outcome == "failed"
    assert found.detail == "not as fraud/1: the input a was double and is string; the output #1 is gone"
