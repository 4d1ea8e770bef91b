"""Reviews are read for many versions at once."""

from __future__ import annotations

from tests.conftest import FakeClock
from tests.registry.registries import Registry
from workbench.registry import approvals, models, versions
from workbench.registry.queries import versions_of
from workbench.registry.reviews import APPROVED, NONE, PENDING, REJECTED, Review, read_reviews


def test_each_version_has_the_review_of_its_own(registry: Registry, clock: FakeClock) -> None:
    registry.do(models.register, "fraud")
    for _ in range(4):
        registry.do(versions.register, "fraud", source=None)
    for number, decide in ((1, approvals.approve), (2, approvals.reject), (3, approvals.request)):
        clock.advance(1)
        registry.do(decide, "fraud", number, f"reason {number}")
    found = registry.ask(versions_of, registry.ask(models.get, "fraud"))
    reviews = registry.ask(read_reviews, found)
    assert [reviews[version.id].status for version in found] == [APPROVED, REJECTED, PENDING, NONE]
    assert [reviews[version.id].reason for version in found] == ["reason 1", "reason 2", "reason 3", ""]
    assert registry.ask(read_reviews, []) == {}
    assert Review().missing == "no approval was requested"


def test_the_latest_request_counts(registry: Registry, clock: FakeClock) -> None:
    registry.do(models.register, "fraud")
    version = registry.do(versions.register, "fraud", source=None)
    registry.do(approvals.reject, "fraud", 1, "no")
    clock.advance(1)
    registry.do(approvals.request, "fraud", 1, "again")
    review = registry.ask(read_reviews, [version])[version.id]
    assert (review.status, review.reason, review.decisions) == (PENDING, "again", ())
