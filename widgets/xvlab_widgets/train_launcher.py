"""The form that starts a training: what matters first, everything else one click away."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
from pydantic import ValidationError

from xvlab.errors import InvalidInputError
from xvlab.jobs.record import JobRecord
from xvlab.tasks import TrainConfig
from xvlab.workspace import Workspace
from xvlab.workspace.images import ImageFilter
from xvlab.workspace.tasks import Task
from xvlab_widgets._base import XvBox
from xvlab_widgets._config_form import FIELD_TITLES, make_control, to_config_value, to_control_value
from xvlab_widgets.task_picker import TaskPicker

IMPORTANT = ("preset", "epochs", "image_size", "augmentation", "time_limit_seconds")
HIDDEN = ("plan",)
FEW_IMAGES = 20


class TrainLauncher(XvBox):
    """A form made from the fields of :class:`xvlab.tasks.TrainConfig`, above it what there is to learn from.

    Args:
        workspace: Where the task lies.
        task: The task to train, or its name or id; without one the form begins with a choice.
        on_submit: Called with the job when one was started.
        layout: Traits of ``VBox``.
    """

    def __init__(
        self,
        workspace: Workspace,
        task: Task | str | None = None,
        *,
        on_submit: Callable[[JobRecord], object] | None = None,
        **layout: Any,
    ) -> None:
        super().__init__(**layout)
        self.workspace = workspace
        self._on_submit = on_submit
        self.picker = None if task else TaskPicker(workspace)
        self._fixed_task_id = ""
        self._controls = {
            name: make_control(name, field) for name, field in TrainConfig.model_fields.items() if name not in HIDDEN
        }
        self._share = ipywidgets.BoundedFloatText(value=20, min=1, max=90, step=5)
        self._promote = ipywidgets.Checkbox(description="Put it into production when it is done", indent=False)
        self._start = ipywidgets.Button(description="Start training", button_style="primary")
        self._start.add_class("xv-start-training")
        self._data = ipywidgets.HTML()
        self._said = ipywidgets.HTML()
        self._start.on_click(lambda _button: self._on_start())
        self._assemble()
        with self.reporting():
            if task:
                self._fixed_task_id = (task if isinstance(task, Task) else workspace.tasks.resolve(task)).id
            self.refresh()
        if self.picker:
            self.picker.observe(lambda _change: self.refresh(), "task_id")

    @property
    def task(self) -> Task | None:
        """The task to train as the store has it now."""
        task_id = self._fixed_task_id or (self.picker.task_id if self.picker else "")
        return self.workspace.tasks.get(task_id) if task_id else None

    @property
    def config(self) -> TrainConfig:
        """The options as they stand in the form.

        Raises:
            InvalidInputError: One of them is not possible.
        """
        values = {name: to_config_value(name, control.value) for name, control in self._controls.items()}
        try:
            return TrainConfig(**values)
        except ValidationError as problem:
            found = "; ".join(
                f"{FIELD_TITLES.get(str(e['loc'][0]), e['loc'][0])}: {e['msg']}" for e in problem.errors()
            )
            raise InvalidInputError(f"These options do not work: {found}. Correct them.") from problem

    def refresh(self) -> None:
        """Read the task, its options and its images from the store again."""
        task = self.task
        self._start.disabled = task is None
        if task is None:
            self._data.value = "<p class='xv-muted'>Make a task first.</p>"
            return
        config = TrainConfig(**task.configuration) if task.configuration else TrainConfig()
        for name, control in self._controls.items():
            control.value = to_control_value(name, getattr(config, name))
        self._data.value = self._data_html(task)

    def submit(self) -> JobRecord:
        """Start the training with the options of the form.

        Raises:
            InvalidInputError: An option is not possible, or there is too little to learn from.
        """
        task = self.task
        if task is None:
            raise InvalidInputError("There is no task to train. Make one first.")
        job = self.workspace.jobs.submit_training(
            task.id, self.config, evaluation_share=self._share.value / 100, promote=self._promote.value
        )
        if self._on_submit:
            self._on_submit(job)
        return job

    def _on_start(self) -> None:
        self.error, self._said.value = "", ""
        with self.reporting():
            self.submit()
            self._said.value = "<span class='xv-muted' role='status'>The training is in the queue.</span>"

    def _assemble(self) -> None:
        first = _grid([_field(name, self._controls[name]) for name in IMPORTANT])
        others = [name for name in self._controls if name not in IMPORTANT]
        share = _field("evaluation_share", self._share)
        more = ipywidgets.Accordion([_grid([share, *(_field(name, self._controls[name]) for name in others)])])
        more.set_title(0, "More options")
        more.selected_index = None
        start = ipywidgets.HBox([self._start, self._promote, self._said])
        card = ipywidgets.VBox([self._data, first, more, start])
        card.add_class("xv-card")
        self.show(*([self.picker] if self.picker else []), card)

    def _data_html(self, task: Task) -> str:
        progress = self.workspace.annotations.progress(task.id)
        tests = self.workspace.images.count(ImageFilter(task_id=task.id, is_test=True))
        chips, few = [], []
        for label in task.labels:
            count = progress.per_label.get(label.id, 0)
            is_few = count < FEW_IMAGES
            few += [label.name] if is_few else []
            tone = "xv-warn" if is_few else ""
            chips.append(f"<span class='xv-chip xv-plain {tone}'>{escape(label.name)} <b>{count:,}</b></span>")
        head = f"<h3>{escape(task.name)}</h3><p class='xv-muted'>{progress.labelled:,} of {progress.total:,} images have a label; {tests:,} of them are test images.</p>"  # noqa: E501
        warning = _few_html(few, len(task.labels))
        return f"{head}<div class='xv-row xv-chips'>{''.join(chips)}</div>{warning}"


def _few_html(names: list[str], labels_count: int) -> str:
    if labels_count < 2:
        return "<p class='xv-note xv-warn'>A task needs at least two labels. Add them on the annotate page.</p>"
    if not names:
        return ""
    shown = ", ".join(map(escape, names[:6])) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return f"<p class='xv-note xv-warn'>Few images (below {FEW_IMAGES}) of: {shown}. It will train, but label more for good answers.</p>"  # noqa: E501


def _grid(fields: list[ipywidgets.DOMWidget]) -> ipywidgets.DOMWidget:
    grid = ipywidgets.Box(fields)
    grid.add_class("xv-form-grid")
    return grid


def _field(name: str, control: ipywidgets.DOMWidget) -> ipywidgets.DOMWidget:
    """A control with its title above and its meaning below."""
    field = TrainConfig.model_fields.get(name)
    meaning = field.description if field and field.description else "Share of the images held out to measure on, in %."
    title = ipywidgets.HTML(f"<b>{escape(FIELD_TITLES.get(name, name))}</b>")
    control.layout.width = "100%"
    control.tooltip = meaning
    block = ipywidgets.VBox(
        [title, control, ipywidgets.HTML(f"<span class='xv-muted xv-small'>{escape(meaning)}</span>")]
    )
    block.add_class("xv-field")
    return block
