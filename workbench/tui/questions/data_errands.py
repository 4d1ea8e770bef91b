"""What is found out about data beside the app: each a task of the dock that needs no engine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.base.errors import InputError, StoreInterruptedError
from workbench.base.project import Project
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion
    from workbench.tui.dock import Errand

Document = Mapping[str, Any]

SAY_S = 0.1
"""Seconds between two words about how far it is."""


@dataclass(frozen=True, slots=True)
class ProfileData:
    """Look into every column of a version: a profile.

    Attributes:
        version: with its files.
    """

    WRITES: ClassVar[bool] = False
    NEEDS_ENGINE: ClassVar[bool] = False
    project: Project
    version: DatasetVersion

    @property
    def title(self) -> str:
        """What is under way."""
        return f"look into {visible(self.version.reference)}"

    def do(self, engine: None, errand: Errand) -> Mapping[str, Any]:
        """Read the data.

        Raises:
            ContentMissingError: it is gone, or another one.
            InputError: it is no table.
            StoreInterruptedError: it was given up.
        """
        from workbench.data.materialising import data_path
        from workbench.data.profiles import profile

        errand.say("finding", "its files")
        said = [0.0]

        def progress(column: str) -> None:
            if errand.cancelled.is_set():
                raise StoreInterruptedError("it was given up")
            if time.monotonic() - said[0] > SAY_S:
                said[0] = time.monotonic()
                errand.say("column", column)

        path = data_path(self.project, self.version)
        errand.say("reading", path)
        return profile(path, progress=progress, format=_known_format(self.version))


@dataclass(frozen=True, slots=True)
class CompareData:
    """Compare two versions: a document as `data.differences.difference` makes it.

    Attributes:
        before, after: with their files.
        made: profiles that were made since the app was opened, of those of the two that have none stored.
    """

    WRITES: ClassVar[bool] = False
    NEEDS_ENGINE: ClassVar[bool] = False
    project: Project
    before: DatasetVersion
    after: DatasetVersion
    made: tuple[Document | None, Document | None] = field(default=(None, None), compare=False)

    @property
    def title(self) -> str:
        """What is under way."""
        return f"compare {visible(self.before.reference)} with {visible(self.after.reference)}"

    def do(self, engine: None, errand: Errand) -> Mapping[str, Any]:
        """Read both; rows are told by a column that is an identifier in both, else compared as wholes.

        Raises:
            ContentMissingError: the data of one is gone, or another one.
            InputError: one is no table.
        """
        from workbench.data.differences import compare_files
        from workbench.data.materialising import data_path

        sides = (self.before, self.after)
        errand.say("finding", "its files")
        before, after = (data_path(self.project, side) for side in sides)
        names = (self.before.reference, self.after.reference)
        options = tuple({"format": _known_format(side)} for side in sides)
        errand.say("reading", "both")
        ours, theirs = (self._identifiers(side, made) for side, made in zip(sides, self.made, strict=True))
        key = next((name for name in ours if name in theirs), None)
        if key is not None:
            try:
                return compare_files(before, after, key=[key], names=names, options=(options[0], options[1]))
            except InputError:  # it tells most rows only
                errand.say("reading", "both again, as wholes")
        return compare_files(before, after, names=names, options=(options[0], options[1]))

    def _identifiers(self, version: DatasetVersion, made: Document | None) -> list[str]:
        from workbench.data.materialising import stored_profile

        profile = stored_profile(self.project, version) or made or {"columns": ()}
        return [one["name"] for one in profile["columns"] if one["role"] == "identifier"]


def _known_format(version: DatasetVersion) -> str | None:
    return version.format if version.column_count else None
