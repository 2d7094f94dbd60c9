"""Every path with and without its last slash, and under /localhost, without redirects."""

import pytest

from xvlab.api.paths import plain_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("", "/", id="empty"),
        pytest.param("/", "/", id="root"),
        pytest.param("/a/b", "/a/b", id="plain"),
        pytest.param("/a/b/", "/a/b", id="last slash"),
        pytest.param("/localhost", "/", id="prefix alone"),
        pytest.param("/localhost/a/", "/a", id="prefix"),
        pytest.param("/localhost//a//b/", "/a/b", id="doubled slashes"),
        pytest.param("/localhosts/a", "/localhosts/a", id="another word"),
    ],
)
def test_plain_path(path, expected):
    assert plain_path(path) == expected


@pytest.mark.parametrize("prefix", ["", "/localhost"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_reading_and_writing_under_every_form(anna, prefix, slash):
    made = anna.post(f"{prefix}/recognition/v2/label{slash}", json={"name": "cat"})
    assert made.status_code == 201
    found = anna.get(f"{prefix}/recognition/v2/label{slash}").json()
    assert [label["id"] for label in found["results"]] == [made.json()["id"]]
    assert anna.delete(f"{prefix}/recognition/v2/label/{made.json()['id']}{slash}").status_code == 204
