"""What holds a version, and that nothing held is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry
from workbench.base.errors import ExitCode, InputError, ModelExistsError, NotFoundError, StillReferencedError
from workbench.registry import aliases, approvals, deletion, models, versions
from workbench.registry.holds import Hold, check_files_free, holds_on
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.queries import versions_of
from workbench.store.entities import entity_events

RUN = "a" * 32


@pytest.fixture
def fraud(registry: Registry) -> Registry:
    """A model with three versions."""
    registry.do(models.register, "fraud")
    for _ in range(3):
        registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN)
    return registry


def holds(registry: Registry, number: int) -> list[Hold]:
    version = registry.ask(versions.get, "fraud", number)
    found: list[Hold] = registry.ask(holds_on, version)
    return found


def made(registry: Registry, kind: str, id: str, **fields: object) -> None:
    """Something that is made of a version, as packaging will record it."""

    def record(db: Any, ledger: Ledger) -> None:
        ledger.record(db, Deed("build", "fraud", "m"), Change(kind, id, fields))

    registry.do(record)


def drifted(registry: Registry, id: str, **fields: object) -> None:
    """A drift check, which is no governance."""
    registry.write(entity_events("drift", id, fields))


def aliased(registry: Registry) -> None:
    registry.do(aliases.point, "fraud", "champion", 2)


def approved(registry: Registry) -> None:
    registry.do(approvals.approve, "fraud", 2, "good")


def requested(registry: Registry) -> None:
    registry.do(approvals.request, "fraud", 2, "please")


def packaged(registry: Registry) -> None:
    version = registry.ask(versions.get, "fraud", 2)
    made(registry, "image", "i", version=version.id, name="fraud:2", created_at=START_US // 1000)


def deployed(registry: Registry) -> None:
    packaged(registry)
    made(registry, "deployment", "d", image="i", name="shop")


WAYS: dict[str, tuple[Callable[[Registry], None], list[tuple[str, str]]]] = {
    "alias": (aliased, [("alias", "champion")]),
    "approval": (approved, [("approval", "ada")]),
    "request": (requested, [("request", "ada")]),
    "image": (packaged, [("image", "fraud:2")]),
    "deployment": (deployed, [("image", "fraud:2"), ("deployment", "shop")]),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_held_is_not_deleted(fraud: Registry, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    hold, expected = WAYS[way]
    hold(fraud)
    assert [(one.kind, one.what) for one in holds(fraud, 2)] == expected
    assert holds(fraud, 1) == []
    model = fraud.ask(models.get, "fraud")
    assert fraud.ask(holds_on, model) == holds(fraud, 2)
    before = len(fraud.written)
    for delete, arguments in ((versions.delete, ("fraud", 2)), (models.delete, ("fraud",))):
        with pytest.raises(StillReferencedError) as caught:
            fraud.do(delete, *arguments)
        assert caught.value.exit_code == ExitCode.REFUSED
        assert all(what in caught.value.message for _, what in expected)
    assert len(fraud.written) == before
    assert fraud.ask(versions.get, "fraud", 2).number == 2


def test_an_error_names_all_that_holds_a_version_and_how_to_let_go(
    fraud: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    aliased(fraud)
    approved(fraud)
    with pytest.raises(StillReferencedError) as caught:
        fraud.do(versions.delete, "fraud", 2)
    assert caught.value.message == (
        "fraud/2 cannot be deleted: the alias champion points to fraud/2; ada approved fraud/2"
    )
    assert caught.value.hint == (
        "workbench models unalias fraud@champion; workbench models request fraud/2 --reason TEXT, "
        "then workbench models reject fraud/2 --reason TEXT"
    )


def test_letting_go_as_the_hint_says_makes_it_free(fraud: Registry, clock: FakeClock) -> None:
    approved(fraud)
    aliased(fraud)
    fraud.do(aliases.remove, "fraud", "champion")
    clock.advance(1)
    fraud.do(approvals.request, "fraud", 2, "again")
    assert [one.kind for one in holds(fraud, 2)] == ["request"]
    clock.advance(1)
    fraud.do(approvals.reject, "fraud", 2, "not good")
    assert holds(fraud, 2) == []
    fraud.do(versions.delete, "fraud", 2)
    assert [one.number for one in fraud.ask(versions_of, fraud.ask(models.get, "fraud"))] == [1, 3]


def test_a_hold_says_since_when(fraud: Registry, clock: FakeClock) -> None:
    clock.advance(5)
    aliased(fraud)
    clock.advance(5)
    approved(fraud)
    packaged(fraud)
    begun = [one.since_us - START_US for one in holds(fraud, 2)]
    assert begun == [5_000_000, 10_000_000, 0]


def test_aliases_let_go_where_the_caller_says_so_and_nothing_else_does(fraud: Registry) -> None:
    aliased(fraud)
    fraud.do(versions.delete, "fraud", 2, let_go_of_aliases=True)
    fraud.do(approvals.approve, "fraud", 3, "good")
    with pytest.raises(StillReferencedError, match="approved fraud/3"):
        fraud.do(versions.delete, "fraud", 3, let_go_of_aliases=True)
    with pytest.raises(StillReferencedError):
        fraud.do(models.delete, "fraud", let_go_of_aliases=True)


def test_what_is_removed_itself_or_only_looked_at_it_holds_nothing(fraud: Registry) -> None:
    packaged(fraud)
    made(fraud, "image", "i", deleted=True)
    version = fraud.ask(versions.get, "fraud", 2)
    drifted(fraud, "x", version=version.id)
    made(fraud, "image", "nowhere", name="other")
    assert holds(fraud, 2) == []


def test_files_that_a_version_needs_are_told_from_others(fraud: Registry) -> None:
    fraud.ask(lambda db: check_files_free(db, ["model2/x", "plots/a.png"], run=RUN))
    for paths in (["plots/a.png", "model/MLmodel"], ["model"]):
        with pytest.raises(StillReferencedError, match="fraud/1 needs"):
            fraud.ask(lambda db, paths=paths: check_files_free(db, paths, run=RUN))
    fraud.do(models.delete, "fraud")
    fraud.ask(lambda db: check_files_free(db, ["model"], run=RUN))


def test_the_files_of_a_logged_model_are_needed_while_it_is_registered(fraud: Registry) -> None:
    model_id = f"m-{'b' * 32}"
    fraud.do(versions.register, "fraud", source=f"models:/{model_id}", logged_model=model_id, run=RUN)
    with pytest.raises(StillReferencedError, match="fraud/4 needs"):
        fraud.ask(lambda db: check_files_free(db, ["MLmodel"], logged_model=model_id))
    fraud.ask(lambda db: check_files_free(db, ["MLmodel"], logged_model=f"m-{'c' * 32}"))


def test_several_are_deleted_or_none(fraud: Registry) -> None:
    aliased(fraud)
    with pytest.raises(StillReferencedError, match="champion"):
        fraud.do(deletion.delete, ["fraud/1", "fraud/2"])
    with pytest.raises(NotFoundError):
        fraud.do(deletion.delete, ["fraud/1", "fraud/9"])
    fraud.do(deletion.delete, ["fraud/1", "models:/fraud/3", "fraud/1"])
    assert [one.number for one in fraud.ask(versions_of, fraud.ask(models.get, "fraud"))] == [2]
    fraud.do(aliases.remove, "fraud", "champion")
    plan = fraud.ask(deletion.plan_deletion, ["fraud/2", "fraud"])
    assert ([model.name for model in plan.models], [one.version.number for one in plan.leaving]) == (["fraud"], [2])


def test_a_plan_says_what_files_stay_for(registry: Registry) -> None:
    from tests.cli.harness import write_run
    from workbench.store.blobs import BlobStore

    sha256, size = BlobStore(registry.project).put_bytes(b"weights")
    art = {"e": "art", "path": "model/weights", "sha256": sha256, "size": size, "kind": "file"}
    write_run(registry.project, RUN, [art], name="brave-otter")
    registry.do(models.register, "fraud")
    for _ in range(2):
        registry.do(versions.register, "fraud", source=f"runs:/{RUN}/model", run=RUN)
    [leaving] = registry.ask(deletion.plan_deletion, ["fraud/1"]).leaving
    assert leaving.as_document() == {
        "version": "fraud/1",
        "digest": leaving.version.digest,
        "size_bytes": 7,
        "kept_by": ["the run brave-otter (aaaaaaaa)", "fraud/2"],
    }
    everything = registry.ask(deletion.plan_deletion, ["fraud"]).leaving
    assert [one.kept_by for one in everything] == [["the run brave-otter (aaaaaaaa)"]] * 2


def test_a_deleted_version_comes_back_with_its_number(fraud: Registry) -> None:
    before = fraud.ask(versions.get, "fraud", 3)
    fraud.do(versions.delete, "fraud", 3)
    fraud.do(versions.register, "fraud", source=None)
    restored = fraud.do(deletion.restore, "fraud/3")
    assert fraud.ask(versions.get, "fraud", 3) == before
    assert (restored.id, restored.number) == (before.id, 3)
    assert [one.number for one in fraud.ask(versions_of, fraud.ask(models.get, "fraud"))] == [1, 2, 3, 4]


def test_a_deleted_model_comes_back_with_its_versions(fraud: Registry, clock: FakeClock) -> None:
    fraud.do(versions.delete, "fraud", 2)
    fraud.do(models.delete, "fraud")
    with pytest.raises(NotFoundError):
        fraud.ask(models.get, "fraud")
    clock.advance(1)
    fraud.do(deletion.restore, "models:/fraud")
    assert [one.number for one in fraud.ask(versions_of, fraud.ask(models.get, "fraud"))] == [1, 3]
    with pytest.raises(InputError, match="is not deleted"):
        fraud.do(deletion.restore, "fraud")


def test_of_several_deleted_models_of_a_name_the_last_one_comes_back(registry: Registry, clock: FakeClock) -> None:
    for _ in range(3):
        clock.advance(1)
        last = registry.do(models.register, "fraud")
        registry.do(models.delete, "fraud")
    assert registry.do(deletion.restore, "fraud").id == last.id


def test_a_name_that_was_taken_meanwhile_is_not_taken_away(fraud: Registry) -> None:
    fraud.do(models.delete, "fraud")
    fraud.do(models.register, "fraud")
    with pytest.raises(ModelExistsError, match="another model is called 'fraud'"):
        fraud.do(deletion.restore, "fraud")


@pytest.mark.parametrize(
    ("reference", "error", "says"),
    [
        ("fraud/1", InputError, "is not deleted"),
        ("fraud/9", NotFoundError, "never had a version 9"),
        ("fraud/x", InputError, "names no version"),
        ("risk", NotFoundError, "no deleted model"),
        ("risk/1", NotFoundError, "risk"),
        ("\udcff", NotFoundError, "no deleted model"),
    ],
)
def test_what_was_not_deleted_cannot_come_back(
    fraud: Registry, reference: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        fraud.do(deletion.restore, reference)
