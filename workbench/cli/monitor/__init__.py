"""Watch what models see and how well they do, window by window.

A monitor is a named check that is repeated: a source, such as the prediction log of a deployment, is divided into
windows, and each window that is closed is compared once with what the model was trained on. What it is compared with
is stored when the monitor is added and never read again. Cron, systemd or CI is the scheduler.

Examples:
  workbench monitor add fraud --model fraud@champion --source deployment:fraud
  workbench monitor run --due
  workbench monitor list
"""

from workbench.cli.command import Entry

_HERE = "workbench.cli.monitor"

COMMANDS = {
    "add": Entry(f"{_HERE}.add:add", "Register a monitor, and store what it compares with."),
    "run": Entry(f"{_HERE}.run:run", "Look at every window that is closed and has no result."),
    "list": Entry(f"{_HERE}.list:list_", "List monitors with their newest window and alert."),
    "show": Entry(f"{_HERE}.show:show", "Show a monitor over its windows, or one window in full."),
    "labels": Entry(f"{_HERE}.labels:labels", "Give a monitor labels that have come later."),
    "ack": Entry(f"{_HERE}.ack:ack", "Say that the alert of a monitor has been seen."),
    "mute": Entry(f"{_HERE}.mute:mute", "Keep the command of a monitor's alerts quiet for a while."),
    "unmute": Entry(f"{_HERE}.unmute:unmute", "Let the command of a monitor's alerts run again."),
    "schedule": Entry(f"{_HERE}.schedule:schedule", "Print the line for cron, or the units for systemd."),
    "report": Entry(f"{_HERE}.report:report", "Write the newest window as HTML, Markdown, JUnit or metrics."),
    "remove": Entry(f"{_HERE}.remove:remove", "Remove a monitor; its results stay unless you say so."),
}
