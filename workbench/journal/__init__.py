"""Layer 1: the append-only files that facts are written to, one file for each writer.

`block` is the framing, `writer` appends, `reader` reads without a database, `layout` names the
files, `liveness` tells a live writer from a dead one. docs/store.md describes the format.
"""
