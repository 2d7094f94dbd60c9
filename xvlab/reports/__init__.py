"""Figures and tables of a run, for notebooks, dashboards and reports: plotly figures and escaped HTML, no torch."""

from xvlab.reports.curves import training_curves
from xvlab.reports.evaluation import confusion_matrix_figure, metrics_html, reliability_figure
from xvlab.reports.failed_images import failed_images_html
from xvlab.reports.run_report import report_html
from xvlab.reports.tables import environment_html, parameters_html, snapshot_html

__all__ = [
    "confusion_matrix_figure",
    "environment_html",
    "failed_images_html",
    "metrics_html",
    "parameters_html",
    "reliability_figure",
    "report_html",
    "snapshot_html",
    "training_curves",
]
