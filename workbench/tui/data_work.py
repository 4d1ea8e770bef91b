"""What is found out about data while the app is open: profiles that were never made, and what differs between versions.

Reading data takes seconds to minutes, so it is done beside the app. What was found is kept until the app ends, by the
digests of the data; whoever shows it hears by `work_moved` that there is more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.base.errors import RefusedError, WorkbenchError

if TYPE_CHECKING:
    from workbench.data.versions import DatasetVersion
    from workbench.tui.engine_work import EngineWork

MAX_KEPT = 32
"""Profiles, and differences."""

Document = Mapping[str, Any]


class DataWork:
    """Profiles and differences by digests; what could not be found out is the error that says why.

    Args:
        app: has it done.
    """

    def __init__(self, app: EngineWork) -> None:
        self._app = app
        self._profiles: dict[str, Document | WorkbenchError] = {}
        self._differences: dict[tuple[str, str], Document] = {}

    def profile(self, version: DatasetVersion) -> Document | WorkbenchError | None:
        """The profile of a version; None while it is not known."""
        return self._profiles.get(version.digest)

    def difference(self, before: DatasetVersion, after: DatasetVersion) -> Document | None:
        """What differs between two versions; None while it is not known."""
        return self._differences.get((before.digest, after.digest))

    def is_looking_into(self, version: DatasetVersion) -> bool:
        """Whether a profile of a version is being made."""
        tasks = [errand.task for errand in self._app.under_way]
        return any(getattr(task, "version", None) == version for task in tasks)

    def make_profile(self, version: DatasetVersion) -> None:
        """Have a version looked into, again where that has failed."""
        from workbench.tui.questions.data_errands import ProfileData

        self._profiles.pop(version.digest, None)
        if self._app.desk.read_only:  # where data can be read is remembered in the project
            why = "it is not looked into: the app was opened with --read-only"
            self._profiles[version.digest] = RefusedError(why, f"workbench data profile {version.reference}")
            return

        def keep(found: Document | WorkbenchError) -> None:
            _keep(self._profiles, version.digest, found)
            self._app.work_moved()

        self._app.run_beside(ProfileData(self._app.desk.project, version), keep, keep)

    def make_difference(self, before: DatasetVersion, after: DatasetVersion) -> None:
        """Have two versions compared."""
        from workbench.tui.questions.data_errands import CompareData

        known = [self.profile(version) for version in (before, after)]
        made = tuple(None if isinstance(one, WorkbenchError) else one for one in known)

        def keep(found: Document) -> None:
            _keep(self._differences, (before.digest, after.digest), found)
            self._app.work_moved()

        self._app.run_beside(CompareData(self._app.desk.project, before, after, (made[0], made[1])), keep)


def _keep(kept: dict[Any, Any], key: object, value: object) -> None:
    while len(kept) >= MAX_KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value
