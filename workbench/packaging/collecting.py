"""Old images: which of a project's nobody needs any more, and removing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.packaging.building import ROLE
from workbench.packaging.engine import Engine, errors
from workbench.packaging.images import Image, forget_image, list_images
from workbench.registry.columns import read_versions
from workbench.registry.dependants import DEPLOYMENT, VERSION
from workbench.registry.queries import model_named
from workbench.registry.reviews import APPROVED, PENDING, read_reviews
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.ledger import Ledger

PACKAGES = "workbench-packages"
KEEP = 3
HELPERS = ("probe", "smoke", "install")
"""Roles of containers that live for seconds; one that is older was left behind by a process that was killed."""
HELPER_AGE_S = 3600


@dataclass(frozen=True)
class Garbage:
    """What can go, and what stays and why.

    Attributes:
        images: that can go.
        packages: names of images with packages that no image is built on then.
        containers: ids of helpers that were left behind.
        kept: why the others stay, by the name of the image.
    """

    images: tuple[Image, ...] = ()
    packages: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    kept: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.images or self.packages or self.containers)

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "images": [{"image": image.name, "image_id": image.image_id} for image in self.images],
            "packages": list(self.packages),
            "containers": list(self.containers),
            "kept": self.kept,
        }


@dataclass(frozen=True)
class Claims:
    """What the registry needs.

    Attributes:
        images: the project's.
        versions: why a version is needed, by its id; its newest image is.
        deployed: ids of records of images that a deployment runs.
    """

    images: Sequence[Image]
    versions: Mapping[str, str]
    deployed: Collection[str]


def read_claims(db: Connection) -> Claims:
    """What the registry needs of images."""
    images = list_images(db)
    named = sorted({image.version for image in images if image.version})
    versions = read_versions(db, sorted(read_entities(db, VERSION, named)))
    why: dict[str, str] = {}
    for version_id, review in read_reviews(db, versions).items():
        if review.status in (APPROVED, PENDING):
            why[version_id] = (
                "its version is approved" if review.status == APPROVED else "its version waits for approval"
            )
    for version in versions:
        model = model_named(db, version.name)
        aliases = model.aliases_of(version.number) if model else []
        if aliases:
            why[version.id] = f"{', '.join(aliases)} points to its version"
    deployments = read_entities(db, DEPLOYMENT).values()
    return Claims(images, why, {str(one.get("image")) for one in deployments if not one.get("deleted")})


def find_garbage(engine: Engine, claims: Claims, keep: int = KEEP) -> Garbage:
    """What of an engine's images and containers nobody needs.

    An image stays where an alias points to its version, its version is approved or waits for that, a deployment or a
    container has it, or it is among the newest of its model. Images of other projects are not looked at.

    Args:
        keep: how many images of each model stay anyhow.

    Raises:
        DockerError: the engine fails.
    """
    with errors():
        containers = engine.client.containers(all=True)
        present = {image["Id"]: image for image in engine.client.images()}
    in_use = {container["ImageID"] for container in containers}
    kept: dict[str, str] = {}
    gone: list[Image] = []
    seen_versions: set[str] = set()
    kept_of_model: dict[str, int] = defaultdict(int)
    for image in claims.images:  # the newest first
        if image.image_id not in present:
            continue
        newest = image.version not in seen_versions
        seen_versions |= {image.version} if image.version else set()
        reason = None
        if image.id in claims.deployed:
            reason = "a deployment runs it"
        elif image.image_id in in_use:
            reason = "a container has it"
        elif newest and image.version in claims.versions:
            reason = claims.versions[image.version]
        elif kept_of_model[image.model] < keep:
            reason = "it is among the newest of its model"
        if reason is None:
            gone.append(image)
        else:
            kept[image.name] = reason
            kept_of_model[image.model] += 1
    ids = {image.image_id for image in gone} - {image.image_id for image in claims.images if image.name in kept}
    stays = [image for image_id, image in present.items() if image_id not in ids]
    helpers = [
        container["Id"]
        for container in containers
        if (container.get("Labels") or {}).get(ROLE) in HELPERS
        and now_us() / 1e6 - float(container.get("Created") or 0) > HELPER_AGE_S
    ]
    return Garbage(tuple(gone), _unused_packages(engine, stays), tuple(helpers), kept)


def collect(engine: Engine, garbage: Garbage) -> int:
    """Remove what can go; returns how many bytes the engine's layers take less than before.

    Raises:
        DockerError: the engine fails, or something is needed by now.
    """
    before = _layers_bytes(engine)
    for container in garbage.containers:
        engine.remove(container)
    for image in garbage.images:
        found = engine.image(image.image_id)
        if found is None:
            continue
        if image.name in (found.get("RepoTags") or ()):
            _remove(engine, image.name)
        else:
            engine.discard(image.image_id)
    for name in garbage.packages:
        _remove(engine, name)
    return max(0, before - _layers_bytes(engine))


def forget(db: Connection, ledger: Ledger, garbage: Garbage) -> None:
    """Record that images are gone.

    Raises:
        StoreError: the journal cannot be written.
    """
    for image in garbage.images:
        forget_image(db, ledger, image, "collected")


def _remove(engine: Engine, name: str) -> None:
    """Remove an image by its name; one with further names keeps those."""
    from docker.errors import NotFound

    try:
        with errors():
            engine.client.remove_image(name)
    except NotFound:  # somebody else was faster
        return


def _unused_packages(engine: Engine, stays: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Names of images with packages whose layers no other image that stays begins with."""
    layers = {image["Id"]: tuple((engine.image(image["Id"]) or {})["RootFS"]["Layers"]) for image in stays}
    packages = {
        image["Id"]: name for image in stays for name in image.get("RepoTags") or () if name.startswith(f"{PACKAGES}:")
    }
    others = [own for image_id, own in layers.items() if image_id not in packages]
    return tuple(
        sorted(
            name
            for image_id, name in packages.items()
            if not any(own[: len(layers[image_id])] == layers[image_id] for own in others)
        )
    )


def _layers_bytes(engine: Engine) -> int:
    with errors():
        return int(engine.client.df().get("LayersSize") or 0)
