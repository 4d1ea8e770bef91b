"""The software bill of materials of an image: CycloneDX 1.5 as JSON, by its published schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from workbench.packaging.base import Base
from workbench.packaging.lock import Lock
from workbench.packaging.site import Package
from workbench.packaging.source import Source, created_at


def bill_of_materials(source: Source, base: Base, lock: Lock, packages: Sequence[Package]) -> dict[str, Any]:
    """What is in an image. Equal inputs have an equal bill: its serial number and time come from the model."""
    serial = uuid5(NAMESPACE_URL, f"{source.digest} {lock.digest} {base.image_id}")
    model = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": source.name,
        "version": str(source.version or source.run_id or ""),
        "hashes": [{"alg": "SHA-256", "content": source.digest.removeprefix("sha256:")}],
    }
    platform = {
        "type": "container",
        "bom-ref": "base",
        "name": base.reference,
        "version": base.image_id,
        "properties": [{"name": "workbench:python", "value": base.version}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"timestamp": created_at(source), "component": model},
        "components": [platform, *(_component(package, lock) for package in packages)],
        "dependencies": [
            {"ref": "model", "dependsOn": ["base", *sorted(_purl(package) for package in packages)]},
        ],
    }


def _component(package: Package, lock: Lock) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package.name,
        "version": lock.packages.get(package.name, package.version),
        "purl": _purl(package),
    }


def _purl(package: Package) -> str:
    """The package URL (purl-spec, type pypi)."""
    return f"pkg:pypi/{package.name}@{package.version}"
