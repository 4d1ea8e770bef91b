"""Build Docker images that serve models, run them, and roll them back.

A model is named NAME/3, NAME@ALIAS or RUN[:PATH]; an image fraud:3, by its id, or by the version that it was built of.
"""

from __future__ import annotations

from workbench.cli.command import Entry

COMMANDS = {
    "build": Entry("workbench.cli.package.build:build", "Build a Docker image that serves a model, and test it."),
    "list": Entry("workbench.cli.package.list:list_", "List images that were built."),
    "inspect": Entry("workbench.cli.package.inspect:inspect", "Show what an image holds."),
    "diff": Entry("workbench.cli.package.diff:diff", "Show what differs between two images."),
    "smoke": Entry("workbench.cli.package.smoke:smoke", "Test an image again."),
    "run": Entry("workbench.cli.package.run:run", "Run an image under a name, in the place of what ran there before."),
    "ps": Entry("workbench.cli.package.ps:ps", "List what runs."),
    "logs": Entry("workbench.cli.package.logs:logs", "Print what a server wrote, or bring in its log of predictions."),
    "stop": Entry("workbench.cli.package.stop:stop", "Stop a deployment."),
    "rollback": Entry("workbench.cli.package.rollback:rollback", "Run again what ran before, at the same address."),
    "export": Entry("workbench.cli.package.export:export", "Write files for other ways to run an image."),
    "save": Entry("workbench.cli.package.save:save", "Write an image into a file, for another machine."),
    "load": Entry("workbench.cli.package.save:load", "Check a file with an image and give the image to Docker."),
    "gc": Entry("workbench.cli.package.gc:gc", "Remove old images that nothing needs."),
}
