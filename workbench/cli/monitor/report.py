"""`workbench monitor report`."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.base.errors import InputError, NotFoundError
from workbench.cli import console, session
from workbench.cli.drift.options import HtmlOption, JunitOption, MarkdownOption, PrometheusOption
from workbench.cli.monitor.options import MonitorArgument


def report(
    name: MonitorArgument,
    md: MarkdownOption = None,
    html: HtmlOption = None,
    junit: JunitOption = None,
    prometheus: PrometheusOption = None,
) -> None:
    """Write the newest window as HTML, Markdown, JUnit or metrics.

    With the windows before it as a strip, and the performance where there is one.

    Examples:
      workbench monitor report fraud --html fraud.html
      workbench monitor report fraud --md -
    """
    if not any((md, html, junit, prometheus)):
        raise InputError("no form is named", "--html FILE, --md FILE, --junit FILE or --prometheus FILE")
    if not write_reports([name], md=md, html=html, junit=junit, prometheus=prometheus):
        raise NotFoundError(f"{name} has no results yet", f"workbench monitor run {name}")


def write_reports(
    names: Sequence[str], *, md: str | None, html: str | None, junit: str | None, prometheus: str | None
) -> bool:
    """Write what monitors found to the files that were asked for; False where none of them has a result yet."""
    from workbench.base.clock import now_us
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.monitors.reporting import report_document
    from workbench.output.monitor_html import write_html
    from workbench.output.monitor_reports import write_junit, write_markdown, write_prometheus

    documents = []
    with session.reading() as db:
        for name in names:
            try:
                documents.append(report_document(db, find_monitor(db, name), now_us()))
            except NotFoundError:
                if len(names) == 1:
                    raise
    writers = ((md, write_markdown), (html, write_html), (junit, write_junit), (prometheus, write_prometheus))
    for path, write in writers:
        if path is not None:
            with console.data_file(None if path == "-" and write is write_markdown else path) as file:
                write(documents, file)
    return bool(documents)
