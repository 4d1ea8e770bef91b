"""What is asked of one version of a model: everything that its panes show, and its written card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.clock import now_us
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.lineage_view import lineage_lines
from workbench.output.model_table import shown_version, term_table
from workbench.output.run_sections import value_lines
from workbench.output.spans import Line, plain
from workbench.output.table import indented, render_table
from workbench.output.version_view import (
    dataset_lines,
    fact_lines,
    gate_lines,
    headline,
    review_lines,
    signature_lines,
)
from workbench.registry import versions
from workbench.registry.audit import LogQuery, read_log
from workbench.registry.cards import Revision, revision, template, without_empty_sections
from workbench.registry.history import Term, alias_terms, term_documents
from workbench.registry.lineage import lineage_of
from workbench.registry.overview import Document, version_document
from workbench.registry.queries import versions_of
from workbench.tui.questions.markdown_lines import markdown_lines
from workbench.tui.questions.pane_texts import LABEL_WIDTH, PaneText
from workbench.tui.questions.versions import VersionFacts, policy_of

MAX_EVENTS = 200
"""Of the audit log of a model."""

_Found = tuple[Document, Document, "Revision | None", list[Term], list[int], list[Document]]


@dataclass(frozen=True, slots=True)
class VersionPanes:
    """Everything that the panes of one version show.

    Attributes:
        head: the lines about it.
        panes: texts of panes by their keys, without those that would be empty.
        facts: what actions want to know of it.
        numbers: of all versions of the model, the newest one first.
    """

    head: list[Line]
    panes: Mapping[str, PaneText]
    facts: VersionFacts
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VersionQuestion:
    """Everything that the panes of a version show: `VersionPanes`.

    Attributes:
        project: whose rules say whether there are gates.
        model, number: which version.
    """

    project: Project
    model: str
    number: int

    def ask(self, db: Any) -> _Found:
        """All that is recorded of it.

        Raises:
            ModelNotFoundError, VersionNotFoundError: there is no such version any more.
        """
        model, version = versions.find(db, self.model, self.number)
        return (
            version_document(db, version),
            lineage_of(db, version),
            revision(db, version),
            alias_terms(db, model),
            [one.number for one in versions_of(db, model)][::-1],
            read_log(db, LogQuery(model=self.model, limit=MAX_EVENTS)),
        )

    def work(self, found: _Found) -> VersionPanes:
        """Lines of all panes."""
        document, lineage, written, terms, numbers, events = found
        moment_us = now_us()
        panes = {
            "review": _review(document, moment_us),
            "gates": self._gates(document, moment_us),
            "metrics": PaneText(
                value_lines(document["metrics"], label_width=LABEL_WIDTH), _count(len(document["metrics"]), "metric")
            ),
            "card": _card(written),
            "facts": PaneText(fact_lines(document, moment_us), gist=visible(document["description"] or "")),
            "data": PaneText(
                [*dataset_lines(document["datasets"], None), *signature_lines(document["signature"])],
                ", ".join(visible(str(one["name"])) for one in document["datasets"][:3]),
            ),
            "lineage": PaneText(lineage_lines(lineage, width=None)[1:]),
            "history": self._history(terms),
            "audit": _audit(events),
        }
        return VersionPanes(
            [headline(document)],
            {key: PaneText(indented(one.lines), one.summary, one.gist) for key, one in panes.items() if one.lines},
            VersionFacts.of(self.model, document),
            tuple(numbers),
        )

    def _gates(self, document: Document, moment_us: int) -> PaneText:
        check = document["check"]
        if check is not None:
            return PaneText(gate_lines(check, moment_us), f"{check['summary']} passed")
        gates = policy_of(self.project, self.model).gates
        if not gates:
            return PaneText([])
        return PaneText([[(f"never run: workbench models check {self.model}/{self.number}", "dim")]], "never run")

    def _history(self, terms: Sequence[Term]) -> PaneText:
        own = [term for term in terms if term.version == self.number]
        _, rows, columns = term_table(term_documents(own[::-1]))
        kept = [place for place, column in enumerate(columns) if column.name != "version"]
        lines = render_table([[row[i] for i in kept] for row in rows], [columns[i] for i in kept]).lines
        return PaneText(lines if own else [], ", ".join(dict.fromkeys(visible(term.alias) for term in own)))


@dataclass(frozen=True, slots=True)
class CardText:
    """What was written about a version, empty where nothing was, and what a person edits: two texts."""

    model: str
    number: int

    def ask(self, db: Any) -> str:
        """Read it."""
        written = revision(db, versions.get(db, self.model, self.number))
        return written.text if written else ""

    def work(self, found: str) -> tuple[str, str]:
        """With the headings that a card usually has."""
        return found, template(found)


def edited_card(text: str) -> str:
    """What a person left of a draft, without the headings that nothing was written under."""
    return without_empty_sections(text)


def _audit(events: Sequence[Document]) -> PaneText:
    """What was done with the model and its versions, the newest first."""
    columns = [Column("when", "time"), Column("by"), Column("version"), Column("what"), Column("why")]
    rows = [
        [
            one["time"],
            one["who"],
            shown_version(one["version"]),
            " ".join(word for word in (one["action"], one["evidence"].get("alias")) if word),
            one["reason"],
        ]
        for one in events
    ]
    return PaneText(render_table(rows, columns).lines, "all of the model" if len(events) < MAX_EVENTS else "the newest")


def _review(document: Document, moment_us: int) -> PaneText:
    review = document["review"]
    lines = review_lines(review, moment_us) or [[("nobody asked for its approval", "dim")]]
    asked = review["status"] in ("pending", "approved")
    share = f"{review['approvals']} of {review['approvers']} approvals" if asked else ""
    return PaneText(lines, share, plain(lines[-1]).strip())


def _card(written: Revision | None) -> PaneText:
    if written is None or not written.text:
        return PaneText([[("not written yet", "dim")]], "not written yet")
    who = f" by {visible(written.who)}" if written.who else ""
    return PaneText(markdown_lines(written.text), f"revision {format_number(written.number)}{who}")


def _count(count: int, noun: str) -> str:
    return f"{format_number(count)} {noun}{'s' * (count != 1)}"
