"""What screens do to a version of a model: approvals, aliases, its card, its tags."""

from __future__ import annotations

import io
from collections.abc import Callable

from workbench.output.cells import visible
from workbench.output.records import write_json
from workbench.output.spans import Line
from workbench.tui.actions import Action
from workbench.tui.dialogs.choose import Choose, Option
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.outside import edit_text
from workbench.tui.questions.decisions import AliasNames, Deciding, DecidingAbout, RollbackTarget
from workbench.tui.questions.governance import (
    Decide,
    DescribeVersion,
    PointAlias,
    RemoveAlias,
    Request,
    Rollback,
    SaveCard,
    TagVersion,
)
from workbench.tui.questions.version import CardText, edited_card
from workbench.tui.questions.versions import VersionDocument, VersionFacts
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.image_questions import plan_image

NO_REASON = "a reason is required"


class VersionEdits(WorkbenchScreen):
    """The part of a screen that changes versions."""

    def chosen(self) -> VersionFacts | None:
        """The version under the cursor; the screen knows it."""
        raise NotImplementedError

    # approvals

    def action_request(self) -> None:
        """Ask for its approval."""
        self._decide("Ask for the approval of", "request", lambda one, why: Request(one.model, one.number, why))

    def action_approve(self) -> None:
        """Approve it."""
        self._decide("Approve", "approve", lambda one, why: Decide(one.model, one.number, why, True))

    def action_reject(self) -> None:
        """Reject it."""
        self._decide("Reject", "reject", lambda one, why: Decide(one.model, one.number, why, False))

    def _decide(self, verb: str, command: str, deed: Callable[[VersionFacts, str], Request | Decide]) -> None:
        """Show what is known, ask for the reason and do it; a refusal is shown at once."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def ask(known: Deciding) -> None:
            refused: list[Line] = [[], [(f"✗ {known.refused}", "bad")], [(f"  {known.hint}", "dim")]]

            def decided(reason: str | None) -> None:
                if reason:
                    self.workbench.perform(deed(one, reason))

            self.app.push_screen(
                Prompt(
                    f"{verb} {one.reference}",
                    about=[*known.lines, *(refused if known.refused else [])],
                    placeholder="why?",
                    check=lambda text: known.refused or (None if text else NO_REASON),
                    twin=f"workbench models {command} {one.reference} --reason TEXT",
                ),
                decided,
            )

        about = DecidingAbout(self.desk.project, one.model, one.number, approving=command == "approve")
        self.workbench.ask(about, ask)

    # aliases

    def action_alias(self) -> None:
        """Ask for an alias, an old or a new one, and why; move it."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def ask(known: dict[str, int | None]) -> None:
            about: list[Line] = [
                [(f"  {visible(name)}", "accent"), (f" → v{number}" if number else "  protected", "dim")]
                for name, number in known.items()
            ]

            def named(alias: str | None) -> None:
                if alias:
                    self._move_alias(one, alias, known.get(alias))

            self.app.push_screen(
                Prompt(
                    f"Move which alias to {one.reference}?",
                    about=about,
                    placeholder="alias, an old or a new one",
                    check=lambda text: None if text else "an alias has a name",
                    suggestions=list(known),
                    twin=lambda text: f"workbench models alias {one.reference} {text or 'ALIAS'}",
                ),
                named,
            )

        self.workbench.ask(AliasNames(self.desk.project, one.model), ask)

    def _move_alias(self, one: VersionFacts, alias: str, before: int | None) -> None:
        def reasoned(reason: str | None) -> None:
            if reason is not None:
                self.workbench.perform(PointAlias(one.model, alias, one.number, reason or None))

        course = f"v{before} → v{one.number}" if before else f"→ v{one.number}"
        self.app.push_screen(
            Prompt(
                f"Move {alias} of {one.model}: {course}",
                placeholder="why? may stay empty",
                twin=f"workbench models alias {one.reference} {alias} --reason TEXT",
            ),
            reasoned,
        )

    def action_unalias(self) -> None:
        """Choose one of its aliases, and remove it."""
        one = self._chosen_or_refuse()
        if one is None:
            return
        if not one.aliases:
            self.workbench.refuse(f"no alias points to {one.reference}")
            return

        def chosen(alias: str | None) -> None:
            if alias is not None:
                self.workbench.perform(RemoveAlias(one.model, alias))

        options = [Option(alias, [(alias, "accent")]) for alias in one.aliases]
        twin = f"workbench models unalias {one.model}@ALIAS"
        self.app.push_screen(Choose(f"Take which alias from {one.reference}?", options, twin=twin), chosen)

    def action_rollback(self) -> None:
        """Choose an alias of the model, show where it goes back to, ask why."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def choose(known: dict[str, int | None]) -> None:
            present = {alias: number for alias, number in known.items() if number is not None}
            if not present:
                self.workbench.refuse(f"{one.model} has no aliases")
            elif len(present) == 1:
                self._roll_back(one.model, *present)
            else:
                options = [Option(alias, [(alias, "accent")], f"v{number}") for alias, number in present.items()]

                def chosen(alias: str | None) -> None:
                    if alias is not None:
                        self._roll_back(one.model, alias)

                self.app.push_screen(Choose(f"Move which alias of {one.model} back?", options), chosen)

        self.workbench.ask(AliasNames(self.desk.project, one.model), choose)

    def _roll_back(self, model: str, alias: str) -> None:
        def ask(course: tuple[int, int]) -> None:
            before, after = course

            def reasoned(reason: str | None) -> None:
                if reason:
                    self.workbench.perform(Rollback(model, alias, after, reason))

            self.app.push_screen(
                Prompt(
                    f"Move {alias} of {model} back: v{before} → v{after}",
                    placeholder="why?",
                    check=lambda text: None if text else NO_REASON,
                    twin=f"workbench models rollback {model} --alias {alias} --reason TEXT",
                ),
                reasoned,
            )

        self.workbench.ask(RollbackTarget(self.desk.project, model, alias), ask)

    # texts

    def action_card(self) -> None:
        """Write its card."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def edit(found: tuple[str, str]) -> None:
            before, draft = found

            def save(text: str) -> None:
                self.workbench.perform(SaveCard(one.model, one.number, edited_card(text), before))

            edit_text(self, "card", draft, save)

        self.workbench.ask(CardText(one.model, one.number), edit)

    def action_describe(self) -> None:
        """Ask for a description."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def described(text: str | None) -> None:
            if text is not None:
                self.workbench.perform(DescribeVersion(one.model, one.number, text or None))

        self.app.push_screen(
            Prompt(
                f"Describe {one.reference}",
                value=one.description,
                placeholder="a sentence; none removes it",
                twin=lambda text: f"workbench models describe {one.reference} {text or 'TEXT'}",
            ),
            described,
        )

    def action_tag(self) -> None:
        """Ask for a tag."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def tagged(text: str | None) -> None:
            if text:
                name, equals, value = text.partition("=")
                self.workbench.perform(
                    TagVersion(one.model, one.number, name.strip(), value.strip() if equals else None)
                )

        self.app.push_screen(
            Prompt(
                f"Tag {one.reference}",
                placeholder="name=value; the name alone removes the tag",
                check=lambda text: None if text.partition("=")[0].strip() else "a tag has a name: name=value",
                twin=lambda text: f"workbench models tag {one.reference} {text or 'NAME=VALUE'}",
            ),
            tagged,
        )

    def action_undo(self) -> None:
        """Take the last change back."""
        self.workbench.undo()

    # elsewhere

    def action_package(self) -> None:
        """Plan an image of it."""
        one = self._chosen_or_refuse()
        if one is not None:
            plan_image(self, one.reference)

    def action_run(self) -> None:
        """Show the run that made it."""
        one = self._chosen_or_refuse()
        if one is None:
            return
        if one.run is None:
            self.workbench.refuse(f"{one.reference} was registered without a run")
        else:
            self.workbench.open_run(one.run)

    def action_copy(self) -> None:
        """Copy it as `workbench models show --json` prints it."""
        one = self._chosen_or_refuse()
        if one is None:
            return

        def copy(document: dict[str, object]) -> None:
            text = io.StringIO()
            write_json(document, text)
            self.workbench.copy(text.getvalue(), "the version as JSON")

        self.workbench.ask(VersionDocument(one.model, one.number), copy)

    def _chosen_or_refuse(self) -> VersionFacts | None:
        one = self.chosen()
        if one is None:
            self.workbench.refuse("there is no version here" if not self.opening else "it is still being read")
        return one

    def can(self, action: Action) -> bool:
        """What is done to a version needs one."""
        if action.scope != "version":
            return True
        if action.name == "undo":
            return bool(self.workbench.undoable)
        one = self.chosen()
        if one is None:
            return False
        if action.name == "unalias":
            return bool(one.aliases)
        return action.name != "run" or one.run is not None
