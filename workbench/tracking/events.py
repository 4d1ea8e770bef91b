"""Parameters and tags as events of a journal."""

from __future__ import annotations

from workbench.base.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def param_events(params: object) -> list[dict[str, object]]:
    """`param` events of a mapping, or of an object with attributes such as an argparse namespace or a dataclass.

    Nested mappings become names with dots: `{"adam": {"lr": 1}}` is `adam.lr`. Values keep their JSON type.

    Raises:
        InputError: it is neither.
    """
    if not _is_mapping(params):
        params = getattr(params, "__dict__", None)
    if not _is_mapping(params):
        raise InputError("parameters are given as a mapping", 'run.log_params({"lr": 0.1})')
    return [{"e": "param", "name": name, "value": value} for name, value in _flat(params, "")]


def tag_events(tags: object) -> list[dict[str, object]]:
    """`tag` events of a mapping; values become text, None removes the tag.

    Raises:
        InputError: it is no mapping.
    """
    if not _is_mapping(tags):
        raise InputError("tags are given as a mapping", 'run.set_tags({"kind": "baseline"})')
    return [
        {"e": "tag", "name": str(name), "value": None if value is None else str(value)}
        for name, value in tags.items()  # type: ignore[attr-defined]
    ]


def _flat(params: object, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in params.items():  # type: ignore[attr-defined]
        if _is_mapping(value) and len(value):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_mapping(value: object) -> bool:
    return isinstance(value, dict) or (hasattr(value, "items") and hasattr(value, "keys"))
