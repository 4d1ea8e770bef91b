"""A process that is killed between any two calls to the engine leaves what the next one can go on from."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest

from tests.packaging.yards import KilledError, Yard
from workbench.base.errors import NotFoundError, StartFailedError
from workbench.packaging import deployments as states
from workbench.packaging.deployment_records import is_recorded
from workbench.packaging.watching import KEPT_STOPPED, catch_up, list_rows

STATES = {
    states.HEALTHY, states.STARTING, states.STOPPED, states.DEAD, states.INTERRUPTED, KEPT_STOPPED,
}  # fmt: skip
MOST = 12
"""More changes than any switch makes."""


def first(yard: Yard) -> None:
    """The first one is deployed."""
    yard.run("fraud/2")


def replacing(yard: Yard) -> None:
    """One takes the place of another."""
    yard.run("fraud/2")


def failing(yard: Yard) -> None:
    """One is not ready, and the one before is started again."""
    with pytest.raises(StartFailedError):
        yard.run("fraud/3")


def rolling_back(yard: Yard) -> None:
    """Back to a container that is kept."""
    yard.rollback()


def stopping(yard: Yard) -> None:
    """The end."""
    yard.stop()


def removing(yard: Yard) -> None:
    """The end, with nothing left."""
    yard.stop(remove=True)


def nothing(yard: Yard) -> None:
    """As it is."""


def one(yard: Yard) -> None:
    """One runs."""
    yard.run("fraud/1")


def two(yard: Yard) -> None:
    """One runs in the place of another."""
    yard.run("fraud/1")
    yard.run("fraud/2")


Step = Callable[[Yard], None]
CASES = [(nothing, first), (one, replacing), (one, failing), (two, rolling_back), (one, stopping), (one, removing)]
FEWEST: dict[Step, int] = {first: 2, stopping: 2, removing: 3, replacing: 4, failing: 8, rolling_back: 4}
"""How many changes an act makes at least."""


def each_kill(yard: Yard, prepare: Step, act: Step) -> Iterator[None]:
    """What is there after a process that acts was killed: after each of its changes, one after the other."""
    yard.docker.failing.add(yard.image("fraud/3").image_id)
    prepare(yard)
    before = copy.deepcopy((yard.docker.containers_by_id, yard.docker.made))
    for at in range(1, MOST + 1):
        yard.docker.containers_by_id, yard.docker.made = copy.deepcopy(before)
        yard.docker.live_on(at)
        try:
            act(yard)
        except KilledError:
            pass
        else:
            assert at > FEWEST[act]
            return
        yard.docker.live_on()
        see(yard)
        yield
    raise AssertionError("a switch makes fewer changes than that")


def see(yard: Yard) -> None:
    """What `ps` shows makes sense, and everything is recorded after it."""
    rows = list_rows(yard.engine, yard.project)
    catch_up(yard.engine, yard.project, yard.governing, rows)
    assert is_recorded(yard.records(), yard.docker.engine_id, [row.container for row in rows])
    assert len([row for row in rows if row.container.is_running]) <= 1
    assert {row.status for row in rows} <= STATES


def settled(yard: Yard, number: int) -> None:
    """Exactly this version runs, nothing is left of a switch, and everything is recorded."""
    deployment = yard.deployment()
    assert yard.running() == [number]
    assert deployment.current.version == number and deployment.status == states.HEALTHY
    assert not deployment.is_interrupted and not deployment.never_started
    assert [container.meant_to_run for container in deployment.containers].count(True) == 1
    assert is_recorded(yard.records(), yard.docker.engine_id, deployment.containers)


@pytest.mark.parametrize(("prepare", "act"), CASES, ids=lambda case: case.__name__)
def test_running_again_completes_whatever_was_interrupted(yard: Yard, prepare: Step, act: Step) -> None:
    for _ in each_kill(yard, prepare, act):
        yard.run("fraud/2")
        settled(yard, 2)


@pytest.mark.parametrize(
    ("prepare", "act"),
    [(one, replacing), (one, failing), (two, rolling_back)],
    ids=lambda case: case.__name__,
)
def test_rolling_back_brings_back_what_ran_whatever_was_interrupted(yard: Yard, prepare: Step, act: Step) -> None:
    for _ in each_kill(yard, prepare, act):
        try:
            yard.rollback(reason="killed")
        except NotFoundError as error:  # it had gone back already
            assert error.message == "nothing ran as fraud before fraud/1"
        settled(yard, 1)


@pytest.mark.parametrize(
    ("prepare", "act"),
    [(one, replacing), (one, failing), (two, rolling_back), (one, stopping)],
    ids=lambda case: case.__name__,
)
def test_stopping_ends_whatever_was_interrupted(yard: Yard, prepare: Step, act: Step) -> None:
    for _ in each_kill(yard, prepare, act):
        yard.stop()
        assert yard.running() == [] and yard.deployment().status == states.STOPPED
        assert not any(container.meant_to_run for container in yard.deployment().containers)


def test_ps_says_that_a_switch_was_interrupted(yard: Yard) -> None:
    one(yard)
    yard.docker.live_on(3)  # made, the old one not meant to run, stopped
    with pytest.raises(KilledError):
        yard.run("fraud/2")
    yard.docker.live_on()
    assert yard.deployment().status == states.INTERRUPTED
    rows = list_rows(yard.engine, yard.project)
    assert [(row.container.version, row.status, row.is_interrupted) for row in rows] == [
        (2, "interrupted", True), (1, "kept", False),
    ]  # fmt: skip


def test_a_kill_before_recording_is_made_good_by_the_next_ps(yard: Yard) -> None:
    one(yard)
    yard.docker.live_on(4)
    with pytest.raises(KilledError):
        yard.run("fraud/2")
    yard.docker.live_on()
    assert [record.sequence for record in yard.records()] == [1]
    rows = list_rows(yard.engine, yard.project)
    assert catch_up(yard.engine, yard.project, yard.governing, rows)
    assert [(action, number) for action, number, _ in yard.deeds()] == [("deploy", 1), ("stop", 1), ("deploy", 2)]
    assert not catch_up(yard.engine, yard.project, yard.governing, rows)
