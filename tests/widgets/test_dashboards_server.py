from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from widgets.dashboard_server import PASSWORD, DashboardProcess, open_page, sign_in, start_dashboards
from xvlab.workspace import open_home

PAGES = ("home", "annotate", "train", "evaluate", "test")
MAX_KERNEL_MIB = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DashboardProcess]:
    """A server without preheated kernels, with an owner, a viewer, a stranger and somebody who leaves."""
    folder = tmp_path_factory.mktemp("dashboards")
    with open_home(folder / "home") as home:
        for name in ("owner", "viewer", "stranger", "leaver"):
            home.accounts.create_user(name, PASSWORD)
        home.accounts.add_member(home.workspace().id, "owner", "owner")
        home.accounts.add_member(home.workspace().id, "leaver", "editor")
        home.accounts.add_member(home.workspace().id, "viewer", "viewer")
    running = start_dashboards(folder / "home", preheated_kernels=0, log=folder / "log.txt")
    yield running
    running.stop()


def channel(server: DashboardProcess, cookies: Any, kernel_id: str) -> ClientConnection:
    """The wire of a page to its kernel."""
    cookie = "; ".join(f"{one.name}={one.value}" for one in cookies.jar)
    url = f"ws://127.0.0.1:{server.port}/api/kernels/{kernel_id}/channels?session_id=test"
    return connect(url, additional_headers={"Cookie": cookie}, max_size=None)


def message(kind: str, content: dict[str, Any]) -> str:
    """A Jupyter message as a browser sends it."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "test", "username": "", "version": "5.3"}
    body = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    return json.dumps({**body, "buffers": []})


def read_to_the_end(wire: ClientConnection, *, seconds: float = 20) -> None:
    """Read until the other side closes."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        wire.recv(timeout=seconds)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/voila/render/home.ipynb", id="page"),
        pytest.param("/voila/render/annotate.ipynb?workspace=Default", id="page with query"),
        pytest.param("/session", id="session"),
        pytest.param("/api/kernels/00000000-0000-0000-0000-000000000000", id="kernel"),
    ],
)
def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page(server: DashboardProcess, path: str) -> None:
    answer = server.client().get(path)
    assert answer.status_code in {302, 403}
    assert answer.status_code == 403 or answer.headers["location"].startswith("/login?next=")


def test_the_front_door_leads_home(server: DashboardProcess) -> None:
    assert server.client().get("/").headers["location"] == "/voila/render/home.ipynb"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("owner", "wrong", id="wrong password"),
        pytest.param("nobody", PASSWORD, id="no such account"),
    ],
)
def test_wrong_credentials_get_one_and_the_same_answer(server: DashboardProcess, name: str, password: str) -> None:
    answer = sign_in(server.client(), name, password)
    assert answer.status_code == 401
    assert "Name or password is wrong" in answer.text


def test_guessing_is_slowed_down(server: DashboardProcess) -> None:
    client = server.client()
    statuses = [sign_in(client, "guessed", f"password {number}").status_code for number in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_a_form_without_the_xsrf_value_is_refused(server: DashboardProcess) -> None:
    assert server.client().post("/login", data={"name": "owner", "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("https://elsewhere.example/", id="address"),
        pytest.param("//elsewhere.example/", id="no scheme"),
        pytest.param("/\\elsewhere.example", id="backslash"),
    ],
)
def test_signing_in_never_leads_to_another_host(server: DashboardProcess, target: str) -> None:
    answer = sign_in(server.client(), "owner", PASSWORD, next_url=target)
    assert answer.status_code == 302
    assert not answer.headers["location"].startswith(("http", "//", "/\\"))


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(server: DashboardProcess) -> None:
    cookies = sign_in(server.client(), "owner", PASSWORD).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("username-"))
    assert "httponly" in session.lower()
    assert "samesite=lax" in session.lower()


def test_the_session_outlives_a_restart(server: DashboardProcess, tmp_path: Path) -> None:
    client = server.client("owner")
    with open_home(server.home) as first, open_home(server.home) as second:
        digests = {home.accounts.secret_key.digest("session cookies", "dashboards") for home in (first, second)}
    assert len(digests) == 1
    assert client.get("/session").json()["workspaces"] == ["Default"]


def test_signing_out_needs_a_form_and_ends_the_session(server: DashboardProcess) -> None:
    client = server.client("owner")
    client.get("/logout")
    session = client.get("/session").json()
    assert session["name"] == "owner"
    client.post("/logout", data={"_xsrf": session["xsrf"]})
    assert client.get("/session").status_code in {302, 403}


def test_a_sign_in_link_works_once_and_leaves_no_token_in_the_address(server: DashboardProcess) -> None:
    with open_home(server.home) as home:
        token = home.accounts.create_token("owner", name="sign-in link", expires_in_seconds=600)
    client = server.client()
    first = client.get("/", params={"token": token})
    exchanged = client.get(first.headers["location"])
    assert exchanged.headers["location"] == "/voila/render/home.ipynb"
    assert client.get("/session").json()["name"] == "owner"
    again = server.client().get("/login", params={"token": token})
    assert "no longer valid" in again.text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/voila/files/home.ipynb", id="notebook"),
        pytest.param("/voila/files/../pyproject.toml", id="outside"),
        pytest.param("/voila/files/%2e%2e/pyproject.toml", id="outside, encoded"),
        pytest.param("/files/home.ipynb", id="jupyter's files"),
        pytest.param("/voila/tree", id="tree"),
        pytest.param("/voila/api/contents", id="contents"),
        pytest.param("/api/contents", id="jupyter's contents"),
        pytest.param("/api/kernels", id="kernels"),
        pytest.param("/voila/render/nothing.ipynb", id="no such page"),
        pytest.param("/voila/render/../templates/voila/xvlab/conf.json", id="not a page"),
        pytest.param("/voila/render/%2e%2e/pyproject.toml", id="not a page, encoded"),
    ],
)
def test_no_file_is_served_or_listed(server: DashboardProcess, path: str) -> None:
    assert server.client("owner").get(path).status_code in {403, 404}


def test_a_page_allows_no_outside_host(server: DashboardProcess) -> None:
    policy = server.client().get("/login").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_the_kernel_learns_the_name_from_the_session_only(server: DashboardProcess) -> None:
    before = {kernel.pid for kernel in server.kernels()}
    client = server.client("stranger")
    open_page(client, "home", **{"X-Xvlab-User": "owner", "x-xvlab-USER": "owner"})
    started = [kernel for kernel in server.kernels() if kernel.pid not in before]
    assert [kernel.environ()["HTTP_X_XVLAB_USER"] for kernel in started] == ["stranger"]


def test_code_from_the_browser_is_not_run(server: DashboardProcess, tmp_path: Path) -> None:
    client = server.client("owner")
    kernel_id = open_page(client, "home")
    target = tmp_path / "made by the browser"
    code = f"open({str(target)!r}, 'w').close()"
    with channel(server, client.cookies, kernel_id) as wire:
        wire.send(message("execute_request", {"code": code, "silent": False, "store_history": False}))
        wire.send(message("complete_request", {"code": "op", "cursor_pos": 2}))
        wire.send(message("comm_info_request", {}))
        kinds = set()
        while "comm_info_reply" not in kinds:
            kinds.add(json.loads(wire.recv(timeout=20))["header"]["msg_type"])
    assert not kinds & {"execute_reply", "complete_reply"}
    assert not target.exists()


@pytest.mark.parametrize("who", ["stranger", None])
def test_a_kernel_is_open_to_its_owner_only(server: DashboardProcess, who: str | None) -> None:
    owner = server.client("owner")
    kernel_id = open_page(owner, "home")
    assert owner.get(f"/api/kernels/{kernel_id}").status_code == 200
    other = server.client(who)
    assert other.get(f"/api/kernels/{kernel_id}").status_code in {302, 403, 404}
    assert other.post(f"/voila/api/shutdown/{kernel_id}", headers={"Origin": server.url}).status_code in {403, 404}
    with pytest.raises(InvalidStatus), channel(server, other.cookies, kernel_id):
        pass
    assert owner.get(f"/api/kernels/{kernel_id}").status_code == 200


def test_closing_a_tab_ends_its_kernel_but_another_site_cannot(server: DashboardProcess) -> None:
    client = server.client("owner")
    kernel_id = open_page(client, "home")
    beacon = f"/voila/api/shutdown/{kernel_id}"
    assert client.post(beacon, headers={"Origin": "https://elsewhere.example"}).status_code in {403, 404}
    assert client.post(beacon).status_code == 403
    assert client.get(f"/api/kernels/{kernel_id}").status_code == 200
    assert client.post(beacon, headers={"Origin": server.url}).status_code == 204
    assert client.get(f"/api/kernels/{kernel_id}").status_code == 404


def test_a_disabled_account_is_out_at_once(server: DashboardProcess) -> None:
    client = server.client("leaver")
    kernel_id = open_page(client, "home")
    with channel(server, client.cookies, kernel_id) as wire:
        with open_home(server.home) as home:
            home.accounts.disable("leaver")
        assert client.get("/voila/render/home.ipynb").headers["location"].startswith("/login")
        with pytest.raises(ConnectionClosed):
            read_to_the_end(wire)
    assert sign_in(server.client(), "leaver", PASSWORD).status_code == 401


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders_and_its_kernel_is_small(server: DashboardProcess, page: str) -> None:
    before = {kernel.pid for kernel in server.kernels()}
    client = server.client("owner")
    answer = client.get(f"/voila/render/{page}.ipynb")
    assert "could not be shown" not in answer.text, server.log.read_text()[-3000:]
    assert "application/vnd.jupyter.widget-view+json" in answer.text
    kernel = next(kernel for kernel in server.kernels() if kernel.pid not in before)
    assert kernel.memory_info().rss / 2**20 < MAX_KERNEL_MIB
    assert "torch" not in " ".join(entry.path for entry in kernel.memory_maps())
