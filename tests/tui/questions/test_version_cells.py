"""What a version's line says beside its number."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.output.spans import plain
from workbench.registry.history import Term
from workbench.tui.questions.version_cells import gates_span, note_line, status_span

NOW_US = 1_790_000_000_000_000
DAY_US = 86_400_000_000
ISO = "2026-09-21T12:13:20Z"


def review(status: str = "none", **more: Any) -> dict[str, Any]:
    """A review as documents have it."""
    asked = {"requested_by": "ana", "requested_at": ISO, "reason": "cheaper"} if status != "none" else {}
    return {"status": status, "approvers": 1, "approvals": 0, "decisions": [], "requested_at": None, **asked, **more}


def check(*outcomes: str, current: bool = True) -> dict[str, Any]:
    """Results of gates called a, b, …."""
    gates = [{"name": chr(97 + i), "outcome": outcome, "detail": f"is {i}"} for i, outcome in enumerate(outcomes)]
    passed = sum(outcome == "passed" for outcome in outcomes)
    summary = f"{passed}/{len(outcomes)}"
    return {"gates": gates, "passed": passed == len(outcomes), "summary": summary, "current": current}


def document(**more: Any) -> dict[str, Any]:
    """A version's document, as far as a note needs it."""
    return {"version": 2, "review": review(), "check": None, "aliases": [], "description": None, **more}


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (review(), "–"),
        (review("pending"), "? pending"),
        (review("pending", approvers=2, approvals=1), "? pending 1/2"),
        (review("approved", approvers=2, approvals=2), "✓ approved"),
        (review("rejected"), "✗ rejected"),
    ],
)
def test_a_status_has_a_mark_and_a_word(found: dict[str, Any], text: str) -> None:
    """And the share of approvals where more than one is needed."""
    assert status_span(found)[0] == text


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, "–"),
        (check("passed", "passed"), "✓ 2/2"),
        (check("passed", "timed out"), "✗ 1/2"),
        (check("passed", current=False), "! 1/1"),
    ],
)
def test_gates_have_a_mark_and_a_share(found: dict[str, Any] | None, text: str) -> None:
    """What was run on other files counts for nothing."""
    assert gates_span(found)[0] == text


def test_a_note_names_the_gates_that_failed_and_who_waits() -> None:
    """What needs a person comes first."""
    found = document(check=check("failed", "crashed", "passed"), review=review("pending"), description="the first")
    assert plain(note_line(found, [], NOW_US)) == '✗ a is 0 and 1 more   asked by ana, 2h ago: "cheaper"'


def test_a_note_says_who_rejected_it_and_why() -> None:
    """The one who did, among several who decided."""
    decisions = [{"who": "bo", "approved": True, "reason": "ok"}, {"who": "cy", "approved": False, "reason": "leaks"}]
    assert plain(note_line(document(review=review("rejected", decisions=decisions)), [], NOW_US)) == (
        'rejected by cy: "leaks"'
    )


def test_a_note_says_when_it_had_an_alias() -> None:
    """The last time, and only of aliases that point elsewhere now."""
    terms = [
        Term("champion", 2, NOW_US - 9 * DAY_US, NOW_US - 8 * DAY_US, "alias", "ana", None),
        Term("champion", 2, NOW_US - 5 * DAY_US, NOW_US - 3 * DAY_US, "rollback", "ana", None),
        Term("shadow", 2, NOW_US - 5 * DAY_US, NOW_US - 4 * DAY_US, "alias", "ana", None),
        Term("shadow", 2, NOW_US - 3 * DAY_US, None, "alias", "ana", None),
        Term("champion", 1, NOW_US - 3 * DAY_US, None, "alias", "ana", None),
    ]
    found = document(aliases=["shadow"], description="the first")
    assert plain(note_line(found, terms, NOW_US)) == "was champion 2026-09-16 → 2026-09-18"


def test_where_there_is_nothing_to_say_the_note_is_the_description() -> None:
    """Its first line; control characters are seen."""
    assert plain(note_line(document(description="one\x1b\ntwo"), [], NOW_US)) == "one\\e"
    assert note_line(document(), [], NOW_US) == []
