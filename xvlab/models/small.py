"""``xvlab_small``: a residual network that learns small images from scratch at the least CPU time.

Most work of such a network happens at full resolution, where it learns least. So the first convolution is thin, every
stage halves the image, and the residual pairs start at a quarter of the resolution.
"""

from __future__ import annotations

from typing import Any

import torch
from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import Tensor, nn

__all__ = ["SmallNet", "xvlab_small"]


def _conv(channels_in: int, channels_out: int, *, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class ResidualPair(nn.Module):
    """Two 3x3 convolutions whose result is added to their input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels)
        self.second = _conv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape ``(b, channels, h, w)``."""
        return x + self.second(self.first(x))


class SmallNet(nn.Module):
    """A stem at full resolution, stages that halve it, average and maximum pooled into a linear classifier.

    Args:
        stem_width: Channels at full resolution.
        widths: Channels of each stage.
        pairs: Residual pairs of each stage.
        num_classes: Outputs; 0 gives the features.
        in_chans: Channels of the input.
        drop_rate: Dropout before the classifier.
    """

    def __init__(
        self,
        *,
        stem_width: int,
        widths: tuple[int, ...],
        pairs: tuple[int, ...],
        num_classes: int = 1000,
        in_chans: int = 3,
        drop_rate: float = 0.0,
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.num_features = self.head_hidden_size = widths[-1]
        self.stem = _conv(in_chans, stem_width)
        channels = (stem_width, *widths)
        self.stages = nn.Sequential(
            *(
                nn.Sequential(_conv(channels[i], width, stride=2), *(ResidualPair(width) for _ in range(pairs[i])))
                for i, width in enumerate(widths)
            )
        )
        self.dropout = nn.Dropout(drop_rate)
        self.classifier: nn.Module = nn.Identity()
        self.reset_classifier(num_classes)

    def reset_classifier(self, num_classes: int) -> None:
        """Replace the classifier by a fresh one with this many outputs."""
        self.num_classes = num_classes
        self.classifier = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()

    def get_classifier(self) -> nn.Module:
        """Return the last layer."""
        return self.classifier

    def forward_features(self, x: Tensor) -> Tensor:
        """Map ``(b, in_chans, h, w)`` to feature maps ``(b, num_features, h', w')``."""
        return self.stages(self.stem(x))

    def forward_head(self, x: Tensor, *, pre_logits: bool = False) -> Tensor:
        """Map feature maps to outputs ``(b, num_classes)``, or to features ``(b, num_features)``."""
        pooled = 0.5 * (torch.amax(x, dim=(2, 3)) + torch.mean(x, dim=(2, 3)))
        return pooled if pre_logits else self.classifier(self.dropout(pooled))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(b, in_chans, h, w)`` to outputs ``(b, num_classes)``."""
        return self.forward_head(self.forward_features(x))


default_cfgs = generate_default_cfgs(
    {
        "xvlab_small.untrained": {
            "input_size": (3, 32, 32),
            "num_classes": 1000,
            "mean": (0.5, 0.5, 0.5),
            "std": (0.5, 0.5, 0.5),
            "first_conv": "stem.0",
            "classifier": "classifier",
        }
    }
)


@register_model
def xvlab_small(pretrained: bool = False, **options: Any) -> SmallNet:  # noqa: FBT001, FBT002 - timm's calling convention
    """Make the network of the preset ``small``; pretrained weights come from a folder only."""
    sizes = {"stem_width": 16, "widths": (32, 64, 128), "pairs": (0, 1, 1)}
    return build_model_with_cfg(SmallNet, "xvlab_small", pretrained, **sizes, **options)
