"""`workbench audit key`."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from workbench.base.errors import NotFoundError
from workbench.base.jsonvalue import dumps
from workbench.cli import console, emit
from workbench.cli.options import JsonOption


def key(
    new: Annotated[bool, typer.Option("--new", help="Make one; one that is there stays.")] = False,
    json: JsonOption = False,
) -> None:
    """Show the key that you sign with, or make one.

    Where you have a key, everything that you do with models is signed with it. It is an Ed25519 key in the file that
    WORKBENCH_KEY names, else ~/.config/workbench/ed25519.pem, readable by you alone. What is shown is the public key,
    as a line for [people] in workbench.toml, which says whose key it is.

    Examples:
      workbench audit key
      workbench audit key --new
    """
    from workbench.registry.signing import create_key, key_path, load_signer
    from workbench.tracking.capture.process import user_name

    signer = create_key() if new else load_signer()
    if signer is None:
        raise NotFoundError(f"you have no key: there is no file {key_path()}", "workbench audit key --new")
    who = user_name()
    if json:
        emit.emit_document({"who": who, "public_key": signer.public_key, "path": key_path()})
        return
    console.out(f'{who if re.fullmatch("[A-Za-z0-9_-]+", who) else dumps(who)} = "{signer.public_key}"')
    console.note(f"{'made' if new else 'in'} {key_path()}; the line belongs under [people] in workbench.toml")
