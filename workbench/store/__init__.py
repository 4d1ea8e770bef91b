"""Layer 2: the DuckDB file in which every question is asked, and the artifact contents.

`store` opens and locks the file, `ingest` folds journals into it, `schema.sql` and `views.sql`
define it. One module for each thing that can be asked about: `runs`, `metrics`, `artifacts` …
The file is a cache of the journals: deleting it loses nothing.
"""
