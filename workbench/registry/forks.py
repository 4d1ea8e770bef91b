"""Contradictions: what people did in copies of a project that did not know of each other, and that is not yet settled.

Stores merge without conflict: the later change wins. What it won over is shown here until somebody changes it again who
has seen both. Who has seen what is in the events: each names the newest event of every other chain that it knew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import dumps, loads
from workbench.registry.columns import CLAIMED_VERSIONS, LIVE_VERSIONS, read_versions
from workbench.registry.findings import shown_time
from workbench.registry.queries import contested
from workbench.registry.records import ALIAS, TAG, Model, Version
from workbench.registry.reviews import DECISION, REQUEST, read_reviews

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

FIELD, NUMBER, REVIEW = "field", "number", "review"
KINDS = (FIELD, NUMBER, REVIEW)

_CHANGE = '[{"kind": "VARCHAR", "id": "VARCHAR", "name": "VARCHAR", "value": "JSON", "after": "BIGINT"}]'


@dataclass(frozen=True)
class Side:
    """What one person did.

    Attributes:
        chain, n: their event; seen: the newest number of each other chain that they knew.
        at_us: microseconds since the epoch, UTC.
        after_us: the time of the value that they replaced; 0 where there was none.
        value: that they gave; None where they removed it.
    """

    chain: str
    n: int
    who: str
    at_us: int
    after_us: int
    value: Any
    seen: dict[str, int] = field(default_factory=dict)

    def knew(self, other: Side) -> bool:
        """Whether who did this knew of the other."""
        return self.n > other.n if self.chain == other.chain else self.seen.get(other.chain, 0) >= other.n


@dataclass(frozen=True)
class Contradiction:
    """Two or more things that cannot all be meant.

    Attributes:
        kind: one of `KINDS`.
        model: the name of the model; version: the number of the version, where it is about one.
        field: which one, as it is stored; empty where it is about none.
        sentence: what is the matter, without a final full stop.
        hint: what settles it.
        sides: what each did, the one that counts first.
    """

    kind: str
    model: str
    version: int | None
    field: str
    sentence: str
    hint: str | None = None
    sides: Sequence[Side] = ()

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it; times are ISO 8601 UTC."""
        return {
            "kind": self.kind,
            "model": self.model,
            "version": self.version,
            "field": self.field or None,
            "sentence": self.sentence,
            "hint": self.hint,
            "sides": [
                {"who": side.who, "time": shown_time(side.at_us), "value": side.value, "chain": side.chain, "n": side.n}
                for side in self.sides
            ],
        }


def contradictions(db: Connection, model: Model | None = None) -> list[Contradiction]:
    """What copies of the project contradict each other in, of one model or of all."""
    [(chains,)] = db.execute("SELECT count(DISTINCT chain) FROM governance").fetchall()
    if chains < 2:
        return []
    changes = _changes(db, model)
    return [*_fields(changes), *_numbers(db, model), *_reviews(db, changes, model)]


@dataclass(frozen=True)
class _Change:
    """A change of a field."""

    kind: str
    id: str
    name: str
    model: str
    version: int | None
    side: Side


def _changes(db: Connection, model: Model | None) -> list[_Change]:
    """The changes of fields, and the decisions, that could contradict each other, the one that counts last.

    Registering, checking and requesting make things that nobody else can know, so they contradict nothing. What an
    event is about is compared before its body is read: that takes a hundred times as long.
    """
    rows = db.execute(
        f"""
        WITH event AS (
            SELECT *, action IN ('approve', 'reject') AS decides FROM governance
            WHERE action NOT IN ('register', 'check', 'import', 'request') AND ($model IS NULL OR model_id = $model)),
        several AS (SELECT model_id FROM event WHERE NOT decides GROUP BY ALL HAVING count(DISTINCT chain) > 1),
        opposed AS (
            SELECT model_id, version FROM event WHERE decides
            GROUP BY ALL HAVING count(DISTINCT chain) > 1 AND count(DISTINCT action) > 1),
        possible AS (
            SELECT * FROM event WHERE NOT decides AND model_id IN (FROM several)
            UNION ALL SELECT event.* FROM event SEMI JOIN opposed USING (model_id, version) WHERE decides),
        made AS (
            SELECT * EXCLUDE (c), c.kind AS kind, c.id AS id, c.name AS name, c.value AS value, c.after AS after
            FROM (
                SELECT chain, n, t, writer, seq, who, model, version, body->'$.seen' AS seen,
                    unnest(json_transform(body->'$.changes', '{_CHANGE}')) AS c
                FROM possible WHERE json_valid(body))),
        shared AS (
            SELECT id, name FROM made WHERE name NOT IN ('created_at', 'updated_at')
            GROUP BY id, name HAVING count(DISTINCT chain) > 1 OR starts_with(name, '{DECISION}'))
        SELECT chain, n, coalesce(who, ''), t, after, value, seen, kind, id, name, coalesce(model, ''), version
        FROM made SEMI JOIN shared USING (id, name) ORDER BY t, writer, seq
        """,
        {"model": model.id if model else None},
    ).fetchall()
    found = []
    for chain, n, who, t, after, value, seen, kind, entity_id, name, model_name, version in rows:
        said = None if value is None else loads(value)
        heads = loads(seen or "{}")
        known = {other: int(head[0]) for other, head in heads.items()} if isinstance(heads, dict) else {}
        side = Side(chain, n, who, t, after or 0, said, known)
        found.append(_Change(kind, entity_id, name, model_name, version, side))
    return found


def _fields(changes: Iterable[_Change]) -> Iterator[Contradiction]:
    by_field: dict[tuple[str, str, str], list[_Change]] = defaultdict(list)
    for change in changes:
        if not change.name.startswith(REQUEST):
            by_field[change.kind, change.id, change.name].append(change)
    for made in by_field.values():
        latest = made[-1]
        last = {change.side.chain: change.side for change in made}  # who made it knew all that stands before it there
        replaced = {change.side.after_us for change in made}
        rivals = [
            side
            for side in last.values()
            if _meant(side.value) != _meant(latest.side.value)
            and side.at_us not in replaced
            and not any(other.knew(side) for other in last.values())
        ]
        if rivals:
            yield _of_field(latest, [latest.side, *rivals])


def _meant(value: Any) -> object:
    """What of a value contradicts another one: of a decision whether it approves."""
    return dumps(bool(value["approved"]) if isinstance(value, dict) and "approved" in value else value)


def _of_field(change: _Change, sides: Sequence[Side]) -> Contradiction:
    version = change.version if change.kind == "version" else None
    target = change.model if version is None else f"{change.model}/{version}"
    verb, hint = "set it to", "set it again to settle it"
    if change.name.startswith(ALIAS):
        alias = change.name.removeprefix(ALIAS)
        what, verb = f"alias {alias} of {target}", "let it point to"
        hint = f"workbench models alias {target}/N {alias}"
    elif change.name.startswith(TAG):
        what = f"tag {change.name.removeprefix(TAG)} of {target}"
    elif change.name.startswith(DECISION):
        what, verb, hint = f"the decision about {target}", "made it", f"workbench models request {target} --reason TEXT"
    else:
        what = f"{change.name} of {target}"
    did = [f"{_who(side)} {'removed it' if side.value is None else f'{verb} {_shown(side.value)}'}" for side in sides]
    sentence = f"{what}: {', '.join(did)}, not knowing of each other; what {sides[0].who} did counts"
    return Contradiction(FIELD, change.model, version, change.name, sentence, hint, tuple(sides))


def _numbers(db: Connection, model: Model | None) -> Iterator[Contradiction]:
    claims = contested(db, model)
    if not claims:
        return
    rows = db.execute(
        f"SELECT model, number, id FROM {CLAIMED_VERSIONS} WHERE claim = 1 AND model IN (SELECT unnest($1::VARCHAR[]))",
        [[version.model for version in claims]],
    ).fetchall()
    holders = {(model_id, number): version_id for model_id, number, version_id in rows}
    for version in claims:
        holder = read_versions(db, [holders[version.model, version.number]])[0]
        sentence = (
            f"{version.name} has two versions {version.number}: the one of {holder.user} ({_created(holder)}) has the "
            f"number, the one of {version.user} ({_created(version)}) has none"
        )
        hint = f"workbench models renumber {version.name}"
        yield Contradiction(NUMBER, version.name, version.number, "number", sentence, hint)


def _reviews(db: Connection, changes: Iterable[_Change], model: Model | None) -> Iterator[Contradiction]:
    decided: dict[str, list[_Change]] = defaultdict(list)
    for change in changes:
        if change.name.startswith(DECISION) and isinstance(change.side.value, dict):
            decided[change.id].append(change)
    opposite = [
        entity_id
        for entity_id, made in decided.items()
        if len({bool(change.side.value.get("approved")) for change in made}) == 2
    ]
    rows = db.execute(
        f"SELECT id FROM {LIVE_VERSIONS} WHERE id IN (SELECT unnest($1::VARCHAR[])) ORDER BY name, number", [opposite]
    ).fetchall()
    versions = read_versions(db, [row[0] for row in rows])
    reviews = read_reviews(db, versions)
    for version in versions:
        prefix = f"{DECISION}{reviews[version.id].request_id}:"
        sides = [change.side for change in decided[version.id] if change.name.startswith(prefix)]
        pairs = [
            (refusal, approval)
            for refusal in sides
            for approval in sides
            if approval.value["approved"] and not refusal.value["approved"] and approval.who != refusal.who
            if not refusal.knew(approval) and not approval.knew(refusal)
        ]
        if pairs:
            refusal, approval = pairs[0]
            shown = f"{version.name}/{version.number}"
            sentence = (
                f"{shown}: {_who(approval)} approved it and {_who(refusal)} rejected it, not knowing of each other; "
                "it is rejected"
            )
            hint = f"workbench models request {shown} --reason TEXT"
            yield Contradiction(REVIEW, version.name, version.number, "", sentence, hint, (refusal, approval))


def _who(side: Side) -> str:
    return f"{side.who} ({shown_time(side.at_us)[:16].replace('T', ' ')})"


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "approved" in value:
        return "an approval" if value["approved"] else "a rejection"
    return value if isinstance(value, str) else dumps(value)


def _created(version: Version) -> str:
    return shown_time(version.created_at_ms * 1000)[:16].replace("T", " ")
