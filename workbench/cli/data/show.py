"""`workbench data show`."""

from __future__ import annotations

from workbench.cli import console, emit, session
from workbench.cli.data.options import DataArgument
from workbench.cli.options import JsonOption


def show(reference: DataArgument, json: JsonOption = False) -> None:
    """Show a dataset with its versions, or one version in full.

    NAME: its versions, who registered them and when, and the runs and models that used them. NAME@v3: the columns of
    that version as well, where its bytes are, and what was noted as it was read. A run used a version where it recorded
    data with the same hash, under whatever name.

    Examples:
      workbench data show transactions
      workbench data show transactions@v3 --json
    """
    from workbench.data.documents import dataset_document, version_document
    from workbench.data.references import resolve_data
    from workbench.data.versions import runs_using
    from workbench.output.data_view import dataset_lines, version_lines

    with session.reading() as db:
        if "@" in reference:
            version = resolve_data(db, reference)
            document = version_document(version, runs_using(db, [version.digest]).get(version.digest, []))
        else:
            document = dataset_document(db, reference)
    if json:
        emit.emit_document(document)
    elif "@" in reference:
        console.draw(version_lines(document, width=console.drawing_width()))
    else:
        console.draw(dataset_lines(document, width=console.drawing_width()))
