"""Complete commands and names in the shell.

Press tab after `workbench` to complete commands, options and the names of runs. Works in bash, zsh, fish and
PowerShell.

Examples:
  workbench completion install
  workbench completion show zsh > ~/.zfunc/_workbench
"""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer import _completion_classes, _completion_shared

from workbench.base.errors import InputError
from workbench.cli import console
from workbench.cli.command import Entry

COMMANDS = {
    "install": Entry("workbench.cli.completion:install", "Install completion for the shell."),
    "show": Entry("workbench.cli.completion:show", "Print the completion script."),
}
VARIABLE = "_WORKBENCH_COMPLETE"

ShellArgument = Annotated[
    Literal["bash", "zsh", "fish", "powershell", "pwsh"] | None,
    typer.Argument(metavar="[SHELL]", help="bash, zsh, fish, powershell or pwsh; this shell where left out."),
]


def install(shell: ShellArgument = None) -> None:
    """Install completion for the shell.

    Writes the script where the shell looks for it and, where needed, one line to the shell's start file.

    Examples:
      workbench completion install
    """
    name, path = _completion_shared.install(shell=_known(shell), prog_name="workbench", complete_var=VARIABLE)
    console.out(f"{name} completion installed in {path}")
    console.note("it works in the next shell that you open")


def show(shell: ShellArgument = None) -> None:
    """Print the completion script.

    Examples:
      workbench completion show bash >> ~/.bashrc
    """
    console.out(
        _completion_shared.get_completion_script(prog_name="workbench", complete_var=VARIABLE, shell=_known(shell))
    )


def register_shells() -> None:
    """Make the scripts' questions understood; Typer does this itself only for apps with its own two options."""
    _completion_classes.completion_init()


def _known(shell: str | None) -> str:
    found = shell or _completion_shared._get_shell_name()
    if found not in ("bash", "zsh", "fish", "powershell", "pwsh"):
        raise InputError("cannot tell which shell this is", "name it: workbench completion show bash")
    return found
