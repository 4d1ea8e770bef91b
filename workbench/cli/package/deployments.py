"""Arguments that several commands about deployments share."""

from __future__ import annotations

from typing import Annotated

import typer


def complete_deployment(incomplete: str) -> list[str]:
    """Names of deployments that begin with what is typed, for the shell; nothing where that fails."""
    try:
        from workbench.cli import session
        from workbench.cli.package.options import docker
        from workbench.packaging.deployments import read_deployments

        with docker() as engine:
            names = [one.name for one in read_deployments(engine, session.project())]
        return [name for name in names if name.startswith(incomplete)]
    except Exception:  # the shell shows nothing better than nothing
        return []


DeploymentArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a deployment.", autocompletion=complete_deployment)
]
