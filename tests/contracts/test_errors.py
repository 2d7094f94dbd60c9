"""The exception tree: every leaf is drawn in the module's docstring, has a code of its own, and is raised somewhere."""

import re
from pathlib import Path

from xvlab import errors

ROOT = Path(__file__).parents[2]
CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.XvlabError)]


def test_every_class_is_drawn_in_the_docstring():
    assert [cls.__name__ for cls in CLASSES if cls.__name__ not in (errors.__doc__ or "")] == []


def test_every_code_is_unique():
    codes = [cls.code for cls in CLASSES]
    assert len(set(codes)) == len(codes)


def test_every_error_is_raised_somewhere():
    files = [path for folder in ("xvlab", "widgets/xvlab_widgets") for path in (ROOT / folder).rglob("*.py")]
    sources = "\n".join(path.read_text() for path in files)
    used = {cls.__name__ for cls in CLASSES if re.search(rf"(?<!class ){cls.__name__}\(", sources)}
    assert {cls.__name__ for cls in CLASSES} - used - {"XvlabError"} == set()
