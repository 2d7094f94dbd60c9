"""One error shape everywhere, with the fitting status."""

import json
from uuid import uuid4

import pytest

from xvlab import errors
from xvlab.api.error_answers import status_of

OPEN_PATHS = {"/healthz", "/readyz", "/openapi.json", "/docs", "/"}


def routes(app):
    return [
        (verb.upper(), path.replace("{rendition}", "image"))
        for path, operations in app.openapi()["paths"].items()
        for verb in operations
        if path not in OPEN_PATHS
    ]


def assert_error(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert set(answer.json()) - {"status"} == {"detail", "code", "field"}
    assert isinstance(answer.json()["detail"], str)
    assert answer.json()["detail"].endswith((".", "NAME", "/docs.")), answer.json()["detail"]


def fill(path):
    return "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))


def test_every_route_wants_a_token(app, nobody):
    for verb, path in routes(app):
        assert_error(nobody.request(verb, fill(path)), 401, "unauthenticated")


def test_every_route_with_an_unknown_id_answers_in_the_one_shape(app, anna):
    label = {"label_id": str(uuid4())}
    bodies = {"add-label": label, "remove-label": label, "promote": {"version": 1}}
    for verb, path in routes(app):
        if "{" not in path:
            continue
        body = bodies.get(path.rpartition("/")[2], {})
        answer = anna.request(verb, fill(path), **({} if verb in ("GET", "DELETE") else {"json": body}))
        assert_error(answer, 404, "not_found")


def test_unknown_path_and_method(anna, nobody):
    assert_error(nobody.get("/nothing/here"), 404, "not_found")
    assert_error(anna.patch("/recognition/v2/task"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        pytest.param("label", {}, "name", id="nothing"),
        pytest.param("label", {"name": 3}, "name", id="wrong type"),
        pytest.param("task", {"name": "a", "nmae": "b"}, "nmae", id="misspelt"),
        pytest.param("training-image", {}, "base64", id="no image"),
        pytest.param("training-image", {"base64": "", "test_image": "perhaps"}, "test_image", id="no boolean"),
        pytest.param("classify", {}, "records", id="no records"),
    ],
)
def test_misshapen_bodies_name_the_field(anna, path, body, field):
    answer = anna.post(f"/recognition/v2/{path}", json=body)
    assert_error(answer, 422, "invalid_input")
    assert answer.json()["field"] == field


@pytest.mark.parametrize("path", ["label", "training-image", "classify"])
def test_broken_json(anna, path):
    answer = anna.post(f"/recognition/v2/{path}", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert_error(answer, answer.status_code, "invalid_input")


def test_body_over_the_limit(home, app, client_of, monkeypatch):
    from fastapi.testclient import TestClient

    from xvlab.api.body_limit import BodyLimitMiddleware

    token = home.accounts.create_token("anna")
    small = TestClient(BodyLimitMiddleware(app, max_bytes=1000), headers={"Authorization": f"Token {token}"})
    announced = small.post("/recognition/v2/training-image", content=b"x" * 1001, headers={"Content-Type": "image/png"})
    assert_error(announced, 413, "too_large")
    streamed = small.post(
        "/recognition/v2/training-image", content=iter([b"x" * 600] * 2), headers={"Content-Type": "image/png"}
    )
    assert_error(streamed, 413, "too_large")


def test_a_bug_answers_500_without_its_text(app, anna, caplog):
    @app.get("/broken")
    def broken():
        raise RuntimeError("the secret is 42")

    answer = anna.get("/broken")
    assert_error(answer, 500, "internal")
    assert "42" not in answer.text
    token = anna.headers["Authorization"].split()[1]
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(errors.InvalidInputError("x"), 400, id="invalid"),
        pytest.param(errors.ImageRejectedError("x", reason="truncated"), 400, id="image"),
        pytest.param(errors.UnsupportedFormatError("x"), 415, id="format"),
        pytest.param(errors.AlreadyExistsError("x"), 409, id="exists"),
        pytest.param(errors.RateLimitedError("x"), 429, id="rate"),
        pytest.param(errors.NotProvidedError("x"), 501, id="not provided"),
        pytest.param(errors.StorageError("x"), 503, id="storage"),
        pytest.param(errors.JobError("x"), 500, id="job"),
    ],
)
def test_status_of(error, status):
    assert status_of(error) == status


def test_too_many_wrong_tokens_are_slowed_down(anna, nobody):
    wrong = {"Authorization": "Token wrong"}
    statuses = {nobody.get("/account/v2/details", headers=wrong).status_code for _ in range(62)}
    assert statuses == {401, 429}
    assert anna.get("/account/v2/details").status_code == 200


def test_errors_are_json_text(nobody):
    assert json.loads(nobody.get("/nothing").text)["field"] == ""
