"""Descriptors of journals, in processes that were started without standard streams."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.journal.descriptor import create_for_appending


def test_a_file_is_appended_to_and_is_made_once(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    fd = create_for_appending(path)
    os.write(fd, b"a")
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, b"b")
    os.close(fd)
    assert Path(path).read_bytes() == b"ab"
    with pytest.raises(FileExistsError):
        create_for_appending(path)


def test_it_never_takes_the_place_of_a_standard_stream(tmp_path: Path) -> None:
    code = "import os, sys\n"
    code += "from workbench.journal.descriptor import create_for_appending\n"
    code += "for fd in range(3): os.close(fd)\n"
    code += "fd = create_for_appending(sys.argv[1])\n"
    code += "os.write(fd, b'%d %d' % (fd, os.get_inheritable(fd)))"
    path = tmp_path / "a"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    fd, inheritable = path.read_text().split()
    assert int(fd) > 2 and inheritable == "0"
