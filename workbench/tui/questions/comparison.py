"""Questions about runs side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from workbench.base.errors import InputError
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.output.compare_view import ComparisonTable, comparison_records, comparison_table
from workbench.store.labels import run_labels
from workbench.store.metric_keys import metric_order
from workbench.store.runs import run_documents
from workbench.tracking.compare import Comparison, compare_documents
from workbench.tui.questions.edits import Done
from workbench.tui.questions.export import write_document, write_rows

FORMATS = ("json", "md", "csv")
"""What a comparison can be written as."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Runs side by side, as of now.

    Attributes:
        comparison: of the runs that are left; None where no run is.
        table: the same as cells.
        gone: ids of runs that are in the store no more.
        trashed: ids and names of runs that are left out because they are in the trash.
        pinned: id of the run that is pinned, where one of them is.
        metrics: the metrics that at least one of the runs has, those that people look at first in front.
    """

    comparison: Comparison | None
    table: ComparisonTable | None
    gone: tuple[str, ...] = ()
    trashed: tuple[tuple[str, str], ...] = ()
    pinned: str | None = None
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    """Runs side by side: `Compared`. The pinned run, else the first one, is the baseline.

    Runs that are gone or in the trash are left out; where all of them are in the trash, those are compared.

    Args:
        uids: ids of the runs.
        all: also what is equal.
    """

    uids: tuple[str, ...]
    all: bool = False

    def ask(self, db: Any) -> tuple[list[dict[str, Any]], list[str]]:
        """The documents of the runs that are there, and the names of their metrics."""
        known = [label.uid for label in run_labels(db, self.uids)]
        return run_documents(db, known), metric_order(db, known)

    def work(self, found: tuple[list[dict[str, Any]], list[str]]) -> Compared:
        """Compare them."""
        documents, metrics = found
        known = {document["run_id"] for document in documents}
        gone = tuple(uid for uid in self.uids if uid not in known)
        kept = [document for document in documents if not document["deleted"]] or documents
        if not kept:
            return Compared(None, None, gone)
        trashed = tuple((document["run_id"], str(document["name"])) for document in documents if document not in kept)
        pinned = [index for index, document in enumerate(kept) if document["pinned"]]
        comparison = compare_documents(kept, all=self.all, baseline=pinned[0] if pinned else 0)
        logged = {name for document in kept for name in document["metrics"]}
        if self.all:
            logged |= {name for document in kept for name in document["system_metrics"]}
        return Compared(
            comparison,
            comparison_table(comparison),
            gone,
            trashed,
            kept[pinned[0]]["run_id"] if pinned else None,
            tuple(name for name in metrics if name in logged),
        )


@dataclass(frozen=True, slots=True)
class WriteComparison:
    """Write a comparison to a file.

    Attributes:
        question: which comparison.
        path: where to.
        format: one of `FORMATS`.
    """

    WRITES: ClassVar[bool] = False
    """Nothing of the project."""

    question: Compare
    path: str
    format: str

    def do(self, project: Project, db: Any) -> Done:
        """Compare and write.

        Raises:
            InputError: none of the runs is left, or the file cannot be written.
        """
        comparison = self.question.work(self.question.ask(db)).comparison
        if comparison is None:
            raise InputError("none of the runs is in the store any more")
        if self.format == "json":
            write_document(self.path, comparison.to_json())
        else:
            write_rows(self.path, self.format, *comparison_records(comparison))
        return Done(f"wrote the comparison of {format_number(len(comparison.run_ids))} runs to {self.path}")
