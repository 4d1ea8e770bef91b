"""Look after the store.

What is tracked lies in journals and in the contents of artifacts. The DuckDB file beside them is a cache that answers
questions; it can be built anew at any time.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "ingest": Entry("workbench.cli.store.ingest:ingest", "Read what was logged since the last look."),
    "rebuild": Entry("workbench.cli.store.ingest:rebuild", "Build the DuckDB file anew from the journals."),
    "compact": Entry("workbench.cli.store.compact:compact", "Pack finished journals to save space."),
    "verify": Entry("workbench.cli.store.verify:verify", "Check every journal and every artifact."),
    "gc": Entry("workbench.cli.store.gc:gc", "Delete contents that no run refers to."),
    "size": Entry("workbench.cli.store.size:size", "Say what takes up how much space."),
}
