"""A Docker engine that exists in memory: images with layers, a builder with a cache, containers that answer as told."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import requests
from docker.errors import APIError, ImageNotFound, NotFound

from workbench.packaging.engine import Engine

BASE = "local/python:3.11"
PROBED = {
    "python": "/usr/bin/python3", "version": "3.11.2", "implementation": "cpython", "machine": "x86_64",
    "libc": "glibc", "libc_version": "2.36", "soabi": "cpython-311-x86_64-linux-gnu",
}  # fmt: skip
PASSED = {
    "ready_at": 0.0, "uid": 24517, "read_only": True, "status": 200, "answer": json.dumps({"predictions": [0, 1]}),
    "latency_ms": {"p50": 0.5, "p99": 1.0, "requests": 200}, "bad": [["not JSON", 400, False]], "modules": [],
    "metrics": 200, "memory_bytes": 100_000_000,
}  # fmt: skip
"""What the probe of a smoke test finds in an image that works."""


def sha256(text: str | bytes) -> str:
    """`sha256:…` of a text."""
    return f"sha256:{hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()}"


class FakeClient:
    """What the product uses of docker-py's low-level client.

    Attributes:
        images_by_id: what `docker inspect` says.
        built: the Dockerfiles that were built.
        break_build: given the number of a step, the events to end with there; None goes on.
        said: what containers print.
        answers: what an `exec` prints, the next one first.
        containers_by_id: those that are there; made: settings of all that ever were.
        state: of a container that is looked at.
    """

    def __init__(self) -> None:
        self.images_by_id: dict[str, dict[str, Any]] = {}
        self.built: list[str] = []
        self.break_build: Callable[[int], list[dict[str, Any]] | None] = lambda step: None
        self.said = json.dumps(PROBED)
        self.answers: list[str | Exception] = []
        self.containers_by_id: dict[str, dict[str, Any]] = {}
        self.made: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {"ExitCode": 0}
        self._cache: dict[str, str] = {}
        self.add_image(BASE)

    def add_image(self, *names: str, layers: tuple[str, ...] = ("sha256:base",), **more: Any) -> str:
        """An image that is there from the beginning; returns its id."""
        image_id = sha256(f"{names} {layers}")
        config = more.pop("Config", {})
        self.images_by_id[image_id] = {
            "Id": image_id, "RepoTags": list(names), "Size": 100_000_000 * len(layers), "Os": "linux",
            "Architecture": "amd64", "RootFS": {"Layers": list(layers)}, "Config": config, **more,
        }  # fmt: skip
        return image_id

    def names(self) -> list[str]:
        """Names of all images."""
        return sorted(name for image in self.images_by_id.values() for name in image["RepoTags"])

    def inspect_image(self, reference: str) -> dict[str, Any]:
        for image in self.images_by_id.values():
            bare = image["Id"].removeprefix("sha256:")
            named = reference in image["RepoTags"] or f"{reference}:latest" in image["RepoTags"]
            if named or bare.startswith(reference.removeprefix("sha256:")):
                return image
        raise ImageNotFound(f"No such image: {reference}")

    def images(self, **_: Any) -> list[dict[str, Any]]:
        return list(self.images_by_id.values())

    def pull(self, name: str, **_: Any) -> Iterator[dict[str, Any]]:
        return iter([{"error": "dial tcp: lookup registry: no such host"}])

    def tag(self, image_id: str, name: str, tag: str) -> None:
        for image in self.images_by_id.values():
            image["RepoTags"] = [one for one in image["RepoTags"] if one != f"{name}:{tag}"]
        self.inspect_image(image_id)["RepoTags"].append(f"{name}:{tag}")

    def remove_image(self, reference: str, **_: Any) -> None:
        image = self.inspect_image(reference)
        if reference in image["RepoTags"]:
            image["RepoTags"].remove(reference)
        if not image["RepoTags"]:
            del self.images_by_id[image["Id"]]

    def df(self) -> dict[str, Any]:
        return {"LayersSize": sum(image["Size"] for image in self.images_by_id.values())}

    def build(self, fileobj: Any, tag: str | None = None, **_: Any) -> Iterator[dict[str, Any]]:
        with tarfile.open(fileobj=fileobj) as tar:
            files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
        dockerfile = files["Dockerfile"].decode()
        self.built.append(dockerfile)
        steps = [step.replace("\\\n", "") for step in dockerfile.replace("\\\n", "").splitlines() if step]
        return self._steps(steps, files, tag)

    def _steps(self, steps: list[str], files: dict[str, bytes], tag: str | None) -> Iterator[dict[str, Any]]:
        parent = self.inspect_image(steps[0].removeprefix("FROM "))
        layers, config = list(parent["RootFS"]["Layers"]), dict(parent["Config"])
        chain = parent["Id"]
        for number, step in enumerate(steps, 1):
            broken = self.break_build(number)
            if broken is not None:
                yield from broken
                return
            yield {"stream": f"Step {number}/{len(steps)} : {step}"}
            word, _, rest = step.partition(" ")
            if word == "ADD":
                layers.append(sha256(files[rest.split()[0]]))
            elif word == "LABEL":
                config["Labels"] = {**config.get("Labels", {}), **_labels(rest)}
            elif word != "FROM":
                config[word.title()] = rest
            chain = sha256(chain + step + "".join(layers))
            if chain in self._cache and word != "FROM":
                yield {"stream": " ---> Using cache"}
            self._cache[chain] = chain
            yield {"stream": f" ---> {chain.removeprefix('sha256:')[:12]}"}
        known = self.images_by_id.get(chain, {"RepoTags": []})
        self.images_by_id[chain] = {
            **parent, "Id": chain, "RepoTags": known["RepoTags"], "RootFS": {"Layers": layers}, "Config": config,
            "Size": parent["Size"] + 1_000_000,
        }  # fmt: skip
        if tag is not None:
            self.tag(chain, *tag.split(":"))
        yield {"aux": {"ID": chain}}

    def create_host_config(self, **settings: Any) -> dict[str, Any]:
        return settings

    def create_container(self, **settings: Any) -> dict[str, Any]:
        image = self.inspect_image(settings["image"])
        made = sha256(f"container {len(self.made)}").removeprefix("sha256:")
        self.made.append(settings)
        self.containers_by_id[made] = {
            "Id": made, "ImageID": image["Id"], "Labels": settings.get("labels", {}), "Created": 0, "State": "running",
        }  # fmt: skip
        return {"Id": made}

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        return list(self.containers_by_id.values())

    def inspect_container(self, container: str) -> dict[str, Any]:
        if container not in self.containers_by_id:
            raise NotFound("No such container")
        return {"State": self.state}

    def remove_container(self, container: str, **_: Any) -> None:
        if self.containers_by_id.pop(container, None) is None:
            raise NotFound("No such container", response=_answer(404))

    def start(self, container: str) -> None:
        pass

    def stop(self, container: str, **_: Any) -> None:
        pass

    def wait(self, container: str, **_: Any) -> dict[str, int]:
        return {"StatusCode": int(self.state["ExitCode"])}

    def logs(self, container: str, **options: Any) -> Any:
        return iter([self.said.encode()]) if options.get("stream") else self.said.encode()

    def exec_create(self, container: str, command: list[str], **_: Any) -> dict[str, str]:
        return {"Id": "exec"}

    def exec_start(self, begun: str) -> bytes:
        answer = self.answers.pop(0) if self.answers else json.dumps(PASSED)
        if isinstance(answer, Exception):
            raise answer
        return answer.encode()

    def put_archive(self, container: str, path: str, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def _answer(status_code: int) -> requests.Response:
    """As much of an answer as docker-py's errors look at."""
    response = requests.Response()
    response.status_code = status_code
    return response


def refused(text: str, status_code: int = 500) -> APIError:
    """What docker-py raises where the engine refuses."""
    return APIError(text, response=_answer(status_code), explanation=text)


def fake_engine() -> tuple[Engine, FakeClient]:
    """An engine, and what is behind it."""
    client = FakeClient()
    return Engine(client), client  # type: ignore[arg-type]


def saved_image(layers: list[bytes], tag: str, architecture: str = "amd64") -> bytes:
    """What `docker save` writes of an image with these layers."""
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]},
        }
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    members = {name: config}
    members |= {f"{number}/layer.tar": layer for number, layer in enumerate(layers)}
    listed = [{"Config": name, "RepoTags": [tag], "Layers": [f"{number}/layer.tar" for number in range(len(layers))]}]
    members["manifest.json"] = json.dumps(listed).encode()
    return tar_of(members)


def tar_of(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    """A tar of files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(content), mode
            tar.addfile(header, io.BytesIO(content))
    return stream.getvalue()


def _labels(text: str) -> dict[str, str]:
    """The labels of an instruction, as a Dockerfile quotes them."""
    found: dict[str, str] = {}
    rest = text.strip()
    while rest:
        name, _, rest = rest.partition('="')
        value = ""
        while rest[0] != '"':
            value, rest = (value + rest[1], rest[2:]) if rest[0] == "\\" else (value + rest[0], rest[1:])
        found[name.strip()] = value
        rest = rest[1:].strip()
    return found
