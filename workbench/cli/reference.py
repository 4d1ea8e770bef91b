"""The command line as a page of documentation: `python -m workbench.cli.reference` prints docs/cli.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from workbench.cli import console
from workbench.cli.app import app
from workbench.cli.command import EXAMPLES, Group

PREFACE = """\
# Commands

Printed from the program by `python -m workbench.cli.reference`; a test holds this page equal to it. Every command takes
`--help`.
"""


def reference() -> str:
    """The page, in Markdown."""
    import typer.main

    root = typer.main.get_command(app)
    assert isinstance(root, Group)
    return PREFACE + "".join(_sections(root, "workbench", None))


def _sections(command: Any, path: str, parent: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=path.rpartition(" ")[2], parent=parent)
    yield f"\n## {path}\n\n" + _body(command, context)
    if isinstance(command, Group):
        for name in command.list_commands(context):
            yield from _sections(command.get_command(context, name), f"{path} {name}", context)


def _body(command: Any, context: Any) -> str:
    text, _, examples = (command.help or "").partition(EXAMPLES)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [inspect.cleandoc(text), f"```text\n{usage}\n```"]
    records = [
        (param.metavar or param.name.upper(), param.help or "")
        if param.param_type_name == "argument"
        else param.get_help_record(context)
        for param in command.params
    ]
    rows = [f"| `{_cell(record[0])}` | {_cell(record[1])} |" for record in records if record]
    if rows:
        parts.append("\n".join(["| | |", "|---|---|", *rows]))
    if examples:
        parts.append(f"```text\n{inspect.cleandoc(chr(10) + examples)}\n```")
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    console.out(reference(), end="")
