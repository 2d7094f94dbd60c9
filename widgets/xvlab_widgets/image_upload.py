"""Bring images in from the browser: pictures or a zip of class folders, chosen or dropped, sent in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import traitlets

from xvlab.errors import AlreadyExistsError, ImageRejectedError, InvalidInputError
from xvlab.workspace import Workspace
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import STATIC, Message, XvWidget, action
from xvlab_widgets._viewing import label_rows

if TYPE_CHECKING:
    from xvlab.workspace.imports import ImportProgress

MAX_FILE_BYTES = 2_000_000_000
MAX_PROBLEMS = 50
_ZIP_START = b"PK"


class ImageUpload(XvWidget):
    """Takes files piece by piece; the next piece is sent when the last one is acknowledged.

    Args:
        workspace: Where the images go.
        task: The task (or its name or id) whose label they may be given; a zip's folders become labels of it.
        on_done: Called when all chosen files were taken in.
        layout: Traits of ``DOMWidget``.
    """

    _esm = STATIC / "image_upload.js"
    _css = STATIC / "image_upload.css"

    #: Labels a picture can be given: ``[{"id", "name", "color"}]``.
    labels = traitlets.List().tag(sync=True)
    #: ``{"added", "already_there", "rejected", "labelled", "message", "problems": [text]}`` since the last begin.
    report = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        workspace: Workspace,
        task: Task | str | None = None,
        *,
        on_done: Callable[[], object] | None = None,
        **layout: Any,
    ) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._on_done_callback = on_done
        self._task: Task | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._file: BinaryIO | None = None
        self._received = 0
        self._counts: dict[str, int] = {}
        self._problems: list[str] = []
        with self.reporting():
            self.set_task(task)

    def set_task(self, task: Task | str | None) -> None:
        """Give the images labels of this task from now on; ``None`` gives none."""
        self._task = self.workspace.tasks.resolve(task) if isinstance(task, str) else task
        self.labels = label_rows(self._task.labels) if self._task else []

    def take(self, data: bytes, name: str, *, label_id: str = "", is_test: bool = False) -> None:
        """Take in one file: a picture, or a zip archive of class folders.

        Args:
            data: Its bytes.
            name: Its name in the browser.
            label_id: The label a picture gets; empty gives none.
            is_test: Whether it is set apart for tests.
        """
        self._drop_file()
        self._start_file().write(data)
        try:
            self._take_file(name, label_id=label_id, is_test=is_test)
        finally:
            self._drop_file()

    # ---- what the browser sends ----

    @action("begin")
    def _on_begin(self, _message: Message) -> None:
        self._counts = {"added": 0, "already_there": 0, "rejected": 0, "labelled": 0}
        self._problems = []
        self._drop_file()
        self._tell("")

    @action("piece")
    def _on_piece(self, message: Message) -> None:
        """Append a piece; ``offset`` 0 begins a file and ``is_last`` ends it."""
        try:
            self._append(message)
        finally:
            self.send({"acknowledged": message.integer("number", 0)})

    @action("done")
    def _on_done(self, _message: Message) -> None:
        self._drop_file()
        self.set_task(self._task.id if self._task else None)
        self._tell("Done.")
        if self._on_done_callback:
            self._on_done_callback()

    # ---- inside ----

    def _append(self, message: Message) -> None:
        piece = bytes(message.buffers[0]) if message.buffers else b""
        if message.integer("offset") == 0:
            self._drop_file()
            self._start_file()
        if self._file is None or message.integer("offset") != self._received:
            raise InvalidInputError("A piece of the file went missing. Send the file again.")
        if self._received + len(piece) > MAX_FILE_BYTES:
            self._drop_file()
            raise InvalidInputError(f"Files above {MAX_FILE_BYTES:,} bytes come in with: xvlab import FILE")
        self._file.write(piece)
        self._received += len(piece)
        if message.flag("is_last"):
            try:
                label_id, is_test = message.text("label_id", ""), message.flag("is_test")
                self._take_file(message.text("name"), label_id=label_id, is_test=is_test)
            finally:
                self._drop_file()

    def _start_file(self) -> BinaryIO:
        self._folder = tempfile.TemporaryDirectory(prefix="xvlab-upload-")
        self._file = self._path.open("wb")
        return self._file

    @property
    def _path(self) -> Path:
        if self._folder is None:
            raise InvalidInputError("No file is on its way. Send the file again.")
        return Path(self._folder.name, "upload")

    def _take_file(self, name: str, *, label_id: str, is_test: bool) -> None:
        if self._file:
            self._file.close()
        path, shown_name = self._path, Path(name).name[:200] or "upload"
        with path.open("rb") as file:
            is_zip = file.read(2) == _ZIP_START
        if is_zip:
            self._take_zip(path.rename(path.with_name(f"{Path(shown_name).stem}.zip")), is_test=is_test)
        else:
            self._take_picture(path.read_bytes(), shown_name, label_id=label_id, is_test=is_test)
        self._tell("")

    def _take_zip(self, path: Path, *, is_test: bool) -> None:
        imports = self.workspace.imports
        report = imports.zip(path, task=self._task, is_test=is_test, on_progress=self._on_progress)
        self._count("added", report.added)
        self._count("already_there", report.already_there)
        self._count("labelled", report.labelled)
        for problem in report.rejected:
            self._reject(problem.path, problem.message)

    def _take_picture(self, data: bytes, name: str, *, label_id: str, is_test: bool) -> None:
        try:
            image_id = self.workspace.images.add(data, name=name, is_test=is_test).id
            self._count("added")
        except AlreadyExistsError as known:
            image_id = known.existing_id
            self._count("already_there")
        except ImageRejectedError as problem:
            self._reject(name, problem.message)
            return
        if label_id and self._task:
            self.workspace.annotations.set_category(self._task.id, image_id, label_id)
            self._count("labelled")

    def _on_progress(self, progress: ImportProgress) -> None:
        self._tell(f"{progress.done:,} of {progress.total:,} files of the archive")

    def _count(self, what: str, number: int = 1) -> None:
        self._counts[what] = self._counts.get(what, 0) + number

    def _reject(self, name: str, reason: str) -> None:
        self._count("rejected")
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(f"{name}: {reason}")

    def _tell(self, message: str) -> None:
        self.report = {**self._counts, "message": message, "problems": list(self._problems)}

    def _drop_file(self) -> None:
        if self._file:
            self._file.close()
        if self._folder:
            self._folder.cleanup()
        self._folder, self._file, self._received = None, None, 0
