"""`workbench package gc`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.options import DryRunOption, JsonOption, YesOption
from workbench.cli.package.options import docker


def gc(
    keep: Annotated[int, typer.Option("--keep", metavar="N", help="Keep the newest N images of each model.")] = 3,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Remove old images that nothing needs.

    Only images that this project built are looked at, and images with packages that no image is built on. An image
    stays where an alias points to its version, its version is approved or waits for approval, or a deployment or a
    container has it.

    Examples:
      workbench package gc --dry-run
      workbench package gc --keep 1 --yes
    """
    if keep < 0:
        raise InputError("--keep is a number of images", "--keep 0 keeps only what is needed")
    from workbench.packaging.collecting import collect, find_garbage, forget, read_claims

    with session.reading() as db:
        claims = read_claims(db)
    with docker() as engine:
        garbage = find_garbage(engine, claims, keep)
        names = [*(image.name for image in garbage.images), *garbage.packages]
        names += [f"container {container[:12]}" for container in garbage.containers]
        agreed = bool(garbage) and not dry_run and console.confirm(f"remove {', '.join(names)}?", yes=yes)
        freed_bytes = None
        if agreed:
            with console.waiting("removing images"):
                freed_bytes = collect(engine, garbage)
    if agreed and garbage.images:
        with session.governing() as (db, ledger):
            forget(db, ledger, garbage)
    if json:
        emit.emit_document({**garbage.as_document(), "removed": agreed, "freed_bytes": freed_bytes})
    elif not garbage:
        console.out("nothing to remove")
    elif agreed:
        console.out(f"removed {', '.join(names)}  {format_size(freed_bytes)} freed")
    else:
        console.out(f"would remove {', '.join(names)}" if dry_run else "kept everything")
