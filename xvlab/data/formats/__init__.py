"""Readers of the ways in which labelled images come: class folders, CSV, zip, IDX. Nothing is decoded here."""

from .csv_file import read_csv
from .entries import ENTRY_PROBLEMS, Entry, ImportProblem, Listing
from .folders import read_folder
from .idx import read_idx
from .zip_archive import open_zip

__all__ = ["ENTRY_PROBLEMS", "Entry", "ImportProblem", "Listing", "open_zip", "read_csv", "read_folder", "read_idx"]
