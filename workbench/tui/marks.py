"""The runs or the versions of models that a person has marked, in the order of marking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Marks:
    """An ordered set of the ids of runs, or of names of versions.

    Args:
        uids: those marked at first.

    Attributes:
        last: the run marked or unmarked last, where ranges begin; None where there is none.
    """

    def __init__(self, uids: Iterable[str] = ()) -> None:
        self._uids = dict.fromkeys(uids)
        self.last: str | None = None

    def __contains__(self, uid: object) -> bool:
        return uid in self._uids

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._uids))

    def __len__(self) -> int:
        return len(self._uids)

    def toggle(self, uid: str) -> bool:
        """Mark or unmark a run; whether it is marked now."""
        self.last = uid
        if uid in self._uids:
            del self._uids[uid]
            return False
        self._uids[uid] = None
        return True

    def add(self, uids: Iterable[str]) -> None:
        """Mark runs."""
        for uid in uids:
            self._uids[uid] = None
            self.last = uid

    def remove(self, uids: Iterable[str]) -> None:
        """Unmark runs."""
        for uid in uids:
            self._uids.pop(uid, None)

    def clear(self) -> None:
        """Unmark all."""
        self._uids.clear()
        self.last = None
