"""Whether a visit to the store would find something new, asked of the file system alone.

A program that shows the store for hours looks several times a second. A look lists one folder and
stats a few names: it opens neither DuckDB nor a journal's contents.
"""

from __future__ import annotations

import os
from itertools import chain

from workbench.base import clock
from workbench.base.errors import StoreError, StorePermissionError, StoreUnusableError
from workbench.base.project import Project
from workbench.journal.layout import SUFFIX, live_dir, sealed_dir
from workbench.journal.liveness import writer_alive

LOOKED_AT = 200
"""So many journals are looked at in one look, two milliseconds' worth; of more, each has its turn."""
AGAIN_AFTER_S = 30
"""A run of another host becomes stale by silence, which no file tells."""
# A folder whose time of change is younger than this may change again without it showing.
_FOLDER_SETTLES_AFTER_NS = 2_000_000_000


class Changes:
    """What journals looked like at the last look.

    Args:
        project: whose journals.

    Raises:
        StoreUnusableError, StoreTooNewError, StorePermissionError: the project cannot be read.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._store_id = project.store_id
        self._place: tuple[int, int] | None = None
        self._folders: list[tuple[int, bool] | None] = []
        self._journals: dict[str, tuple[int, bool]] = {}
        self._turn = 0
        self._said_us = 0

    def happened(self) -> bool:
        """Whether anything may have changed since the last call; the first one says yes.

        It says yes once in AGAIN_AFTER_S too, while there is a journal that may grow. A yes may turn out to be nothing.

        Raises:
            StoreUnusableError: the project is gone, or another one is in its place.
            StorePermissionError: it may no longer be read.
            StoreError: the file system fails.
        """
        now_us = clock.now_us()
        try:
            self._check_place()
            changed = [self._folders_changed(now_us), self._journals_changed(), self._is_due(now_us)]
        except PermissionError as error:
            raise StorePermissionError(f"{error.filename} may not be read", "check its owner and mode") from None
        except OSError as error:
            raise StoreError(f"cannot read {error.filename}: {error.strerror}") from None
        if any(changed):
            self._said_us = now_us
        return any(changed)

    def _check_place(self) -> None:
        """Where the folder is another one than before, it may still be the same project: moved away and back."""
        try:
            found = os.stat(self._project.folder)
        except (FileNotFoundError, NotADirectoryError):
            hint = "it was moved or deleted; open it where it is now"
            raise StoreUnusableError(f"the project at {self._project.root} is gone", hint) from None
        place = (found.st_dev, found.st_ino)
        if self._place not in (None, place) and self._project.store_id != self._store_id:
            raise StoreUnusableError(f"another project has taken the place of {self._project.root}", "open it anew")
        self._place = place

    def _folders_changed(self, now_us: int) -> bool:
        """Of folders with up to 100,000 names, the time of change tells; once more when it can be relied upon."""
        before = self._folders
        self._folders = []
        for folder in (sealed_dir(self._project.journal_dir), self._project.segment_dir):
            try:
                changed_ns = os.stat(folder).st_mtime_ns
            except FileNotFoundError:
                self._folders.append(None)
            else:
                self._folders.append((changed_ns, now_us * 1000 - changed_ns > _FOLDER_SETTLES_AFTER_NS))
        return self._folders != before

    def _journals_changed(self) -> bool:
        folder = live_dir(self._project.journal_dir)
        try:
            names = {name for name in os.listdir(folder) if name.endswith(SUFFIX) and not name.startswith(".")}
        except FileNotFoundError:  # a tool that copies a project may leave out empty folders
            names = set()
        new = names - self._journals.keys()
        gone = self._journals.keys() - names
        for name in gone:
            del self._journals[name]
        known = list(self._journals)
        turn = self._turn % max(len(known), 1)
        self._turn = turn + LOOKED_AT
        looked_at = chain(new, known[turn : self._turn], known[: max(0, min(turn, self._turn - len(known)))])
        changed = [self._journal_changed(name, os.path.join(folder, name)) for name in looked_at]
        return bool(new or gone) or any(changed)

    def _journal_changed(self, name: str, path: str) -> bool:
        before = self._journals.get(name)
        try:
            size_bytes = os.stat(path).st_size
        except FileNotFoundError:  # sealed since the folder was listed
            return True
        # A writer that has died does not come back, so only those that lived are asked.
        alive = (before is None or before[1]) and writer_alive(path)
        self._journals[name] = (size_bytes, alive)
        return self._journals[name] != before

    def _is_due(self, now_us: int) -> bool:
        return bool(self._journals) and not 0 <= now_us - self._said_us < AGAIN_AFTER_S * 1_000_000
