"""`workbench data profile`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli import console, emit, session
from workbench.cli.data.options import (
    DataOrFileArgument,
    InputFormatOption,
    MaskOption,
    NullOption,
    named_data,
    reading_options,
)
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def profile(
    data: DataOrFileArgument,
    column: Annotated[
        list[str] | None,
        typer.Option("-c", "--column", metavar="COLUMN", help="Show this column in full; may be repeated."),
    ] = None,
    mask: MaskOption = "personal",
    input_format: InputFormatOption = None,
    null: NullOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Say what is in each column.

    Counts, nulls, NaN and infinities, different values, range, mean, quantiles, a histogram, the most frequent values
    and lengths of texts. Identifiers, constant and nearly constant columns are recognised, and columns that look like
    personal data (e-mail, phone, card, IBAN, national ids) are warned about; their values are masked unless
    --mask none. The profile of a registered version is the one that was made then.

    Examples:
      workbench data profile data/train.parquet
      workbench data profile transactions@v3 -c amount -c country
      workbench data profile "logs/*.jsonl" --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    from workbench.output.profile_view import column_lines, profile_lines, profile_records

    named = named_data(data)
    document = _stored(named, mask) or _made(named, mask, reading_options(named, input_format, null))
    chosen = _chosen(document, column)
    if form.name == "json":
        emit.emit_document({**document, "columns": chosen}, form.path)
    elif form.name == "table" and form.path is None:
        width = console.drawing_width()
        if column:
            console.draw(line for one in chosen for line in column_lines(one, document["rows"], width=width))
        else:
            console.draw(profile_lines(document, named.shown, width=width))
        for warning in document["warnings"]:
            console.note(f"! {warning}")
        for said in document["notes"]:
            console.note(f"note: {said}")
    else:
        emit.emit_rows(form, *profile_records(chosen))


def _stored(named: Any, mask: str) -> dict[str, Any] | None:
    """The profile that was made when the version was registered, unless values that it does not have are wanted."""
    if named.version is None or mask == "none":
        return None
    from workbench.data.column_profile import hide
    from workbench.data.materialising import stored_profile

    found = stored_profile(session.project(), named.version)
    return None if found is None else {**found, "columns": [hide(one, mask) for one in found["columns"]]}


def _made(named: Any, mask: str, options: dict[str, Any]) -> dict[str, Any]:
    from workbench.data.profiles import profile as make

    with console.waiting(f"looking into {named.shown}"):
        return make(named.path, mask=mask, **options)


def _chosen(document: dict[str, Any], names: list[str] | None) -> list[dict[str, Any]]:
    from workbench.base.errors import InputError
    from workbench.store.hints import near_matches

    by_name = {one["name"]: one for one in document["columns"]}
    for name in names or []:
        if name not in by_name:
            raise InputError(f"there is no column {name}", near_matches(name, by_name) or "leave -c out to see all")
    return [by_name[name] for name in names or by_name]
