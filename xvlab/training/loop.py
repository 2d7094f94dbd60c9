"""The training loop: steps, evaluations, checkpoints. It knows no task kind, no database and no notebook."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch

from xvlab.errors import ConfigurationError
from xvlab.models import Preprocessing, mixed_precision
from xvlab.tasks.config import TrainConfig
from xvlab.tasks.kinds import TaskKind

from .batches import Batches, ImageSet, step_seed
from .checkpoints import Checkpoints
from .evaluation import raw_outputs
from .events import EpochDone, Notice, StepDone, TrainListener
from .kinds import Criterion, KindTraining
from .optimizer import clip_gradients, set_learning_rate
from .plan import learning_rate_factor
from .result import EpochRecord
from .state import Learner, Progress
from .timing import TimeLimit, is_off

EVENT_SECONDS = 0.4
CHECKPOINT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What does not change while a run goes on.

    Attributes:
        config: Resolved options.
        kind: The task kind; says which metric is best.
        training: How this kind is trained.
        criterion: The loss.
        batches: Training batches.
        evaluation: Held-out images; may be empty.
        preprocessing: How the network wants its images.
        identity: Hash of data and options; a checkpoint of another run is refused.
        time_limit: Corrects the plan by the clock; ``None`` keeps the plan.
    """

    config: TrainConfig
    kind: TaskKind
    training: KindTraining
    criterion: Criterion
    batches: Batches
    evaluation: ImageSet
    preprocessing: Preprocessing
    identity: str
    time_limit: TimeLimit | None

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return self.batches.device


class Loop:
    """Drives a learner through a run.

    Args:
        run: What does not change.
        learner: The moving parts.
        progress: How far it has come.
        checkpoints: Where it is saved.
        listener: Hears of steps, epochs and notices.
        elapsed_before: Seconds of the run that are over when the loop is made.
    """

    def __init__(
        self,
        run: Run,
        learner: Learner,
        progress: Progress,
        checkpoints: Checkpoints,
        listener: TrainListener,
        *,
        elapsed_before: float,
    ) -> None:
        self.run = run
        self.learner = learner
        self.progress = progress
        self.checkpoints = checkpoints
        self.listener = listener
        self.best_record: EpochRecord | None = next((r for r in reversed(progress.history) if r.is_best), None)
        self._started = time.monotonic() - elapsed_before
        self._told = self._saved = self._looked = time.monotonic()
        self._looked_step, self._looked_step_seconds = progress.step, progress.step_seconds
        self._evaluation_seconds = 0.0 if run.time_limit is None else run.time_limit.evaluation_seconds

    def work(self) -> None:
        """Make all steps that are left; evaluate and save after each epoch.

        Raises:
            ConfigurationError: The loss is no longer a number.
        """
        while not self.progress.finished:
            self._step()
            if self.progress.step % self.run.batches.steps_per_epoch == 0 or self.progress.finished:
                self._end_epoch()
            else:
                self._look_at_clock()

    def tell_history(self) -> None:
        """Tell of the epochs an earlier attempt made; it may have died after the checkpoint and before it told."""
        for record in self.progress.history:
            self._tell_epoch(record)

    def save(self) -> None:
        """Write a checkpoint of this very step."""
        self.progress.seconds = time.monotonic() - self._started
        body = {"identity": self.run.identity, "progress": self.progress.as_dict(), **self.learner.state()}
        self.checkpoints.save(self.progress.step, body, best_step=self.progress.best_step)
        self._saved = time.monotonic()

    def _rate(self) -> float:
        done = self.progress.plan.progress(self.progress.step)
        return self.run.config.learning_rate * learning_rate_factor(done, warmup_share=self.run.config.warmup_share)

    def _step(self) -> None:
        started = time.monotonic()
        step, learner = self.progress.step, self.learner
        rate = self._rate()
        set_learning_rate(learner.optimizer, rate)
        torch.manual_seed(step_seed(self.run.config.seed, step))
        learner.network.train()
        loss = self._gradients(step)
        if not math.isfinite(loss):
            raise ConfigurationError(
                f"The loss became {loss} in step {step + 1}; the weights are lost. Train with a lower learning_rate "
                f"(it was {self.run.config.learning_rate:g}) or with precision float32."
            )
        learner.scaler.unscale_(learner.optimizer)
        clip_gradients(learner.network)
        learner.scaler.step(learner.optimizer)
        learner.scaler.update()
        learner.averaged.update(learner.network, updates=step + 1)
        self._count(loss, time.monotonic() - started)
        self._tell_step(loss, rate)

    def _gradients(self, step: int) -> float:
        """Add up the gradients of one step and return its loss."""
        learner, total = self.learner, torch.zeros((), device=self.run.device)
        learner.optimizer.zero_grad(set_to_none=True)
        batches = list(self.run.batches.of_step(step))
        images = sum(len(inputs) for inputs, _ in batches)
        for inputs, wanted in batches:
            with mixed_precision(self.run.config.precision, self.run.device):
                outputs = learner.network(inputs)
            loss = self.run.criterion(outputs, wanted) * (len(inputs) / images)
            learner.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return float(total)

    def _count(self, loss: float, seconds: float) -> None:
        progress = self.progress
        progress.step += 1
        progress.epoch_loss += loss
        progress.epoch_steps += 1
        progress.epoch_seconds += seconds
        progress.step_seconds += seconds

    def _end_epoch(self) -> None:
        started = time.monotonic()
        progress, run = self.progress, self.run
        outputs = raw_outputs(
            self.learner.averaged.network,
            run.evaluation,
            run.preprocessing,
            device=run.device,
            precision=run.config.precision,
        )
        metrics = run.training.metrics(outputs, run.evaluation.targets) if len(run.evaluation) else {}
        self._evaluation_seconds = time.monotonic() - started
        record = self._record(metrics)
        progress.history.append(record)
        progress.epoch_loss, progress.epoch_steps, progress.epoch_seconds = 0.0, 0, 0.0
        if record.is_best:
            self.best_record, progress.best_step = record, progress.step
            self.checkpoints.save_best(progress.step, self.learner.averaged.network.state_dict())
        progress.stopped_early = self._is_without_gain()
        self._correct_plan()
        self.save()
        self._tell_epoch(record)

    def _record(self, metrics: dict[str, float]) -> EpochRecord:
        progress = self.progress
        return EpochRecord(
            epoch=len(progress.history) + 1,
            train_loss=progress.epoch_loss / progress.epoch_steps,
            learning_rate=float(self.learner.optimizer.param_groups[0]["lr"]),
            metrics=metrics,
            seconds=progress.epoch_seconds + self._evaluation_seconds,
            is_best=self._is_best(metrics),
        )

    def _is_best(self, metrics: dict[str, float]) -> bool:
        """Compare by the kind's metric, then by loss; without held-out images the last epoch is the best."""
        if self.best_record is None or not metrics:
            return True
        sign = 1.0 if self.run.kind.best_is_highest else -1.0
        name = self.run.kind.best_metric
        new, old = sign * metrics[name], sign * self.best_record.metrics[name]
        return new > old or (new == old and metrics["loss"] <= self.best_record.metrics["loss"])

    def _is_without_gain(self) -> bool:
        patience = self.run.config.early_stopping_epochs
        if not patience or self.best_record is None or self.progress.finished:
            return False
        if len(self.progress.history) - self.best_record.epoch < patience:
            return False
        self.listener(Notice("training", f"Stopped early: no gain for {patience} epochs."))
        return True

    def _look_at_clock(self) -> None:
        now, limit = time.monotonic(), self.run.time_limit
        if limit is not None and now - self._looked > limit.check_seconds and self._correct_plan():
            self.save()
        if now - self._saved > CHECKPOINT_SECONDS:
            self.save()

    def _correct_plan(self) -> bool:
        """Fit the plan to the time that is left; return whether it changed."""
        limit, progress = self.run.time_limit, self.progress
        now, made = time.monotonic(), progress.step - self._looked_step
        if limit is None or made == 0 or progress.finished or now - self._looked < limit.check_seconds:
            return False
        possible = limit.total_steps(
            step=progress.step,
            elapsed=now - self._started,
            step_seconds=(progress.step_seconds - self._looked_step_seconds) / made,
            evaluation_seconds=self._evaluation_seconds,
        )
        self._looked, self._looked_step, self._looked_step_seconds = now, progress.step, progress.step_seconds
        if not is_off(progress.plan.total, possible, step=progress.step):
            return False
        progress.plan = progress.plan.changed(progress.step, possible)
        return True

    def _seconds_left(self) -> float:
        progress, per_epoch = self.progress, self.run.batches.steps_per_epoch
        per_step = progress.step_seconds / max(progress.step, 1) + self._evaluation_seconds / per_epoch
        return 0.0 if progress.finished else per_step * (progress.plan.total - progress.step)

    def _epochs(self) -> int:
        return max(math.ceil(self.progress.plan.total / self.run.batches.steps_per_epoch), len(self.progress.history))

    def _tell_step(self, loss: float, rate: float) -> None:
        if time.monotonic() - self._told < EVENT_SECONDS:
            return
        self._told = time.monotonic()
        progress, per_epoch = self.progress, self.run.batches.steps_per_epoch
        epoch, place = divmod(progress.step - 1, per_epoch)
        speed = self.run.batches.images_per_step * progress.step / progress.step_seconds
        seconds_left = self._seconds_left()
        self.listener(StepDone(epoch + 1, self._epochs(), place + 1, per_epoch, loss, rate, speed, seconds_left))

    def _tell_epoch(self, record: EpochRecord) -> None:
        self.listener(
            EpochDone(
                epoch=record.epoch,
                epochs=record.epoch if self.progress.finished else self._epochs(),
                train_loss=record.train_loss,
                learning_rate=record.learning_rate,
                metrics=dict(record.metrics) or {"accuracy": 0.0, "loss": record.train_loss},
                seconds=record.seconds,
                seconds_left=self._seconds_left(),
                is_best=record.is_best,
            )
        )
