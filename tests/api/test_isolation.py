"""What belongs to one workspace does not exist for members of another; roles limit the rest."""

import pytest

from .conftest import base64_png

ENTITIES = {"image": "training-image", "label": "label", "task": "task"}
CHANGES = [
    pytest.param("GET", "task", "", None, id="read task"),
    pytest.param("DELETE", "task", "", None, id="delete task"),
    pytest.param("POST", "task", "/train", {}, id="train"),
    pytest.param("POST", "task", "/add-label", {"label_id": "{label}"}, id="add label to task"),
    pytest.param("POST", "task", "/promote", {"version": 1}, id="promote"),
    pytest.param("GET", "label", "", None, id="read label"),
    pytest.param("DELETE", "label", "", None, id="delete label"),
    pytest.param("GET", "image", "", None, id="read image"),
    pytest.param("PUT", "image", "", {"meta_data": {"a": 1}}, id="change image"),
    pytest.param("DELETE", "image", "", None, id="delete image"),
    pytest.param("POST", "image", "/add-label", {"label_id": "{label}"}, id="label image"),
]


def ask(client, stored, verb, noun, action, body):
    if body and "label_id" in body:
        body = {"label_id": stored["label"]["id"]}
    path = f"/recognition/v2/{ENTITIES[noun]}/{stored[noun]['id']}{action}"
    return client.request(verb, path, **({"json": body} if body is not None else {}))


@pytest.mark.parametrize(("verb", "noun", "action", "body"), CHANGES)
def test_other_peoples_things_are_not_there(anna, otto, stored, verb, noun, action, body):
    assert ask(otto, stored, verb, noun, action, body).status_code == 404
    assert anna.get(f"/recognition/v2/{ENTITIES[noun]}/{stored[noun]['id']}").status_code == 200


@pytest.mark.parametrize(("verb", "noun", "action", "body"), CHANGES)
def test_viewers_only_read(home, client_of, stored, verb, noun, action, body):
    home.accounts.create_user("vera")
    home.accounts.add_member(home.workspace().id, "vera", "viewer")
    answer = ask(client_of("vera"), stored, verb, noun, action, body)
    assert answer.status_code == (200 if verb == "GET" else 403), answer.text


def test_lists_show_the_own_workspace_only(anna, otto, stored):
    for noun in ENTITIES.values():
        assert anna.get(f"/recognition/v2/{noun}").json()["count"] == 1
        assert otto.get(f"/recognition/v2/{noun}").json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_labels_do_not_cross_workspaces(otto, stored):
    mine = otto.post("/recognition/v2/training-image", json={"base64": base64_png(1)}).json()
    path = f"/recognition/v2/training-image/{mine['id']}/add-label"
    assert otto.post(path, json={"label_id": stored["label"]["id"]}).status_code == 404


def test_the_same_picture_may_lie_in_two_workspaces(anna, otto, stored):
    assert otto.post("/recognition/v2/training-image", json={"base64": base64_png()}).status_code == 201


def test_account_names_its_own_workspaces_only(otto, home):
    account = otto.get("/account/v2/details").json()
    assert [workspace["name"] for workspace in account["workspaces"]] == ["Other"]
    assert account["default_workspace"] == home.workspace("Other").id
    assert otto.post("/authorization/v2/authorize", json={"service": "recognition"}).json()["user_id"] == account["id"]
    assert otto.get("/account/v2/workspace").json() == account["workspaces"]


def test_who_is_in_no_workspace_is_told_so(home, client_of):
    home.accounts.create_user("lone")
    lone = client_of("lone")
    assert lone.get("/recognition/v2/task").status_code == 403
    assert lone.get("/account/v2/details").json()["workspaces"] == []
