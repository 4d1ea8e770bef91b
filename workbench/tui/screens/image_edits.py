"""What screens do with an image, and with what runs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.output.cells import visible
from workbench.output.image_table import smoke_lines
from workbench.output.records import write_json
from workbench.tui.actions import Action
from workbench.tui.questions.errands import ReadBill, ReadLog, TestAgain
from workbench.tui.questions.images import Example, document_of, shown_source
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.image_questions import plan_image, roll_back, run_image, stop_deployment

if TYPE_CHECKING:
    from workbench.packaging.images import Image
    from workbench.packaging.watching import Row


class ImageEdits(WorkbenchScreen):
    """The part of a screen that acts on an image and on a deployment."""

    def chosen(self) -> Image | None:
        """The image that is meant; the screen knows it."""
        raise NotImplementedError

    def running(self) -> Row | None:
        """The deployment that is meant: the one under the cursor, or the first that runs the image."""
        raise NotImplementedError

    # images

    def action_run_image(self) -> None:
        """Run it."""
        image = self._image_or_refuse()
        if image is not None:
            run_image(self, image)

    def action_package(self) -> None:
        """Build it again."""
        image = self._image_or_refuse()
        if image is not None:
            plan_image(self, self._reference(image))

    def action_smoke(self) -> None:
        """Test it again, and show what came of it."""
        image = self._image_or_refuse()
        if image is None:
            return

        def tested(found: tuple[str, dict[str, Any]]) -> None:
            name, smoke = found
            self.workbench.read(f"Smoke test of {visible(name)}", smoke_lines(name, smoke))

        self.workbench.run_errand(TestAgain(image), tested)

    def action_bill(self) -> None:
        """Read its bill of materials."""
        image = self._image_or_refuse()
        if image is None:
            return

        def read(bill: dict[str, Any]) -> None:
            self.workbench.read(f"Bill of materials of {image.name}", _json(bill))

        self.workbench.run_errand(ReadBill(image), read)

    def action_version(self) -> None:
        """Go to the version, or to the run, that it was built of."""
        image = self._image_or_refuse()
        if image is None:
            return
        if image.number is not None and image.version:
            self.workbench.open_version(image.model, image.number)
        elif image.run:
            self.workbench.open_run(image.run)
        else:
            self.workbench.refuse("what it was built of is not in this project")

    def action_copy(self) -> None:
        """Copy it as `workbench package inspect --json` prints it."""
        image = self._image_or_refuse()
        if image is not None:
            document = {**document_of(image, self.workbench.dock.seen), **image.facts}
            self.workbench.copy(_json(document), "the image as JSON")

    # what runs

    def action_stop(self) -> None:
        """Stop it."""
        row = self._row_or_refuse()
        if row is not None:
            stop_deployment(self, row.container.name, row.container.shown)

    def action_rollback(self) -> None:
        """Run again what ran before."""
        row = self._row_or_refuse()
        if row is not None:
            roll_back(self, row.container.name)

    def action_logs(self) -> None:
        """Read the end of what its server wrote."""
        row = self._row_or_refuse()
        if row is None:
            return
        name = row.container.name

        def read(text: str) -> None:
            if text:
                self.workbench.read(f"What {visible(name)} wrote", text)
            else:
                self.workbench.refuse(f"{visible(name)} wrote nothing")

        self.workbench.run_errand(ReadLog(name), read)

    def action_example(self) -> None:
        """Copy a request."""
        row = self._row_or_refuse()
        if row is None:
            return
        settings = row.container.settings
        url = f"http://127.0.0.1:{settings.port}"
        question = Example(self.desk.project, row.container.image_id, url, settings.token_file)
        self.workbench.ask(question, lambda text: self.workbench.copy(text, "a request with curl"))

    def _image_or_refuse(self) -> Image | None:
        image = self.chosen()
        if image is None:
            self.workbench.refuse("there is no image here" if not self.opening else "it is still being read")
        return image

    def _row_or_refuse(self) -> Row | None:
        row = self.running()
        if row is None:
            image = self.chosen()
            seen = self.workbench.dock.seen
            if seen is not None and seen.error is not None:
                self.workbench.refuse(seen.error.message)
            else:
                self.workbench.refuse(f"nothing runs {visible(image.name)}" if image else "nothing runs")
        return row

    @staticmethod
    def _reference(image: Image) -> str:
        return shown_source(image) if image.number is not None else (image.run or image.model)

    # words

    def can(self, action: Action) -> bool:
        """Images and deployments need to be there."""
        if action.scope == "image":
            image = self.chosen()
            return image is not None and (action.name != "version" or bool(image.version or image.run))
        if action.scope == "deployment":
            row = self.running()
            return row is not None and (action.name not in ("stop", "example") or row.container.is_running)
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The image, what it was built of, the deployment."""
        image, row = self.chosen(), self.running()
        return {
            "image": image.name if image is not None else "",
            "version": self._reference(image) if image is not None else "",
            "deployment": row.container.name if row is not None else "",
        }


def _json(document: Mapping[str, Any]) -> str:
    text = io.StringIO()
    write_json(document, text)
    return text.getvalue()
