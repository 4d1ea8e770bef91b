"""`workbench package smoke`."""

from __future__ import annotations

from workbench.base.errors import ExitCode
from workbench.cli import console, emit, session
from workbench.cli.errors import InterruptedByUserError
from workbench.cli.options import JsonOption
from workbench.cli.package.options import ImageArgument, docker
from workbench.cli.package.stages import Stages


def smoke(image: ImageArgument, json: JsonOption = False) -> int:
    """Test an image again.

    It runs in a hardened container without a network and has to predict what the model predicts here, to refuse bad
    requests, and to stop when it is told to. What came of it is recorded with the image. Exits with 1 where it failed.

    Examples:
      workbench package smoke fraud:3
    """
    from workbench.output.image_table import smoke_lines
    from workbench.packaging.delivery import retest

    project = session.project()
    try:
        with Stages(quiet=json) as stages, docker() as engine:
            found, result = retest(engine, project, image, session.reading, session.governing, stages.say)
    except KeyboardInterrupt:
        raise InterruptedByUserError("interrupted: nothing was recorded, no container is left") from None
    document = result.as_document()
    if json:
        emit.emit_document({"image": found.name, "image_id": found.image_id, **document})
    else:
        console.draw(smoke_lines(found.name, document))
    return ExitCode.DONE if result.ok else ExitCode.NO
