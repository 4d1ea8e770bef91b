"""What the runs screen does to runs: marks, baseline, stars, tags, notes, trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.base.jsonvalue import dumps
from workbench.base.numbers import format_number
from workbench.output.spans import Line
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.dialogs.confirm import Confirm
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.outside import edit_note, read_output
from workbench.tui.questions.edits import Delete, Move, Pin, Rename, Restore, Tag, ToggleStar
from workbench.tui.questions.runs import RunIds, View
from workbench.tui.questions.store import Documents, Experiments, TagNames
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from workbench.tui.questions.runs import RunsTable
    from workbench.tui.widgets.filter_bar import FilterBar
    from workbench.tui.widgets.virtual_table import VirtualTable

MAX_NAMED = 8
"""Runs that a question names one by one."""


class RunEdits(WorkbenchScreen):
    """The part of the runs screen that changes things."""

    table_answer: RunsTable | None

    if TYPE_CHECKING:

        @property
        def table(self) -> VirtualTable: ...

        @property
        def filter_bar(self) -> FilterBar: ...

        @property
        def view(self) -> View: ...

        def cursor_uid(self) -> str | None: ...

        def chosen_uids(self) -> list[str]: ...

    # marks

    def marks_changed(self) -> None:
        """Draw the marks and their number anew."""
        self.table.refresh_marks()
        answer = self.table_answer
        if answer is not None:
            self.filter_bar.set_counts(answer.total, answer.n_runs, len(self.workbench.marks))
        self.refresh_footer()

    def action_mark(self) -> None:
        """Mark the run, and go on."""
        uid = self.cursor_uid()
        if uid is not None:
            self.workbench.marks.toggle(uid)
            self.table.move_to(self.table.cursor_row + 1)
            self.marks_changed()

    def action_mark_range(self) -> None:
        """Mark from the run that was marked last to the cursor."""
        last, here = self.workbench.marks.last, self.cursor_uid()
        if here is None:
            return
        if last is None:
            self.workbench.refuse("mark a run with space first: a range begins there")
            return

        def mark(uids: list[str]) -> None:
            if last not in uids or here not in uids:
                self.workbench.refuse("the run that was marked last is not in this view")
                return
            ends = sorted((uids.index(last), uids.index(here)))
            self.workbench.marks.add(uids[ends[0] : ends[1] + 1])
            self.workbench.marks.last = here
            self.marks_changed()

        self.workbench.ask(RunIds(self.view), mark)

    def action_mark_all(self) -> None:
        """Mark all runs of the view; where they are marked already, none."""

        def mark(uids: list[str]) -> None:
            marks = self.workbench.marks
            if all(uid in marks for uid in uids):
                marks.remove(uids)
            else:
                marks.add(uids)
                self.workbench.say(f"{format_number(len(uids))} runs marked, esc unmarks them")
            self.marks_changed()

        self.workbench.ask(RunIds(self.view), mark)

    def action_next_mark(self) -> None:
        """The next marked run."""
        self._to_mark(1)

    def action_previous_mark(self) -> None:
        """The marked run before."""
        self._to_mark(-1)

    def _to_mark(self, way: int) -> None:
        if not len(self.workbench.marks):
            self.workbench.refuse("no run is marked: space marks one")
            return

        def go(uids: list[str]) -> None:
            places = [place for place, uid in enumerate(uids) if uid in self.workbench.marks]
            here = self.table.cursor_row
            after = [place for place in places if (place - here) * way > 0]
            if after or places:
                self.table.move_to(
                    min(after, key=lambda place: abs(place - here)) if after else places[0 if way > 0 else -1]
                )

        self.workbench.ask(RunIds(self.view), go)

    # edits

    def action_pin(self) -> None:
        """Make the run the baseline, or no longer."""
        uid = self.cursor_uid()
        if uid is not None:
            is_baseline = self.table_answer is not None and self.table_answer.baseline == uid
            self.workbench.perform(Pin(None if is_baseline else uid))

    def action_star(self) -> None:
        """Star the runs, or take the stars away."""
        uids = self.chosen_uids()
        if uids:
            self.workbench.perform(ToggleStar(tuple(uids)))

    def action_tag(self) -> None:
        """Ask for a tag."""
        uids = tuple(self.chosen_uids())
        if not uids:
            return

        def ask(names: list[str]) -> None:
            def tagged(text: str | None) -> None:
                if text:
                    name, equals, value = text.partition("=")
                    self.workbench.perform(Tag(uids, name.strip(), value.strip() if equals else None))

            self.app.push_screen(
                Prompt(
                    f"Tag {self._named(uids)}",
                    placeholder="name=value; the name alone removes the tag",
                    check=lambda text: None if text.partition("=")[0].strip() else "a tag has a name: name=value",
                    suggestions=[f"{name}=" for name in names],
                    twin=lambda text: f"workbench runs tag {self._ids(uids)} {text or 'NAME=VALUE'}",
                ),
                tagged,
            )

        self.workbench.ask(TagNames(), ask)

    def action_note(self) -> None:
        """Write the note."""
        uid = self.cursor_uid()
        if uid is not None:
            edit_note(self, uid)

    def action_register(self) -> None:
        """Register the run's model."""
        from workbench.tui.screens.run_versions import register_model

        uid = self.cursor_uid()
        if uid is not None:
            register_model(self, uid)

    def action_versions(self) -> None:
        """Go to the versions that were made of the run."""
        from workbench.tui.screens.run_versions import show_versions

        uid = self.cursor_uid()
        if uid is not None:
            show_versions(self, uid)

    def action_output(self) -> None:
        """Read the output."""
        uid = self.cursor_uid()
        if uid is not None:
            read_output(self, uid)

    def action_rename(self) -> None:
        """Ask for another name."""
        uid = self.cursor_uid()
        if uid is None:
            return

        def renamed(name: str | None) -> None:
            if name:
                self.workbench.perform(Rename(uid, name))

        row = self.table.row_at(self.table.cursor_row)
        self.app.push_screen(
            Prompt(
                "Another name for the run",
                value=row.cells[0][0] if row else "",
                check=lambda text: None if text.strip() else "a run has a name",
            ),
            renamed,
        )

    def action_move(self) -> None:
        """Ask for an experiment."""
        uids = tuple(self.chosen_uids())
        if not uids:
            return

        def ask(known: list[tuple[str, int]]) -> None:
            def moved(name: str | None) -> None:
                if name:
                    self.workbench.perform(Move(uids, name))

            self.app.push_screen(
                Prompt(
                    f"Move {self._named(uids)} to",
                    placeholder="experiment, an old or a new one",
                    check=lambda text: None if text.strip() else "an experiment has a name",
                    suggestions=[name for name, _ in known],
                    twin=lambda text: f"workbench runs move {self._ids(uids)} {text or 'EXPERIMENT'}",
                ),
                moved,
            )

        self.workbench.ask(Experiments(), ask)

    def action_delete(self) -> None:
        """Ask, then put the runs in the trash; in the trash, take them out."""
        uids = tuple(self.chosen_uids())
        if not uids:
            return
        if self.view.deleted:
            self.workbench.perform(Restore(uids))
            self._unmark(uids)
            return

        def agreed(yes: bool | None) -> None:
            if yes:
                self.workbench.perform(Delete(uids))
                self._unmark(uids)

        names = {row.key: row.cells[0][0] for row in self.table_answer.rows} if self.table_answer else {}
        lines: list[Line] = [[(f"  {names.get(uid, uid[:8])}", "")] for uid in uids[:MAX_NAMED]]
        if len(uids) > MAX_NAMED:
            lines.append([(f"  and {format_number(len(uids) - MAX_NAMED)} more", "dim")])
        lines += [[], [("Nothing is removed: u or the trash (X) brings them back.", "dim")]]
        self.app.push_screen(
            Confirm(
                f"Put {self._named(uids)} in the trash?",
                lines,
                yes="Put in the trash",
                twin=f"workbench runs delete {self._ids(uids)}",
            ),
            agreed,
        )

    def action_undo(self) -> None:
        """Take the last change back."""
        self.workbench.undo()

    def _unmark(self, uids: tuple[str, ...]) -> None:
        self.workbench.marks.remove(uids)
        self.marks_changed()

    # copies

    def action_copy_cell(self) -> None:
        """Copy the cell under the cursor, whole."""
        uid, answer = self.cursor_uid(), self.table_answer
        column = self.table.cursor_column
        values = answer.values.get(uid, ()) if answer and uid else ()
        if answer and column < len(values):
            self.workbench.copy(values[column], answer.columns[column].title)

    def action_copy_row(self) -> None:
        """Copy the run as JSON."""
        uid = self.cursor_uid()
        if uid is not None:
            self.workbench.ask(
                Documents((uid,)), lambda documents: self.workbench.copy(dumps(documents[0]), "the run as JSON")
            )

    def action_experiment(self) -> None:
        """Choose an experiment."""

        def choose(known: list[tuple[str, int]]) -> None:
            everything = Option("", [("all experiments", "bold")])
            options = [Option(name, [(name, ""), (f"  {format_number(count)}", "dim")]) for name, count in known]

            def chosen(name: str | None) -> None:
                if name is not None:
                    self.state.view.experiment = name or None
                    self.change_view()

            self.app.push_screen(
                Choose("Experiment", [everything, *options], current=self.state.view.experiment or ""), chosen
            )

        self.workbench.ask(Experiments(), choose)

    def change_view(self) -> None:
        """Show another view; the screen does."""
        raise NotImplementedError

    def _named(self, uids: tuple[str, ...]) -> str:
        return "the run" if len(uids) == 1 else f"{format_number(len(uids))} runs"

    def _ids(self, uids: tuple[str, ...]) -> str:
        shown = [uid[:8] for uid in uids[:3]]
        return " ".join(shown + ["…"] * (len(uids) > 3))
