"""Files with images: what is in them is what was saved, or they are refused."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.fakes import saved_image, tar_of
from tests.packaging.shops import Shop
from workbench.base.errors import InputError, RefusedError
from workbench.packaging.saving import MEMBER, load_image, read_saved, save_image

LAYERS = [tar_of({"a": b"1" * 5000}), tar_of({"b": b"2" * 5000})]


@pytest.fixture
def saved(shop: Shop, small_packages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An image in a file."""
    image = shop.package(shop.add_version()).image
    content = saved_image(LAYERS, image.name)
    monkeypatch.setattr(shop.client, "get_image", lambda name: iter([content[:100], content[100:]]), raising=False)
    save_image(shop.engine, image, str(tmp_path / "fraud.tar"))
    return tmp_path / "fraud.tar"


def test_a_file_says_what_is_in_it(saved: Path) -> None:
    found = read_saved(str(saved))
    assert found.tags == ("fraud:1",)
    assert (found.manifest["image"], len(found.layers)) == ("fraud:1", 2)
    assert found.manifest["record"]["facts"]["packages"] == {"numpy": "2.4.6", "scikit-learn": "1.9.1"}


def test_docker_load_takes_the_file_as_it_is(saved: Path) -> None:
    with tarfile.open(saved) as tar:
        names = tar.getnames()
    assert {"manifest.json", MEMBER} <= set(names)


@pytest.mark.parametrize("member", ["0/layer.tar", "1/layer.tar", "manifest.json", MEMBER, "config"])
def test_a_changed_byte_is_found(saved: Path, member: str) -> None:
    with tarfile.open(saved) as tar:
        files = {item.name: tar.extractfile(item).read() for item in tar}  # type: ignore[union-attr]
    name = next(
        name for name in files if name == member or (member == "config" and name.endswith(".json") and len(name) > 60)
    )
    if member == MEMBER:
        files[name] = json.dumps({**json.loads(files[name]), "config": "sha256:0"}).encode()
    elif member == "manifest.json":
        files[name] = files[name].replace(b"0/layer.tar", b"1/layer.tar")
    elif member == "config":
        files[name] = files[name].replace(b"amd64", b"arm64")
    else:
        files[name] = files[name].replace(b"1111", b"1211").replace(b"2222", b"2322")
    saved.write_bytes(tar_of(files))
    with pytest.raises(InputError, match="was changed"):
        read_saved(str(saved))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with pytest.raises(InputError, match="there is no"):
        read_saved(str(path))
    for content in (b"", b"text", tar_of({"a": b"b"})):
        path.write_bytes(content)
        with pytest.raises(InputError, match="is no image that was saved"):
            read_saved(str(path))
    path.write_bytes(saved_image(LAYERS, "x:1"))
    with pytest.raises(InputError, match="not made by workbench") as caught:
        read_saved(str(path))
    assert caught.value.hint == f"docker load -i {path}"


def test_half_a_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:9000])
    with pytest.raises(InputError):
        read_saved(str(saved))


def test_loading_does_not_take_a_name_away_from_another_image(
    shop: Shop, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = io.BytesIO()

    def load(file: Any, **_: Any) -> None:
        while block := file.read(4096):
            given.write(block)
        shop.client.tag(shop.client.add_image("loaded", layers=read_saved(str(saved)).layers), "fraud", "1")

    monkeypatch.setattr(shop.client, "load_image", load, raising=False)
    with pytest.raises(RefusedError, match="another image called fraud:1"):
        load_image(shop.engine, str(saved))
    manifest = load_image(shop.engine, str(saved), replace=True)
    assert given.getvalue() == saved.read_bytes()
    assert manifest["image_id"] == shop.client.inspect_image("fraud:1")["Id"]


def test_an_image_whose_name_means_another_one_is_not_saved(shop: Shop, small_packages: Any, tmp_path: Path) -> None:
    image = shop.package(shop.add_version()).image
    shop.client.tag(shop.client.add_image("other", layers=("sha256:o",)), "fraud", "1")
    with pytest.raises(RefusedError, match="another image by now"):
        save_image(shop.engine, image, str(tmp_path / "x.tar"))
    assert not (tmp_path / "x.tar").exists()
