"""What ``pip install`` brings: both packages, the bundles, the notebooks, the templates, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize(
    "name",
    [
        "xvlab/py.typed",
        "xvlab_widgets/py.typed",
        "xvlab/_database/migrations/env.py",
        "xvlab/_database/migrations/versions/0001_foundation.py",
        "xvlab/_share/notebooks/jobs/train.ipynb",
        "xvlab/_share/notebooks/jobs/evaluate.ipynb",
        "xvlab/_share/voila_apps/home.ipynb",
    ],
)
def test_wheel_holds(wheel_names, name):
    assert name in wheel_names


def test_wheel_holds_the_bundles_and_the_voila_template(wheel_names):
    assert any(name.startswith("xvlab_widgets/static/") and name.endswith(".js") for name in wheel_names)
    assert any("share/jupyter/voila/templates/xvlab/" in name for name in wheel_names)


def test_wheel_has_no_other_top_level(wheel_names):
    tops = {name.split("/")[0] for name in wheel_names}
    assert {top for top in tops if ".dist-info" not in top and ".data" not in top} == {"xvlab", "xvlab_widgets"}
