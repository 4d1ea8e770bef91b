"""Finding the sample projects."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.base.errors import NotFoundError
from workbench.demo import samples
from workbench.demo.samples import sample_dir


@pytest.mark.parametrize("name", ["classifier", "forecaster", "plain_script"])
def test_every_sample_is_found_in_a_checkout(name: str) -> None:
    assert (Path(sample_dir(name)) / "README.md").is_file()


def test_an_installed_package_holds_them_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "workbench" / "sample_projects" / "classifier"
    foreign = tmp_path / "site-packages" / "sample_projects" / "classifier"
    for folder in (installed, foreign):
        folder.mkdir(parents=True)
        (folder / "README.md").touch()
    monkeypatch.setattr(samples, "_PACKAGE", str(tmp_path / "site-packages" / "workbench"))
    assert sample_dir("classifier") == str(installed)


def test_a_missing_sample_says_what_to_do() -> None:
    with pytest.raises(NotFoundError, match="nothing is not installed") as caught:
        sample_dir("nothing")
    assert "pip install" in str(caught.value.hint)
