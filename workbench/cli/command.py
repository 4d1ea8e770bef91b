"""Commands and groups that are imported when they are used.

A command is a plain function whose docstring is its help: the first line is the summary of the command lists,
and what follows a line `Examples:` is printed last, as it stands. A group is a module whose docstring is its help
and whose `COMMANDS` table names its commands. Nothing is imported to list them: `workbench --help` costs what Typer
costs.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

import typer
import typer.core
import typer.main

from workbench.base.errors import InputError
from workbench.cli.coercion import coerce_without_pydantic
from workbench.cli.errors import InterruptedByUserError

EXAMPLES = "\nExamples:\n"


class Entry(NamedTuple):
    """One line of a command table.

    Attributes:
        target: `module:function` of a command, or the module of a group.
        summary: the first line of the help, repeated here so that listing imports nothing.
        passthrough: what follows the first word that is no option goes to the command as it is.
    """

    target: str
    summary: str
    passthrough: bool = False


class _Page:
    """What commands and groups share: the light conversion of values, and examples kept as they are written."""

    help: str | None
    get_params: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for param in settings.get("params") or ():
            coerce_without_pydantic(param)

    def get_help_option(self, ctx: Any) -> Any:
        """The `--help` option."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        coerce_without_pydantic(option)
        return option

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line after the command."""
        pieces = ["[OPTIONS]"]
        pieces += [_name(param) for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return pieces

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what the arguments and options mean."""
        params = self.get_params(ctx)
        arguments = [(_name(param), param.help or "") for param in params if param.param_type_name == "argument"]
        options = [param.get_help_record(ctx) for param in params if param.param_type_name == "option"]
        for title, records in (("Arguments", arguments), ("Options", [record for record in options if record])):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_help_text(self, ctx: Any, formatter: Any) -> None:
        """Write the help above the options, without the examples."""
        _write_paragraphs(formatter, (self.help or "").partition(EXAMPLES)[0])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples last."""
        examples = (self.help or "").partition(EXAMPLES)[2]
        if examples:
            with formatter.section("Examples"):
                _write_lines(formatter, inspect.cleandoc("\n" + examples))


class Command(_Page, typer.core.TyperCommand):
    """A command made of a function."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; Ctrl-C becomes an error of ours, which says so and exits with 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedByUserError from None


class Group(_Page, typer.core.TyperGroup):
    """A group whose commands come from a table."""

    table: Mapping[str, Entry] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and build one command; None where there is no such name."""
        if cmd_name not in self.commands and cmd_name in self.table:
            self.add_command(build(cmd_name, self.table[cmd_name]))
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that `args` begins with.

        Raises:
            InputError: there is none; the hint names the nearest one.
        """
        name = args[0]
        if name in self.table or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        near = difflib.get_close_matches(name, self.table, n=1)
        raise InputError(
            f"no such command: {ctx.command_path} {name}",
            f"{ctx.command_path} {near[0]}" if near else f"{ctx.command_path} --help",
        )

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The words of the usage line after the group."""
        return ["[OPTIONS]", "COMMAND ..."]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names and summaries of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.table.items()])


def build(name: str, entry: Entry) -> typer.core.TyperCommand | Group:
    """The command or group that an entry names."""
    module_name, _, function = entry.target.partition(":")
    module = importlib.import_module(module_name)
    if not function:
        return build_group(name, module.__doc__ or "", module.COMMANDS)
    settings = {"allow_interspersed_args": False} if entry.passthrough else None
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name, cls=Command, context_settings=settings)(getattr(module, function))
    command = typer.main.get_command(app)
    assert isinstance(command, typer.core.TyperCommand)
    return command


def build_group(name: str, help_text: str, table: Mapping[str, Entry]) -> Group:
    """A group that prints its help when no command is named."""
    bound = type("BoundGroup", (Group,), {"table": table})
    app = typer.Typer(
        name=name, cls=bound, help=help_text, invoke_without_command=True, add_completion=False, rich_markup_mode=None
    )
    app.callback()(_print_help)
    group = typer.main.get_command(app)
    assert isinstance(group, Group)
    return group


def _name(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _print_help(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        from workbench.cli import console

        console.out(ctx.get_help())


def _write_paragraphs(formatter: Any, text: str) -> None:
    """Wrap paragraphs to the width; those that are indented or have a list keep their lines."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        formatter.write_paragraph()
        with formatter.indentation():
            if any(line.startswith((" ", "- ")) for line in paragraph.splitlines()):
                _write_lines(formatter, paragraph)
            else:
                formatter.write_text(" ".join(paragraph.split()))


def _write_lines(formatter: Any, text: str) -> None:
    for line in text.splitlines():
        formatter.write(f"{' ' * formatter.current_indent}{line}".rstrip() + "\n")
