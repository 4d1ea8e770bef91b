"""`workbench package build`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.base.errors import DockerError, InputError
from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.errors import InterruptedByUserError
from workbench.cli.models.options import complete_version
from workbench.cli.options import DryRunOption, JsonOption
from workbench.cli.package.cancel import cancellable
from workbench.cli.package.options import docker
from workbench.cli.package.stages import Stages

if TYPE_CHECKING:
    from workbench.packaging.delivery import Delivered
    from workbench.packaging.plan import Options
    from workbench.packaging.source import Source

Runtime = Literal["auto", "native", "pyfunc"]
LogMode = Literal["rows", "sketch", "none"]
Install = Literal["wheels", "pip"]
Backend = Literal["sdk", "cli"]
_UNITS = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "b": 1}


def build(
    model: Annotated[
        str,
        typer.Argument(
            metavar="VERSION|RUN", help="NAME/3, NAME@ALIAS, or RUN[:PATH].", autocompletion=complete_version
        ),
    ],
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="TAG", help="Name and tag; default MODEL:VERSION.")
    ] = None,
    base_image: Annotated[
        str | None, typer.Option("--base-image", metavar="IMAGE", help="Default python:X.Y-slim, the model's X.Y.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option("--platform", metavar="OS/ARCH", help="linux/arm64, …; default the engine's own.")
    ] = None,
    python: Annotated[
        str | None, typer.Option("--python", metavar="X.Y", help="Of a base image that cannot be run here.")
    ] = None,
    network: Annotated[
        str | None, typer.Option("--network", metavar="NAME", help="Of the build; default none, as none is needed.")
    ] = None,
    runtime: Annotated[
        Runtime, typer.Option("--runtime", metavar="KIND", help="auto, native (fast and small) or pyfunc (any model).")
    ] = "auto",
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="PATH", help="Code of yours to put in; may be repeated.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="NAME", help="A declared package to leave out.")
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option("--require", metavar="REQ", help="A package to put in as well: 'polars>=1'.")
    ] = None,
    drop_unused: Annotated[
        bool, typer.Option("--drop-unused", help="Leave out declared packages that predicting does not import.")
    ] = False,
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="The model may be a file that runs code when it is opened.")
    ] = False,
    allow_python_mismatch: Annotated[
        bool, typer.Option("--allow-python-mismatch", help="The base may have another Python than the model's.")
    ] = False,
    allow_secrets: Annotated[
        bool, typer.Option("--allow-secrets", help="Files may go in that look like secrets.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing: use what was fetched before.")] = False,
    no_slim: Annotated[bool, typer.Option("--no-slim", help="Keep tests and sources of packages.")] = False,
    no_smoke: Annotated[bool, typer.Option("--no-smoke", help="Do not test the image.")] = False,
    max_size: Annotated[
        str | None, typer.Option("--max-size", metavar="SIZE", help="Refuse a larger image: 800MB.")
    ] = None,
    log: Annotated[
        LogMode, typer.Option("--log", metavar="MODE", help="What its server keeps of predictions: rows, sketch, none.")
    ] = "rows",
    sample: Annotated[float, typer.Option("--sample", metavar="SHARE", help="The share of requests logged.")] = 1.0,
    redact: Annotated[
        list[str] | None,
        typer.Option("--redact", metavar="COL[=drop|hash]", help="A column that is not logged as it is."),
    ] = None,
    install: Annotated[
        Install, typer.Option("--install", metavar="HOW", help="wheels, or pip in a container of the base.")
    ] = "wheels",
    backend: Annotated[
        Backend, typer.Option("--backend", metavar="HOW", help="sdk, or cli: the docker program, with BuildKit.")
    ] = "sdk",
    emit_to: Annotated[
        str | None, typer.Option("--emit", metavar="DIR", help="Build nothing: write a folder for docker build.")
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Build a Docker image that serves a model, and test it.

    The packages are chosen for the base image and pinned by hash, unpacked here, and added as layers, so the build runs
    nothing, needs no network, and the same model makes the same layers. After a retraining only the model's layer is
    new. The image gets its name when it has passed the smoke test: in a hardened container without a network it has to
    predict what the model predicts here. Ctrl-C leaves no container and no name behind.

    Proxies, certificates (SSL_CERT_FILE) and package indexes (UV_DEFAULT_INDEX, PIP_INDEX_URL) are taken from the
    environment and do not get into the image.

    Examples:
      workbench package build fraud@champion
      workbench package build fraud/3 --base-image local/python:3.11 --offline
      workbench package build fraud/3 --emit context --platform linux/arm64
    """
    from workbench.packaging.plan import Options

    options = Options(
        base=base_image, tag=tag, platform=platform, python=python, runtime=runtime, include=tuple(include or ()),
        drop=tuple(drop or ()), require=tuple(require or ()), drop_unused=drop_unused, allow_pickle=allow_pickle,
        allow_mismatch=allow_python_mismatch, allow_secrets=allow_secrets, offline=offline, slim=not no_slim,
        install=install, backend=backend, network=network, max_size_bytes=_bytes(max_size),
        settings=_settings(log, sample, redact or []),
    )  # fmt: skip
    source = _source(model)
    if emit_to is not None or dry_run:
        _plan_only(source, options, emit_to, json=json)
        return
    try:
        _build(source, options, smoke=not no_smoke, json=json)
    except KeyboardInterrupt:
        raise InterruptedByUserError(
            f"interrupted: no image was named, {options.tag or source.tag} is as before"
        ) from None


def _source(reference: str) -> Source:
    from workbench.packaging.source import find_source

    project = session.project()
    with session.reading() as db:
        return find_source(db, project, reference)


def _build(source: Source, options: Options, *, smoke: bool, json: bool) -> None:
    from workbench.packaging.delivery import package
    from workbench.packaging.engine import check_cancelled

    with cancellable() as cancelled, Stages(quiet=json) as stages, docker() as engine:

        def say(stage: str, text: str) -> None:
            check_cancelled(cancelled)
            stages.say(stage, text)

        done = package(
            engine, session.project(), source, options, session.governing, say, stages.listen,
            smoke=smoke, cancelled=cancelled,
        )  # fmt: skip
    if json:
        emit.emit_document(done.as_document())
    else:
        _tell(done, tested=smoke)


def _tell(done: Delivered, *, tested: bool) -> None:
    built = done.built
    size = f"{format_size(built.size_bytes)} ({format_size(built.added_bytes)} over the base)"
    console.out(f"{built.tag}  {built.image_id[:19]}…  {size}")
    for note in done.plan.notes:
        console.note(f"note: {note}")
    if built.unused:
        names = ", ".join(f"{package.name} {format_size(package.size_bytes)}" for package in built.unused)
        console.note(f"note: predicting does not use {names}; --drop-unused leaves them out")
    if built.smoke is None:
        console.note("note: it was not tested" + (f"; workbench package smoke {built.tag}" if not tested else ""))
    console.out(f"  run it: workbench package run {built.tag}")


def _plan_only(source: Source, options: Options, folder: str | None, *, json: bool) -> None:
    """Say or write what would be built; an engine is asked where one answers."""
    from workbench.packaging.base import is_here
    from workbench.packaging.delivery import packages_document
    from workbench.packaging.emitting import emit as emit_plan
    from workbench.packaging.engine import connect
    from workbench.packaging.plan import base_reference, open_plan

    try:
        engine = connect()
    except DockerError as error:
        engine = None
        console.note(f"note: {error.message}; what the base image has is assumed")
    base = base_reference(source, options)
    known = engine
    if engine is not None and not is_here(engine, base, options.platform):
        known = None
        console.note(f"note: {base} is not here; what it has is assumed")
    try:
        with Stages(quiet=json) as stages, open_plan(known, session.project(), source, options, stages.say) as plan:
            document: dict[str, Any] = {"image": plan.tag, **packages_document(plan), "added": plan.added_bytes}
            if folder is not None:
                document = emit_plan(plan, folder)
    finally:
        if engine is not None:
            engine.close()
    if json:
        emit.emit_document(document)
    elif folder is not None:
        console.out(f"wrote {folder}  {format_size(document['size'])}")
        console.out(f"  build it: docker build --network none --tag {document['image']} {folder}")
    else:
        packages = f"{len(document['packages'])} packages"
        console.out(f"would build {document['image']}  {packages}, {format_size(document['added'])} over the base")


def _settings(log: str, sample: float, redact: list[str]) -> dict[str, Any]:
    """The settings of the server in the image."""
    if not 0 < sample <= 1:
        raise InputError("--sample is more than 0 and at most 1", "--sample 0.1 logs every tenth request")
    columns = {}
    for given in redact:
        column, _, how = given.rpartition("=") if given.endswith(("=drop", "=hash")) else (given, "", "drop")
        if not column:
            raise InputError(f"--redact {given} names no column", "--redact email=hash")
        columns[column] = how
    settings: dict[str, Any] = {"log_mode": log}
    if sample < 1:
        settings["log_sample"] = sample
    if columns:
        settings["redact"] = columns
    return settings


def _bytes(size: str | None) -> int | None:
    """A size as people write it, in bytes."""
    if size is None:
        return None
    text = size.strip().lower().replace(" ", "")
    number = text.rstrip("bkmg")
    try:
        return round(float(number) * _UNITS[text[len(number) :] or "b"])
    except (ValueError, KeyError):
        raise InputError(f"--max-size {size} is no size", "--max-size 800MB") from None
