from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import ipywidgets
import pytest

from xvlab._resources import resource_folder
from xvlab.errors import NotFoundError
from xvlab.workspace import Home
from xvlab_widgets.dashboards import TurnedAway, Visitor, visitor

APPS = sorted(resource_folder("voila_apps").glob("*.ipynb"))
TEMPLATE = resource_folder("templates") / "voila" / "xvlab"
THEME = Path(__file__).parents[2] / "widgets" / "js" / "shared" / "theme.css"


@pytest.fixture
def people(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An owner and a viewer of "Default", and "Secret", which is open to nobody."""
    for name, role in (("ann", "owner"), ("vic", "viewer")):
        home.accounts.create_user(name)
        home.accounts.add_member(home.workspace().id, name, role)
    home.accounts.create_user("stranger")
    home.create_workspace("Secret")
    monkeypatch.setenv("XVLAB_HOME", str(home.settings.home))
    monkeypatch.delenv("VOILA_PREHEAT", raising=False)
    return home


def arrive(monkeypatch: pytest.MonkeyPatch, name: str, **query: str) -> None:
    """What the server puts into a kernel's environment."""
    monkeypatch.setenv("HTTP_X_XVLAB_USER", name)
    monkeypatch.setenv("QUERY_STRING", urlencode(query))


def test_the_address_names_task_and_model(people: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XVLAB_API_URL", "http://127.0.0.1:8000")
    arrive(monkeypatch, "ann", workspace="Default", task="Digits", model="m1")
    seen = visitor()
    assert isinstance(seen, Visitor)
    assert (seen.user.name, seen.workspace.name, seen.task, seen.model) == ("ann", "Default", "Digits", "m1")
    assert seen.workspace.user_id == seen.user.id
    assert seen.may_write
    assert people.accounts.authenticate(seen.api_token).name == "ann"
    expiry = people.accounts.tokens("ann")[0].expires_at
    assert expiry is not None
    assert seen.api_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "query", "right", "reason"),
    [
        pytest.param("", {}, "read", "Nobody is signed in", id="nobody"),
        pytest.param("stranger", {}, "read", "No workspace is open to 'stranger'", id="no workspace"),
        pytest.param("ann", {"workspace": "Secret"}, "read", "No workspace 'Secret' is open", id="not a member"),
        pytest.param("ann", {"workspace": "Nothing"}, "read", "No workspace 'Nothing' is open", id="no such workspace"),
        pytest.param("vic", {}, "write", "may not write", id="viewer on a page that changes things"),
        pytest.param("gone", {}, "read", "No user is called 'gone'", id="no such account"),
    ],
)
def test_whoever_may_not_see_a_page_reads_why(
    people: Home, monkeypatch: pytest.MonkeyPatch, name: str, query: dict[str, str], right: Any, reason: str
) -> None:
    arrive(monkeypatch, name, **query)
    seen = visitor(right=right)
    assert isinstance(seen, TurnedAway)
    assert reason in seen.reason
    assert isinstance(seen.show(ipywidgets.VBox), ipywidgets.HTML)


def test_a_viewer_sees_pages_that_only_show(people: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(monkeypatch, "vic")
    seen = visitor(right="read")
    assert isinstance(seen, Visitor)
    assert not seen.may_write


def test_a_page_that_cannot_be_built_says_why(people: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def page(_workspace: object) -> ipywidgets.VBox:
        raise NotFoundError("No task is called <b>'x'</b>. Choose another.")

    arrive(monkeypatch, "ann")
    shown = visitor().show(page)
    assert "&lt;b&gt;" in shown.value


@pytest.mark.parametrize("path", APPS, ids=lambda path: path.stem)
def test_an_app_is_assembly_only(path: Path) -> None:
    notebook = json.loads(path.read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    source = "\n".join("".join(cell["source"]) for cell in cells)
    assert 1 <= len(cells) <= 5
    assert not re.search(r"^\s*(def|class|for|while) ", source, re.MULTILINE)
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)
    assert set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)) <= {"xvlab", "xvlab_widgets"}


def test_every_page_of_the_navigation_is_an_app() -> None:
    named = re.findall(r'\("(\w+)", "\w+"\)', (TEMPLATE / "index.html.j2").read_text())
    assert sorted(named) == [path.stem for path in APPS]


def test_the_template_links_to_no_other_host() -> None:
    files = [path for path in TEMPLATE.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if re.search(r"https?://|//cdn", path.read_text())] == []


def test_pages_and_widgets_share_their_colours() -> None:
    pattern = r"^\s*(--xv-[\w-]+):\s*([^;]+);"
    widgets = dict(re.findall(pattern, THEME.read_text(), re.MULTILINE))
    pages = dict(re.findall(pattern, (TEMPLATE / "static" / "xvlab.css").read_text(), re.MULTILINE))
    assert pages
    assert {name: widgets.get(name) for name in pages} == pages
