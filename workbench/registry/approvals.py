"""Approvals: asking for one, giving it and refusing it, each with a reason and with the evidence that was seen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.errors import ApprovalMissingError, DecidedError, InputError
from workbench.registry import versions
from workbench.registry.checks import latest_check, missing_gates
from workbench.registry.evidence import registered_evidence
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.policy import Policy
from workbench.registry.records import Version
from workbench.registry.reviews import DECISION, NONE, PENDING, REQUEST, Review, read_review

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def request(db: Connection, ledger: Ledger, name: str, number: int, reason: str) -> Review:
    """Ask for the approval of a version. One that was decided already can be decided anew.

    Here and below:

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine decides anything.
        ledger: where it is recorded, and the rules.
        reason: why; it may not be empty.

    Returns:
        Where the version stands then.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        InputError: there is no reason.
        DecidedError: it is requested already.
        SettingsError: the project's rules cannot be understood.
        StoreError: the journal cannot be written.
    """
    version = versions.get(db, name, number)
    reason = _required(reason)
    before = read_review(db, version)
    if before.status == PENDING:
        raise DecidedError(
            f"{_shown(version)} waits for approval already: {before.requested_by} asked for it",
            f"workbench models approve {_shown(version)} --reason TEXT",
        )
    request_id, fields = _request(ledger, ledger.policy(name), reason)
    deed = Deed("request", name, version.model, number, reason, _evidence(db, version))
    ledger.record(db, deed, Change("version", version.id, fields))
    value = fields[REQUEST + request_id]
    assert isinstance(value, dict)
    return Review(PENDING, request_id, ledger.who, reason, value["at"], value["approvers"], value["author_may_approve"])


def approve(db: Connection, ledger: Ledger, name: str, number: int, reason: str) -> Review:
    """Approve a version, as the one who acts. Where nobody asked for it, this asks as well.

    Raises: as `request`, and
        ApprovalMissingError: the rules say that this person may not, or gates have not passed.
    """
    return _decide(db, ledger, name, number, reason, approved=True)


def check_may_approve(db: Connection, ledger: Ledger, name: str, number: int) -> None:
    """Raise what `approve` would raise to the one who acts, whatever their reason; nothing is recorded."""
    version = versions.get(db, name, number)
    review = _open_review(db, ledger, version)
    policy = ledger.policy(name)
    _check_may_approve(db, ledger, version, (policy if review.status == NONE else review).author_may_approve)


def reject(db: Connection, ledger: Ledger, name: str, number: int, reason: str) -> Review:
    """Reject a version. Raises: as `request`."""
    return _decide(db, ledger, name, number, reason, approved=False)


def _decide(db: Connection, ledger: Ledger, name: str, number: int, reason: str, *, approved: bool) -> Review:
    version = versions.get(db, name, number)
    reason = _required(reason)
    review = _open_review(db, ledger, version)
    fields: dict[str, object] = {}
    request_id, author_may_approve = review.request_id, review.author_may_approve
    if review.status == NONE:
        policy = ledger.policy(name)
        author_may_approve = policy.author_may_approve
        request_id, fields = _request(ledger, policy, reason)
    if approved:
        _check_may_approve(db, ledger, version, author_may_approve)
    decision = {"who": ledger.who, "approved": approved, "reason": reason, "at": now_us()}
    fields[f"{DECISION}{request_id}:{ledger.who}"] = decision
    deed = Deed("approve" if approved else "reject", name, version.model, number, reason, _evidence(db, version))
    ledger.record(db, deed, Change("version", version.id, fields))
    return _after(review, request_id, fields, decision)


def _open_review(db: Connection, ledger: Ledger, version: Version) -> Review:
    """Where a version stands that the one who acts may still decide about.

    Raises:
        DecidedError: it is decided, or they have approved it already.
    """
    review = read_review(db, version)
    if review.status not in (NONE, PENDING):
        raise DecidedError(
            f"{_shown(version)} is {review.status} already",
            f"to decide anew: workbench models request {_shown(version)} --reason TEXT",
        )
    if any(decision.who == ledger.who for decision in review.decisions):
        raise DecidedError(f"{ledger.who} has approved {_shown(version)} already: {review.missing}")
    return review


def _after(review: Review, request_id: str, fields: dict[str, object], decision: dict[str, object]) -> Review:
    """The review with one more decision, as `read_review` will find it."""
    from workbench.registry.reviews import _review

    asked = fields.get(REQUEST + request_id) or {
        "who": review.requested_by, "reason": review.reason, "at": review.requested_at_us,
        "approvers": review.approvers, "author_may_approve": review.author_may_approve,
    }  # fmt: skip
    decided = {
        f"{DECISION}{request_id}:{d.who}": {"who": d.who, "approved": d.approved, "reason": d.reason, "at": d.at_us}
        for d in review.decisions
    }
    return _review(
        {REQUEST + request_id: asked, **decided, f"{DECISION}{request_id}:{decision['who']}": decision}, None
    )


def _request(ledger: Ledger, policy: Policy, reason: str) -> tuple[str, dict[str, object]]:
    request_id = os.urandom(8).hex()
    value = {
        "who": ledger.who, "at": now_us(), "reason": reason, "approvers": policy.approvers,
        "author_may_approve": policy.author_may_approve, "required_gates": list(policy.required_gates),
    }  # fmt: skip
    return request_id, {REQUEST + request_id: value}


def _check_may_approve(db: Connection, ledger: Ledger, version: Version, author_may_approve: bool) -> None:
    if not author_may_approve and ledger.who == version.user:
        raise ApprovalMissingError(
            f"{ledger.who} registered {_shown(version)}, and its author may not approve it", "ask somebody else"
        )
    missing = missing_gates(db, version, ledger.policy(version.name).required_gates)
    if missing:
        raise ApprovalMissingError(
            f"{_shown(version)} cannot be approved: {'; '.join(missing)}", f"workbench models check {_shown(version)}"
        )


def _evidence(db: Connection, version: Version) -> dict[str, object]:
    """What a decision is made by, frozen with it."""
    check = latest_check(db, version)
    return {
        "digest": version.digest,
        "run": version.run,
        **registered_evidence(db, version),
        "check": check.as_document() if check else None,
    }


def _required(reason: str) -> str:
    if not reason.strip():
        raise InputError("a reason is required", "--reason TEXT")
    return reason.strip()


def _shown(version: Version) -> str:
    return f"{version.name}/{version.number}"
