"""What holds a version in the registry: it is not deleted while something still points at it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.errors import StillReferencedError
from workbench.registry.columns import LIVE_VERSIONS, read_versions
from workbench.registry.dependants import DEPLOYMENT, DRIFT, IMAGE, MONITOR, dependants_of
from workbench.registry.evidence import place_of
from workbench.registry.queries import versions_of
from workbench.registry.records import ALIAS, Model, Version
from workbench.registry.reviews import APPROVED, PENDING, Review, read_reviews

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

ALIAS_KIND, APPROVAL, REQUEST = "alias", "approval", "request"
_RELEASES = {DEPLOYMENT: "workbench package stop {name} --remove"}


@dataclass(frozen=True)
class Hold:
    """One thing that holds a version.

    Attributes:
        kind: `alias`, `approval`, `request`, `image` or `deployment`.
        what: the alias, who approved or asked, or the name of the image or the deployment.
        since_us: microseconds since the epoch, UTC; 0 where nothing says it.
        version: the version that is held: `fraud/3`.
        release: how to let go of it, as a command or in words.
    """

    kind: str
    what: str
    since_us: int
    version: str
    release: str

    def __str__(self) -> str:
        return {
            ALIAS_KIND: f"the alias {self.what} points to {self.version}",
            APPROVAL: f"{self.what} approved {self.version}",
            REQUEST: f"{self.what} asked for the approval of {self.version}",
            IMAGE: f"the image {self.what} was built from {self.version}",
            DEPLOYMENT: f"the deployment {self.what} serves {self.version}",
        }[self.kind]


def holds_on(db: Connection, held: Model | Version) -> list[Hold]:
    """All that holds a version, or any version of a model, in the order of versions."""
    versions = versions_of(db, held) if isinstance(held, Model) else [held]
    found: dict[str, list[Hold]] = {version.id: [] for version in versions}
    for alias, number, since_us in _aliases(db, held.id if isinstance(held, Model) else held.model):
        for version in versions:
            if version.number == number:
                release = f"workbench models unalias {version.name}@{alias}"
                found[version.id].append(Hold(ALIAS_KIND, alias, since_us, _shown(version), release))
    reviews = read_reviews(db, versions)
    for version in versions:
        found[version.id] += _review_holds(version, reviews[version.id])
    shown = {version.id: _shown(version) for version in versions}
    for one in dependants_of(db, list(shown)):
        if one.kind not in (DRIFT, MONITOR):
            release = _RELEASES.get(one.kind, "remove the {kind} {name}").format(kind=one.kind, name=one.name)
            found[one.version].append(Hold(one.kind, one.name, one.created_at_ms * 1000, shown[one.version], release))
    return [hold for version in versions for hold in found[version.id]]


def check_free(db: Connection, held: Model | Version, *, aliases_hold: bool = True) -> None:
    """Make sure that nothing holds a version, or any version of a model.

    Args:
        aliases_hold: whether an alias does.

    Raises:
        StillReferencedError: something does; the message names all that does, the hint how to let go of it.
    """
    holds = [hold for hold in holds_on(db, held) if aliases_hold or hold.kind != ALIAS_KIND]
    if holds:
        raise still_held(held.name if isinstance(held, Model) else _shown(held), holds)


def still_held(what: str, holds: Sequence[Hold]) -> StillReferencedError:
    """The error that says what holds something, and how to let go."""
    releases = dict.fromkeys(hold.release for hold in holds)
    return StillReferencedError(f"{what} cannot be deleted: {'; '.join(map(str, holds))}", "; ".join(releases))


def check_files_free(
    db: Connection, paths: Collection[str], *, run: str | None = None, logged_model: str | None = None
) -> None:
    """Make sure that no version that is not deleted needs these files.

    Args:
        paths: within the artifacts of the run or the logged model.

    Raises:
        StillReferencedError: a version does.
    """
    rows = db.execute(
        f"SELECT id FROM {LIVE_VERSIONS} WHERE model_id = $2 OR run = $1 OR contains(source, $1) "
        "OR contains(storage_location, $1) ORDER BY name, number",
        [run, logged_model],
    ).fetchall()
    for version in read_versions(db, [row[0] for row in rows]):
        owner, folder = place_of(version.storage_location or version.source, version.run)
        held = logged_model is not None or (
            owner == run and any(not folder or path == folder or path.startswith(f"{folder}/") for path in paths)
        )
        if held and paths:
            shown = _shown(version)
            raise StillReferencedError(
                f"{shown} needs these files", f"delete it first: workbench models delete {shown}"
            )


def _review_holds(version: Version, review: Review) -> list[Hold]:
    shown = _shown(version)
    reject = f"workbench models reject {shown} --reason TEXT"
    if review.status == PENDING:
        return [Hold(REQUEST, review.requested_by, review.requested_at_us, shown, reject)]
    if review.status == APPROVED:
        who = ", ".join(decision.who for decision in review.decisions)
        since_us = max(decision.at_us for decision in review.decisions)
        return [Hold(APPROVAL, who, since_us, shown, f"workbench models request {shown} --reason TEXT, then {reject}")]
    return []


def _aliases(db: Connection, model: str) -> list[tuple[str, int, int]]:
    """Alias, number of the version and since when, in microseconds."""
    rows = db.execute(
        f"SELECT substr(name, {len(ALIAS) + 1}), TRY_CAST(value AS BIGINT), t FROM entity_field "
        f"WHERE kind = 'model' AND id = $1 AND starts_with(name, '{ALIAS}') AND value IS NOT NULL ORDER BY name",
        [model],
    ).fetchall()
    return [(alias, number, t) for alias, number, t in rows if number is not None]


def _shown(version: Version) -> str:
    return f"{version.name}/{version.number}"
