"""Layers: the same files are the same bytes, whenever and wherever they are packed."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from workbench.base.errors import StoreError
from workbench.packaging.layer import EPOCH_S, Entry, folder_entries, write_layer


def test_a_layer_depends_on_names_contents_and_modes_alone(tmp_path: Path) -> None:
    for number, mode in ((1, 0o600), (2, 0o640)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("b.py", "a.py") if number == 1 else ("a.py", "b.py"):
            (folder / name).write_text(name)
            os.utime(folder / name, (number, number))
            (folder / name).chmod(mode)
    layers = [write_layer("x", folder_entries(str(tmp_path / n), "opt/x"), str(tmp_path / f"{n}.tar")) for n in "12"]
    assert layers[0].digest == layers[1].digest
    assert layers[0].files == 2


def test_its_files_are_owned_by_root_and_as_old_as_zip_files_can_be(tmp_path: Path) -> None:
    entries = [Entry("opt/x/run", b"#!", executable=True), Entry("opt/x/a.py", b"")]
    layer = write_layer("x", entries, str(tmp_path / "x.tar"))
    with tarfile.open(layer.path) as tar:
        found = {member.name: member for member in tar}
    assert list(found) == ["opt", "opt/x", "opt/x/a.py", "opt/x/run"]
    assert {member.mtime for member in found.values()} == {EPOCH_S}
    assert {(member.uid, member.gid, member.uname) for member in found.values()} == {(0, 0, "")}
    assert [oct(found[name].mode) for name in ("opt/x", "opt/x/a.py", "opt/x/run")] == ["0o755", "0o644", "0o755"]


def test_other_contents_are_another_layer(tmp_path: Path) -> None:
    one = write_layer("x", [Entry("a", b"1")], str(tmp_path / "1.tar"))
    assert one.digest != write_layer("x", [Entry("a", b"2")], str(tmp_path / "2.tar")).digest
    assert one.digest != write_layer("x", [Entry("b", b"1")], str(tmp_path / "3.tar")).digest


def test_a_layer_is_there_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        write_layer("x", [Entry("a", str(tmp_path / "missing"))], str(tmp_path / "x.tar"))
    assert list(tmp_path.glob("*")) == [tmp_path / "home"]
