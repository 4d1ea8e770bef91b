"""Files and lines of a run's uncommitted changes."""

from __future__ import annotations

from workbench.tracking.changes import FileChange, file_changes

PATCH = b"""diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -1,3 +1,4 @@
 import os
-lr = 0.1
+lr = 0.05
++++ a line that looks like a header
 done
@@ -9 +10 @@
--- another one
+x
diff --git a/new.bin b/new.bin
new file mode 100644
index 0..3
GIT binary patch
literal 3
Kcmdp5

literal 0
HcmV?d00001

diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
"""


def test_lines_are_counted_file_by_file() -> None:
    """Headers are no lines, lines that look like headers are; binary files have none, a new mode changes none."""
    assert file_changes(PATCH) == [
        FileChange("train.py", 3, 2),
        FileChange("new.bin", None, None),
        FileChange("run.sh", 0, 0),
    ]


def test_no_patch_changes_nothing() -> None:
    """An empty patch has no files."""
    assert file_changes(b"") == []
