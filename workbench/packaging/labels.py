"""Labels of images and containers: enough to know what one is by `docker inspect` alone."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from workbench.packaging.base import Base
from workbench.packaging.lock import Lock
from workbench.packaging.requirements import Requirements
from workbench.packaging.source import Source, created_at
from workbench.serving import VERSION as SERVE_VERSION

OURS = "io.workbench."
OCI = "org.opencontainers.image."
SCHEMA = "1"
MAX_BYTES = 4096
"""Of one label; what is longer is in the image, and left out here."""


def image_labels(
    source: Source, base: Base, requirements: Requirements, lock: Lock, *, log_mode: str
) -> dict[str, str]:
    """The labels of a model's image, by the OCI image specification's annotations and our own.

    Everything follows from what is in the image, so that equal inputs have equal labels.
    """
    git = source.run.get("git") or {}
    said = source.description.get("signature") or {}
    signature = {part: json.loads(said[part]) for part in ("inputs", "outputs") if said.get(part)}
    labels: dict[str, Any] = {
        f"{OCI}created": created_at(source),
        f"{OCI}title": source.name,
        f"{OCI}version": source.version if source.version is not None else None,
        f"{OCI}revision": git.get("commit"),
        f"{OCI}base.name": base.reference,
        f"{OCI}base.digest": base.image_id or None,
        f"{OURS}schema": SCHEMA,
        f"{OURS}role": "model",
        f"{OURS}model": source.name,
        f"{OURS}version": source.version,
        f"{OURS}version_id": source.version_id or None,
        f"{OURS}run_id": source.run_id,
        f"{OURS}experiment": source.run.get("experiment"),
        f"{OURS}model_digest": source.digest,
        f"{OURS}loader": requirements.loader,
        f"{OURS}flavors": ",".join(sorted(source.flavours)),
        f"{OURS}protocols": "mlflow,v2",
        f"{OURS}python": base.version,
        f"{OURS}lock_sha256": lock.digest,
        f"{OURS}log_mode": log_mode,
        f"{OURS}serve_version": SERVE_VERSION,
        f"{OURS}signature": json.dumps(signature, sort_keys=True) if signature else None,
        f"{OURS}metrics": json.dumps(source.metrics, sort_keys=True) if source.metrics else None,
        f"{OURS}workbench": _own_version(),
    }
    texts = {name: str(value) for name, value in labels.items() if value is not None}
    return {name: text for name, text in texts.items() if len(text.encode()) <= MAX_BYTES}


def _own_version() -> str | None:
    try:
        return version("mlops-workbench")
    except PackageNotFoundError:
        return None
