"""From labelled images to answers over HTTP: train, follow, promote, classify."""

import base64
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.serving.trained_home import TASK, trained_home
from xvlab.api import create_app
from xvlab.workspace import open_home

CLASSIFY = "/recognition/v2/classify"


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory, digits_folder: Path) -> Path:
    return trained_home(tmp_path_factory.getbasetemp() / "trained", digits_folder)


@pytest.fixture
def trained(trained_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XVLAB_ALLOWED_URL_HOSTS", '["127.0.0.1"]')
    with open_home(shutil.copytree(trained_folder, tmp_path / "copy")) as home:
        home.accounts.create_user("anna")
        home.accounts.add_member(home.workspace().id, "anna", "owner")
        yield home.workspace()


@pytest.fixture
def client(trained):
    token = trained.home.accounts.create_token("anna")
    return TestClient(create_app(trained.home), headers={"Authorization": f"Token {token}"})


@pytest.fixture
def task_id(trained):
    return trained.tasks.find(TASK).id


@pytest.fixture
def picture(trained):
    return trained.images.content(trained.images.page(limit=1).items[0].id)


def encoded(data):
    return base64.b64encode(data).decode()


@pytest.fixture
def url_of(picture):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/picture.png"
        server.shutdown()
        thread.join()


def assert_answered(record):
    assert record["_status"] == {"code": 200, "text": "OK"}
    probabilities = [label["prob"] for label in record["labels"]]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)
    assert record["best_label"] == record["labels"][0]
    assert set(record["best_label"]) == {"id", "name", "prob"}


@pytest.mark.parametrize("name", ["task", "task_id"])
def test_records_come_back_with_labels_and_their_own_fields(client, task_id, picture, name):
    record = {"_base64": encoded(picture), "my_field": [1], "_file": "/etc/passwd", "noresize": True}
    answer = client.post(CLASSIFY, json={name: task_id, "records": [record], "version": None, "store_images": False})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["version"], body["task_id"]) == ({"code": 200, "text": "OK"}, 1, task_id)
    assert_answered(body["records"][0])
    assert body["records"][0]["my_field"] == [1]
    assert not {"_base64", "_file"} & set(body["records"][0])
    assert (body["records"][0]["_width"], body["records"][0]["_height"]) == (8, 8)


def test_pictures_by_address(client, task_id, url_of):
    answer = client.post(CLASSIFY, json={"task_id": task_id, "records": [{"_url": url_of}]}).json()
    assert_answered(answer["records"][0])
    assert answer["records"][0]["_url"] == url_of


def test_pictures_as_files_of_a_form(client, task_id, picture):
    files = [("file", (f"{number}.png", picture, "image/png")) for number in range(3)]
    answer = client.post(CLASSIFY, data={"task_id": task_id, "version": 2}, files=files).json()
    assert [record["name"] for record in answer["records"]] == ["0.png", "1.png", "2.png"]
    assert answer["version"] == 2
    for record in answer["records"]:
        assert_answered(record)


def test_bad_records_fail_alone(client, task_id, picture):
    records = [
        {"_base64": encoded(picture)},
        {"_base64": "!!!"},
        {"_base64": encoded(b"nothing")},
        {"_url": "http://10.0.0.1/x.png"},
        {"name": "no picture"},
    ]
    answer = client.post(CLASSIFY, json={"task_id": task_id, "records": records})
    assert answer.status_code == 200
    assert [record["_status"]["code"] for record in answer.json()["records"]] == [200, 400, 400, 400, 400]
    assert answer.json()["records"][4]["name"] == "no picture"


def test_when_no_record_could_be_answered_the_request_failed(client, task_id):
    answer = client.post(CLASSIFY, json={"task_id": task_id, "records": [{"_base64": encoded(b"nothing")}]})
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, 400)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"records": []}, 400, id="no records"),
        pytest.param({"records": [{"_base64": ""}] * 11}, 400, id="too many"),
        pytest.param({"task_id": None}, 400, id="no task"),
        pytest.param({"task_id": "nothing"}, 404, id="unknown task"),
        pytest.param({"version": 99}, 404, id="unknown version"),
        pytest.param({"store_images": True}, 501, id="storing is not offered"),
        pytest.param({"version": "first"}, 422, id="version is no number"),
    ],
)
def test_errors_carry_the_status_that_clients_look_at(client, task_id, picture, change, status):
    body = {"task_id": task_id, "records": [{"_base64": encoded(picture)}], **change}
    answer = client.post(CLASSIFY, json=body)
    assert (answer.status_code, answer.json()["status"]["code"]) == (status, status)
    assert answer.json()["detail"]


def test_promotion_over_http_changes_the_next_answer(client, task_id, picture):
    def version():
        body = {"task_id": task_id, "records": [{"_base64": encoded(picture)}]}
        return client.post(CLASSIFY, json=body).json()["version"]

    path = f"/recognition/v2/task/{task_id}"
    assert version() == 1
    promoted = client.post(f"{path}/promote", json={"version": 2}).json()
    assert (promoted["version"], promoted["is_production"], version()) == (2, True, 2)
    assert client.get(path).json()["production_version"] == 2
    assert client.post(f"{path}/rollback").json()["version"] == 1
    assert version() == 1


def test_models_and_jobs_can_be_read(client, task_id):
    models = client.get("/recognition/v2/model", params={"task": task_id}).json()["results"]
    assert [(model["version"], model["train_status"]) for model in models] == [(2, "TRAINED"), (1, "TRAINED")]
    model = client.get(f"/recognition/v2/model/{models[0]['id']}/").json()
    assert (model["task"], model["task_name"], model["accuracy"]) == (task_id, TASK, models[0]["accuracy"])
    jobs = client.get("/recognition/v2/job", params={"task": task_id}).json()
    assert {job["status"] for job in jobs["results"]} == {"TRAINED"}
    assert client.get(f"/recognition/v2/job/{jobs['results'][0]['id']}").json()["result"]["version"] == 2
    assert client.delete(f"/recognition/v2/model/{models[0]['id']}").status_code == 204
    assert client.get(f"/recognition/v2/model/{models[0]['id']}").status_code == 404


def test_training_is_queued_at_once_also_with_an_empty_body(client, task_id, trained):
    headers = {"Content-Type": "application/json"}
    job = client.post(f"/recognition/v2/task/{task_id}/train", content=b"", headers=headers).json()
    assert (job["state"], job["status"], job["task"]) == ("queued", "IN_TRAINING", task_id)
    assert client.get(f"/recognition/v2/task/{task_id}").json()["last_train_status"] == "IN_TRAINING"
    assert client.post(f"/recognition/v2/job/{job['id']}/cancel").json()["state"] == "cancelled"
    assert trained.jobs.get(job["id"]).state == "cancelled"
    again = client.post(
        f"/recognition/v2/task/{task_id}/train", json={"options": {"epochs": 3}, "promote": True}
    ).json()
    assert again["parameters"]["epochs"] == 3
    wrong = client.post(f"/recognition/v2/task/{task_id}/train", json={"options": {"epochs": "x"}})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "options.epochs")


def test_training_what_has_no_images_is_a_conflict(client):
    task = client.post("/recognition/v2/task", json={"name": "empty"}).json()
    assert client.post(f"/recognition/v2/task/{task['id']}/train").status_code == 409
