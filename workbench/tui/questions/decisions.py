"""What a person wants to know before they decide about a version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.base.clock import now_us
from workbench.base.errors import WorkbenchError
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.output.version_view import asked_line, gate_lines, headline
from workbench.registry import approvals, history, models, versions
from workbench.registry.overview import Document, key_metrics, version_document
from workbench.registry.policy import Policy
from workbench.registry.writing import open_ledger
from workbench.tui.questions.versions import policy_of


@dataclass(frozen=True, slots=True)
class Deciding:
    """What is known of a version that is to be decided about.

    Attributes:
        lines: how it stands, what was measured, which gates passed, who asked.
        refused: why this person may not approve it; empty where they may.
        hint: what helps then.
    """

    lines: list[Line]
    refused: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class DecidingAbout:
    """What there is to know before a version is approved, rejected or asked about: `Deciding`.

    Attributes:
        project: whose rules hold.
        model, number: which version.
        approving: whether it is to be approved.
    """

    project: Project
    model: str
    number: int
    approving: bool = False

    def ask(self, db: Any) -> tuple[Document, Policy, WorkbenchError | None]:
        """The version, the rules, and what `approve` would raise.

        Raises:
            ModelNotFoundError, VersionNotFoundError: there is no such version any more.
        """
        document = version_document(db, versions.get(db, self.model, self.number))
        refusal = None
        if self.approving:
            try:
                with open_ledger(self.project) as ledger:
                    approvals.check_may_approve(db, ledger, self.model, self.number)
            except WorkbenchError as error:
                refusal = error
        return document, policy_of(self.project, self.model), refusal

    def work(self, found: tuple[Document, Policy, WorkbenchError | None]) -> Deciding:
        """Lines."""
        document, policy, refusal = found
        moment_us = now_us()
        lines = [headline(document)]
        metrics = [
            f"{visible(name)} {format_number(document['metrics'][name])}" for name in key_metrics(policy, [document])
        ]
        if metrics:
            lines.append([("   ".join(metrics), "")])
        lines += gate_lines(document["check"], moment_us)
        if document["review"]["requested_at"] is not None:
            lines.append(asked_line(document["review"], moment_us))
        if refusal is None:
            return Deciding(lines)
        return Deciding(lines, refusal.message, refusal.hint or "")


@dataclass(frozen=True, slots=True)
class RollbackTarget:
    """Which version an alias goes back to: the numbers of the present one and of that one.

    Attributes:
        project: whose rules hold.
        model, alias: which alias.
    """

    project: Project
    model: str
    alias: str

    def ask(self, db: Any) -> tuple[int, int]:
        """Look for it.

        Raises:
            NotFoundError: there is none.
            SettingsError: the project's rules cannot be understood.
        """
        with open_ledger(self.project) as ledger:
            before, version = history.rollback_target(db, ledger, self.model, self.alias)
        return before, version.number

    def work(self, found: tuple[int, int]) -> tuple[int, int]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class AliasNames:
    """The names that an alias of a model may have, with the numbers of their versions: a dict.

    Attributes:
        project: whose rules name protected aliases.
        model: which model.
    """

    project: Project
    model: str

    def ask(self, db: Any) -> dict[str, int | None]:
        """Read them.

        Raises:
            ModelNotFoundError: there is no such model any more.
        """
        protected = policy_of(self.project, self.model).protected_aliases
        return {**dict.fromkeys(protected), **models.get(db, self.model).aliases}

    def work(self, found: dict[str, int | None]) -> dict[str, int | None]:
        """The same."""
        return found
