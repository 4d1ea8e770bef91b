"""What differs between two images: model, packages, code, base, size and layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.packaging.images import Image


def compare_images(one: Image, other: Image) -> dict[str, Any]:
    """What differs, as JSON has it; a pair is what the first has and what the second has.

    `packages` has `added`, `removed` and `changed`; `parts` the layers with the same digest or not.
    """
    ones, others = one.facts, other.facts
    model = {
        "version": [one.number, other.number],
        "run_id": [one.run, other.run],
        "digest": [ones.get("model_digest"), others.get("model_digest")],
    }
    settings = {
        name: [ones.get(name), others.get(name)] for name in ("base", "base_id", "python", "loader", "log_mode")
    }
    before, after = ones.get("packages") or {}, others.get("packages") or {}
    files = set(ones.get("modules") or ()), set(others.get("modules") or ())
    parts = {name: [_digest(ones, name), _digest(others, name)] for name in ("site", "serve", "code", "model")}
    shared = sum(a == b for a, b in zip(ones.get("layers") or (), others.get("layers") or (), strict=False))
    return {
        "images": [one.name, other.name],
        "same": one.digest == other.digest,
        "model": _differing(model),
        "packages": {
            "added": {name: after[name] for name in sorted(after.keys() - before.keys())},
            "removed": {name: before[name] for name in sorted(before.keys() - after.keys())},
            "changed": {
                name: [before[name], after[name]]
                for name in sorted(before.keys() & after.keys())
                if before[name] != after[name]
            },
        },
        "code": {
            "changed": parts["code"][0] != parts["code"][1],
            "added": sorted(files[1] - files[0]),
            "removed": sorted(files[0] - files[1]),
        },
        "settings": _differing(settings),
        "size": [one.size_bytes, other.size_bytes],
        "parts": {name: pair[0] == pair[1] for name, pair in parts.items() if any(pair)},
        "layers": {"shared": shared, "of": [len(ones.get("layers") or ()), len(others.get("layers") or ())]},
    }


def _digest(facts: dict[str, Any], part: str) -> str | None:
    found = (facts.get("parts") or {}).get(part)
    return str(found["digest"]) if found else None


def _differing(pairs: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
