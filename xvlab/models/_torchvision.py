"""Let torchvision be imported beside a torch whose build lacks its compiled operators.

torchvision's Python half describes ``torchvision::nms`` for shape inference at import time. Where its compiled half
does not fit the installed torch (seen with the wheels of torch 2.13 and torchvision 0.28 for CPUs) the operator is not
defined and the import fails. xvlab and timm never call these operators, so declaring their signatures is enough.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util

import torch

_SIGNATURES = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def _compiled_operators_load() -> bool:
    """Tell whether torchvision's compiled half defines its operators, without importing torchvision itself."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.submodule_search_locations is None:
        return True
    extension = importlib.machinery.PathFinder.find_spec("_C", list(spec.submodule_search_locations))
    if extension is None or extension.origin is None:
        return False
    try:
        torch.ops.load_library(extension.origin)  # type: ignore[no-untyped-call]
    except (OSError, RuntimeError):
        return False
    return hasattr(torch.ops.torchvision, "nms")


def declare_missing_operators() -> torch.library.Library | None:
    """Declare the operators that torchvision names at import, when its compiled half cannot.

    Returns:
        The library, which must be kept alive; ``None`` when nothing was missing.
    """
    if _compiled_operators_load():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for name, signature in _SIGNATURES.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(signature)  # type: ignore[no-untyped-call]
    return library


OPERATORS = declare_missing_operators()
