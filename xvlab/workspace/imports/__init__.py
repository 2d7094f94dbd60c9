"""Taking in many pictures at once: class folders, CSV, zip, IDX."""

from .reports import ImportProblem, ImportProgress, ImportReport
from .service import Imports

__all__ = ["ImportProblem", "ImportProgress", "ImportReport", "Imports"]
