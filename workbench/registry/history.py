"""Where aliases pointed: which version one meant on any date, and moving one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc
from workbench.base.errors import AliasNotFoundError, InputError, NotFoundError
from workbench.registry import models
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.queries import versions_of
from workbench.registry.records import ALIAS, Model, Version
from workbench.registry.reviews import APPROVED, REJECTED, read_reviews

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

USUAL = "champion"
"""What people call the version that is in use."""


@dataclass(frozen=True)
class Term:
    """A time in which an alias pointed to one version.

    Attributes:
        alias: which one.
        version: the number of the version; None where it pointed to none.
        since_us, until_us: microseconds since the epoch, UTC; `until_us` is None for the present one.
        action: what began it: `alias`, `rollback`, `unalias`, `import`, `delete`.
        who, reason: of who began it.
    """

    alias: str
    version: int | None
    since_us: int
    until_us: int | None
    action: str
    who: str
    reason: str | None


def alias_terms(db: Connection, model: Model) -> list[Term]:
    """Every term of every alias of a model, the first one first."""
    rows = db.execute(
        "SELECT t, action, who, reason, c.name, c.value FROM ("
        "SELECT t, writer, seq, action, who, reason, unnest(json_transform(body->'$.changes', "
        '\'[{"kind": "VARCHAR", "id": "VARCHAR", "name": "VARCHAR", "value": "JSON"}]\')) AS c '
        "FROM governance WHERE model_id = $1 AND json_valid(body)) "
        f"WHERE c.id = $1 AND starts_with(c.name, '{ALIAS}') ORDER BY t, writer, seq",
        [model.id],
    ).fetchall()
    rows = [*_imported(db, model), *rows]
    terms: list[Term] = []
    current: dict[str, int] = {}
    for t, action, who, reason, name, value in sorted(rows, key=lambda row: int(row[0])):
        alias = name.removeprefix(ALIAS)
        number = None if value in (None, "null") else int(value)
        before = current.get(alias)
        if before is not None:
            if terms[before].version == number:
                continue
            terms[before] = replace(terms[before], until_us=t)
        elif number is None:
            continue
        current[alias] = len(terms)
        terms.append(Term(alias, number, t, None, action, who, reason))
    return [term for term in terms if term.version is not None or term.until_us is None]


def as_of(db: Connection, model: Model, at_us: int) -> dict[str, Term]:
    """What each alias of a model meant at a time, by alias; those that did not exist then are left out."""
    return {term.alias: term for term in terms_within(db, model, at_us, at_us + 1)}


def terms_within(db: Connection, model: Model, begin_us: int, end_us: int) -> list[Term]:
    """The terms in which an alias of a model pointed to a version within a period, the first one first.

    Args:
        begin_us, end_us: microseconds since the epoch, UTC; the end is the first one after the period.
    """
    return [
        term
        for term in alias_terms(db, model)
        if term.version is not None and term.since_us < end_us and (term.until_us is None or begin_us < term.until_us)
    ]


def usual_alias(ledger: Ledger, model: Model) -> str:
    """The alias that a rollback is about where none is named: `champion`, the only protected one, or the only one.

    Raises:
        InputError: there are several.
        AliasNotFoundError: there is none.
        SettingsError: the project's rules cannot be understood.
    """
    if USUAL in model.aliases:
        return USUAL
    protected = [alias for alias in ledger.policy(model.name).protected_aliases if alias in model.aliases]
    for names in (protected, list(model.aliases)):
        if len(names) == 1:
            return names[0]
    if not model.aliases:
        raise AliasNotFoundError(f"{model.name} has no aliases", f"workbench models alias {model.name}/1 {USUAL}")
    raise InputError(f"{model.name} has several aliases", f"--alias, one of: {', '.join(model.aliases)}")


def term_documents(terms: Sequence[Term]) -> list[dict[str, Any]]:
    """Terms as JSON has them; times are ISO 8601 UTC."""
    return [
        {
            "alias": term.alias,
            "version": term.version,
            "since": iso_utc(term.since_us),
            "until": None if term.until_us is None else iso_utc(term.until_us),
            "action": term.action,
            "who": term.who,
            "reason": term.reason,
        }
        for term in terms
    ]


def previous_version(db: Connection, ledger: Ledger, model: Model, alias: str) -> Version:
    """The version that an alias goes back to: the last one before that is still there and was not rejected.

    A protected alias goes back to approved versions alone.

    Raises:
        AliasNotFoundError: there is no such alias.
        NotFoundError: there is no such version.
        SettingsError: the project's rules cannot be understood.
    """
    if alias not in model.aliases:
        raise AliasNotFoundError(f"{model.name} has no alias {alias!r}", f"workbench models show {model.name}")
    path = _path([term.version for term in alias_terms(db, model) if term.alias == alias])
    present = {version.number: version for version in versions_of(db, model)}
    reviews = read_reviews(db, list(present.values()))
    protected = alias in ledger.policy(model.name).protected_aliases
    for number in reversed(path):
        version = present.get(number)
        if version is None or number == model.aliases[alias]:
            continue
        status = reviews[version.id].status
        if status == APPROVED or (status != REJECTED and not protected):
            return version
    wanted = "approved version" if protected else "version"
    raise NotFoundError(
        f"{alias} of {model.name} has no earlier {wanted} to go back to", f"workbench models history {model.name}"
    )


def rollback_target(
    db: Connection, ledger: Ledger, name: str, alias: str, to: int | None = None
) -> tuple[int, Version]:
    """What a rollback would do.

    Args:
        db: an open visit to the store.
        ledger: the rules.
        to: go back to this version rather than the previous one; it must have had the alias before.

    Returns:
        The number of the version that the alias points to, and the version that it would point to.

    Raises: as `previous_version`, and
        ModelNotFoundError: there is no such model.
        VersionNotFoundError, ApprovalMissingError: it may not go back to that version.
        InputError: the version never had the alias, or has it.
    """
    model = models.get(db, name)
    version = previous_version(db, ledger, model, alias) if to is None else _earlier(db, ledger, model, alias, to)
    return model.aliases[alias], version


def rollback(
    db: Connection, ledger: Ledger, name: str, alias: str, reason: str, *, to: int | None = None
) -> tuple[int, Version]:
    """Move an alias back to the previous approved version; nothing is erased.

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine moves an alias.
        ledger: where it is recorded, and the rules.
        reason: why; it may not be empty.
        to: as for `rollback_target`.

    Returns:
        The number of the version that it pointed to, and the version that it points to now.

    Raises: as `rollback_target`, and
        InputError: there is no reason.
        StoreError: the journal cannot be written.
    """
    if not reason.strip():
        raise InputError("a reason is required", "--reason TEXT")
    before, version = rollback_target(db, ledger, name, alias, to)
    deed = Deed("rollback", name, version.model, version.number, reason.strip(), {"alias": alias, "before": before})
    ledger.record(db, deed, Change("model", version.model, {ALIAS + alias: version.number}))
    return before, version


def _earlier(db: Connection, ledger: Ledger, model: Model, alias: str, number: int) -> Version:
    from workbench.registry import aliases, versions

    if alias not in model.aliases:
        raise AliasNotFoundError(f"{model.name} has no alias {alias!r}", f"workbench models show {model.name}")
    version = versions.get(db, model.name, number)
    if not any(term.alias == alias and term.version == number for term in alias_terms(db, model)):
        raise InputError(
            f"{model.name}/{number} never was {alias}", f"workbench models alias {model.name}/{number} {alias}"
        )
    if model.aliases[alias] == number:
        raise InputError(f"{alias} points to {model.name}/{number} already")
    aliases.check_protected(db, ledger, version, alias)
    return version


def _path(numbers: Sequence[int | None]) -> list[int]:
    """The versions that led to the present one: going back to one forgets those that came after it."""
    path: list[int] = []
    for number in numbers:
        if number is None:
            continue
        if number in path:
            del path[path.index(number) + 1 :]
        else:
            path.append(number)
    return path


def _imported(db: Connection, model: Model) -> list[tuple[int, str, str, str | None, str, str]]:
    """Aliases that an import brought, from the time of the import: its facts have no time of their own."""
    rows = db.execute(
        "SELECT t, who, reason, key, value FROM (SELECT t, who, reason, body->'$.evidence.aliases' AS brought "
        "FROM governance WHERE action = 'import' AND json_valid(body)), "
        "LATERAL (SELECT unnest(json_keys(brought)) AS key), "
        "LATERAL (SELECT brought->key AS value) WHERE starts_with(key, $1)",
        [f"{model.id}/"],
    ).fetchall()
    return [(t, "import", who, reason, ALIAS + key.partition("/")[2], value) for t, who, reason, key, value in rows]
