"""Which images can go: never one that something needs."""

from __future__ import annotations

from typing import Any

from tests.packaging.shops import Shop
from workbench.packaging.collecting import Garbage, collect, find_garbage, forget, read_claims
from workbench.packaging.images import Image, list_images
from workbench.registry import aliases, approvals
from workbench.registry.ledger import Change, Deed


def build(shop: Shop, *digits: str) -> list[Image]:
    images = []
    for digit in digits:
        source = shop.add_version(digit)
        shop.registry.ledger  # noqa: B018 - time goes on between versions
        images.append(shop.package(source).image)
    return images


def garbage(shop: Shop, keep: int = 0) -> Garbage:
    return find_garbage(shop.engine, shop.registry.ask(read_claims), keep)


def gone(shop: Shop, keep: int = 0) -> list[str]:
    return sorted(image.name for image in garbage(shop, keep).images)


def test_an_image_stays_as_long_as_something_needs_it(shop: Shop, small_packages: Any) -> None:
    images = build(shop, "a", "b", "c", "d", "e")
    assert gone(shop) == ["fraud:1", "fraud:2", "fraud:3", "fraud:4", "fraud:5"]
    shop.registry.do(aliases.point, "fraud", "champion", 1)
    shop.registry.do(approvals.request, "fraud", 2, "please")
    shop.client.create_container(image="fraud:3")
    deployed = Change("deployment", "f" * 32, {"image": images[3].id, "name": "prod"})
    with shop.registry.visit() as db:
        shop.registry.ledger.record(db, Deed("deploy", "fraud", ""), deployed)
    assert gone(shop) == ["fraud:5"]
    assert garbage(shop).kept == {
        "fraud:1": "champion points to its version",
        "fraud:2": "its version waits for approval",
        "fraud:3": "a container has it",
        "fraud:4": "a deployment runs it",
    }


def test_the_newest_of_a_model_stay(shop: Shop, small_packages: Any, clock: Any) -> None:
    for digit in "abc":
        build(shop, digit)
        clock.advance(60)
    assert gone(shop, keep=1) == ["fraud:1", "fraud:2"]
    assert gone(shop, keep=3) == []


def test_images_of_others_are_not_looked_at(shop: Shop, small_packages: Any) -> None:
    shop.client.add_image(
        "other:1", layers=("sha256:base", "sha256:x"), Config={"Labels": {"io.workbench.role": "model"}}
    )
    assert not garbage(shop)


def test_packages_go_with_the_last_image_on_them(shop: Shop, small_packages: Any) -> None:
    build(shop, "a", "b")
    shop.registry.do(aliases.point, "fraud", "champion", 1)
    assert garbage(shop).packages == ()
    shop.registry.do(aliases.remove, "fraud", "champion")
    found = garbage(shop)
    assert len(found.packages) == 1
    assert collect(shop.engine, found) > 0
    with shop.registry.visit() as db:
        forget(db, shop.registry.ledger, found)
    assert shop.client.names() == ["local/python:3.11"]
    assert shop.registry.ask(list_images) == []
    assert not garbage(shop)


def test_only_the_newest_image_of_a_version_is_needed(shop: Shop, small_packages: Any, clock: Any) -> None:
    source = shop.add_version("a")
    shop.registry.do(aliases.point, "fraud", "champion", 1)
    first = shop.package(source, runtime="native")
    clock.advance(60)
    second = shop.package(source, settings={"log_mode": "none"})
    assert first.built.image_id != second.built.image_id
    [old] = garbage(shop).images
    assert old.image_id == first.built.image_id
    collect(shop.engine, garbage(shop))
    assert shop.client.inspect_image("fraud:1")["Id"] == second.built.image_id


def test_an_image_with_two_names_loses_the_one_that_nothing_needs(shop: Shop, small_packages: Any, clock: Any) -> None:
    source = shop.add_version("a")
    first = shop.package(source)
    clock.advance(60)
    second = shop.package(source, tag="fraud:again")
    assert first.built.image_id == second.built.image_id
    assert [image.name for image in shop.registry.ask(list_images)] == ["fraud:again", "fraud:1"]
    shop.registry.do(aliases.point, "fraud", "champion", 1)
    found = garbage(shop)
    assert ([image.name for image in found.images], found.packages) == (["fraud:1"], ())
    collect(shop.engine, found)
    assert "fraud:again" in shop.client.names()
    assert "fraud:1" not in shop.client.names()


def test_helpers_that_were_left_behind_go_after_an_hour(shop: Shop, clock: Any) -> None:
    left = shop.client.create_container(image=shop.base, labels={"io.workbench.role": "smoke"})["Id"]
    shop.client.create_container(image=shop.base, labels={"io.workbench.role": "deployment"})
    shop.client.containers_by_id[left]["Created"] = clock.now_us / 1e6 - 60
    assert garbage(shop).containers == ()
    clock.advance(3600)
    assert garbage(shop).containers == (left,)
    collect(shop.engine, garbage(shop))
    assert left not in shop.client.containers_by_id
