"""Two people with a workspace each, and clients that speak for them."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from fastapi.testclient import TestClient

from xvlab.api import create_app
from xvlab.data.images import encode_png


def make_png(seed: int = 0, side: int = 16) -> bytes:
    """A small PNG whose bytes depend on the seed."""
    return encode_png(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def base64_png(seed: int = 0) -> str:
    return base64.b64encode(make_png(seed)).decode()


@pytest.fixture
def app(home):
    for user, workspace in (("anna", home.workspace()), ("otto", home.create_workspace("Other"))):
        home.accounts.create_user(user)
        home.accounts.add_member(workspace.id, user, "owner")
    return create_app(home)


@pytest.fixture
def client_of(app, home):
    """Make a client that carries a token of a user; ``None`` carries none."""

    def make(user: str | None) -> TestClient:
        headers = {"Authorization": f"Token {home.accounts.create_token(user)}"} if user else {}
        return TestClient(app, headers=headers, raise_server_exceptions=False, follow_redirects=False)

    return make


@pytest.fixture
def anna(client_of):
    return client_of("anna")


@pytest.fixture
def otto(client_of):
    return client_of("otto")


@pytest.fixture
def nobody(client_of):
    return client_of(None)


@pytest.fixture
def stored(anna):
    """An image, a label and a task of anna's, as the API answers them."""
    return {
        "image": anna.post("/recognition/v2/training-image", json={"base64": base64_png()}).json(),
        "label": anna.post("/recognition/v2/label", json={"name": "cat"}).json(),
        "task": anna.post("/recognition/v2/task", json={"name": "animals"}).json(),
    }
