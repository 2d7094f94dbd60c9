"""A real server process: uploads that were acknowledged survive kill -9."""

import base64
import os
import signal
import subprocess
import sys
import threading

import httpx
import pytest

from xvlab.workspace import open_home

from .conftest import make_png

IMAGES = "/recognition/v2/training-image/"


@pytest.fixture
def serve(home_folder):
    """Start the API of the test's home on a free port; give the process and a client with a token."""
    with open_home(home_folder) as home:
        home.accounts.create_user("anna")
        home.accounts.add_member(home.workspace().id, "anna", "owner")
        token = home.accounts.create_token("anna")
    started = []

    def start():
        command = [sys.executable, "-m", "xvlab.cli", "serve", "--home", str(home_folder), "--api-port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        started.append(process)
        base = process.stdout.readline().split()[1].removesuffix("/docs")
        headers = {"Authorization": f"Bearer {token}"}
        return process, httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60)

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def upload_until_it_dies(client, first, acknowledged):
    for seed in range(first, first + 1000):
        body = {"base64": base64.b64encode(make_png(seed)).decode()}
        try:
            answer = client.post(IMAGES, json=body)
        except httpx.HTTPError:
            return
        if answer.status_code == 201:
            acknowledged.append((answer.json()["id"], seed))


def test_acknowledged_images_survive_kill_9_in_the_middle_of_uploads(serve, home_folder):
    process, client = serve()
    acknowledged = []
    threads = [
        threading.Thread(target=upload_until_it_dies, args=(client, first, acknowledged))
        for first in (0, 10_000, 20_000)
    ]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 15:
        threads[0].join(0.01)
    os.kill(process.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    client.close()
    with open_home(home_folder) as home:
        images = home.workspace().images
        assert [images.content(image_id) == make_png(seed) for image_id, seed in acknowledged] == [True] * len(
            acknowledged
        )
        count = images.count()
    assert len(acknowledged) <= count <= len(acknowledged) + len(threads)
    _, client = serve()
    with client:
        assert client.get(IMAGES).json()["count"] == count


def test_server_answers_and_ends_on_sigterm(serve):
    process, client = serve()
    with client:
        assert client.get("/healthz/").json() == {"status": "ok"}
        assert client.get("/readyz").json()["checks"]["database"] == "ok"
        assert client.get("/openapi.json").json()["info"]["title"] == "xvlab"
    process.terminate()
    assert process.wait(30) in (0, -signal.SIGTERM)
