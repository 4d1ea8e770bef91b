"""What people do to runs from the app: each a deed of the desk that says in one sentence what it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.base.errors import RefusedError
from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.store import edits
from workbench.store.edits import Event
from workbench.store.overview import marked_runs
from workbench.tui.asking import Deed


@dataclass(frozen=True, slots=True)
class Done:
    """What a deed did.

    Attributes:
        text: a sentence for the person.
        events: what was written about runs, for `Undo`; empty where nothing changed.
        back: the deed that takes it back, where that is not `Undo`.
    """

    text: str
    events: list[Event] = field(default_factory=list)
    back: Deed | None = None

    @property
    def opposite(self) -> Deed | None:
        """The deed that takes it back; None where nothing changed, or it cannot be taken back."""
        return self.back or (Undo(self.events) if self.events else None)


@dataclass(frozen=True, slots=True)
class Tag:
    """Set a tag, or remove it where the value is None."""

    uids: tuple[str, ...]
    name: str
    value: str | None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        if self.value is None:
            events = edits.remove_tag(project, self.uids, self.name, db=db)
            return _done(events, f"removed the tag {self.name} from", "no run had that tag")
        events = edits.set_tag(project, self.uids, self.name, self.value, db=db)
        return _done(events, f"tagged {self.name}={self.value}:", "tagged so already")


@dataclass(frozen=True, slots=True)
class Note:
    """Replace the note of a run."""

    uid: str
    text: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        events = edits.set_note(project, self.uid, self.text, db=db)
        return Done("note saved" if events else "the note is as it was", events)


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a run another name."""

    uid: str
    name: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        return Done(f"renamed to {self.name}", edits.set_name(project, self.uid, self.name, db=db))


@dataclass(frozen=True, slots=True)
class Star:
    """Star runs, or take the star away."""

    uids: tuple[str, ...]
    starred: bool

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        events = edits.set_starred(project, self.uids, self.starred, db=db)
        return _done(events, "starred" if self.starred else "took the star from", "nothing to change")


@dataclass(frozen=True, slots=True)
class ToggleStar:
    """Star runs; where all of them are starred, take the stars away."""

    uids: tuple[str, ...]

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        marked = marked_runs(db)
        all_starred = all(marked.get(uid, (False, False))[1] for uid in self.uids)
        return Star(self.uids, not all_starred).do(project, db)


@dataclass(frozen=True, slots=True)
class Pin:
    """Make a run the one baseline; None leaves none."""

    uid: str | None

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        pinned = [uid for uid, (is_pinned, _) in marked_runs(db).items() if is_pinned and uid != self.uid]
        events = edits.set_pinned(project, pinned, False, db=db) if pinned else []
        if self.uid is not None:
            events += edits.set_pinned(project, self.uid, True, db=db)
        return Done("no baseline" if self.uid is None else "this run is the baseline ⚑", events)


@dataclass(frozen=True, slots=True)
class Move:
    """Move runs to another experiment."""

    uids: tuple[str, ...]
    experiment: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        events = edits.move(project, self.uids, self.experiment, db=db)
        return _done(events, f"moved to {self.experiment}:", "there already")


@dataclass(frozen=True, slots=True)
class Delete:
    """Put runs in the trash."""

    uids: tuple[str, ...]

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        events = edits.delete(project, self.uids, db=db)
        return _done(events, "in the trash, u takes them back:", "in the trash already")


@dataclass(frozen=True, slots=True)
class Restore:
    """Take runs out of the trash."""

    uids: tuple[str, ...]

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        return _done(edits.restore(project, self.uids, db=db), "out of the trash:", "not in the trash")


@dataclass(frozen=True)
class Undo:
    """Take an earlier deed back."""

    events: Sequence[Event]

    def do(self, project: Project, db: Any) -> Done:
        """Do it.

        Raises:
            RefusedError: it replaced nothing that is known, so there is nothing to go back to.
        """
        undone = edits.undo(project, self.events)
        if not undone:
            raise RefusedError("that change cannot be taken back: what was there before is not known")
        return Done(f"taken back for {_runs(len({event['run'] for event in undone}))}")


def _done(events: list[Event], what: str, nothing: str) -> Done:
    return Done(f"{what} {_runs(len(events))}" if events else nothing, events)


def _runs(count: int) -> str:
    return f"{format_number(count)} run{'s' * (count != 1)}"
