"""Training images per second against timm's own loop, in one run: ``python tests/bench/bench_train.py``.

timm's wheel does not ship its ``train.py``. The rival is therefore that script's loop put together from timm's own
parts: ``create_dataset`` on class folders, ``create_loader`` with its transforms, ``create_optimizer_v2``,
``create_scheduler_v2``, ``ModelEmaV3``, ``dispatch_clip_grad``, ``AverageMeter``. Both train the same architecture at
the same batch, size and augmentation (a random crop of the padded image), averaged weights and clipping included, in
alternating rounds; each side keeps its best round, since other load can only slow a round down.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np

from xvlab.models import build_model  # before timm, which imports torchvision

import timm  # isort: skip
import torch  # isort: skip
from timm.data import create_dataset, create_loader  # isort: skip
from timm.optim import create_optimizer_v2  # isort: skip
from timm.scheduler import create_scheduler_v2  # isort: skip
from timm.utils import AverageMeter, ModelEmaV3, dispatch_clip_grad  # isort: skip
from torchvision import transforms  # isort: skip
from xvlab.data.images import encode_png
from xvlab.data.snapshot import SnapshotItem, SnapshotLabel, TrainingData, make_snapshot
from xvlab.tasks import TrainConfig, find_preset
from xvlab.training import EpochDone, TrainEvent, train

SIDE, BATCH, CLASSES, IMAGES = 32, 128, 10, 1280
EPOCHS, ROUNDS = 3, 2
TARGET = 1.0


def _write_images(folder: Path) -> TrainingData:
    """Write random PNG files in class folders, and return the same images as a snapshot."""
    rng = np.random.default_rng(0)
    items = []
    for place in range(IMAGES):
        label = place % CLASSES
        path = folder / "train" / f"class-{label}" / f"{place:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path.write_bytes(encode_png(np.kron(small, np.ones((SIDE // 8, SIDE // 8, 1), np.uint8))))
        items.append(SnapshotItem(f"{place:05d}", str(path), "train", (f"class-{label}",)))
    labels = [SnapshotLabel(f"class-{i}", f"class-{i}") for i in range(CLASSES)]
    snapshot = make_snapshot(
        task_id="bench", kind="multi_class", seed=0, evaluation_share=0.2, labels=labels, items=items
    )
    return TrainingData(snapshot, lambda path: Path(path).read_bytes())


def _ours(data: TrainingData, folder: Path) -> float:
    """Return images per second of the epochs after the first, the time between epochs included."""
    ends: list[float] = []

    def tell(event: TrainEvent) -> None:
        if isinstance(event, EpochDone):
            ends.append(time.perf_counter())

    config = TrainConfig(
        preset="small", image_size=SIDE, batch_size=BATCH, epochs=EPOCHS, augmentation="light", weights="none"
    )
    train(data, config, folder=folder, listener=tell)
    return IMAGES * (EPOCHS - 1) / (ends[-1] - ends[0])


def _timms(folder: Path) -> float:
    """Return images per second of the epochs after the first, as timm's train.py runs them."""
    preset = find_preset("small")
    model = timm.create_model(preset.architecture, num_classes=CLASSES).to(memory_format=torch.channels_last)
    optimizer = create_optimizer_v2(model, opt="adamw", lr=preset.learning_rate, weight_decay=preset.weight_decay)
    averaged = ModelEmaV3(model, decay=0.999, use_warmup=True)
    loader = create_loader(
        create_dataset("", root=str(folder), split="train"),
        input_size=(3, SIDE, SIDE),
        batch_size=BATCH,
        is_training=True,
        no_aug=True,
        use_prefetcher=False,
        num_workers=int(os.environ.get("XVLAB_BENCH_WORKERS", "2")),
        device=torch.device("cpu"),
        persistent_workers=True,
    )
    crop = transforms.RandomCrop(SIDE, padding=SIDE // 8, padding_mode="reflect")
    loader.dataset.transform = transforms.Compose([crop, loader.dataset.transform])
    scheduler, _ = create_scheduler_v2(optimizer, num_epochs=EPOCHS, updates_per_epoch=len(loader))
    loss_function = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
    ends, updates = [], 0
    for epoch in range(EPOCHS):
        model.train()
        losses = AverageMeter()
        for inputs, targets in loader:
            loss = loss_function(model(inputs.contiguous(memory_format=torch.channels_last)), targets)
            optimizer.zero_grad()
            loss.backward()
            dispatch_clip_grad(model.parameters(), value=5.0)
            optimizer.step()
            updates += 1
            averaged.update(model, step=updates)
            losses.update(loss.item(), inputs.size(0))
            scheduler.step_update(num_updates=updates, metric=losses.avg)
        scheduler.step(epoch + 1)
        ends.append(time.perf_counter())
    return IMAGES * (EPOCHS - 1) / (ends[-1] - ends[0])


def main() -> None:
    """Print one JSON line: our images per second, timm's, and their ratio."""
    ours, timms = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = _write_images(folder / "images")
        build_model(find_preset("small"), outputs=CLASSES, image_size=SIDE, weights="none")
        for turn in range(ROUNDS):
            timms.append(_timms(folder / "images"))
            ours.append(_ours(data, folder / f"run-{turn}"))
    print(
        json.dumps(
            {
                "figure": "train_images_per_second",
                "value": round(max(ours), 1),
                "unit": "images/s",
                "target": TARGET,
                "ratio": round(max(ours) / max(timms), 3),
                "rival": round(max(timms), 1),
                "rival_is": f"train.py's loop made of timm {timm.__version__}'s parts; its wheel lacks the script",
                "all_ours": [round(value) for value in ours],
                "all_rival": [round(value) for value in timms],
                "load_average": round(os.getloadavg()[1], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
