"""The other version that a gate compares with."""

from __future__ import annotations

from workbench.base.errors import InputError
from workbench.registry.aliases import check_alias
from workbench.registry.gates.candidate import Candidate, Facts, Reference
from workbench.registry.gates.judge import Verdict
from workbench.registry.gates.settings import Settings


def maybe_against(take: Settings) -> Reference | None:
    """The setting `against`: an alias, or the number of a version.

    Raises:
        SettingsError: it is neither.
    """
    found = take.raw("against")
    if found is None or (type(found) is int and found > 0):
        number: int | None = found
        return number
    if not isinstance(found, str):
        raise take.error("against is an alias, or the number of a version")
    try:
        check_alias(found)
    except InputError as error:
        raise take.error(f"against: {error.message}", "an alias, or the number of a version") from None
    return found


def opponent(candidate: Candidate, against: Reference) -> Facts | Verdict:
    """The version to compare with, or what it means that there is none to compare with."""
    other = candidate.others[against]
    if other is None:
        return Verdict(
            True, f"there is nothing to compare with: no version of {candidate.facts.version.name} is {against}"
        )
    if isinstance(other, str):
        return Verdict(False, f"there is nothing to compare with: {other}")
    if other.version.id == candidate.facts.version.id:
        return Verdict(True, f"there is nothing to compare with: {named(other, against)} is this version itself")
    return other


def named(other: Facts, against: Reference) -> str:
    """`fraud/2 (champion)`."""
    return other.shown if isinstance(against, int) else f"{other.shown} ({against})"
