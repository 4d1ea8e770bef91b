"""Files for other ways to run an image: Compose and Kubernetes, as hardened as `package run` has it."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.errors import NotFoundError, RefusedError, store_error
from workbench.base.project import Project
from workbench.packaging.containers import ENVIRONMENT, NOT_MEANT_TO_RUN, rebuild_reference
from workbench.packaging.context import LOG_DIR, MODULE, PORT, USER
from workbench.packaging.images import Image, find_image
from workbench.packaging.plan import Options
from workbench.packaging.running import checked_name, default_name, measured_memory
from workbench.packaging.smoke import HARDENED
from workbench.packaging.source import Source, find_source
from workbench.packaging.switching import STOP_S

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

COMPOSE, KUBERNETES = "compose", "kubernetes"
FILES = {COMPOSE: "compose.yaml", KUBERNETES: "kubernetes.yaml"}
UID, GID = map(int, USER.split(":"))
LOG_VOLUME = "predictions"
LOG_VOLUME_BYTES = 1200 * 1024 * 1024
"""Room for the prediction log, which keeps itself below 1 GB."""
TMP_BYTES = 64 * 1024 * 1024
START_FACTOR = 3
"""How much longer a start may take than it took in the smoke test."""
LEAST_START_S = 30
PROBE_S = 2


@dataclass(frozen=True)
class Target:
    """What is exported.

    Attributes:
        image: its record.
        name: of the service.
        reference: what the image is called where it will run.
        port: that the service is published at.
        memory_bytes: at most; None is any.
    """

    image: Image
    name: str
    reference: str
    port: int = PORT
    memory_bytes: int | None = None

    @property
    def start_s(self) -> int:
        """How long the server may take to be ready, in seconds."""
        measured = (self.image.facts.get("smoke") or {}).get("ready_s")
        return max(LEAST_START_S, math.ceil(START_FACTOR * float(measured))) if measured else 2 * LEAST_START_S

    @property
    def dns_name(self) -> str:
        """Its name, where only lower case letters, digits and hyphens may be."""
        return re.sub(r"[^a-z0-9-]+", "-", self.name.lower()).strip("-")[:50].strip("-") or "model"

    @property
    def environment(self) -> dict[str, str]:
        """What the server needs to know."""
        return {**ENVIRONMENT, "WORKBENCH_SERVING_DEPLOYMENT": self.name, "WORKBENCH_SERVING_LOG_DIR": LOG_DIR}


def target(
    image: Image,
    form: str,
    *,
    name: str | None = None,
    reference: str | None = None,
    port: int = PORT,
    memory_bytes: int | None = None,
) -> Target:
    """What is exported of an image.

    Args:
        form: `COMPOSE` or `KUBERNETES`.
        reference: what the image is called where it will run; default its id, which Kubernetes does not take, so its
            name there.

    Raises:
        InputError: the name is none.
    """
    called = reference or (image.image_id if form == COMPOSE else image.name)
    own_name = checked_name(name or default_name(image.model))
    return Target(image, own_name, called, port, memory_bytes or measured_memory(image))


def dockerfile_source(db: Connection, project: Project, reference: str) -> tuple[Source, Options]:
    """The model that an image was made of, or that a reference names, and how its image is made.

    What was allowed for an image that was built is allowed for its Dockerfile.

    Raises: as `find_source`.
    """
    try:
        image = find_image(db, reference)
    except NotFoundError:
        return find_source(db, project, reference), Options()
    source = find_source(db, project, rebuild_reference(image))
    base, loader = image.facts.get("base"), image.facts.get("loader") or "auto"
    return source, Options(base=base, tag=image.name, runtime=loader, allow_pickle=True, allow_mismatch=True)


def compose_document(target: Target) -> dict[str, Any]:
    """A Compose file, by the Compose Specification."""
    volume = {"type": "volume", "source": LOG_VOLUME, "target": LOG_DIR}
    common = {
        "image": target.reference,
        **({"pull_policy": "never"} if target.reference.startswith("sha256:") else {}),
        "read_only": HARDENED["read_only"],
        "cap_drop": HARDENED["cap_drop"],
        "security_opt": HARDENED["security_opt"],
        "volumes": [volume],
    }
    python = str(target.image.facts.get("interpreter") or "python3")
    folder = f"{target.dns_name}-log-folder"
    log_folder = {
        **common,
        "user": "0:0",
        "cap_add": ["CHOWN"],
        "network_mode": "none",
        "restart": NOT_MEANT_TO_RUN,
        "healthcheck": {"disable": True},
        "entrypoint": [python, "-c", f"import os; os.chown('{LOG_DIR}', {UID}, {GID})"],
    }
    service: dict[str, Any] = {
        **common,
        "user": USER,
        "pids_limit": HARDENED["pids_limit"],
        "tmpfs": [f"{path}:{options}" for path, options in HARDENED["tmpfs"].items()],
        **({"mem_limit": target.memory_bytes} if target.memory_bytes else {}),
        "restart": "unless-stopped",
        "stop_grace_period": f"{STOP_S}s",
        "environment": target.environment,
        "ports": [f"127.0.0.1:{target.port}:{PORT}"],
        "healthcheck": {
            "test": ["CMD", python, "-m", f"{MODULE}.healthcheck"],
            "interval": "10s",
            "timeout": "3s",
            "retries": 3,
            "start_period": f"{target.start_s}s",
        },
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
        "labels": _labels(target.image),
        "depends_on": {folder: {"condition": "service_completed_successfully"}},
    }
    return {
        "name": target.dns_name,
        "services": {target.dns_name: service, folder: log_folder},
        "volumes": {LOG_VOLUME: {}},
    }


def kubernetes_documents(target: Target) -> list[dict[str, Any]]:
    """A Deployment and its Service."""
    name = target.dns_name
    chosen = {"app.kubernetes.io/name": name}
    labels = {
        **chosen,
        **({"app.kubernetes.io/version": str(target.image.number)} if target.image.number is not None else {}),
        "app.kubernetes.io/component": "model",
    }
    container = {
        "name": "model",
        "image": target.reference,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": PORT}],
        "env": [{"name": key, "value": value} for key, value in target.environment.items()],
        "startupProbe": {
            **_probe("/health/ready"), "periodSeconds": PROBE_S,
            "failureThreshold": math.ceil(target.start_s / PROBE_S),
        },
        "readinessProbe": {**_probe("/health/ready"), "periodSeconds": 5, "failureThreshold": 2},
        "livenessProbe": {**_probe("/health/live"), "periodSeconds": 10, "failureThreshold": 3},
        "resources": _resources(target),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": LOG_VOLUME, "mountPath": LOG_DIR}],
    }  # fmt: skip
    pod = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 2 * STOP_S,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": UID,
            "runAsGroup": GID,
            "fsGroup": GID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": _mebibytes(TMP_BYTES)}},
            {"name": LOG_VOLUME, "emptyDir": {"sizeLimit": _mebibytes(LOG_VOLUME_BYTES)}},
        ],
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels, "annotations": _labels(target.image)},
        "spec": {
            "replicas": 1,
            "revisionHistoryLimit": 5,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "selector": {"matchLabels": chosen},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": labels},
        "spec": {"selector": chosen, "ports": [{"name": "http", "port": target.port, "targetPort": "http"}]},
    }
    return [deployment, service]


def export(target: Target, form: str, folder: str) -> str:
    """Write the file of a form into a folder; returns its path.

    Raises:
        RefusedError: the file is there already.
        StoreError: it cannot be written.
    """
    documents = [compose_document(target)] if form == COMPOSE else kubernetes_documents(target)
    path = os.path.join(folder, FILES[form])
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "x", encoding="utf-8") as file:
            file.write(as_yaml(documents, _comment(target, form)))
    except FileExistsError:
        raise RefusedError(f"{path} is there already", "name another folder with -o DIR") from None
    except OSError as error:
        raise store_error(error, path) from None
    return path


def as_yaml(documents: Sequence[Mapping[str, Any]], comment: str) -> str:
    """Documents as one YAML file that begins with a comment."""
    import yaml  # type: ignore[import-untyped]

    separate = json.loads(json.dumps(list(documents)))  # what two places share would be written as a reference
    said: str = yaml.safe_dump_all(separate, sort_keys=False, width=120, allow_unicode=True)
    return "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines()) + said


def _probe(path: str) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": "http"}, "timeoutSeconds": 3}


def _resources(target: Target) -> dict[str, Any]:
    """What the smoke test needed is asked for; memory is limited, processors are not: a limit only slows answers."""
    used = (target.image.facts.get("smoke") or {}).get("memory_bytes")
    asked = {"cpu": "100m", **({"memory": _mebibytes(int(used))} if used else {})}
    return {
        "requests": asked,
        **({"limits": {"memory": _mebibytes(target.memory_bytes)}} if target.memory_bytes else {}),
    }


def _mebibytes(size_bytes: int) -> str:
    return f"{math.ceil(size_bytes / 1024**2)}Mi"


def _labels(image: Image) -> dict[str, str]:
    said = {
        "io.workbench.model": image.model,
        "io.workbench.version": image.number,
        "io.workbench.image": image.name,
        "io.workbench.image_id": image.image_id,
        "io.workbench.digest": image.digest,
    }
    return {key: str(value) for key, value in said.items() if value not in (None, "")}


def _comment(target: Target, form: str) -> str:
    image = target.image
    what = f"{image.model}/{image.number}" if image.number is not None else image.model
    if form == COMPOSE:
        how = "docker compose up -d"
        needs = "The image is the one of this id on this machine" if image.image_id == target.reference else "The image"
        needs += f"; elsewhere: docker save {image.name} | docker load"
    else:
        how = f"kubectl apply -f {FILES[form]}"
        needs = f"The nodes need the image {target.reference}: push it to their registry, and name it there"
    return f"{what} as a service. Start it with: {how}\n{needs}.\n"
