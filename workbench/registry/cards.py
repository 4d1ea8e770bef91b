"""Model cards: what is recorded of a version, and what a person wrote about it.

The written part is Markdown in the version's field `card`, with `## Heading` sections, of which `HEADINGS` are usual.
Every save is a governance event, so what it said before, and who wrote it, stays known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc
from workbench.base.errors import InputError, NotFoundError, RefusedError
from workbench.base.jsonvalue import loads
from workbench.registry import models
from workbench.registry.history import alias_terms
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.overview import version_document
from workbench.registry.records import Version
from workbench.store.documents import run_documents

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

FIELD = "card"
"""The field of a version that holds what was written."""
HEADINGS = ("Intended use", "Limits", "Ethical considerations", "Caveats")
"""What every card has a section for, empty or not."""
MAX_CHARACTERS = 1_000_000

_HEADING = re.compile(r" {0,3}##[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Revision:
    """One state of the written part.

    Attributes:
        number: from 1.
        at_us: when it was saved, microseconds since the epoch, UTC.
        who: who saved it; None where it came with an import.
        text: all that was written then.
    """

    number: int
    at_us: int
    who: str | None
    text: str

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {"revision": self.number, "at": iso_utc(self.at_us), "who": self.who, "text": self.text}


def revisions(db: Connection, version: Version) -> list[Revision]:
    """Every state of a version's written part, the first one first; none where nothing was ever written."""
    rows = db.execute(
        "SELECT t, who, c.value FROM (SELECT t, writer, seq, who, unnest(json_transform(body->'$.changes', "
        '\'[{"kind": "VARCHAR", "id": "VARCHAR", "name": "VARCHAR", "value": "JSON"}]\')) AS c '
        "FROM governance WHERE model_id = $1 AND action = $3 AND json_valid(body)) "
        "WHERE c.id = $2 AND c.name = $3 ORDER BY t, writer, seq",
        [version.model, version.id, FIELD],
    ).fetchall()
    found = [Revision(n, t, who, _text(value)) for n, (t, who, value) in enumerate(rows, 1)]
    held = db.execute(
        "SELECT value, t FROM entity_field WHERE kind = 'version' AND id = $1 AND name = $2", [version.id, FIELD]
    ).fetchall()
    if held and _text(held[0][0]) != (found[-1].text if found else ""):
        found.append(Revision(len(found) + 1, held[0][1], None, _text(held[0][0])))
    return found


def revision(db: Connection, version: Version, number: int | None = None) -> Revision | None:
    """One state of a version's written part.

    Args:
        number: which one; None is the present one, which is None where nothing was ever written.

    Raises:
        NotFoundError: there is no such one.
    """
    found = revisions(db, version)
    if number is None:
        return found[-1] if found else None
    if not 1 <= number <= len(found):
        shown = f"{version.name}/{version.number}"
        raise NotFoundError(
            f"the card of {shown} has no revision {number}: there are {len(found)}",
            f"workbench models card {shown} --history",
        )
    return found[number - 1]


def save(db: Connection, ledger: Ledger, version: Version, text: str, *, before: str) -> bool:
    """Replace what was written about a version; an empty text removes it.

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine saves a card.
        ledger: where it is recorded.
        before: what it replaces, as it was when the person began to write.

    Returns:
        Whether anything was saved: not where the text is what was written already.

    Raises:
        RefusedError: the card says something else than `before` by now.
        InputError: it is longer than `MAX_CHARACTERS`.
        StoreError: the journal cannot be written.
    """
    text = tidy(text)
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"the card has {len(text):,} characters; at most {MAX_CHARACTERS:,} are kept")
    present = revision(db, version)
    shown = f"{version.name}/{version.number}"
    if text == (present.text if present else ""):
        return False
    if (present.text if present else "") != before:
        raise RefusedError(
            f"{present.who if present and present.who else 'somebody'} saved the card of {shown} meanwhile",
            f"workbench models card {shown} shows it; then write yours again",
        )
    deed = Deed(FIELD, version.name, version.model, version.number)
    ledger.record(db, deed, Change("version", version.id, {FIELD: text or None}))
    return True


def tidy(text: str) -> str:
    """A text as it is kept: lines end in newlines, nothing empty is at either end, no character is half of one."""
    lines = text.encode("utf-8", "backslashreplace").decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def sections(text: str) -> dict[str, str]:
    """What was written by heading, in its order, empty ones too; what stands before the first heading is under ""."""
    found: dict[str, str] = {}
    for heading, lines in _parts(text):
        before = f"{found[heading]}\n\n" if found.get(heading) else ""
        found[heading] = before + "\n".join(lines).strip("\n")
    return {heading: body for heading, body in found.items() if heading or body}


def with_section(text: str, heading: str, body: str) -> str:
    """The text with one section replaced, or added at its end; an empty body removes it. Headings ignore case.

    Raises:
        InputError: the heading is empty or has several lines.
    """
    heading = heading.strip()
    if not heading or "\n" in heading or "\r" in heading:
        raise InputError("a heading is one line", '--set "Intended use=TEXT"')
    usual = {known.lower(): known for known in HEADINGS}
    parts = sections(text)
    present = next((known for known in parts if known.lower() == heading.lower()), None)
    parts[present or usual.get(heading.lower(), heading)] = body.strip("\n")
    return "\n\n".join(
        f"## {name}\n\n{content}" if name else content for name, content in parts.items() if content.strip()
    )


def template(text: str) -> str:
    """What a person edits: the text with the usual headings that it lacks."""
    present = {heading.lower() for heading in sections(text)}
    missing = [f"## {heading}\n" for heading in HEADINGS if heading.lower() not in present]
    return "\n".join([f"{text}\n"] * bool(text) + missing)


def without_empty_sections(text: str) -> str:
    """An edited template without the headings that nothing was written under."""
    lines = []
    for heading, body in _parts(text):
        if any(line.strip() for line in body):
            lines += [f"## {heading}"] * bool(heading) + body
    return tidy("\n".join(lines))


def card_document(db: Connection, version: Version, number: int | None = None) -> dict[str, Any]:
    """A card: all that is recorded of a version, and what was written.

    Args:
        number: of the revision of the written part; None is the present one.

    Returns:
        The version's document (see `workbench.registry.overview`) and
        `run`: the run that made it as `workbench runs show --json` has it, without its captures; None where there is
        none; only `run_id` where this store does not have it.
        `environment`: what the run ran in, as it was captured; None where it was not.
        `alias_terms`: when which alias pointed to it: `alias`, `since`, `until`, `who`, `reason`.
        `card`: `revision`, `at`, `who`, `text` and its `sections`; `revision` is None where nothing was written.

    Raises:
        NotFoundError: there is no such revision.
    """
    run, environment = _run(db, version.run) if version.run else (None, None)
    written = revision(db, version, number)
    card = written.as_document() if written else {"revision": None, "at": None, "who": None, "text": ""}
    return {
        **version_document(db, version),
        "run": run,
        "environment": environment,
        "alias_terms": [
            {
                "alias": term.alias,
                "since": iso_utc(term.since_us),
                "until": None if term.until_us is None else iso_utc(term.until_us),
                "who": term.who,
                "reason": term.reason,
            }
            for term in alias_terms(db, models.get(db, version.name))
            if term.version == version.number
        ],
        "card": {**card, "sections": sections(str(card["text"]))},
    }


def _run(db: Connection, run_id: str) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    if not db.execute("SELECT 1 FROM run WHERE uid = $1", [run_id]).fetchall():
        return {"run_id": run_id}, None
    [document] = run_documents(db, [run_id])
    environment = document.pop("captures").get("environment")
    return document, environment if isinstance(environment, dict) else None


def _parts(text: str) -> Iterator[tuple[str, list[str]]]:
    """Headings with the lines below them; a `##` within a fenced block is no heading."""
    heading, lines, fence = "", list[str](), ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or (mark[1].startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else mark[1]
        found = None if fence else _HEADING.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        yield heading, lines
        heading, lines = found[1], []
    yield heading, lines


def _text(value: str | None) -> str:
    found = loads(value) if value is not None else None
    return found if isinstance(found, str) else ""
