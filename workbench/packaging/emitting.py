"""A plan as a folder that any `docker build` takes: one Dockerfile, the layers it adds, and a text that says how."""

from __future__ import annotations

import os
import shlex
from typing import Any

from workbench.base.numbers import format_size
from workbench.packaging.context import Context, model_context
from workbench.packaging.delivery import packages_document
from workbench.packaging.plan import Plan

README = "README.md"


def emit(plan: Plan, folder: str) -> dict[str, Any]:
    """Write a plan into a new or empty folder; returns what was written, as JSON has it.

    Raises:
        RefusedError: the folder has something in it.
        StoreError: it cannot be written.
    """
    layers = (plan.site.layer, *plan.layers)
    context = model_context(plan.base.reference, plan.base.python, layers, plan.labels)
    context.emit(folder, {README: _readme(plan, context)})
    names = sorted(os.listdir(folder))
    return {"folder": folder, "image": plan.tag, "files": names, "size": context.size_bytes, **packages_document(plan)}


def _readme(plan: Plan, context: Context) -> str:
    tag = shlex.quote(plan.tag)
    rows = "\n".join(
        f"| {name} | {layer.files:,} files, {format_size(layer.size_bytes)} | {layer.digest} |"
        for name, layer in context.layers.items()
    )
    assumed = "" if plan.base.runnable else (
        f"\nThe base image was not looked into: it is taken to have Python {plan.base.minor} as `{plan.base.python}` "
        f"on {plan.base.machine}, and {plan.base.libc} {plan.base.libc_version}".rstrip() + " or newer.\n"
    )  # fmt: skip
    return f"""# {plan.source.shown}

Build its image and run it; neither needs a network:

    docker build --network none --tag {tag} .
    docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \\
      --env WORKBENCH_SERVING_HOST=0.0.0.0 --publish 127.0.0.1:8080:8080 {tag}
    curl http://127.0.0.1:8080/health/ready

The base image is `{plan.base.reference}`, with Python {plan.base.version}.
{assumed}
| file | holds | digest |
|---|---|---|
{rows}
"""
