"""`workbench models request`, `approve` and `reject`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.cli import console, emit, session
from workbench.cli.models.options import VersionArgument, shown
from workbench.cli.options import JsonOption
from workbench.cli.reasons import RequiredReasonOption, required_reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.registry.records import Version
    from workbench.registry.reviews import Review


def request(version: VersionArgument, reason: RequiredReasonOption = None, json: JsonOption = False) -> None:
    """Ask for the approval of a version.

    The request keeps the rules of workbench.toml as they are now: how many have to approve, and whether the author may.
    A version that was approved or rejected can be decided anew this way.

    Examples:
      workbench models request fraud/3 --reason "better on weekends"
    """
    from workbench.registry.approvals import request as ask_for

    found, review = _decided(ask_for, version, reason)
    if json:
        _emit(found, review)
        return
    console.out(f"{shown(found)} waits for approval: {review.missing}")
    console.note(f"next: workbench models approve {shown(found)} --reason TEXT")


def approve(version: VersionArgument, reason: RequiredReasonOption = None, json: JsonOption = False) -> None:
    """Approve a version.

    You act as WORKBENCH_USER, else as your login name. The reason is kept with the evidence: files, metrics, data and
    gates as they are. Where the rules say that you may not, or gates have not passed, it exits with 4.

    Examples:
      workbench models approve fraud/3 --reason "checked the weekend numbers"
    """
    from workbench.registry.approvals import approve as give

    found, review = _decided(give, version, reason)
    if json:
        _emit(found, review)
    elif review.status == "approved":
        console.out(f"{shown(found)} is approved: {_count(review)}")
        console.note(f"next: workbench models alias {shown(found)} champion")
    else:
        console.out(f"{shown(found)} waits for more: {_count(review)}")


def reject(version: VersionArgument, reason: RequiredReasonOption = None, json: JsonOption = False) -> None:
    """Reject a version.

    One rejection decides, however many have approved.

    Examples:
      workbench models reject fraud/3 --reason "worse for new customers"
    """
    from workbench.registry.approvals import reject as refuse

    found, review = _decided(refuse, version, reason)
    if json:
        _emit(found, review)
    else:
        console.out(f"{shown(found)} is rejected")


def _decided(action: Callable[..., Review], reference: str, reason: str | None) -> tuple[Version, Review]:
    """Do it, as one with finding out whether it may be done."""
    from workbench.registry.references import resolve_version

    if reason is None:
        with session.reading() as db:
            resolve_version(db, reference)  # nobody is asked for a reason in vain
    why = required_reason(reason)
    with session.governing() as (db, ledger):
        version = resolve_version(db, reference)
        return version, action(db, ledger, version.name, version.number, why)


def _emit(version: Version, review: Review) -> None:
    from workbench.registry.overview import review_document

    emit.emit_document({"name": version.name, "version": version.number, **review_document(review)})


def _count(review: Review) -> str:
    return f"{review.approvals} of {review.approvers} approval{'s' * (review.approvers != 1)}"
