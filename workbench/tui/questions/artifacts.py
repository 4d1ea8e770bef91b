"""Saving a file that a run logged."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import Any

from workbench.base.errors import InputError, RefusedError, WorkbenchError
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.store.blobs import BlobStore
from workbench.tui.asking import Asker
from workbench.tui.messages import NotPerformed, Performed
from workbench.tui.questions.edits import Done


@dataclass(frozen=True, slots=True)
class SaveArtifact:
    """Copy the content of an artifact to a file that is not there yet; its hash is checked on the way.

    Attributes:
        sha256: of the content.
        target: the file, relative to the working directory; `~` is the home.
    """

    sha256: str
    target: str

    def do(self, project: Project, db: Any = None) -> Done:
        """Do it; the store is not needed.

        Raises:
            RefusedError: the target is there already.
            InputError: its folder cannot be made.
            ArtifactNotFoundError, StoreError: the content is missing or damaged, or cannot be written.
        """
        target = os.path.abspath(os.path.expanduser(self.target))
        if os.path.lexists(target):
            raise RefusedError(f"{visible(self.target)} is there already", "save it under another name")
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make {os.path.dirname(target)}: {error.strerror}") from None
        BlobStore(project).copy_out(self.sha256, target)
        return Done(f"saved {visible(target)}")


def save_artifact(asker: Asker, project: Project, deed: SaveArtifact) -> None:
    """Have an artifact saved without holding the store meanwhile: a model may have gigabytes.

    The asker hears `Performed` or `NotPerformed`, as from the desk.
    """

    def work() -> None:
        try:
            asker.post_message(Performed(deed, deed.do(project)))
        except WorkbenchError as error:
            asker.post_message(NotPerformed(deed, error))

    threading.Thread(target=work, name="workbench-save", daemon=True).start()
