"""What an engine knows of a project's images, and what is written in them."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from workbench.base.errors import InputError
from workbench.packaging.building import ROLE
from workbench.packaging.context import MODEL_DIR
from workbench.packaging.engine import Engine, errors, required_image
from workbench.packaging.images import Image

BILL = "sbom.cdx.json"


def present_images(engine: Engine) -> set[str]:
    """The ids of all images that an engine has.

    Raises:
        DockerError: the engine fails.
    """
    with errors():
        return {image["Id"] for image in engine.client.images()}


def read_bill(engine: Engine, image: Image) -> dict[str, Any]:
    """The bill of materials in an image, out of a container that is never started.

    Raises:
        NotFoundError: the engine has the image no more.
        InputError: there is no bill in it.
    """
    from docker.errors import NotFound

    required_image(engine, image.image_id)
    settings = {"image": image.image_id, "labels": {ROLE: "probe"}}
    with engine.container(**settings) as made, errors():
        try:
            chunks, _ = engine.client.get_archive(made, f"{MODEL_DIR}/{BILL}")
        except NotFound:
            raise InputError(f"{image.name} has no bill of materials") from None
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            stream = tar.extractfile(BILL)
            bill: dict[str, Any] = json.load(stream) if stream is not None else {}
    return bill
