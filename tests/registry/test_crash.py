"""A decision is made or not made, wherever a process is killed, and processes at once lose none."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from workbench.base.project import Project, create_project
from workbench.registry import aliases, approvals, history, models, versions
from workbench.registry.audit import read_log
from workbench.registry.ledger import Ledger
from workbench.registry.queries import versions_of
from workbench.registry.reviews import read_review
from workbench.registry.verification import audit_store, verify
from workbench.registry.writing import open_ledger
from workbench.store.store import Store

CALLS = ("open", "write", "fdatasync", "fsync", "rename", "replace", "close", "utime")
"""What recording an event asks of the operating system."""
AT_ONCE = 3
EACH = 6


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkServerContext]:
    """Forks from a server that has everything imported and no threads: a process costs milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.registry.test_crash"])
    yield context


def do(project: Project, action: Callable[..., Any], *arguments: Any, who: str = "ana") -> Any:
    """Do something as a command does it."""
    with open_ledger(project, who=who) as ledger, Store(project) as store, store.reading(wait_s=60) as db:
        return action(db, ledger, *arguments)


def approve(db: Any, ledger: Ledger) -> None:
    approvals.approve(db, ledger, "fraud", 2, "good")


def roll_back(db: Any, ledger: Ledger) -> None:
    history.rollback(db, ledger, "fraud", "champion", "slow")


ACTIONS = {"approve": approve, "rollback": roll_back}


def state_of(project: Project, action: str) -> object:
    """What an action changes."""
    with Store(project) as store, store.reading(wait_s=60) as db:
        if action == "approve":
            review = read_review(db, versions.get(db, "fraud", 2))
            return review.status, [decision.reason for decision in review.decisions]
        model = models.get(db, "fraud")
        return model.aliases, [term.version for term in history.alias_terms(db, model)]


STATES: dict[str, list[object]] = {
    "approve": [("pending", []), ("approved", ["good"])],
    "rollback": [({"champion": 2}, [1, 2]), ({"champion": 1}, [1, 2, 1])],
}


def killed_at(root: str, action: str, number: int, *, halfway: bool) -> None:
    """Do it, and die before the `number`th call to the operating system, or halfway through the `number`th write."""
    left = number

    def dying(name: str) -> Callable[..., Any]:
        call = getattr(os, name)

        def called(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                if halfway:
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return called

    store = Store(Project(root))
    with open_ledger(store.project, who="ana") as ledger, store.reading(wait_s=60) as db:
        for name in ("write",) if halfway else CALLS:
            setattr(os, name, dying(name))
        ACTIONS[action](db, ledger)
    os._exit(0)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model with two versions, whose alias was moved once and whose second version waits for approval."""
    project = create_project(str(tmp_path_factory.mktemp("before")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_KEY", str(Path(project.root, "no key")))
        do(project, models.register, "fraud")
        for number in (1, 2):
            do(project, lambda db, ledger: versions.register(db, ledger, "fraud", source=None))
            do(project, aliases.point, "fraud", "champion", number)
        do(project, approvals.request, "fraud", 2, "please", who="ben")
    return project


@pytest.mark.parametrize("halfway", [False, True])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_kill_at_any_step_leaves_it_done_or_not_done(
    action: str, halfway: bool, before: Project, processes: ForkServerContext, tmp_path: Path
) -> None:
    seen = []
    for number in range(1, 100):
        project = Project(str(tmp_path / str(number)))
        shutil.copytree(before.root, project.root)
        process = processes.Process(target=killed_at, args=(project.root, action, number), kwargs={"halfway": halfway})
        process.start()
        process.join(60)
        seen.append(state_of(project, action))
        with Store(project) as store:
            report, contradictions = audit_store(store)
        assert report.findings == [] and contradictions == [], (number, report.findings)
        if seen[-1] == STATES[action][0]:
            do(project, ACTIONS[action])
            assert state_of(project, action) == STATES[action][1]
            assert verify(project).whole
        shutil.rmtree(project.root)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    done = seen.index(STATES[action][1])
    assert seen == [STATES[action][0]] * done + [STATES[action][1]] * (len(seen) - done)
    least = 1 if halfway else 5
    assert done >= least and len(seen) - done >= least, "there are kills on both sides of the moment that counts"


def register_and_approve(root: str, who: str) -> None:
    """What one of several processes does, as fast as it can."""
    project = Project(root)
    for _ in range(EACH):
        made = do(project, lambda db, ledger: versions.register(db, ledger, "fraud", source=None), who=who)
        do(project, approvals.approve, "fraud", made.number, f"good {made.number}", who=who)
        do(project, aliases.point, "fraud", "champion", made.number, who=who)


@pytest.mark.parametrize("people", [["ana"] * AT_ONCE, ["ana", "ben", "cy"]], ids=["one person", "three people"])
def test_processes_at_once_lose_nothing_and_make_no_fork(
    people: list[str], processes: ForkServerContext, project: Project
) -> None:
    do(project, models.register, "fraud")
    running = [processes.Process(target=register_and_approve, args=(project.root, who)) for who in people]
    for process in running:
        process.start()
    for process in running:
        process.join(120)
        assert process.exitcode == 0
    with Store(project) as store:
        report, contradictions = audit_store(store, every_signature=True)
        with store.reading() as db:
            model = models.get(db, "fraud")
            numbers = [version.number for version in versions_of(db, model)]
            statuses = {read_review(db, versions.get(db, "fraud", number)).status for number in numbers}
            log = read_log(db)
    assert report.findings == [] and contradictions == []
    assert report.chains == len(set(people))
    assert numbers == list(range(1, AT_ONCE * EACH + 1)) and statuses == {"approved"}
    assert report.events == len(log) == 1 + 3 * AT_ONCE * EACH
    assert model.aliases["champion"] == log[0]["version"]
