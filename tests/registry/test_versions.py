from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import InputError, ModelNotFoundError, VersionNotFoundError
from workbench.base.project import create_project
from workbench.registry import aliases, models, versions
from workbench.registry.queries import contested, versions_of
from workbench.registry.records import Version

NOW_MS = START_US // 1000

REGISTER = """
import sys
from tests.registry.registries import Registry
from workbench.base.project import Project
from workbench.registry import versions

registry = Registry(Project(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(*[registry.do(versions.register, "fraud", source=None).number for _ in range(int(sys.argv[2]))])
registry.close()
"""


@pytest.fixture
def fraud(registry: Registry) -> Registry:
    registry.do(models.register, "fraud")
    return registry


def numbers(registry: Registry) -> list[int]:
    model = registry.ask(models.get, "fraud")
    return [version.number for version in registry.ask(versions_of, model)]


def test_a_version_is_there_with_all_that_was_said_of_it(fraud: Registry, clock: FakeClock) -> None:
    clock.advance(1)
    made = fraud.do(
        versions.register,
        "fraud",
        source="runs:/r/model",
        storage_location="file:///m",
        run="r" * 32,
        run_link="https://example.org/r",
        logged_model="m-1",
        description="the first",
        tags={"lang": "py"},
        user="ada",
    )
    model = fraud.ask(models.get, "fraud")
    assert made == Version(
        made.id, model.id, "fraud", 1, NOW_MS + 1000, NOW_MS + 1000, "the first", "None", "runs:/r/model",
        "file:///m", "r" * 32, "https://example.org/r", "m-1", "READY", None, "ada", tags={"lang": "py"},
    )  # fmt: skip
    assert fraud.ask(versions.get, "fraud", 1) == made
    assert model.updated_at_ms == NOW_MS + 1000


def test_who_registers_a_version_is_who_the_process_belongs_to(
    fraud: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    assert fraud.do(versions.register, "fraud", source=None).user == "grace"


def test_numbers_count_up_and_are_never_given_twice(fraud: Registry) -> None:
    for _ in range(3):
        fraud.do(versions.register, "fraud", source=None)
    fraud.do(versions.delete, "fraud", 3)
    assert numbers(fraud) == [1, 2]
    assert fraud.do(versions.register, "fraud", source=None).number == 4


def test_what_is_not_there_is_an_error_that_says_so(fraud: Registry) -> None:
    with pytest.raises(VersionNotFoundError, match="fraud has no version 1"):
        fraud.ask(versions.get, "fraud", 1)
    with pytest.raises(VersionNotFoundError):
        fraud.ask(versions.get, "fraud", 10**30)
    with pytest.raises(ModelNotFoundError):
        fraud.do(versions.register, "risk", source=None)
    assert len(fraud.written) == 1


def test_a_stage_is_cleared_for_a_version_that_moves_there(fraud: Registry, clock: FakeClock) -> None:
    for _ in range(3):
        fraud.do(versions.register, "fraud", source=None)
    fraud.do(versions.set_stage, "fraud", 1, "Production")
    fraud.do(versions.set_stage, "fraud", 2, "Production")
    clock.advance(1)
    moved = fraud.do(versions.set_stage, "fraud", 3, "Production", archive_others=True)
    assert (moved.stage, moved.updated_at_ms) == ("Production", NOW_MS + 1000)
    model = fraud.ask(models.get, "fraud")
    assert [version.stage for version in fraud.ask(versions_of, model)] == ["Archived", "Archived", "Production"]
    assert model.updated_at_ms == NOW_MS + 1000
    with pytest.raises(InputError, match="stage 'production'"):
        fraud.do(versions.set_stage, "fraud", 3, "production")


def test_the_newest_of_each_stage_is_found(fraud: Registry) -> None:
    for _ in range(4):
        fraud.do(versions.register, "fraud", source=None)
    fraud.do(versions.set_stage, "fraud", 1, "Staging")
    fraud.do(versions.set_stage, "fraud", 3, "Staging")
    fraud.do(versions.delete, "fraud", 4)
    assert [(v.stage, v.number) for v in fraud.ask(versions.newest, "fraud")] == [("Staging", 3), ("None", 2)]


def test_a_deleted_version_takes_its_aliases_along_where_that_is_wanted(fraud: Registry) -> None:
    for _ in range(2):
        fraud.do(versions.register, "fraud", source=None)
    for alias, number in (("champion", 1), ("best", 1), ("challenger", 2)):
        fraud.do(aliases.point, "fraud", alias, number)
    fraud.do(versions.delete, "fraud", 1, let_go_of_aliases=True)
    assert fraud.ask(models.get, "fraud").aliases == {"challenger": 2}


def test_description_and_tags_of_a_version_change(fraud: Registry, clock: FakeClock) -> None:
    fraud.do(versions.register, "fraud", source=None, tags={"a": "1"})
    clock.advance(1)
    fraud.do(versions.describe, "fraud", 1, "better")
    fraud.do(versions.set_tag, "fraud", 1, "b", "2")
    fraud.do(versions.set_tag, "fraud", 1, "a", None)
    version = fraud.ask(versions.get, "fraud", 1)
    assert (version.description, version.tags, version.updated_at_ms) == ("better", {"b": "2"}, NOW_MS + 1000)


def test_a_change_wins_over_what_it_replaces_although_the_clock_was_put_back(fraud: Registry, clock: FakeClock) -> None:
    fraud.do(versions.register, "fraud", source=None)
    fraud.do(versions.describe, "fraud", 1, "before")
    clock.advance(-3600)
    fraud.do(versions.describe, "fraud", 1, "after")
    assert fraud.ask(versions.get, "fraud", 1).description == "after"


def test_processes_that_register_at_once_give_each_number_once(fraud: Registry) -> None:
    command = [sys.executable, "-c", REGISTER, fraud.project.root, "6"]
    repository = str(Path(__file__).parents[2])
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository)
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:  # all are ready: what follows happens at once
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    given = [process.communicate(timeout=120)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(int(number) for numbers in given for number in numbers) == list(range(1, 13))
    assert numbers(fraud) == list(range(1, 13))


def test_of_two_versions_that_two_machines_gave_one_number_the_older_has_it_and_the_other_is_shown(
    tmp_path: Path, clock: FakeClock
) -> None:
    one, two = Registry(create_project(str(tmp_path / "one"))), Registry(create_project(str(tmp_path / "two")))
    for registry in (one, two):
        registry.do(models.register, "fraud")
        registry.do(versions.register, "fraud", source=registry.project.name)
        clock.advance(1)
    two.close()
    copy_journals(two.project, one.project)
    assert one.ask(versions.get, "fraud", 1).source == "one"
    [other] = one.ask(contested)
    assert (other.number, other.source) == (1, "two")
    model = one.ask(models.get, "fraud")
    assert one.ask(versions.renumbering, model) == [(other, 2)]
    assert one.do(versions.renumber, other, 2).number == 2
    assert one.ask(versions.get, "fraud", 2).source == "two"
    assert one.ask(contested) == []
    one.do(versions.delete, "fraud", 1)
    assert numbers(one) == [2]
    one.close()
