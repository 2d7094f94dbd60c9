"""Uploading, listing, reading and labelling images over HTTP."""

import json
import re
from urllib.parse import urlsplit

import pytest

from xvlab.data.images import inspect

from .conftest import base64_png, make_png

IMAGES = "/recognition/v2/training-image"
# What the vendor's client looks for in the answer to an upload that is there already.
CLIENT_PATTERN = re.compile(
    r"image.ID..([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})", re.IGNORECASE
)


def as_json(client, png, **fields):
    import base64

    return client.post(IMAGES, json={"base64": base64.b64encode(png).decode(), **fields})


def as_data_url(client, png, **fields):
    import base64

    text = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return client.post(IMAGES, json={"base64": text, "noresize": True, **fields})


def as_form(client, png, **fields):
    if "meta_data" in fields:
        fields["meta_data"] = json.dumps(fields["meta_data"])
    return client.post(IMAGES, data=fields, files={"file": ("a.png", png, "image/png")})


def as_bytes(client, png, **fields):
    fields.pop("meta_data", None)
    return client.post(IMAGES, content=png, params=fields, headers={"Content-Type": "image/png"})


@pytest.mark.parametrize("send", [as_json, as_data_url, as_form, as_bytes])
def test_every_kind_of_body_stores_the_same_bytes(anna, workspace, send):
    png = make_png()
    answer = send(anna, png, test_image=True, meta_data={"camera": 3})
    assert answer.status_code == 201, answer.text
    image = answer.json()
    assert workspace.images.content(image["id"]) == png
    assert (image["img_width"], image["img_height"], image["test_image"], image["real"]) == (16, 16, True, True)
    assert image["workspace"] == workspace.id
    assert image["labels"] == []
    assert image["meta_data"] == ({} if send is as_bytes else {"camera": 3})


@pytest.mark.parametrize("send", [as_json, as_form, as_bytes])
def test_the_same_bytes_twice_answer_the_id_that_clients_look_for(anna, send):
    first = send(anna, make_png()).json()
    second = send(anna, make_png())
    assert (second.status_code, second.json()["code"]) == (409, "already_exists")
    assert "already exists" in second.json()["detail"]
    assert CLIENT_PATTERN.search(second.json()["detail"]).group(1) == first["id"]
    assert anna.get(IMAGES).json()["count"] == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<svg onload='alert(1)'/>", id="svg"),
        pytest.param(make_png()[:60], id="truncated"),
    ],
)
def test_what_is_no_image_is_refused(anna, data):
    answer = as_json(anna, data)
    assert (answer.status_code, answer.json()["code"]) == (400, "image_rejected")
    assert anna.get(IMAGES).json()["count"] == 0


def test_broken_base64_names_its_field(anna):
    answer = anna.post(IMAGES, json={"base64": "!!!"})
    assert (answer.status_code, answer.json()["field"]) == (400, "base64")


def test_other_bodies_are_refused(anna):
    assert anna.post(IMAGES, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert anna.post(IMAGES, data={"name": "a"}, files={"other": b"x"}).status_code == 400


def test_next_is_a_path_that_carries_every_filter(anna):
    for seed in range(5):
        as_json(anna, make_png(seed), test_image=seed % 2 == 0)
    first = anna.get(IMAGES, params={"page": 1, "page_size": 2, "test": "True", "real": "", "": "x"}).json()
    assert first["count"] == 3
    assert first["next"].startswith(f"{IMAGES}/?")
    assert "test=True" in first["next"]
    assert "workspace=" in first["next"]
    second = anna.get(first["next"]).json()
    assert second["next"] is None
    ids = [image["id"] for image in first["results"] + second["results"]]
    assert len(set(ids)) == 3
    by_number = anna.get(IMAGES, params={"page": 2, "page_size": 2, "test": "true"}).json()
    assert [image["id"] for image in by_number["results"]] == ids[2:]
    assert anna.get(IMAGES, params={"page": 9, "page_size": 2}).json()["results"] == []


def test_labels_go_on_and_off(anna, stored):
    image, label = stored["image"]["id"], stored["label"]["id"]
    assert [
        found["id"] for found in anna.post(f"{IMAGES}/{image}/add-label", json={"label_id": label}).json()["labels"]
    ] == [label]
    assert anna.get(IMAGES, params={"labels": label}).json()["count"] == 1
    assert anna.get(f"/recognition/v2/label/{label}").json()["images_count"] == 1
    assert anna.post(f"{IMAGES}/{image}/remove-label", json={"label_id": label}).json()["labels"] == []
    assert anna.get(IMAGES, params={"labels": label}).json()["count"] == 0


def test_meta_data_and_test_flag_change_and_images_go(anna, stored):
    path = f"{IMAGES}/{stored['image']['id']}"
    changed = anna.put(path, json={"meta_data": {"a": 1}, "test_image": True}).json()
    assert (changed["meta_data"], changed["test_image"]) == ({"a": 1}, True)
    assert anna.delete(path + "/").status_code == 204
    assert anna.get(path).status_code == 404


@pytest.mark.parametrize("field", ["img_path", "thumb_img_path"])
def test_signed_address_shows_the_image_without_token(anna, nobody, stored, field):
    address = stored["image"][field]
    assert address.startswith("http://")
    answer = nobody.get(address)
    assert answer.status_code == 200
    assert inspect(answer.content).width == 16
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    again = nobody.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_token_shows_the_image_too_and_strangers_see_nothing(anna, otto, nobody, stored):
    path = f"/media/{stored['image']['id']}/image"
    assert anna.get(path).content == make_png()
    assert otto.get(path).status_code == 404
    assert nobody.get(path).status_code == 401


def test_tampered_addresses_are_refused(nobody, stored):
    address = stored["image"]["thumb_img_path"]
    tampered = [
        address.replace("thumbnail", "image"),
        address[:-4] + "0000",
        re.sub(r"expires=\d+", "expires=99999999999", address),
        address.replace(stored["image"]["id"], "0" * 36),
    ]
    assert [nobody.get(bad).status_code for bad in tampered] == [401] * 4


def test_workspace_by_name_by_id_and_by_default(anna, otto, home):
    other = home.workspace("Other")
    png = base64_png()
    assert otto.post(IMAGES, json={"base64": png}).json()["workspace"] == other.id
    assert otto.get(IMAGES, params={"workspace": "Default"}).json()["count"] == 1
    assert otto.get(IMAGES, params={"workspace": other.id}).json()["count"] == 1
    assert otto.get(IMAGES, params={"workspace": "Other"}).json()["count"] == 1
    assert anna.get(IMAGES, params={"workspace": other.id}).status_code == 404
    assert anna.post(IMAGES, json={"base64": png, "workspace": other.id}).status_code == 404


def test_addresses_carry_the_host_that_was_asked(anna, stored):
    answer = anna.get(f"{IMAGES}/{stored['image']['id']}", headers={"Host": "pictures.example:8000"}).json()
    assert urlsplit(answer["img_path"]).netloc == "pictures.example:8000"
