"""Register models, approve them and roll them back.

A version is named NAME/3 or NAME@ALIAS; NAME alone where the model has one version. Rules (who has to approve, which
gates have to pass, which aliases are protected) are in workbench.toml beside .workbench.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "list": Entry("workbench.cli.models.list:list_", "List registered models."),
    "show": Entry("workbench.cli.models.show:show", "Show a model with its versions, or one version in full."),
    "register": Entry("workbench.cli.models.register:register", "Register a run's model as the next version."),
    "alias": Entry("workbench.cli.models.alias:alias", "Let an alias point to a version."),
    "unalias": Entry("workbench.cli.models.alias:unalias", "Remove an alias."),
    "request": Entry("workbench.cli.models.decide:request", "Ask for the approval of a version."),
    "approve": Entry("workbench.cli.models.decide:approve", "Approve a version."),
    "reject": Entry("workbench.cli.models.decide:reject", "Reject a version."),
    "history": Entry("workbench.cli.models.history:history", "Show which version each alias meant, and when."),
    "rollback": Entry("workbench.cli.models.rollback:rollback", "Move an alias back to the version before."),
    "compare": Entry("workbench.cli.models.compare:compare", "Show what differs between two versions."),
    "describe": Entry("workbench.cli.models.edit:describe", "Write the description of a model or a version."),
    "tag": Entry("workbench.cli.models.edit:tag", "Set or remove tags of a model or a version."),
    "rename": Entry("workbench.cli.models.edit:rename", "Give a model another name."),
    "renumber": Entry(
        "workbench.cli.models.renumber:renumber",
        "Give versions that share a number with an earlier one a number of their own.",
    ),
    "check": Entry("workbench.cli.models.check:check", "Run the gates of a version."),
    "card": Entry("workbench.cli.models.card:card", "Show or write the model card of a version."),
    "delete": Entry("workbench.cli.models.delete:delete", "Take models or versions out of the registry."),
    "restore": Entry("workbench.cli.models.delete:restore", "Bring back a deleted model or version."),
}
