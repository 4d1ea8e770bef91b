"""A model card as sections of plain texts, which Markdown and HTML are made of; only `Written` is markup."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.numbers import format_duration, format_size
from workbench.output.cells import visible
from workbench.output.formats import as_text
from workbench.output.marks import MISSING

NOT_WRITTEN = "Not written yet."
MAX_ROWS = 500

Document = Mapping[str, Any]
Row = tuple[str, ...]


@dataclass(frozen=True)
class Fields:
    """Names and values."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Rows:
    """A table."""

    header: Row
    rows: Sequence[Row]


@dataclass(frozen=True)
class Note:
    """A sentence of the product's own."""

    text: str


@dataclass(frozen=True)
class Command:
    """A command line."""

    text: str


@dataclass(frozen=True)
class Written:
    """Markdown that a person wrote."""

    text: str


Block = Fields | Rows | Note | Command | Written


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    heading: str
    blocks: Sequence[Block]


def title_of(document: Document) -> str:
    """The name of the version: `fraud/3`."""
    return visible(f"{document['name']}/{document['version']}")


def card_sections(document: Document, headings: Sequence[str]) -> list[Section]:
    """The sections of a card: what it is, what was written, what is recorded.

    Args:
        document: as `workbench.registry.cards.card_document` makes it.
        headings: the sections that a person is expected to write; empty ones say so.
    """
    return [
        Section("Version", _version(document)),
        *_written(document["card"], headings),
        Section("Run", _run(document)),
        Section("Data", _data(document.get("datasets") or [])),
        Section("Params", _values((document.get("run") or {}).get("params") or {}, "No params are recorded.")),
        Section("Metrics at registration", _values(document.get("metrics") or {}, "No metrics were recorded then.")),
        Section("Signature", _signature(document.get("signature"))),
        Section("Gates", _gates(document.get("check"))),
        Section("Approval", _approval(document["review"])),
        Section("Aliases", _aliases(document["alias_terms"])),
        Section("Environment", _environment(document.get("environment"))),
    ]


def moment(iso: object) -> str:
    """`2026-09-21 14:13:20 UTC`; `–` where there is no time."""
    return f"{str(iso)[:19].replace('T', ' ')} UTC" if iso else MISSING


def _version(document: Document) -> list[Block]:
    aliases = document.get("aliases") or []
    items = [
        ("model", as_text(document["name"])),
        ("version", str(document["version"])),
        ("digest", as_text(document.get("digest") or MISSING)),
        ("size", format_size(document.get("size_bytes"))),
        ("author", as_text(document.get("author") or MISSING)),
        ("registered", moment(document.get("created_at"))),
        ("approval", as_text(document["status"])),
        ("aliases", ", ".join(map(as_text, aliases)) or MISSING),
    ]
    items += [("description", as_text(document["description"]))] if document.get("description") else []
    items += [(f"tag {visible(key)}", as_text(value)) for key, value in (document.get("tags") or {}).items()]
    return [Fields(items)]


def _written(card: Document, headings: Sequence[str]) -> list[Section]:
    parts: dict[str, str] = dict(card["sections"])
    introduction = parts.pop("", "")
    present = {heading.lower(): heading for heading in parts}
    found = [Section("About", [Written(introduction)])] if introduction else []
    for heading in headings:
        text = parts.pop(present.get(heading.lower(), heading), "").strip()
        found.append(Section(heading, [Written(text) if text else Note(NOT_WRITTEN)]))
    found += [
        Section(visible(heading), [Written(text) if text.strip() else Note(NOT_WRITTEN)])
        for heading, text in parts.items()
    ]
    if card.get("revision"):
        who = f" by {visible(str(card['who']))}" if card.get("who") else ""
        text = f"The sections above were written{who} on {moment(card['at'])}, revision {card['revision']}."
        found[-1] = Section(found[-1].heading, [*found[-1].blocks, Note(f"{text} What follows is recorded.")])
    return found


def _run(document: Document) -> list[Block]:
    run = document.get("run")
    if run is None:
        return [Note("It was registered without a run."), Fields([("source", as_text(document.get("source") or "–"))])]
    if "name" not in run:
        return [Note("This store does not have its run."), Fields([("run", as_text(run["run_id"]))])]
    git = run.get("git") or {}
    changes = ", with uncommitted changes" if git.get("dirty") else ""
    command = (run.get("source") or {}).get("command") or []
    items = [
        ("run", f"{as_text(run['name'])} ({run['run_id']})"),
        ("experiment", as_text(run.get("experiment") or MISSING)),
        ("status", as_text(run.get("status") or MISSING)),
        ("started", moment(run.get("started_at"))),
        ("duration", format_duration(run.get("duration_s"))),
        ("code", f"{as_text(git['commit'])}{changes}" if git.get("commit") else "no commit is recorded"),
        ("branch", as_text(git.get("branch") or MISSING)),
        ("command", " ".join(map(as_text, command)) or MISSING),
    ]
    return [Fields(items), Note("To run it again:"), Command(f"workbench runs reproduce {run['run_id'][:8]}")]


def _data(datasets: Sequence[Document]) -> list[Block]:
    rows = [tuple(as_text(item.get(key) or MISSING) for key in ("name", "digest", "context")) for item in datasets]
    return [_table(("dataset", "digest", "context"), rows, "No data are recorded.")]


def _values(values: Mapping[str, object], empty: str) -> list[Block]:
    return [_table(("name", "value"), [(visible(name), as_text(value)) for name, value in values.items()], empty)]


def _signature(signature: object) -> list[Block]:
    if not isinstance(signature, dict) or not any(signature.values()):
        return [Note("The model states no signature.")]
    blocks: list[Block] = []
    for part in ("inputs", "outputs", "params"):
        columns = signature.get(part)
        if not columns:
            continue
        if not (isinstance(columns, list) and all(isinstance(column, dict) for column in columns)):
            blocks.append(Fields([(part, as_text(columns))]))
            continue
        rows = [(as_text(column.get("name") or MISSING), _type(column), _needed(part, column)) for column in columns]
        blocks.append(_table((part, "type", "default" if part == "params" else "required"), rows, ""))
    return blocks


def _type(column: Document) -> str:
    tensor = column.get("tensor-spec")
    if isinstance(tensor, dict):
        return f"tensor of {as_text(tensor.get('dtype'))} {as_text(tensor.get('shape'))}"
    kind = column.get("type") or column.get("dtype") or MISSING
    more = {key: value for key, value in column.items() if key in ("items", "properties", "values")}
    return f"{as_text(kind)} {as_text(more)}" if more else as_text(kind)


def _needed(part: str, column: Document) -> str:
    if part == "params":
        return as_text(column.get("default"))
    return "yes" if column.get("required", True) else "no"


def _gates(check: Document | None) -> list[Block]:
    if check is None:
        return [Note("No gates were run.")]
    on = "" if check.get("current", True) else ", on other files than those of now"
    rows = [
        tuple(as_text(gate[key]) for key in ("name", "kind", "outcome", "detail")) for gate in check.get("gates") or []
    ]
    note = Note(f"{check.get('summary')} passed, run by {visible(str(check['who']))} on {moment(check['at'])}{on}.")
    tables = [
        block
        for gate in check.get("gates") or []
        for name, value in (gate.get("measured") or {}).items()
        for block in _slices(f"{gate['name']}: {name}", value)
    ]
    return [note, _table(("gate", "kind", "outcome", "detail"), rows, "It has none."), *tables]


def _slices(name: str, value: object) -> list[Block]:
    """A table of what a gate measured in several parts of the data, told by its shape; nothing for single numbers."""
    if isinstance(value, dict) and value and all(isinstance(part, dict) for part in value.values()):
        value = [{"slice": key, **part} for key, part in value.items()]
    if not (isinstance(value, list) and value and all(isinstance(part, dict) for part in value)):
        return []
    keys = list(dict.fromkeys(key for part in value for key in part))
    rows = [tuple(as_text(part.get(key, MISSING)) for key in keys) for part in value]
    return [Note(f"{visible(name)}:"), _table(tuple(map(visible, keys)), rows, "")]


def _approval(review: Document) -> list[Block]:
    if review.get("requested_by") is None:
        return [Note("No approval was requested.")]
    rows = [("requested", as_text(review["requested_by"]), moment(review["requested_at"]), as_text(review["reason"]))]
    rows += [
        ("approved" if one["approved"] else "rejected", as_text(one["who"]), moment(one["at"]), as_text(one["reason"]))
        for one in review.get("decisions") or []
    ]
    needed = f", {review['approvers']} approvals needed" if review.get("approvers", 1) != 1 else ""
    return [Note(f"It is {review['status']}{needed}."), _table(("what", "who", "when", "reason"), rows, "")]


def _aliases(terms: Sequence[Document]) -> list[Block]:
    rows = [
        (
            as_text(term["alias"]),
            moment(term["since"]),
            moment(term["until"]) if term.get("until") else "now",
            as_text(term["who"]),
            as_text(term.get("reason") or MISSING),
        )
        for term in terms
    ]
    return [_table(("alias", "from", "to", "by", "reason"), rows, "No alias ever pointed to it.")]


def _environment(environment: Document | None) -> list[Block]:
    if environment is None:
        return [Note("The environment of its run was not captured.")]
    items = [
        (label, as_text(environment[key]))
        for label, key in (("Python", "python"), ("platform", "platform"), ("processor", "cpu_model"))
        if environment.get(key)
    ]
    gpus = environment.get("gpus")
    items += [("GPUs", ", ".join(map(as_text, gpus)))] if isinstance(gpus, list) and gpus else []
    packages = environment.get("packages")
    if isinstance(packages, dict) and packages:
        items.append(("packages", ", ".join(visible(f"{name} {version}") for name, version in packages.items())))
    return [Fields(items)] if items else [Note(visible(json.dumps(environment, default=str)))]


def _table(header: Row, rows: Sequence[Row], empty: str) -> Block:
    """A table of at most MAX_ROWS rows; a sentence where there are none."""
    if not rows:
        return Note(empty)
    more = len(rows) - MAX_ROWS
    rest: list[Row] = [(f"… {more:,} more; --json has all", *[""] * (len(header) - 1))] if more > 0 else []
    return Rows(header, [*rows[:MAX_ROWS], *rest])
