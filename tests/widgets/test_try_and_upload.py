"""The test panel asks over HTTP; the upload takes files piece by piece; the home page adds it all up."""

from __future__ import annotations

import base64
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from xvlab.registry import ModelRecord
from xvlab.workspace import Workspace
from xvlab_widgets import HomePage, ImageUpload, TaskPicker, TestPanel

from .conftest import Shop, picture_bytes

TOKEN = "right"


class Api(BaseHTTPRequestHandler):
    """Answers as ``recognition/v2/classify`` does, with the labels in the order of the request's size."""

    requests: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **body})
        if self.headers.get("Authorization") != f"Token {TOKEN}":
            return self._answer(401, {"detail": "Unknown token. Make one.", "code": "unauthenticated", "field": ""})
        record = body["records"][0]
        if record.get("_url", "").endswith("missing.png"):
            status = {"code": 400, "text": "Nothing is there. Check the address."}
            return self._answer(400, {"records": [{**record, "_status": status}], "status": status})
        labels = [{"id": str(n), "name": f"label {n}", "prob": 0.5 / (n + 1)} for n in range(7)]
        answer = {"records": [{"_status": {"code": 200, "text": "OK"}, "labels": labels}], "version": 3}
        return self._answer(200, answer)

    def _answer(self, code: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


def panel_of(shop: Shop, api: ThreadingHTTPServer, token: str = TOKEN) -> TestPanel:
    return TestPanel(shop.workspace, api_url=f"http://127.0.0.1:{api.server_port}/", api_token=token)


def test_dropped_bytes_are_asked_about_and_five_labels_shown(
    shop: Shop, trained: ModelRecord, api: ThreadingHTTPServer
) -> None:
    panel = panel_of(shop, api)
    data = picture_bytes(1)
    panel.handle({"action": "classify_bytes", "sequence": 1}, [memoryview(data)])
    assert (panel.error, panel.answer["version"], len(panel.labels)) == ("", 3, 5)
    assert panel.labels[0] == ("label 0", 0.5)
    (asked,) = api.requests
    assert base64.b64decode(asked["records"][0]["_base64"]) == data
    assert (asked["path"], asked["task_id"], asked["version"]) == ("/recognition/v2/classify", shop.task.id, None)


def test_an_address_and_a_version_are_passed_on(shop: Shop, trained: ModelRecord, api: ThreadingHTTPServer) -> None:
    panel = panel_of(shop, api)
    panel.handle({"action": "choose", "task_id": shop.task.id, "version": 1})
    panel.handle({"action": "classify_url", "url": " https://example.org/a.png ", "sequence": 2})
    assert panel.error == ""
    assert api.requests[0]["records"] == [{"_url": "https://example.org/a.png"}]
    assert api.requests[0]["version"] == 1


@pytest.mark.parametrize(
    ("token", "content", "said"),
    [
        pytest.param("wrong", {"action": "classify_url", "url": "https://a.b/c.png"}, "refused the token", id="token"),
        pytest.param(
            TOKEN, {"action": "classify_url", "url": "https://a.b/missing.png"}, "Nothing is there", id="refused"
        ),
        pytest.param(TOKEN, {"action": "classify_url", "url": "file:///etc/passwd"}, "begins with http", id="no http"),
        pytest.param(TOKEN, {"action": "classify_bytes"}, "Expected an image", id="no bytes"),
        pytest.param(TOKEN, {"action": "choose", "task_id": "other"}, "has no model", id="foreign task"),
    ],
)
def test_refusals_are_shown(
    shop: Shop, trained: ModelRecord, api: ThreadingHTTPServer, token: str, content: dict[str, Any], said: str
) -> None:
    panel = panel_of(shop, api, token)
    panel.handle(content)
    assert said in panel.error
    assert panel.answer == {}


def test_an_api_that_is_away_is_named_with_what_to_do(shop: Shop, trained: ModelRecord) -> None:
    panel = TestPanel(shop.workspace, api_url="http://127.0.0.1:9", api_token="t")
    panel.handle({"action": "classify_url", "url": "https://a.b/c.png"})
    assert "http://127.0.0.1:9 cannot be reached" in panel.error
    assert "xvlab serve" in panel.error


def test_without_a_model_there_is_nothing_to_ask(shop: Shop, api: ThreadingHTTPServer) -> None:
    panel = panel_of(shop, api)
    panel.handle({"action": "classify_url", "url": "https://a.b/c.png"})
    assert "No task has a model yet" in panel.error
    assert api.requests == []


def send(upload: ImageUpload, data: bytes, name: str, *, piece_bytes: int = 100, **values: Any) -> None:
    starts = range(0, max(1, len(data)), piece_bytes)
    for start in starts:
        content = {"action": "piece", "name": name, "offset": start, "is_test": False, **values}
        upload.handle({**content, "is_last": start == starts[-1]}, [data[start : start + piece_bytes]])


def test_pictures_arrive_in_pieces_and_get_the_chosen_label(shop: Shop) -> None:
    upload = ImageUpload(shop.workspace, shop.task)
    upload.handle({"action": "begin"})
    send(upload, picture_bytes(200), "../new.png", label_id=shop.label_id("hat"), is_test=True)
    send(upload, picture_bytes(0), "same bytes.png")
    send(upload, b"no image", "bad.png")
    counts = {key: upload.report[key] for key in ("added", "already_there", "rejected", "labelled")}
    assert (upload.error, counts) == ("", {"added": 1, "already_there": 1, "rejected": 1, "labelled": 1})
    assert upload.report["problems"][0].startswith("bad.png: ")
    new = shop.workspace.images.page(limit=100).items[-1]
    assert (new.name, new.is_test, [label.name for label in new.labels]) == ("new.png", True, ["hat"])


def test_folders_of_a_zip_become_labels(shop: Shop) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for seed, name in ((300, "hat/a.png"), (301, "scarf/b.png")):
            archive.writestr(name, picture_bytes(seed))
    done: list[str] = []
    upload = ImageUpload(shop.workspace, shop.task, on_done=lambda: done.append("done"))
    upload.handle({"action": "begin"})
    send(upload, buffer.getvalue(), "clothes.zip", piece_bytes=1000)
    upload.handle({"action": "done"})
    assert (upload.error, upload.report["added"], upload.report["labelled"], done) == ("", 2, 2, ["done"])
    assert "scarf" in [row["name"] for row in upload.labels]


def test_a_lost_piece_is_noticed(shop: Shop) -> None:
    upload = ImageUpload(shop.workspace)
    upload.handle({"action": "piece", "name": "a.png", "offset": 5, "is_last": True, "is_test": False}, [b"x"])
    assert "went missing" in upload.error
    assert shop.workspace.images.count() == 12


def test_home_page_counts_and_makes_tasks(shop: Shop, trained: ModelRecord) -> None:
    home = HomePage(shop.workspace)
    (card,) = home.cards.tasks
    assert (card["labelled"], card["total"], card["production_version"], card["accuracy"]) == (12, 12, 1, 0.5)
    assert home.cards.jobs[0]["title"] == "Training of clothes"
    home.picker.create_task("pets", "cat, dog\ncat")
    assert [row["name"] for row in home.upload.labels] == ["cat", "dog"]
    assert [row["name"] for row in home.cards.tasks] == ["clothes", "pets"]


def test_home_page_of_an_empty_workspace(workspace: Workspace) -> None:
    home = HomePage(workspace)
    assert (home.cards.tasks, home.cards.error, home.picker.task, home.error) == ([], "", None, "")


def test_a_task_needs_a_name(workspace: Workspace) -> None:
    picker = TaskPicker(workspace)
    picker._create.click()
    assert "name for the task" in picker.error
    assert picker.task_id == ""
