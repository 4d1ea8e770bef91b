"""Images that were built: recorded beside the versions that they were made of, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import NotFoundError
from workbench.packaging.build import Built, image_digest
from workbench.packaging.labels import OURS
from workbench.packaging.plan import Plan
from workbench.packaging.smoke import Smoke
from workbench.registry.dependants import VERSION
from workbench.registry.ledger import Change, Deed, Ledger, now_ms
from workbench.registry.references import is_reference, resolve_version
from workbench.store.entities import read_entities
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KIND = "image"


@dataclass(frozen=True)
class Image:
    """An image that was built from a model.

    Attributes:
        id: of the record, which is of an image under a name.
        name: its name and tag.
        image_id: `sha256:…`, which the engine knows it by.
        digest: over its layers and how it is started; equal for equal inputs.
        version: the id of the version; empty for the model of a run.
        model: the name of the registered model, or of the run; number: of the version.
        run: the id of the run.
        created_at_ms: milliseconds since the epoch, UTC.
        size_bytes, added_bytes: of all its layers, and without the base's.
        facts: `base`, `python`, `loader`, `lock`, `layers`, `parts`, `packages`, `dropped`, `seconds`, `smoke`, ….
    """

    id: str
    name: str
    image_id: str
    digest: str
    version: str
    model: str
    number: int | None
    run: str | None
    created_at_ms: int
    size_bytes: int
    added_bytes: int
    facts: dict[str, Any] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return asdict(self)


def record_image(db: Connection, ledger: Ledger, plan: Plan, built: Built) -> Image:
    """Record an image that has its tag. One that is built again is recorded once, with its latest smoke test.

    Args:
        db: an open visit to the store.
        ledger: where it is recorded.

    Raises:
        StoreError: the journal cannot be written.
    """
    source = plan.source
    image = Image(
        id=_record_id(built.image_id, built.tag),
        name=built.tag,
        image_id=built.image_id,
        digest=built.digest,
        version=source.version_id,
        model=source.name,
        number=source.version,
        run=source.run_id,
        created_at_ms=now_ms(),
        size_bytes=built.size_bytes,
        added_bytes=built.added_bytes,
        facts={
            "base": plan.base.reference,
            "base_id": plan.base.image_id,
            "python": plan.base.version,
            "interpreter": plan.base.python,
            "loader": plan.requirements.loader,
            "lock": plan.lock.digest,
            "model_digest": source.digest,
            "layers": list(built.layers),
            "packages": plan.lock.packages,
            "dropped": plan.requirements.dropped,
            "modules": sorted(plan.modules),
            "parts": {
                layer.name: {"digest": layer.digest, "size_bytes": layer.size_bytes}
                for layer in (plan.site.layer, *plan.layers)
            },
            "seconds": round(built.seconds, 3),
            "smoke": built.smoke.as_document() if built.smoke else None,
        },
    )
    known = _known(db, image)
    if known is not None:
        if built.smoke is None:
            return known
        record_smoke(db, ledger, known, built.smoke)
        return replace(known, facts={**known.facts, "smoke": image.facts["smoke"]})
    evidence = {"image": image.name, "image_id": image.image_id, "digest": image.digest, "smoke": image.facts["smoke"]}
    deed = Deed("package", image.model, "", image.number, evidence=evidence)
    ledger.record(db, deed, Change(KIND, image.id, _fields(image)))
    return image


def record_loaded(db: Connection, ledger: Ledger, found: Mapping[str, Any], manifest: Mapping[str, Any]) -> Image:
    """Record an image that came from another machine.

    Which model it is of is what its labels say, which its id covers; the rest is the word of whoever saved it.

    Args:
        found: what the engine knows of it.
        manifest: of the file that it came in.

    Raises:
        StoreError: the journal cannot be written.
    """
    labels = (found.get("Config") or {}).get("Labels") or {}
    said = manifest.get("record") or {}
    number = str(labels.get(f"{OURS}version", ""))
    version_id = str(labels.get(f"{OURS}version_id", ""))
    image = Image(
        id=_record_id(found["Id"], str(manifest["image"])),
        name=str(manifest["image"]),
        image_id=found["Id"],
        digest=image_digest(dict(found)),
        version=version_id if read_entities(db, VERSION, [version_id]) else "",
        model=str(labels.get(f"{OURS}model", "")),
        number=int(number) if number.isdigit() else None,
        run=labels.get(f"{OURS}run_id"),
        created_at_ms=now_ms(),
        size_bytes=int(found["Size"]),
        added_bytes=int(said.get("added_bytes") or 0),
        facts=dict(said.get("facts") or {}),
    )
    known = _known(db, image)
    if known is not None:
        return known
    evidence = {"image": image.name, "image_id": image.image_id, "digest": image.digest}
    ledger.record(
        db, Deed("load", image.model, "", image.number, evidence=evidence), Change(KIND, image.id, _fields(image))
    )
    return image


def record_smoke(db: Connection, ledger: Ledger, image: Image, smoke: Smoke) -> None:
    """Record that an image was tested again.

    Raises:
        StoreError: the journal cannot be written.
    """
    document = smoke.as_document()
    evidence = {"image": image.name, "image_id": image.image_id, "smoke": document}
    deed = Deed("smoke", image.model, "", image.number, evidence=evidence)
    ledger.record(db, deed, Change(KIND, image.id, {"facts": {**image.facts, "smoke": document}}))


def forget_image(db: Connection, ledger: Ledger, image: Image, reason: str | None = None) -> None:
    """Say that an image is gone; what it was stays in the journals.

    Raises:
        StoreError: the journal cannot be written.
    """
    deed = Deed("unpackage", image.model, "", image.number, reason, {"image": image.name, "at": now_us()})
    ledger.record(db, deed, Change(KIND, image.id, {"deleted": True}))


def list_images(db: Connection, version: str | None = None) -> list[Image]:
    """The images that are not forgotten, the newest first.

    Args:
        version: only those of this version, by its id.
    """
    images = [
        _image(image_id, fields)
        for image_id, fields in read_entities(db, KIND).items()
        if fields.get("image_id") and not fields.get("deleted") and version in (None, fields.get("version"))
    ]
    return sorted(images, key=lambda image: (-image.created_at_ms, image.name))


def find_image(db: Connection, reference: str) -> Image:
    """The image that a reference names: its tag, its id or the beginning of it, or the newest of a version.

    Raises:
        NotFoundError: there is none; the hint says how to build it.
    """
    images = list_images(db)
    bare = reference.removeprefix("sha256:")
    for image in images:
        if image.name == reference or (len(bare) >= 12 and image.image_id.removeprefix("sha256:").startswith(bare)):
            return image
    if is_reference(reference):
        version = resolve_version(db, reference)
        own = [image for image in images if image.version == version.id]
        if own:
            return own[0]
        raise NotFoundError(
            f"{version.name}/{version.number} has no image", f"workbench package build {version.name}/{version.number}"
        )
    hint = near_matches(reference, [image.name for image in images]) or "workbench package list"
    raise NotFoundError(f"no image of this project is called {reference}", hint)


def _record_id(image_id: str, name: str) -> str:
    """The id of the record of an image under a name: what is built again is recorded once."""
    return sha256(f"{image_id} {name}".encode()).hexdigest()[:32]


def _known(db: Connection, image: Image) -> Image | None:
    """What is recorded of an image under its name; None where nothing is, or where it was forgotten."""
    fields = read_entities(db, KIND, [image.id]).get(image.id, {})
    return _image(image.id, fields) if fields.get("image_id") and not fields.get("deleted") else None


def _fields(image: Image) -> dict[str, object]:
    fields = {**asdict(image), "created_at": image.created_at_ms, "deleted": None}
    del fields["id"], fields["created_at_ms"]
    if not image.version:
        del fields["version"]
    return fields


def _image(image_id: str, fields: dict[str, Any]) -> Image:
    return Image(
        id=image_id,
        name=str(fields.get("name", "")),
        image_id=str(fields.get("image_id", "")),
        digest=str(fields.get("digest", "")),
        version=str(fields.get("version") or ""),
        model=str(fields.get("model", "")),
        number=fields.get("number"),
        run=fields.get("run"),
        created_at_ms=int(fields.get("created_at") or 0),
        size_bytes=int(fields.get("size_bytes") or 0),
        added_bytes=int(fields.get("added_bytes") or 0),
        facts=fields.get("facts") or {},
    )
