"""`workbench models check`."""

from __future__ import annotations

import json as text_of
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import ExitCode, InputError
from workbench.cli import console, emit, session
from workbench.cli.models.options import VersionArgument, shown
from workbench.cli.options import JsonOption
from workbench.output import terminal

if TYPE_CHECKING:
    from workbench.registry.policy import Gate


def check(
    version: VersionArgument,
    gate: Annotated[
        list[str] | None, typer.Option("--gate", metavar="NAME", help="Run only this gate; may be repeated.")
    ] = None,
    no_record: Annotated[bool, typer.Option("--no-record", help="Do not keep the results with the version.")] = False,
    json: JsonOption = False,
    junit: Annotated[
        str | None, typer.Option("--junit", metavar="FILE", help="Also write a test report, as CI systems read it.")
    ] = None,
    markdown: Annotated[
        str | None,
        typer.Option("--markdown", metavar="FILE", help="Also write a Markdown table; - prints it and nothing else."),
    ] = None,
) -> int:
    """Run the gates of a version.

    Gates are declared in workbench.toml beside .workbench, as [models.NAME.gates.GATE]. Exits with 0 where all of them
    passed, else with 1: a gate that crashes or takes too long has not passed. The results are kept with the version,
    where those who approve it see them; with --gate, the other gates keep theirs.

    Examples:
      workbench models check fraud/3
      workbench models check fraud@challenger --gate auc --no-record
      workbench models check fraud@challenger --junit gates.xml --markdown gates.md
    """
    if json and markdown == "-":
        raise InputError("--json and --markdown - both go to stdout", "name a file: --markdown FILE")
    project, store = session.project(), session.store()
    from workbench.registry.gates.check import check_document, keep_check, run_gates
    from workbench.registry.policy import read_policy
    from workbench.registry.references import resolve_version

    with session.reading(store) as db:
        found = resolve_version(db, version)
    declared = read_policy(project, found.name).gates
    chosen = _chosen(found.name, declared, gate or [])
    ticker = console.Ticker() if terminal.is_terminal(sys.stderr) else None
    try:
        results = run_gates(project, store, found, chosen, ticker.show if ticker else None)
    finally:
        if ticker is not None:
            ticker.clear()
    if not no_record:
        with session.governing() as (db, ledger):
            keep_check(db, ledger, found, results, tuple(declared))
    document = check_document(found, results, recorded=not no_record)
    _write(document, json=json, junit=junit, markdown=markdown)
    if not no_record and not json:
        console.note(f"kept with {shown(found)}; workbench models show {shown(found)}")
    return ExitCode.DONE if document["passed"] else ExitCode.NO


def _chosen(model: str, declared: Mapping[str, Gate], names: Sequence[str]) -> list[Gate]:
    if not declared:
        key = model if re.fullmatch(r"[A-Za-z0-9_-]+", model) else text_of.dumps(model, ensure_ascii=False)
        lines = [f"[models.{key}.gates.auc]", 'kind = "metric"', 'metric = "auc"', "min = 0.9"]
        raise InputError(f"no gates are declared for {model}", "\n  ".join(["add to workbench.toml:", *lines]))
    for name in names:
        if name not in declared:
            raise InputError(f"{model} has no gate {name!r}", f"one of: {', '.join(declared)}")
    return [gate for name, gate in declared.items() if not names or name in names]


def _write(document: Mapping[str, object], *, json: bool, junit: str | None, markdown: str | None) -> None:
    from workbench.output.check_view import check_lines, write_junit, write_markdown

    if junit is not None:
        with console.data_file(junit) as file:
            write_junit(document, file)
    if markdown is not None:
        with console.data_file(None if markdown == "-" else markdown) as file:
            write_markdown(document, file)
    if json:
        emit.emit_document(document)
    elif markdown != "-":
        console.draw(check_lines(document, width=console.width()))
