"""Bundles: runs, what is known beside them, and their files, in one tar file that is the same for the same store.

`bundle.json` names the format; `entities.jsonl` has experiments, models and the like, one a line; `runs/ID.json` is a
run, `runs/ID.tsv` its points: name, step, value and microseconds since the epoch; `blobs/sha256/ab/cdef…` are contents.
Names are sorted, and times and owners are none.
"""

from __future__ import annotations

FORMAT = 1
MANIFEST = "bundle.json"
ENTITIES = "entities.jsonl"
RUNS = "runs/"
BLOBS = "blobs/sha256/"
