"""Options and arguments that several commands about drift share, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.base.errors import InputError
from workbench.cli import console, session

if TYPE_CHECKING:
    from workbench.drift.options import Options

CheckArgument = Annotated[
    str, typer.Argument(metavar="CHECK", help="Id, prefix of an id, name for its newest, or @latest.")
]
MarkdownOption = Annotated[
    str | None, typer.Option("--md", metavar="FILE", help="Also write Markdown; - prints it and nothing else.")
]
HtmlOption = Annotated[
    str | None, typer.Option("--html", metavar="FILE", help="Also write one HTML file that needs no network.")
]
JunitOption = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Also write a test report, as CI systems read it.")
]
PrometheusOption = Annotated[
    str | None,
    typer.Option("--prometheus", metavar="FILE", help="Also write metrics for Prometheus' textfile collector."),
]
KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="COLUMN=KIND", help="What a column is, where that is recognised wrongly."),
]
ColumnOption = Annotated[
    list[str] | None, typer.Option("-c", "--column", metavar="COLUMN", help="Only this column; may be repeated.")
]
IgnoreOption = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="COLUMN", help="Leave this column out; may be repeated.")
]


def check_options(
    *,
    columns: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    tests: Sequence[str] | None = None,
    thresholds: Sequence[str] | None = None,
    preset: str | None = None,
    **others: Any,
) -> Options:
    """The options of a check.

    Raises:
        InputError: a word of them cannot be understood.
    """
    from workbench.drift.options import Options

    numbers = {name: _number(value) for name, value in pairs(thresholds, "--threshold").items()}
    given = {name: value for name, value in others.items() if value is not None}
    return Options(
        columns=tuple(columns or ()),
        ignore=tuple(ignore or ()),
        kinds=pairs(kinds, "--kind", alone=False),
        tests=pairs(tests, "--test"),
        thresholds=numbers,
        preset=preset,
        **given,
    )


def found_reference(text: str) -> Any:
    """What `--reference` names; see `drift.references.Found`."""
    from workbench.drift.references import find_reference

    return find_reference(text, session.project_if_any(), session.reading)


def found_current(text: str) -> Any:
    """The table that `--current` names."""
    from workbench.drift.references import find_current

    return find_current(text, session.project_if_any(), session.reading)


def write_reports(
    document: dict[str, Any],
    *,
    markdown: str | None = None,
    html: str | None = None,
    junit: str | None = None,
    prometheus: str | None = None,
) -> None:
    """Write a document to the files that were asked for; `-` for Markdown is stdout.

    Raises:
        InputError: a file cannot be written.
    """
    from workbench.output.drift_html import write_html
    from workbench.output.drift_reports import write_junit, write_markdown, write_prometheus

    writers = (
        (None if markdown == "-" else markdown, write_markdown, markdown is not None),
        (html, write_html, html is not None),
        (junit, write_junit, junit is not None),
        (prometheus, write_prometheus, prometheus is not None),
    )
    for path, write, wanted in writers:
        if wanted:
            with console.data_file(path) as file:
                write(document, file)


def pairs(given: Sequence[str] | None, option: str, *, alone: bool = True) -> dict[str, str]:
    """`NAME=VALUE` by name; a value alone is for all, under the empty name."""
    found: dict[str, str] = {}
    for text in given or ():
        name, mark, value = text.rpartition("=")
        if (not mark and not alone) or not value:
            raise InputError(f"{option} {text!r} is no COLUMN=VALUE")
        found[name] = value
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--threshold {text!r} is no number", "--threshold 0.2 or --threshold COLUMN=0.2") from None
