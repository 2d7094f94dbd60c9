"""Live models: loaded when first asked, kept by recent use, fed in batches."""

from .batcher import Batcher
from .live_models import LiveModels

__all__ = ["Batcher", "LiveModels"]
