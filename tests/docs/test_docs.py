"""The docs are proven: generated parts equal the code, links lead somewhere, the README's Python runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize("name", reference.PARTS)
def test_generated_part_is_fresh(name):
    page, build = reference.PARTS[name]
    text = (reference.DOCS / page).read_text()
    assert f"<!-- begin {name} -->" in text
    assert reference.replaced(text, name, build()) == text, "run: make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    assert [
        page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and page.name not in index
    ] == []


def test_readme_python_runs(tmp_path, digits_folder):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks, "the README shows no Python"
    (tmp_path / "digits").symlink_to(digits_folder, target_is_directory=True)
    script = tmp_path / "readme.py"
    script.write_text("\n".join(blocks))
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XVLAB_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
