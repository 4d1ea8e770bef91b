"""What was decided about a version: its latest request for approval, and who approved or rejected it.

Requests and decisions are facts of their own, so decisions that people made in two copies of a project add up when
they meet. A request freezes the rules that it is decided by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import loads

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.records import Version

REQUEST = "request:"
DECISION = "decision:"
"""What the names of fields of a version begin with that are requests (then an id) and decisions (then the id of the
request, `:` and who decided)."""

NONE, PENDING, APPROVED, REJECTED = "none", "pending", "approved", "rejected"
STATUSES = (NONE, PENDING, APPROVED, REJECTED)


@dataclass(frozen=True)
class Decision:
    """What one person decided.

    Attributes:
        at_us: microseconds since the epoch, UTC.
    """

    who: str
    approved: bool
    reason: str
    at_us: int


@dataclass(frozen=True)
class Review:
    """Where a version stands.

    Attributes:
        status: one of `STATUSES`.
        request_id: of its latest request; empty where there was none.
        requested_by, reason: who asked, and why.
        requested_at_us: microseconds since the epoch, UTC; 0 where nobody did.
        approvers: how many approvals the request needs.
        decisions: about this request, the first one first.
    """

    status: str = NONE
    request_id: str = ""
    requested_by: str = ""
    reason: str = ""
    requested_at_us: int = 0
    approvers: int = 1
    author_may_approve: bool = True
    decisions: Sequence[Decision] = field(default_factory=tuple)

    @property
    def approvals(self) -> int:
        """How many have approved."""
        return sum(decision.approved for decision in self.decisions)

    @property
    def missing(self) -> str:
        """What is missing for an approval, as a clause; empty for one that is approved."""
        if self.status == NONE:
            return "no approval was requested"
        if self.status == PENDING:
            return f"{self.approvals} of {self.approvers} approvals are given"
        if self.status == REJECTED:
            refusal = next(decision for decision in self.decisions if not decision.approved)
            return f"{refusal.who} rejected it: {refusal.reason}"
        return ""

    @property
    def contradicts_itself(self) -> bool:
        """Whether some approved and others rejected it, which only people do who did not know of each other."""
        return 0 < self.approvals < len(self.decisions)


def read_review(db: Connection, version: Version) -> Review:
    """Where a version stands."""
    return read_reviews(db, [version])[version.id]


def read_reviews(db: Connection, versions: Sequence[Version]) -> dict[str, Review]:
    """Where versions stand, by their ids."""
    return reviews_by_id(db, {version.id: version.user for version in versions})


def reviews_by_id(db: Connection, authors: Mapping[str, str | None]) -> dict[str, Review]:
    """The same, where no more is known of versions than their ids and who registered each."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    rows = db.execute(
        "SELECT id, name, value FROM entity_field WHERE kind = 'version' AND value IS NOT NULL "
        f"AND (starts_with(name, '{REQUEST}') OR starts_with(name, '{DECISION}')) "
        "AND id IN (SELECT unnest($1::VARCHAR[]))",
        [list(authors)],
    ).fetchall()
    for version_id, name, value in rows:
        found[version_id][name] = loads(value)
    return {version_id: _review(found.get(version_id, {}), author) for version_id, author in authors.items()}


def _review(fields: dict[str, Any], author: str | None) -> Review:
    requests = {name.removeprefix(REQUEST): value for name, value in fields.items() if name.startswith(REQUEST)}
    if not requests:
        return Review()
    request_id, request = max(requests.items(), key=lambda item: (int(item[1].get("at", 0)), item[0]))
    author_may_approve = bool(request.get("author_may_approve", True))
    decisions = [
        Decision(str(value["who"]), bool(value["approved"]), str(value.get("reason", "")), int(value.get("at", 0)))
        for name, value in fields.items()
        if name.startswith(f"{DECISION}{request_id}:")
    ]
    decisions = [d for d in decisions if author_may_approve or not d.approved or d.who != author]
    decisions.sort(key=lambda decision: (decision.at_us, decision.who))
    approvers = int(request.get("approvers", 1))
    if any(not decision.approved for decision in decisions):
        status = REJECTED
    else:
        status = APPROVED if len(decisions) >= approvers else PENDING
    return Review(
        status,
        request_id,
        str(request.get("who", "")),
        str(request.get("reason", "")),
        int(request.get("at", 0)),
        approvers,
        author_may_approve,
        tuple(decisions),
    )
