"""Questions about the store as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.store.choices import ColumnChoice, column_choices
from workbench.store.outputs import OutputLine, output_lines
from workbench.store.overview import count_by_status, experiments
from workbench.store.runs import RunQuery, list_runs, run_documents
from workbench.tui.questions.names import names_of


@dataclass(frozen=True, slots=True)
class RunningCount:
    """How many runs are running: an int."""

    def ask(self, db: Any) -> int:
        """Count."""
        return count_by_status(db)["running"]

    def work(self, found: int) -> int:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class RunsNamed:
    """The runs whose name holds a text or whose id begins with it: `[(id, name)]`, the newest first."""

    text: str
    limit: int

    def ask(self, db: Any) -> list[tuple[str, str]]:
        """Look for them."""
        pattern = self.text.replace("\\", "").replace("'", "''").replace("%", "").replace("_", "\\_")
        where = f"attributes.name ILIKE '%{pattern}%' OR attributes.run_id LIKE '{pattern.lower()}%'"
        page = list_runs(db, RunQuery(where=where, columns=("attributes.name",), limit=self.limit))
        return [(uid, str(row[0])) for uid, row in zip(page.run_ids, page.rows, strict=True)]

    def work(self, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Experiments:
    """The experiments with their number of runs: `[(name, count)]`, the most recent first."""

    def ask(self, db: Any) -> list[tuple[str, int]]:
        """List them."""
        return experiments(db)

    def work(self, found: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that can be a column: a list of `ColumnChoice`."""

    def ask(self, db: Any) -> list[ColumnChoice]:
        """List it."""
        return column_choices(db, names_of(db))

    def work(self, found: list[ColumnChoice]) -> list[ColumnChoice]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class FilterNames:
    """Everything that a filter can name, with its kind in front: a list of str like `metrics.auc`."""

    def ask(self, db: Any) -> list[ColumnChoice]:
        """List it."""
        return column_choices(db, names_of(db))

    def work(self, found: list[ColumnChoice]) -> list[str]:
        """The full names."""
        return [
            one.expression if one.expression.startswith(f"{one.kind}.") else f"{one.kind}.{one.expression}"
            for one in found
        ]


@dataclass(frozen=True, slots=True)
class TagNames:
    """The names of tags that runs have, the most used first: a list of str."""

    def ask(self, db: Any) -> list[str]:
        """List them."""
        return [choice.expression for choice in column_choices(db, names_of(db)) if choice.kind == "tags"]

    def work(self, found: list[str]) -> list[str]:
        """Without the word `tags.`, which the short form of some has."""
        return [name.removeprefix("tags.").strip("`") for name in found]


@dataclass(frozen=True, slots=True)
class Documents:
    """Runs as `workbench runs show --json` prints them: a list of dicts."""

    uids: tuple[str, ...]

    def ask(self, db: Any) -> list[dict[str, Any]]:
        """Read them."""
        return run_documents(db, list(self.uids))

    def work(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Output:
    """The end of what a run wrote to its terminal: one text.

    Attributes:
        uid: which run.
        last: at most so many lines.
    """

    uid: str
    last: int = 100_000

    def ask(self, db: Any) -> list[OutputLine]:
        """Read it."""
        return output_lines(db, self.uid, last=self.last)

    def work(self, found: list[OutputLine]) -> str:
        """The lines as they were written."""
        return "".join(line.text + "\n" for line in found)
