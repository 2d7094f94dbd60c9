"""Numbers about predictions: numpy only, equal to scikit-learn's."""

from xvlab.metrics.calibration import ReliabilityBin, expected_calibration_error, reliability
from xvlab.metrics.classification import evaluate_classification, log_loss, top_k_accuracy
from xvlab.metrics.confusion import ClassScores, averaged_scores, class_scores, confusion_matrix
from xvlab.metrics.failures import FailedImage, failed_images, images_in_cell

__all__ = [
    "ClassScores",
    "FailedImage",
    "ReliabilityBin",
    "averaged_scores",
    "class_scores",
    "confusion_matrix",
    "evaluate_classification",
    "expected_calibration_error",
    "failed_images",
    "images_in_cell",
    "log_loss",
    "reliability",
    "top_k_accuracy",
]
