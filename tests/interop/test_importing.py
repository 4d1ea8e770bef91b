"""Importing as such: whole or not at all, once, the same everywhere."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.interop.reading_back import documents, journals, points_of
from workbench.base.errors import InputError, StoreBusyError, StorePermissionError
from workbench.base.project import Project, create_project
from workbench.interop.importing import Facts, ImportReport, derived_run_id, import_runs, time_us
from workbench.interop.whole_journal import Point
from workbench.journal.layout import sealed_dir
from workbench.journal.reader import read_journal
from workbench.store.edits import delete, set_tag
from workbench.store.lock import store_lock
from workbench.store.maintenance import verify
from workbench.store.pack import pack
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store

pytestmark = pytest.mark.interop


@dataclass
class Given:
    """A source that says what a test gives it."""

    label: str = "one"
    points: list[Point] = field(default_factory=lambda: [("loss", 0.5, 0, 1_000_000)])
    params: dict[str, object] = field(default_factory=dict)
    events: list[dict[str, object]] = field(default_factory=list)
    timed: bool = True
    failure: str = ""

    @property
    def run_id(self) -> str:
        """As other sources make it."""
        return derived_run_id("given", self.label)

    def state(self) -> list[object]:
        """Everything."""
        return [len(self.points), list(self.params.items()), self.events]

    def read(self, facts: Facts) -> Iterator[Point]:
        """The points, and then perhaps a failure."""
        facts.name, facts.experiment = self.label, "given"
        facts.events = [{"e": "param", "name": name, "value": value} for name, value in self.params.items()]
        facts.events += self.events
        yield from self.points
        if self.failure:
            raise InputError(self.failure)


def brought(project: Project, *sources: Given, kind: str = "given") -> ImportReport:
    """Import sources."""
    return import_runs(project, kind, "here", sources)


def test_the_same_source_makes_the_same_file_in_every_project(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        project = create_project(str(tmp_path / name))
        brought(project, Given(points=[("loss", float(n), n, n) for n in range(10_000)]))
        made.append(journals(project))
    assert made[0] == made[1]
    [path] = Path(sealed_dir(project.journal_dir)).iterdir()
    contents = read_journal(str(path))
    assert not contents.gaps
    assert len(contents.metrics) == 10_000
    assert contents.events[-1]["e"] == "seal"


def test_a_merged_store_counts_an_import_once(tmp_path: Path) -> None:
    one, two = (create_project(str(tmp_path / name)) for name in ("a", "b"))
    for project in (one, two):
        brought(project, Given())
    for path in Path(sealed_dir(two.journal_dir)).iterdir():
        shutil.copy(path, sealed_dir(one.journal_dir))
    assert points_of(one, Given().run_id) == {"loss": [(0, 0.5, 1_000_000)]}


def test_a_source_that_fails_leaves_nothing(project: Project) -> None:
    report = brought(project, Given(failure="it broke"), Given("two"))
    assert [(one.source, one.reason) for one in report.skipped] == [("one", "it broke")]
    assert list(documents(project)) == ["two"]
    assert len(os.listdir(sealed_dir(project.journal_dir))) == 1


def test_one_run_comes_once_an_import(project: Project) -> None:
    report = brought(project, Given(), Given())
    assert [one.reason for one in report.skipped] == ["it is the same run as one"]
    assert report.points == 1


def test_changed_facts_come_without_points(project: Project) -> None:
    brought(project, Given(params={"lr": 1, "kept": True}))
    report = brought(project, Given(params={"lr": 2, "kept": True}))
    assert [run.points for run in report.updated] == [0]
    assert documents(project)["one"]["params"] == {"lr": 2, "kept": True}
    brought(project, Given(params={"lr": 1, "kept": True}))  # and back, though the time of the source stands still
    assert documents(project)["one"]["params"] == {"lr": 1, "kept": True}


def test_edits_made_here_stay_whatever_the_source_says_later(project: Project) -> None:
    def said(kind: str, time_us: int, lr: float) -> Given:
        events: list[dict[str, object]] = [{"e": "tag", "name": "kind", "value": kind}]
        return Given(points=[("loss", 0.5, 0, 1), ("loss", 0.25, 1, time_us)], params={"lr": lr}, events=events)

    run_id = brought(project, said("theirs", 2, 0.1)).new[0].run_id
    set_tag(project, run_id, "kind", "mine")
    now_us = time.time_ns() // 1000 + 1_000_000
    assert brought(project, said("theirs again", now_us, 0.2)).updated
    run = documents(project)["one"]
    assert (run["tags"], run["params"]) == ({"kind": "mine"}, {"lr": 0.2})


def test_a_compacted_store_still_knows_what_it_has(project: Project) -> None:
    brought(project, Given())
    with Store(project) as store:
        store.ingest()
    pack(project, older_than_days=-1)
    assert not journals(project)
    report = brought(project, Given(points=[("loss", 0.5, 0, 1_000_000), ("loss", 0.25, 1, 2_000_000)]))
    assert report.points == 1
    assert [value for _, value, _ in points_of(project, Given().run_id)["loss"]] == [0.5, 0.25]


def test_points_without_times_are_told_by_step_and_value(project: Project) -> None:
    brought(project, Given(timed=False))
    later = [("loss", 0.5, 0, 9_000_000), ("loss", 0.5, 0, 9_000_000), ("acc", 0.5, 0, 9_000_000)]
    assert brought(project, Given(points=later, timed=False)).points == 2


def test_a_purged_run_stays_away(project: Project) -> None:
    brought(project, Given())
    delete(project, [Given().run_id])
    with Store(project) as store:
        purge(store, plan_purge(store, [Given().run_id]))
    report = brought(project, Given())
    assert [one.reason for one in report.skipped] == ["the run was purged from this store"]
    assert not documents(project)


def test_a_run_from_elsewhere_is_left_alone(project: Project) -> None:
    brought(project, Given())
    report = brought(project, Given(params={"lr": 1}), kind="csv")
    assert "does not come from here" in report.skipped[0].reason


def test_a_store_of_imports_verifies(project: Project) -> None:
    brought(project, Given(params={"text": "tab\tline\n#00000000"}), Given("two", points=[]))
    with Store(project) as store:
        assert not verify(store).problems


def test_leftovers_of_a_killed_import_are_removed(project: Project) -> None:
    leftover = Path(sealed_dir(project.journal_dir)) / ".import-x"
    leftover.write_text("half")
    brought(project, Given())
    assert not leftover.exists()


def test_two_imports_do_not_meet(project: Project) -> None:
    with store_lock(os.path.join(project.journal_dir, ".import.lock"), 0), pytest.raises(StoreBusyError):
        brought(project, Given())


def test_a_dry_run_writes_nothing(project: Project) -> None:
    report = import_runs(project, "given", "here", [Given()], dry_run=True)
    assert [run.points for run in report.new] == [1]
    assert not journals(project)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everything")
def test_a_store_that_may_not_be_written_is_said(project: Project) -> None:
    for folder in (project.journal_dir, sealed_dir(project.journal_dir)):
        Path(folder).chmod(0o555)
    with pytest.raises(StorePermissionError):
        brought(project, Given())


def test_a_folder_that_cannot_be_written_is_said(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(fd: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("workbench.interop.whole_journal.os.fsync", refused)
    with pytest.raises(StorePermissionError):
        brought(project, Given())
    assert not os.listdir(sealed_dir(project.journal_dir))


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), 1e300])
def test_what_is_no_time_is_none(seconds: float) -> None:
    assert time_us(seconds) is None
    assert time_us(1.5) == 1_500_000


KILLED = """
import sys
from tests.interop.test_importing import Given, brought
from workbench.base.project import Project
print("ready", flush=True)
brought(Project(sys.argv[1]), *[Given(str(n), [("m", float(s), s, s) for s in range(3000)]) for n in range(200)])
"""


def test_a_killed_import_leaves_runs_that_are_whole(project: Project, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, project.root], cwd=root, stdout=subprocess.PIPE, env={**os.environ}
        )
        assert child.stdout is not None
        child.stdout.readline()
        before, deadline = len(os.listdir(sealed_dir(project.journal_dir))), time.monotonic() + 30
        while len(os.listdir(sealed_dir(project.journal_dir))) < before + 5 and child.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        runs = documents(project)
        assert runs
        assert all(run["status"] == "finished" for run in runs.values())
        for run in list(runs.values())[:3]:
            assert len(points_of(project, run["run_id"])["m"]) == 3000
    with Store(project) as store:
        assert not verify(store).problems
