"""What a person is shown before they agree: what will be built, and what a rollback goes back to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packaging.shops import Shop
from tests.packaging.yards import Yard
from workbench.base.errors import NotFoundError, StoreInterruptedError
from workbench.packaging.delivery import package, plan_document
from workbench.packaging.images import list_images
from workbench.packaging.plan import Options, Plan
from workbench.packaging.rolling_back import find_target


def target(yard: Yard) -> tuple[str, str]:
    """What `fraud` goes back to."""
    return find_target(yard.engine, yard.project, yard.governing, "fraud")


def test_what_is_gone_back_to_is_known_without_going_there(yard: Yard) -> None:
    """It is what `rollback` then does."""
    yard.run("fraud/1")
    yard.run("fraud/2")
    before = list(yard.docker.changes)

    assert target(yard) == ("fraud/2", "fraud/1")
    assert yard.docker.changes == before
    assert yard.rollback().container.version == 1


def test_what_is_gone_back_to_may_have_to_be_made_again(yard: Yard) -> None:
    """Its container is gone, its image is not; nor where the image is gone."""
    yard.run("fraud/1")
    yard.run("fraud/2")
    first = yard.deployment().of_sequence(1)
    assert first is not None
    yard.engine.remove(first.id)

    assert target(yard) == ("fraud/2", "fraud/1")


def test_where_there_is_nothing_to_go_back_to_it_is_said(yard: Yard) -> None:
    """As by `rollback`."""
    yard.run("fraud/1")

    with pytest.raises(NotFoundError, match="nothing ran as fraud before fraud/1"):
        target(yard)


def test_a_plan_that_nobody_agrees_to_is_not_built(shop: Shop, small_packages: list[str], trial: Any) -> None:
    """Who is asked sees base, layers and packages with their sizes."""
    seen: list[dict[str, Any]] = []

    def refuse(plan: Plan) -> bool:
        seen.append(plan_document(plan))
        return False

    source = shop.add_version()
    with pytest.raises(StoreInterruptedError, match="no image was named"):
        package(shop.engine, shop.project, source, Options(base=shop.base), shop.governing, agree=refuse)

    assert not shop.client.built
    assert shop.registry.ask(list_images) == []
    [plan] = seen
    assert set(plan["package_bytes"]) == {"numpy", "scikit-learn"}
    assert plan["added"] == sum(plan["layers"].values())
    assert plan["base_bytes"] == 100_000_000
