"""`workbench models card`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.base.errors import InputError, WorkbenchError
from workbench.cli import console, emit, session
from workbench.cli.assignments import assignments
from workbench.cli.models.options import VersionArgument, shown
from workbench.cli.options import JsonOption, OutputOption

if TYPE_CHECKING:
    from workbench.registry.cards import Revision


def card(
    version: VersionArgument,
    edit: Annotated[bool, typer.Option("--edit", help="Write it in $VISUAL or $EDITOR.")] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="HEADING=TEXT", help="Write one section, '' removes it; may be repeated."),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE", help="Replace all that was written; - reads stdin.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="VERSION", help="Take over what was written about another version.")
    ] = None,
    revision: Annotated[
        int | None, typer.Option("--revision", metavar="N", help="Show what was written then; see --history.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="List who wrote when.")] = False,
    html: Annotated[bool, typer.Option("--html", help="One HTML file that needs nothing else.")] = False,
    output: OutputOption = None,
    json: JsonOption = False,
) -> None:
    """Show or write the model card of a version.

    A card is what is recorded (run, code, data, metrics, signature, gates, approvals, aliases) and what people wrote:
    intended use, limits, ethical considerations, caveats, and sections of any other heading. Every save is kept with
    who and when. What was written about one version is not taken over by the next one unless you say --from.

    Examples:
      workbench models card fraud/3
      workbench models card fraud/3 --edit
      workbench models card fraud/3 --set "Limits=Not for cash."
      workbench models card fraud/3 --from fraud/2
      workbench models card fraud@champion --html -o card.html
      workbench models card fraud/3 --history
    """
    writes = edit or bool(set_) or file is not None or from_ is not None
    if writes and (history or revision is not None or html or output):
        raise InputError("a card is either written or shown", "leave out --history, --revision, --html and -o")
    if file is not None and from_ is not None:
        raise InputError("--file and --from both replace what was written", "leave one of them out")
    if history:
        _list_revisions(version, json, output)
    elif writes:
        _write(version, edit, set_ or [], file, from_, json)
    else:
        _show(version, revision, html or (output or "").lower().endswith((".html", ".htm")), output, json)


def _show(reference: str, number: int | None, html: bool, output: str | None, json: bool) -> None:
    if json and html:
        raise InputError("--json and HTML contradict each other", "leave one of them out")
    store = session.store()
    from workbench.registry.cards import HEADINGS, card_document
    from workbench.registry.references import resolve_version

    with session.reading(store) as db:
        document = card_document(db, resolve_version(db, reference), number)
    if json:
        emit.emit_document(document, output)
        return
    from workbench.output.card_html import card_html
    from workbench.output.card_markdown import card_markdown
    from workbench.output.card_sections import card_sections, title_of

    make = card_html if html else card_markdown
    text = make(title_of(document), card_sections(document, HEADINGS))
    with console.data_file(output) as target:
        target.write(text)


def _list_revisions(reference: str, json: bool, output: str | None) -> None:
    form = emit.Form.chosen(json=json, format=None, path=output)
    store = session.store()
    from workbench.output.columns import Column
    from workbench.registry.cards import revisions, sections
    from workbench.registry.references import resolve_version

    with session.reading(store) as db:
        version = resolve_version(db, reference)
        found = revisions(db, version)
    if form.name == "json":
        emit.emit_document([one.as_document() for one in found], form.path)
        return
    rows = [
        (one.number, one.at_us, one.who, len(one.text), ", ".join(filter(None, sections(one.text)))) for one in found
    ]
    names = ["revision", "at", "who", "characters", "sections"]
    columns = [
        Column("revision", "number"), Column("at", "time"), Column("who"), Column("characters", "number"),
        Column("sections"),
    ]  # fmt: skip
    emit.emit_rows(form, names, rows, columns)
    if not found:
        console.note(f"nothing was written about {shown(version)} yet: workbench models card {shown(version)} --edit")


def _write(reference: str, edit: bool, given: Sequence[str], file: str | None, from_: str | None, json: bool) -> None:
    sections = assignments(given, "--set")
    store = session.store()
    from workbench.registry import cards
    from workbench.registry.references import resolve_version
    from workbench.registry.writing import open_ledger

    with session.reading(store) as db:
        version = resolve_version(db, reference)
        before = _text(cards.revision(db, version))
        text = before if from_ is None else _taken_over(db, from_)
    if file is not None:
        text = _read(file)
    for heading, body in sections.items():
        text = cards.with_section(text, heading, body)
    if edit:
        from workbench.cli.editor import edited

        instead = f"workbench models card {shown(version)} --file FILE"
        written = edited(cards.template(text), "card.md", instead=instead)
        text = cards.without_empty_sections(written)
    try:
        with store.reading() as db, open_ledger(session.project()) as ledger:
            saved = cards.save(db, ledger, version, text, before=before)
    except WorkbenchError as error:
        if edit:
            error.hint = f"what you wrote is in {_kept(text)}; {error.hint or 'try again'}"
        raise
    with session.reading(store) as db:
        present = cards.revision(db, version)
    if json:
        emit.emit_document({"version": shown(version), "saved": saved, **_document(present)})
    elif saved and present is not None:
        console.out(f"the card of {shown(version)} is saved, revision {present.number}")
    else:
        console.out(f"the card of {shown(version)} says that already")


def _taken_over(db: Any, reference: str) -> str:
    from workbench.registry import cards
    from workbench.registry.references import resolve_version

    source = resolve_version(db, reference)
    text = _text(cards.revision(db, source))
    if not text:
        raise InputError(f"nothing was written about {shown(source)}", f"workbench models card {shown(source)}")
    return text


def _text(revision: Revision | None) -> str:
    return revision.text if revision else ""


def _document(revision: Revision | None) -> dict[str, Any]:
    return revision.as_document() if revision else {"revision": None}


def _read(path: str) -> str:
    """The text of a file, or of stdin."""
    try:
        if path == "-":
            return sys.stdin.read()
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is no UTF-8 text") from None


def _kept(text: str) -> str:
    """A file with what could not be saved, so that it is not lost."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="workbench-card-", suffix=".md", delete=False, encoding="utf-8"
    ) as file:
        file.write(text + "\n")
    return file.name
