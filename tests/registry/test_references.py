"""Which model and which version a person means."""

from __future__ import annotations

import pytest

from tests.registry.registries import Registry
from workbench.base.errors import AliasNotFoundError, InputError, ModelNotFoundError, VersionNotFoundError
from workbench.registry import aliases, models, versions
from workbench.registry.references import (
    is_reference,
    number_in,
    resolve,
    resolve_model,
    resolve_version,
    suggestions,
)


@pytest.fixture
def furnished(registry: Registry) -> Registry:
    """`fraud` with three versions and an alias, `churn` with one, `empty` with none, `a@b` with one."""
    for name, count in (("fraud", 3), ("churn", 1), ("empty", 0), ("a@b", 1)):
        registry.do(models.register, name)
        for _ in range(count):
            registry.do(versions.register, name, source=None)
    registry.do(aliases.point, "fraud", "champion", 2)
    return registry


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("fraud/3", "fraud/3"),
        ("fraud/v3", "fraud/3"),
        ("models:/fraud/1", "fraud/1"),
        ("fraud@champion", "fraud/2"),
        ("models:/fraud@champion", "fraud/2"),
        ("fraud@latest", "fraud/3"),
        ("fraud@Latest", "fraud/3"),
        ("churn", "churn/1"),
        ("a@b/1", "a@b/1"),
        ("a@b@latest", "a@b/1"),
    ],
)
def test_a_version_is_found(furnished: Registry, reference: str, expected: str) -> None:
    version = furnished.ask(resolve_version, reference)
    assert f"{version.name}/{version.number}" == expected


@pytest.mark.parametrize(
    ("reference", "error", "hint"),
    [
        ("fraud", InputError, "name one: fraud/3"),
        ("fraud/x", InputError, "a version is NAME/3 or NAME@ALIAS"),
        ("fraud/9", VersionNotFoundError, "workbench models show fraud"),
        ("fraud/999999999999999999", VersionNotFoundError, "workbench models show fraud"),
        ("fraud@best", AliasNotFoundError, "workbench models show fraud"),
        ("empty", VersionNotFoundError, "workbench models register RUN empty, where RUN has a model"),
        ("frau/3", ModelNotFoundError, "did you mean fraud?"),
        ("zzz", ModelNotFoundError, "workbench models list"),
        ("\udcff/1", ModelNotFoundError, "workbench models list"),
    ],
)
def test_what_is_not_found_says_what_is_there(
    furnished: Registry, reference: str, error: type[Exception], hint: str
) -> None:
    with pytest.raises(error) as raised:
        furnished.ask(resolve_version, reference)
    assert getattr(raised.value, "hint", None) == hint


def test_a_model_is_found_by_its_name_and_by_its_versions(furnished: Registry) -> None:
    for reference in ("fraud", "models:/fraud", "fraud/3", "fraud@champion"):
        assert furnished.ask(resolve_model, reference).name == "fraud"
    assert furnished.ask(resolve_model, "a@b").name == "a@b"


def test_a_reference_is_a_model_or_a_version(furnished: Registry) -> None:
    for reference, name, number in (("fraud", "fraud", None), ("fraud@champion", "fraud", 2), ("a@b", "a@b", None)):
        model, version = furnished.ask(resolve, reference)
        assert (model.name, version and version.number) == (name, number)
    with pytest.raises(ModelNotFoundError):
        furnished.ask(resolve, "nothing")


def test_a_number_is_one_of_a_model(furnished: Registry) -> None:
    fraud = furnished.ask(models.get, "fraud")
    for text in ("2", "v2", "V2", "fraud/2", "fraud@champion"):
        assert furnished.ask(number_in, fraud, text) == 2
    with pytest.raises(InputError, match="churn/1 is no version of fraud"):
        furnished.ask(number_in, fraud, "churn/1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fraud@champion", True),
        ("fraud/3", True),
        ("models:/fraud", True),
        ("brave-otter", False),
        ("@latest~2", False),
        ("runs:/abc/model", False),
        ("3f2a91c0:model", False),
        ("run:models/m-1", False),
    ],
)
def test_a_reference_to_a_version_is_none_to_a_run(text: str, expected: bool) -> None:
    assert is_reference(text) is expected


def test_what_is_typed_is_completed(furnished: Registry) -> None:
    assert sorted(furnished.ask(suggestions, "")) == ["a@b", "churn", "empty", "fraud", "fraud@champion"]
    assert furnished.ask(suggestions, "fraud/") == ["fraud/1", "fraud/2", "fraud/3"]
    assert furnished.ask(suggestions, "nothing/") == []
