"""Which image comes next, and what was done: the brain of every class labeller. The store is the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from xvlab.errors import NotFoundError
from xvlab.workspace import Workspace
from xvlab.workspace.images import Image
from xvlab.workspace.tasks import Task


class _Deed(NamedTuple):
    """Something that can be undone: the image it was done to, and how to take it back."""

    image_id: str
    revert: Callable[[], object]


class LabellingQueue:
    """Walks over the images of a task that have no label yet.

    Every label is written before the queue moves on. Going back walks over the images seen in this session; skipped
    images stay without a label and come again after :meth:`restart`.

    Args:
        workspace: Where the images lie.
        task: The task whose labels are given.
    """

    def __init__(self, workspace: Workspace, task: Task) -> None:
        self.workspace = workspace
        self.task = task
        self.skipped: set[str] = set()
        self._seen: list[str] = []
        self._position = -1
        self._deeds: list[_Deed] = []
        self._is_at_end = False

    @property
    def current(self) -> Image | None:
        """The image to be labelled now; ``None`` when there is none left, or before :meth:`advance`."""
        if self._is_at_end or self._position < 0:
            return None
        return self._get(self._seen[self._position])

    @property
    def can_undo(self) -> bool:
        """Whether something was done in this session that can be taken back."""
        return bool(self._deeds)

    @property
    def can_go_back(self) -> bool:
        """Whether an image was seen before the present one."""
        return self._position > 0 or (self._is_at_end and self._position >= 0)

    def submit(self, label_id: str) -> None:
        """Write the label of the current image; replaces an earlier one of this task."""
        image = self._require_current()
        annotations = self.workspace.annotations
        change = annotations.set_category(self.task.id, image.id, label_id)
        self._deeds.append(_Deed(image.id, lambda: annotations.undo(change)))
        self.skipped.discard(image.id)

    def exclude(self) -> None:
        """Keep the current image out of this task."""
        image, task_id = self._require_current(), self.task.id
        annotations = self.workspace.annotations
        annotations.exclude(task_id, image.id)
        self._deeds.append(_Deed(image.id, lambda: annotations.include(task_id, image.id)))

    def skip(self) -> None:
        """Leave the current image as it is for now."""
        self.skipped.add(self._require_current().id)

    def undo(self) -> bool:
        """Take the last deed back and show its image again; ``False`` when there is none."""
        if not self._deeds:
            return False
        deed = self._deeds.pop()
        deed.revert()
        self.visit(deed.image_id)
        return True

    def back(self) -> None:
        """Show the image that was seen before."""
        if self._is_at_end:
            self._is_at_end = False
        elif self._position > 0:
            self._position -= 1

    def visit(self, image_id: str) -> None:
        """Show this image now; where it was seen already, the queue goes on from there."""
        self._is_at_end = False
        if image_id in self._seen:
            self._position = self._seen.index(image_id)
            return
        self._seen.insert(self._position + 1, image_id)
        self._position += 1

    def advance(self) -> None:
        """Go to the next image, or to the end."""
        following = self.upcoming()
        if following is None:
            self._is_at_end = True
            return
        if following.id in self._seen:
            self._position = self._seen.index(following.id)
        else:
            self._seen.append(following.id)
            self._position = len(self._seen) - 1

    def restart(self) -> None:
        """Begin again with all images that have no label, the skipped ones too."""
        self.skipped.clear()
        self._seen.clear()
        self._position, self._is_at_end = -1, False
        self.advance()

    def upcoming(self) -> Image | None:
        """Return the image that :meth:`advance` would show, for loading it ahead."""
        for image_id in self._seen[self._position + 1 :]:
            if image := self._get(image_id):
                return image
        present = self._seen[self._position] if self._seen else None
        following = self._unlabelled_after(self._seen[-1] if self._seen else None, present)
        return following or self._unlabelled_after(None, present)

    def _unlabelled_after(self, after: str | None, present: str | None) -> Image | None:
        passed_over = self.skipped | {present}
        try:
            found = self.workspace.annotations.next_unlabelled(self.task.id, after=after, limit=len(passed_over) + 1)
        except NotFoundError:
            return None
        return next((image for image in found if image.id not in passed_over), None)

    def _get(self, image_id: str) -> Image | None:
        try:
            return self.workspace.images.get(image_id)
        except NotFoundError:
            return None

    def _require_current(self) -> Image:
        image = self.current
        if image is None:
            raise NotFoundError("There is no image to label now: it was deleted, or all are done. Go to the next one.")
        return image
