"""Show and verify what was done with models.

Everything that is done with a model is an event: who, what, when, why and on what evidence. Events are chained by
hashes and, where there are keys, signed.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "log": Entry("workbench.cli.audit.log:log", "List what was done with models, newest first."),
    "verify": Entry("workbench.cli.audit.verify:verify", "Check that nothing was changed, removed or made up."),
    "key": Entry("workbench.cli.audit.key:key", "Show the key that you sign with, or make one."),
}
