"""Locks and sites by the real uv, from wheels in a folder: no index, no network."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from pathlib import Path

import pytest

from workbench.base.errors import RequirementsError
from workbench.base.project import Project
from workbench.packaging.base import assumed_base
from workbench.packaging.lock import resolve
from workbench.packaging.site import make_site

BASE = assumed_base("local/python:3.11", "3.11", "linux/amd64")


def make_wheel(folder: Path, name: str, version: str, requires: str = "", tag: str = "py3-none-any") -> Path:
    """A wheel with one module, one test and one console script."""
    path = folder / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}/__init__.py": f"version = {version!r}\n",
        f"{name}/tests/test_it.py": "assert True\n",
        f"{info}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, content in files.items():
            wheel.writestr(inner, content)
        wheel.writestr(f"{info}/RECORD", "".join(f"{inner},,\n" for inner in [*files, f"{info}/RECORD"]))
    return path


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that uv takes packages from, and nothing else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    return folder


def test_a_lock_pins_what_is_needed_by_version_and_hash(project: Project, wheels: Path) -> None:
    small = make_wheel(wheels, "small", "1.2", requires="tiny>=1")
    make_wheel(wheels, "tiny", "1.0")
    locked = resolve(project, ["small"], BASE)
    assert locked.packages == {"small": "1.2", "tiny": "1.0"}
    assert hashlib.sha256(small.read_bytes()).hexdigest() in locked.text
    assert locked.fresh


def test_the_same_requirements_have_the_same_lock_though_there_are_newer_packages(
    project: Project, wheels: Path
) -> None:
    make_wheel(wheels, "tiny", "1.0")
    first = resolve(project, ["tiny", "tiny"], BASE)
    make_wheel(wheels, "tiny", "2.0")
    again = resolve(project, ["tiny"], BASE)
    assert (again.packages, again.digest, again.fresh) == ({"tiny": "1.0"}, first.digest, False)
    other = assumed_base("other", "3.12", "linux/amd64")
    assert resolve(project, ["tiny"], other).packages == {"tiny": "2.0"}


def test_what_cannot_be_resolved_is_said_in_the_words_of_uv(project: Project, wheels: Path) -> None:
    with pytest.raises(RequirementsError, match="nowhere") as caught:
        resolve(project, ["nowhere>=3"], BASE)
    assert caught.value.hint
    make_wheel(wheels, "tiny", "1.0", tag="cp311-cp311-win_amd64")
    with pytest.raises(RequirementsError, match="no wheels with a matching"):
        resolve(project, ["tiny"], BASE)


def test_passwords_of_an_index_are_not_repeated(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:hunter22@127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(RequirementsError, match=r"127\.0\.0\.1") as caught:
        resolve(project, ["tiny"], BASE)
    assert "hunter22" not in f"{caught.value.message} {caught.value.hint}"


def test_a_site_holds_packages_without_tests_scripts_and_traces_of_this_machine(project: Project, wheels: Path) -> None:
    make_wheel(wheels, "tiny", "1.0")
    locked = resolve(project, ["tiny"], BASE)
    site = make_site(project, locked, BASE)
    with tarfile.open(site.layer.path) as tar:
        names = [name.removeprefix("opt/site/") for name in tar.getnames()]
    assert "tiny/__init__.py" in names
    assert not [name for name in names if "tests" in name or "bin/" in name or "direct_url" in name or name == ".lock"]
    [package] = site.packages
    assert (package.name, package.version, package.size_bytes > 0) == ("tiny", "1.0", True)
    assert site.left_out_bytes > 0
    again = make_site(project, locked, BASE)
    assert (again.layer, again.fresh) == (site.layer, False)


def test_a_site_that_is_made_again_is_the_same_layer(project: Project, wheels: Path, tmp_path: Path) -> None:
    make_wheel(wheels, "tiny", "1.0")
    locked = resolve(project, ["tiny"], BASE)
    first = make_site(project, locked, BASE)
    for kept in Path(project.folder, "cache", "sites").iterdir():
        kept.unlink()
    again = make_site(project, locked, BASE)
    assert (again.fresh, again.layer.digest) == (True, first.layer.digest)
    whole = make_site(project, locked, BASE, slim=False)
    assert (whole.left_out_bytes, whole.layer.digest != first.layer.digest) == (0, True)


def test_a_package_with_another_hash_than_the_locks_is_refused(
    project: Project, wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(wheels, "tiny", "1.0")
    locked = resolve(project, ["tiny"], BASE)
    with zipfile.ZipFile(wheels / "tiny-1.0-py3-none-any.whl", "a") as wheel:
        wheel.writestr("tiny/evil.py", "")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "another"))
    with pytest.raises(RequirementsError, match=r"(?i)hash mismatch"):
        make_site(project, locked, BASE)
    assert not list(Path(project.folder, "cache", "sites").iterdir())
