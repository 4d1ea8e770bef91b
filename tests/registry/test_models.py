from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import InputError, ModelExistsError, ModelNotFoundError
from workbench.base.project import create_project
from workbench.registry import aliases, models, versions
from workbench.registry.queries import Search, search_models
from workbench.registry.records import Model

NOW_MS = START_US // 1000


def test_a_registered_model_is_there_with_all_that_was_said_of_it(registry: Registry) -> None:
    made = registry.do(models.register, "fraud", description="finds it", tags={"team": "risk", "a": ""})
    assert made == Model(made.id, "fraud", NOW_MS, NOW_MS, "finds it", {"a": "", "team": "risk"}, {})
    assert registry.ask(models.get, "fraud") == made


def test_a_name_is_taken_once(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    written = list(registry.written)
    with pytest.raises(ModelExistsError, match="'fraud' already"):
        registry.do(models.register, "fraud")
    assert registry.written == written
    registry.do(models.register, "Fraud")


@pytest.mark.parametrize("name", ["", " ", "a/b", "models:a", "\ud800"])
def test_what_is_no_name_is_refused(registry: Registry, name: str) -> None:
    with pytest.raises(InputError):
        registry.do(models.register, name)
    assert registry.written == []


def test_a_model_that_is_not_there_is_named_with_what_to_do(registry: Registry) -> None:
    with pytest.raises(ModelNotFoundError, match="'fraud'") as caught:
        registry.ask(models.get, "fraud")
    assert caught.value.hint == "workbench models list"


@pytest.mark.parametrize("text", ["it's", '"quoted"', "a\\b", "line\nline", "\u0000", "é 🦦", "null", "5"])
def test_any_text_comes_back_as_it_was(registry: Registry, text: str) -> None:
    name = text.replace("\n", " ")
    registry.do(models.register, name, description=text, tags={text: text})
    found = registry.ask(models.get, name)
    assert (found.name, found.description, found.tags) == (name, text, {text: text})


def test_a_description_is_replaced_and_removed(registry: Registry, clock: FakeClock) -> None:
    registry.do(models.register, "fraud", description="old")
    clock.advance(1)
    assert registry.do(models.describe, "fraud", "new").updated_at_ms == NOW_MS + 1000
    assert registry.ask(models.get, "fraud").description == "new"
    registry.do(models.describe, "fraud", None)
    assert registry.ask(models.get, "fraud").description is None


def test_tags_are_set_and_removed_and_the_same_again_writes_nothing(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(models.set_tag, "fraud", "team", "risk")
    assert registry.ask(models.get, "fraud").tags == {"team": "risk"}
    written = len(registry.written)
    registry.do(models.set_tag, "fraud", "team", "risk")
    registry.do(models.set_tag, "fraud", "other", None)
    assert len(registry.written) == written
    registry.do(models.set_tag, "fraud", "team", None)
    assert registry.ask(models.get, "fraud").tags == {}


def test_a_renamed_model_keeps_its_versions_and_aliases_and_frees_its_name(
    registry: Registry, clock: FakeClock
) -> None:
    made = registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source="s3://b/1")
    registry.do(aliases.point, "fraud", "champion", 1)
    clock.advance(1)
    renamed = registry.do(models.rename, "fraud", "risk")
    assert (renamed.id, renamed.name, renamed.updated_at_ms) == (made.id, "risk", NOW_MS + 1000)
    version = registry.ask(aliases.find, "risk", "champion")
    assert (version.name, version.number, version.updated_at_ms) == ("risk", 1, NOW_MS + 1000)
    with pytest.raises(ModelNotFoundError):
        registry.ask(models.get, "fraud")
    again = registry.do(models.register, "fraud")
    assert again.id != made.id
    assert registry.do(versions.register, "fraud", source=None).number == 1


def test_a_model_may_keep_its_name_and_not_take_another_ones(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    registry.do(models.register, "risk")
    assert registry.do(models.rename, "fraud", "fraud").name == "fraud"
    with pytest.raises(ModelExistsError):
        registry.do(models.rename, "fraud", "risk")
    with pytest.raises(InputError):
        registry.do(models.rename, "fraud", "a/b")


def test_a_deleted_model_is_gone_with_all_that_it_had_and_may_be_registered_anew(registry: Registry) -> None:
    first = registry.do(models.register, "fraud", description="old", tags={"team": "risk"})
    registry.do(versions.register, "fraud", source="s3://b/1")
    registry.do(aliases.point, "fraud", "champion", 1)
    registry.do(models.delete, "fraud", let_go_of_aliases=True)
    with pytest.raises(ModelNotFoundError):
        registry.ask(models.get, "fraud")
    assert registry.ask(search_models, Search()) == []
    second = registry.do(models.register, "fraud")
    assert second.id != first.id
    assert registry.ask(models.get, "fraud") == Model(second.id, "fraud", NOW_MS, NOW_MS)
    assert registry.do(versions.register, "fraud", source=None).number == 1


def test_a_model_can_be_deleted_and_registered_many_times(registry: Registry) -> None:
    ids = set()
    for _ in range(5):
        ids.add(registry.do(models.register, "fraud").id)
        registry.do(models.delete, "fraud")
    assert len(ids) == 5


def test_what_two_machines_register_under_one_name_is_one_model(tmp_path: Path, clock: FakeClock) -> None:
    one, two = Registry(create_project(str(tmp_path / "one"))), Registry(create_project(str(tmp_path / "two")))
    first = one.do(models.register, "fraud", description="of one")
    clock.advance(1)
    second = two.do(models.register, "fraud", tags={"team": "risk"})
    assert first.id == second.id
    two.close()
    copy_journals(two.project, one.project)
    assert one.ask(models.get, "fraud") == Model(
        first.id, "fraud", NOW_MS + 1000, NOW_MS + 1000, "of one", {"team": "risk"}
    )
    one.close()


def test_of_two_models_that_came_to_one_name_on_two_machines_the_older_has_it(tmp_path: Path, clock: FakeClock) -> None:
    one, two = Registry(create_project(str(tmp_path / "one"))), Registry(create_project(str(tmp_path / "two")))
    older = one.do(models.register, "risk")
    clock.advance(1)
    one.do(models.rename, "risk", "fraud")
    two.do(models.register, "fraud")
    two.close()
    copy_journals(two.project, one.project)
    assert one.ask(models.get, "fraud").id == older.id
    assert [model.id for model in one.ask(search_models, Search())] == [older.id]
    one.close()
