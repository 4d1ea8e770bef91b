"""`workbench drift report`."""

from __future__ import annotations

from workbench.base.errors import InputError
from workbench.cli import session
from workbench.cli.drift.options import (
    CheckArgument,
    HtmlOption,
    JunitOption,
    MarkdownOption,
    PrometheusOption,
    write_reports,
)


def report(
    check: CheckArgument = "@latest",
    md: MarkdownOption = None,
    html: HtmlOption = None,
    junit: JunitOption = None,
    prometheus: PrometheusOption = None,
) -> None:
    """Write a stored check as HTML, Markdown, JUnit or metrics.

    Examples:
      workbench drift report @latest --html drift.html
      workbench drift report 3f2a91c0 --md -
    """
    if not any((md, html, junit, prometheus)):
        raise InputError("no form is named", "--html FILE, --md FILE, --junit FILE or --prometheus FILE")
    from workbench.drift.history import find_check

    with session.reading() as db:
        found = find_check(db, check)
    document = {"id": found["id"], "at": found["at"], "name": found["name"], **found["document"]}
    write_reports(document, markdown=md, html=html, junit=junit, prometheus=prometheus)
