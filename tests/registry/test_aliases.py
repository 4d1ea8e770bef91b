from __future__ import annotations

import json

import pytest

from tests.registry.registries import Registry
from workbench.base.errors import AliasNotFoundError, InputError, ModelNotFoundError, VersionNotFoundError
from workbench.registry import aliases, models, versions


@pytest.fixture
def fraud(registry: Registry) -> Registry:
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source=None)
    registry.do(versions.register, "fraud", source=None)
    return registry


def test_an_alias_points_to_one_version_and_moves(fraud: Registry) -> None:
    fraud.do(aliases.point, "fraud", "champion", 1)
    assert fraud.ask(aliases.find, "fraud", "champion").number == 1
    fraud.do(aliases.point, "fraud", "champion", 2)
    assert fraud.ask(aliases.find, "fraud", "champion").number == 2
    model = fraud.ask(models.get, "fraud")
    assert (model.aliases_of(1), model.aliases_of(2)) == ([], ["champion"])


def test_every_move_of_an_alias_is_an_event_and_standing_still_is_none(fraud: Registry) -> None:
    written = len(fraud.written)
    for number in (1, 1, 2):
        fraud.do(aliases.point, "fraud", "champion", number)
    deeds = [json.loads(str(event["body"])) for event in fraud.written[written:]]
    assert [deed["changes"][0]["value"] for deed in deeds] == [1, 2]
    assert [deed["evidence"] for deed in deeds] == [
        {"alias": "champion", "before": None},
        {"alias": "champion", "before": 1},
    ]


def test_a_removed_alias_is_gone_and_removing_it_again_is_no_error(fraud: Registry) -> None:
    fraud.do(aliases.point, "fraud", "champion", 1)
    for _ in range(2):
        fraud.do(aliases.remove, "fraud", "champion")
    with pytest.raises(AliasNotFoundError, match="no alias 'champion'"):
        fraud.ask(aliases.find, "fraud", "champion")


@pytest.mark.parametrize("alias", ["", "a b", "a@b", "latest", "Latest", "v1", "V22", "x" * 256])
def test_what_is_no_alias_or_means_a_number_is_refused(fraud: Registry, alias: str) -> None:
    with pytest.raises(InputError):
        fraud.do(aliases.point, "fraud", alias, 1)


def test_an_alias_needs_a_version(fraud: Registry) -> None:
    with pytest.raises(VersionNotFoundError):
        fraud.do(aliases.point, "fraud", "champion", 3)
    with pytest.raises(ModelNotFoundError):
        fraud.do(aliases.point, "risk", "champion", 1)
    with pytest.raises(ModelNotFoundError):
        fraud.do(aliases.remove, "risk", "champion")
