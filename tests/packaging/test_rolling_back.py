"""Going back to what ran before."""

from __future__ import annotations

import pytest

from tests.packaging.yards import Yard, unused_port
from workbench.base.errors import InputError, NotFoundError, RefusedError, StartFailedError
from workbench.registry import approvals


def deployed(yard: Yard, *numbers: int) -> None:
    for number in numbers:
        yard.run(f"fraud/{number}")


def test_the_container_before_is_started_again(yard: Yard) -> None:
    deployed(yard, 1, 2)
    outcome = yard.rollback(reason="errors")
    assert outcome.is_warm and outcome.replaced is not None
    assert (outcome.replaced.version, outcome.container.version) == (2, 1)
    assert yard.running() == [1]
    assert yard.deeds()[-2:] == [("stop", 2, "fraud/1 took its place"), ("rollback-deployment", 1, "errors")] or (
        yard.deeds()[-2:] == [("rollback-deployment", 1, "errors"), ("stop", 2, "fraud/1 took its place")]
    )


def test_rolling_back_again_goes_one_further(yard: Yard) -> None:
    deployed(yard, 1, 2, 3)
    assert [yard.rollback().container.version, yard.rollback().container.version] == [2, 1]
    with pytest.raises(NotFoundError, match="nothing ran as fraud before fraud/1"):
        yard.rollback()


def test_what_was_rolled_back_from_is_not_gone_back_to(yard: Yard) -> None:
    deployed(yard, 1, 2)
    yard.rollback()
    deployed(yard, 3)
    assert yard.rollback().container.version == 1


def test_the_same_image_with_other_settings_is_not_what_ran_before(yard: Yard) -> None:
    deployed(yard, 1, 2)
    yard.run("fraud/2", memory_bytes=100_000_000)
    assert yard.rollback().container.version == 1


def test_a_container_that_is_gone_is_made_again_as_it_was(yard: Yard) -> None:
    yard.run("fraud/1", memory_bytes=123_000_000)
    yard.run("fraud/2", memory_bytes=99_000_000)
    first = yard.deployment().of_sequence(1)
    assert first is not None
    yard.engine.remove(first.id)
    outcome = yard.rollback()
    assert not outcome.is_warm and outcome.container.sequence == 3
    assert outcome.container.settings.memory_bytes == 123_000_000
    assert yard.running() == [1]
    with pytest.raises(NotFoundError, match="nothing ran as fraud before fraud/1"):
        yard.rollback()


def test_the_address_stays_where_it_is_now(yard: Yard) -> None:
    deployed(yard, 1)
    port = unused_port()
    yard.run("fraud/2", port=port)
    outcome = yard.rollback()
    assert outcome.container.settings.port == port and not outcome.is_warm


def test_rejected_versions_are_passed_over(yard: Yard) -> None:
    deployed(yard, 1, 2, 3)
    yard.registry.do(approvals.request, "fraud", 2, "please")
    yard.registry.do(approvals.reject, "fraud", 2, "worse")
    with pytest.raises(RefusedError, match="2 is rejected"):
        yard.rollback(to="2")
    assert yard.rollback().container.version == 1


@pytest.mark.parametrize("to", ["1", "v1", "fraud/1", "fraud:1"])
def test_a_version_that_ran_before_can_be_named(yard: Yard, to: str) -> None:
    deployed(yard, 1, 2, 3)
    assert yard.rollback(to=to).container.version == 1


def test_a_version_that_never_ran_is_refused(yard: Yard) -> None:
    deployed(yard, 1, 2)
    with pytest.raises(InputError, match="4 never ran as fraud") as caught:
        yard.rollback(to="4")
    assert caught.value.hint == "workbench package run 4 --name fraud"
    with pytest.raises(InputError, match="is what fraud runs already"):
        yard.rollback(to="fraud/2")


def test_an_image_that_is_gone_is_named(yard: Yard) -> None:
    deployed(yard, 1, 2)
    first = yard.deployment().of_sequence(1)
    assert first is not None
    yard.engine.remove(first.id)
    yard.docker.images.discard(yard.image("fraud/1").image_id)
    with pytest.raises(NotFoundError, match="no longer has the image fraud:1"):
        yard.rollback()
    assert yard.running() == [2]


def test_where_the_one_before_is_not_ready_what_runs_goes_on(yard: Yard) -> None:
    deployed(yard, 1, 2)
    yard.docker.slow.add(yard.image("fraud/1").image_id)
    with pytest.raises(StartFailedError, match=r"fraud/1 is not ready.*; fraud/2 was started again"):
        yard.rollback()
    assert yard.running() == [2]
    assert len(yard.deployment().containers) == 2, "nothing is erased"


def test_a_deployment_that_was_stopped_goes_back_as_well(yard: Yard) -> None:
    deployed(yard, 1, 2)
    yard.stop()
    assert yard.rollback().container.version == 1


def test_one_that_died_goes_back(yard: Yard) -> None:
    deployed(yard, 1, 2)
    yard.docker.end(yard.deployment().current.id, 1)
    assert yard.deployment().status == "dead"
    assert yard.rollback().container.version == 1


def test_an_unknown_name_is_not_found(yard: Yard) -> None:
    with pytest.raises(NotFoundError, match="no deployment is called fraud"):
        yard.rollback()
