"""The table of a model's versions, and the versions that were made of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.clock import now_us
from workbench.base.errors import SettingsError
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.compare_view import comparison_lines
from workbench.output.formats import format_cell
from workbench.output.model_table import shown_aliases, shown_version
from workbench.output.spans import Line, Span, plain
from workbench.output.table import column_cells
from workbench.registry import models, versions
from workbench.registry.comparison import VersionComparison, compare_versions
from workbench.registry.conditions import Condition
from workbench.registry.history import Term, alias_terms
from workbench.registry.overview import Document, key_metrics, version_document, version_documents
from workbench.registry.policy import Policy, read_policy
from workbench.registry.queries import Search, search_models, search_versions, versions_of
from workbench.store.runs import run_documents
from workbench.tracking.models import model_folders
from workbench.tui.questions.models import ALWAYS, PAGE_ROWS, drawn
from workbench.tui.questions.version_cells import gates_span, note_line, status_span
from workbench.tui.widgets.table_model import TableColumn, TableRow


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What actions want to know of a version.

    Attributes:
        model, number: which one.
        run: the id of its run, or None.
        aliases: that point to it.
        description: of it; empty where there is none.
    """

    model: str
    number: int
    run: str | None
    aliases: tuple[str, ...]
    description: str

    @classmethod
    def of(cls, model: str, document: Document) -> VersionFacts:
        """Out of a version's document."""
        description = document["description"] or ""
        return cls(model, document["version"], document["run_id"], tuple(document["aliases"]), description)

    @property
    def reference(self) -> str:
        """`fraud/8`."""
        return f"{self.model}/{self.number}"


@dataclass(frozen=True, slots=True)
class VersionsTable:
    """A page of the versions of a model, ready to be drawn.

    Attributes:
        about: the model whose versions they are.
        columns: what is shown.
        total: versions on all pages.
        first: place of the first row.
        rows: the rows; a row's key is `fraud/8`.
        aliases: `champion → v7, challenger → v8`.
        numbers: of all versions, in the order of the table.
        facts: of the page's versions, by the keys of their rows.
    """

    about: str
    columns: tuple[TableColumn, ...]
    total: int
    first: int
    rows: tuple[TableRow, ...]
    aliases: str
    numbers: tuple[int, ...]
    facts: Mapping[str, VersionFacts]


_Found = tuple[str, list[int], list[Document], list[str], list[Term]]


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """A part of the versions of a model, the newest one first: a `VersionsTable`.

    Attributes:
        project: whose rules say which metrics matter.
        model: its name.
        first, count: which rows.
    """

    project: Project
    model: str
    first: int = 0
    count: int = PAGE_ROWS

    def ask(self, db: Any) -> _Found:
        """The page, the metrics that matter, where aliases pointed.

        Raises:
            ModelNotFoundError: there is no such model any more.
        """
        model = models.get(db, self.model)
        found = versions_of(db, model)[::-1]
        page = found[self.first : self.first + self.count]
        documents = version_documents(db, model, page)
        metrics = key_metrics(policy_of(self.project, self.model), documents)
        numbers = [version.number for version in found]
        return shown_aliases(model.aliases), numbers, documents, metrics, alias_terms(db, model)

    def work(self, found: _Found) -> VersionsTable:
        """Texts and widths."""
        aliases, numbers, documents, metrics, terms = found
        moment_us = now_us()
        columns: list[tuple[Column, list[Span]]] = [
            (Column("version"), [(shown_version(one["version"]), "bold") for one in documents]),
            (Column("status", priority=ALWAYS), [status_span(one["review"]) for one in documents]),
            (Column("aliases"), [(visible(" ".join(one["aliases"])), "accent") for one in documents]),
            *((Column(name, "number"), _metric_cells(name, documents)) for name in metrics),
            (Column("gates"), [gates_span(one["check"]) for one in documents]),
            (Column("age", "age"), [format_cell(one["created_at"], "age", moment_us) for one in documents]),
        ]
        facts = {f"{self.model}/{one['version']}": VersionFacts.of(self.model, one) for one in documents}
        notes = [note_line(one, terms, moment_us) for one in documents]
        columns.append((Column("note"), [_one_span(line) for line in notes]))
        shown, rows = drawn(columns, list(facts))
        return VersionsTable(
            self.model,
            shown,
            len(numbers),
            self.first,
            rows,
            aliases,
            tuple(numbers),
            facts,
        )


@dataclass(frozen=True, slots=True)
class VersionLabel:
    """A version in a list to choose from.

    Attributes:
        model, number: which version.
        line: how it is shown.
    """

    model: str
    number: int
    line: Line


@dataclass(frozen=True, slots=True)
class VersionsOfRun:
    """The versions that were made of a run, the newest one first: a list of `VersionLabel`."""

    uid: str

    def ask(self, db: Any) -> list[tuple[str, Document]]:
        """Look for them."""
        search = Search([Condition("run", "=", self.uid)], order=[("created_at", False)])
        found = search_versions(db, search)
        return [(version.name, version_documents(db, models.get(db, version.name), [version])[0]) for version in found]

    def work(self, found: list[tuple[str, Document]]) -> list[VersionLabel]:
        """A line each."""
        labels = []
        for name, document in found:
            mark, style = status_span(document["review"])
            line: Line = [(f"{visible(name)}/{document['version']}", "bold"), ("  ", ""), (mark, style)]
            line.append((f"  {visible(' '.join(document['aliases']))}", "accent"))
            labels.append(VersionLabel(name, document["version"], line))
        return labels


@dataclass(frozen=True, slots=True)
class VersionDocument:
    """A version as `workbench models show NAME/3 --json` prints it: a dict."""

    model: str
    number: int

    def ask(self, db: Any) -> Document:
        """Read it.

        Raises:
            ModelNotFoundError, VersionNotFoundError: there is no such version any more.
        """
        return version_document(db, versions.get(db, self.model, self.number))

    def work(self, found: Document) -> Document:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class CompareVersions:
    """Versions side by side, as lines.

    Attributes:
        versions: names and numbers; metrics are measured against the first one.
        width: cells of a line.
    """

    versions: tuple[tuple[str, int], ...]
    width: int

    def ask(self, db: Any) -> VersionComparison:
        """Compare them.

        Raises:
            ModelNotFoundError, VersionNotFoundError: one of them is not there any more.
        """
        return compare_versions(db, [versions.get(db, name, number) for name, number in self.versions])

    def work(self, found: VersionComparison) -> list[Line]:
        """Draw them."""
        return comparison_lines(found.runs, width=self.width)


@dataclass(frozen=True, slots=True)
class RunModels:
    """What there is to register of a run.

    Attributes:
        paths: folders of its models.
        names: of the models that are registered, those that were changed last in front.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsOfRun:
    """The models that a run has logged: `RunModels`."""

    uid: str

    def ask(self, db: Any) -> RunModels:
        """Look for them.

        Raises:
            RunNotFoundError: there is no such run any more.
        """
        [document] = run_documents(db, [self.uid])
        names = [model.name for model in search_models(db, Search(order=[("updated_at", False)]))]
        return RunModels(tuple(model_folders(one["path"] for one in document["artifacts"])), tuple(names))

    def work(self, found: RunModels) -> RunModels:
        """The same."""
        return found


def policy_of(project: Project, model: str) -> Policy:
    """The rules for a model; none where they cannot be understood, which whoever decides something will hear."""
    try:
        return read_policy(project, model)
    except SettingsError:
        return Policy()


def _metric_cells(name: str, documents: Sequence[Document]) -> list[Span]:
    return column_cells(Column(name, "number"), [one["metrics"].get(name) for one in documents], 0)


def _one_span(line: Line) -> Span:
    """A note in one style, as a cell of a table has it: that of its first part."""
    return (plain(line), line[0][1]) if line else ("", "")
