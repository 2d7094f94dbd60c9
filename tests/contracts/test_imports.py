"""``import xvlab`` stays light, and the base install stays small."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "torchvision", "timm", "plotly", "cv2", "sqlalchemy", "fastapi", "IPython", "ipywidgets")

BASE_DEPENDENCIES = {
    "alembic",
    "httpx",
    "numpy",
    "obstore",
    "opencv-python-headless",
    "pillow",
    "psutil",
    "pwdlib",
    "pydantic",
    "pydantic-settings",
    "pyyaml",
    "rich",
    "sqlalchemy",
    "typer",
}


def loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_import_xvlab_loads_nothing_heavy():
    assert not loaded_by("import xvlab").intersection(HEAVY)


@pytest.mark.parametrize("module", ["xvlab.workspace", "xvlab.cli", "xvlab_widgets"])
def test_doors_load_no_deep_learning_library(module):
    assert not loaded_by(f"import {module}").intersection({"torch", "torchvision", "timm"})


def test_pages_load_no_decoder_and_no_figures(tmp_path):
    """A dashboard has a kernel for every visitor; OpenCV and plotly would take a quarter of its 120 MB."""
    pages = (
        "import xvlab_widgets as w; from xvlab.workspace import open_home; "
        f"workspace = open_home({str(tmp_path)!r}).workspace(); "
        "[page(workspace) for page in (w.HomePage, w.AnnotatePage, w.TrainPage, w.EvaluatePage, w.TestPage)]"
    )
    assert not loaded_by(pages).intersection({"cv2", "plotly", "pandas", "papermill", "torch"})


def test_base_dependencies_are_the_agreed_ones():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[<>=]", requirement)[0] for requirement in project["dependencies"]}
    assert names == BASE_DEPENDENCIES


def test_public_names_are_the_agreed_ones():
    import xvlab

    assert xvlab.__all__ == ["Home", "TrainConfig", "Workspace", "__version__", "open_home", "open_workspace"]
    for name in xvlab.__all__:
        assert getattr(xvlab, name) is not None


def test_unknown_public_name_is_an_attribute_error():
    import xvlab

    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        xvlab.nonsense  # noqa: B018
