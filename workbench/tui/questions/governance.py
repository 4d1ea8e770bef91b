"""What people do to models from the app: each a deed of the desk, recorded as a governance event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.base.project import Project
from workbench.registry import aliases, approvals, cards, history, models, versions
from workbench.registry.registering import register_run
from workbench.registry.reviews import PENDING, Review
from workbench.registry.writing import open_ledger
from workbench.tui.questions.edits import Done

TAKEN_BACK = "taken back"
"""The reason of what undoes an earlier deed."""


@dataclass(frozen=True, slots=True)
class Request:
    """Ask for the approval of a version."""

    model: str
    number: int
    reason: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        with open_ledger(project) as ledger:
            return _stands(self.model, self.number, approvals.request(db, ledger, self.model, self.number, self.reason))


@dataclass(frozen=True, slots=True)
class Decide:
    """Approve a version, or reject it."""

    model: str
    number: int
    reason: str
    approved: bool

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        decide = approvals.approve if self.approved else approvals.reject
        with open_ledger(project) as ledger:
            return _stands(self.model, self.number, decide(db, ledger, self.model, self.number, self.reason))


@dataclass(frozen=True, slots=True)
class PointAlias:
    """Let an alias point to a version."""

    model: str
    alias: str
    number: int
    reason: str | None = None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        before = models.get(db, self.model).aliases.get(self.alias)
        if before == self.number:
            return Done(f"{self.alias} points to v{self.number} already")
        with open_ledger(project) as ledger:
            aliases.point(db, ledger, self.model, self.alias, self.number, reason=self.reason)
        if before is None:
            return Done(f"{self.alias} → v{self.number}", back=RemoveAlias(self.model, self.alias, TAKEN_BACK))
        back = PointAlias(self.model, self.alias, before, TAKEN_BACK)
        return Done(f"{self.alias} → v{self.number}, was v{before}", back=back)


@dataclass(frozen=True, slots=True)
class RemoveAlias:
    """Remove an alias of a model."""

    model: str
    alias: str
    reason: str | None = None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        before = models.get(db, self.model).aliases.get(self.alias)
        if before is None:
            return Done(f"{self.model} has no alias {self.alias}")
        with open_ledger(project) as ledger:
            aliases.remove(db, ledger, self.model, self.alias, reason=self.reason)
        back = PointAlias(self.model, self.alias, before, TAKEN_BACK)
        return Done(f"{self.alias} is gone, was v{before}", back=back)


@dataclass(frozen=True, slots=True)
class Rollback:
    """Move an alias back to a version that had it before."""

    model: str
    alias: str
    number: int
    reason: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        with open_ledger(project) as ledger:
            before, version = history.rollback(db, ledger, self.model, self.alias, self.reason, to=self.number)
        back = PointAlias(self.model, self.alias, before, TAKEN_BACK)
        return Done(f"{self.alias} is back on v{version.number}, was v{before}", back=back)


@dataclass(frozen=True, slots=True)
class TagVersion:
    """Set a tag of a version, or remove it where the value is None."""

    model: str
    number: int
    name: str
    value: str | None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        before = versions.get(db, self.model, self.number).tags.get(self.name)
        if before == self.value:
            return Done("tagged so already" if self.value is not None else "there was no such tag")
        with open_ledger(project) as ledger:
            versions.set_tag(db, ledger, self.model, self.number, self.name, self.value)
        text = f"removed the tag {self.name}" if self.value is None else f"tagged {self.name}={self.value}"
        return Done(text, back=TagVersion(self.model, self.number, self.name, before))


@dataclass(frozen=True, slots=True)
class DescribeVersion:
    """Replace the description of a version; None removes it."""

    model: str
    number: int
    text: str | None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        before = versions.get(db, self.model, self.number).description
        if (before or None) == (self.text or None):
            return Done("the description is as it was")
        with open_ledger(project) as ledger:
            versions.describe(db, ledger, self.model, self.number, self.text)
        return Done("description saved", back=DescribeVersion(self.model, self.number, before))


@dataclass(frozen=True, slots=True)
class SaveCard:
    """Replace what was written about a version.

    Attributes:
        model, number: which version.
        text: what is to stand there.
        before: what it said when the person began to write.
    """

    model: str
    number: int
    text: str
    before: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        version = versions.get(db, self.model, self.number)
        with open_ledger(project) as ledger:
            saved = cards.save(db, ledger, version, self.text, before=self.before)
        if not saved:
            return Done("the card is as it was")
        return Done("card saved", back=SaveCard(self.model, self.number, self.before, self.text))


@dataclass(frozen=True, slots=True)
class RegisterRun:
    """Register the model of a run.

    Attributes:
        reference: the run's id, with the model's folder after a colon where it has several.
        name: of the registered model, an old or a new one.
    """

    reference: str
    name: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        with open_ledger(project) as ledger:
            made = register_run(db, ledger, self.reference, self.name)
        shown = f"{made.version.name}/{made.version.number}"
        return Done(f"registered as {shown}: 3 shows it" if made.is_new else f"it is {shown} already")


def _stands(model: str, number: int, review: Review) -> Done:
    """Where a version stands after a decision."""
    missing = f", {review.missing}" if review.status == PENDING else ""
    return Done(f"{model}/{number} is {review.status}{missing}")
