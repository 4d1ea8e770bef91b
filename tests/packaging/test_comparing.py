"""What differs between two images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.packaging.shops import LOCK, Shop
from workbench.packaging import lock
from workbench.packaging.comparing import compare_images


def test_retrained_models_differ_in_the_model_alone(shop: Shop, small_packages: Any) -> None:
    one, other = (shop.package(shop.add_version(digit)).image for digit in "ab")
    found = compare_images(one, other)
    assert found["same"] is False
    assert found["model"]["version"] == [1, 2]
    assert found["model"]["digest"][0] != found["model"]["digest"][1]
    assert found["packages"] == {"added": {}, "removed": {}, "changed": {}}
    assert found["parts"] == {"site": True, "serve": True, "model": False}
    assert found["layers"] == {"shared": 3, "of": [4, 4]}
    assert compare_images(one, one)["same"] is True


def test_packages_code_and_loader_are_told_apart(
    shop: Shop, small_packages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "features.py").write_text("")
    source = shop.add_version()
    one = shop.package(source, tag="fraud:one").image
    changed = LOCK.replace("2.4.6", "2.5.0").replace("scikit-learn==1.9.1", "polars==2.1.0")
    monkeypatch.setattr(lock, "_compile", lambda *_: changed)
    other = shop.package(
        source, tag="fraud:two", require=("polars",), include=(str(tmp_path / "features.py"),), runtime="pyfunc"
    ).image
    found = compare_images(one, other)
    assert found["packages"] == {
        "added": {"polars": "2.1.0"}, "removed": {"scikit-learn": "1.9.1"}, "changed": {"numpy": ["2.4.6", "2.5.0"]},
    }  # fmt: skip
    assert found["code"] == {"changed": True, "added": ["features.py"], "removed": []}
    assert found["settings"] == {"loader": ["native", "pyfunc"]}
