"""Blobs in a folder and in a bucket: the same behaviour, the same tests."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from xvlab._blobs import BlobStore, open_blobs
from xvlab.errors import ConfigurationError, InvalidInputError, NotFoundError, StorageError


@pytest.fixture(scope="module")
def bucket_url() -> Iterator[str]:
    """A bucket on moto's S3 server."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ALLOW_HTTP", "true")
        boto3.client("s3").create_bucket(Bucket="pictures")
        yield "s3://pictures/some/prefix"
        server.stop()


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return open_blobs((tmp_path / "blobs").as_uri())
    return open_blobs(request.getfixturevalue("bucket_url"))


@pytest.mark.parametrize(
    "data",
    [pytest.param(b"", id="empty"), pytest.param(b"x", id="one byte"), pytest.param(os.urandom(300_000), id="large")],
)
def test_bytes_come_back(blobs: BlobStore, data: bytes, tmp_path: Path) -> None:
    address = blobs.put(data)
    assert address == hashlib.sha256(data).hexdigest()
    assert blobs.put(data) == address
    assert blobs.get(address) == data
    assert blobs.size(address) == len(data)
    blobs.get_file(address, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    blobs.delete(address)
    blobs.delete(address)
    assert not blobs.exists(address)


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_many_at_once_keep_their_order(blobs: BlobStore, count: int) -> None:
    data = [b"same" if number % 2 else f"{count}-{number}".encode() for number in range(count)]
    addresses = blobs.put_many(data)
    assert [blobs.get(address) for address in addresses] == data


def test_a_file_goes_in(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "weights"
    source.write_bytes(os.urandom(3_000_000))
    assert blobs.get(blobs.put_file(source)) == source.read_bytes()


def test_what_is_not_there_is_not_found(blobs: BlobStore, tmp_path: Path) -> None:
    absent = "0" * 64
    for ask in (blobs.get, blobs.size, lambda name: blobs.get_file(name, tmp_path / "copy")):
        with pytest.raises(NotFoundError):
            ask(absent)
    assert not blobs.exists(absent)
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="empty"),
        pytest.param("../../../etc/passwd", id="traversal"),
        pytest.param("A" * 64, id="upper case"),
        pytest.param("a" * 63 + "\n", id="line feed"),
    ],
)
def test_only_addresses_are_taken(blobs: BlobStore, address: str) -> None:
    with pytest.raises(InvalidInputError, match="sha256"):
        blobs.get(address)


@pytest.mark.parametrize("url", ["", "ftp://host/x", "just/a/path"])
def test_other_stores_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="blob_url"):
        open_blobs(url)


def test_a_folder_is_private_and_holds_no_half_file(tmp_path: Path) -> None:
    blobs = open_blobs((tmp_path / "blobs").as_uri())
    address = blobs.put(b"data")
    files = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]
    assert [path.relative_to(tmp_path / "blobs").as_posix() for path in files] == [f"{address[:2]}/{address}"]
    assert files[0].stat().st_mode & 0o077 == 0


def test_a_full_disk_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="Check the disk"):
        open_blobs((tmp_path / "blobs").as_uri()).put(b"data")


def test_acknowledged_blobs_survive_a_kill(tmp_path: Path) -> None:
    code = """
import sys
from xvlab._blobs import open_blobs
blobs = open_blobs(sys.argv[1])
number = 0
while True:
    print(*blobs.put_many([f"{number}-{part}".encode() * 500 for part in range(20)]), flush=True)
    number += 1
"""
    url = (tmp_path / "blobs").as_uri()
    writer = subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    lines = [writer.stdout.readline() for _ in range(3)]
    time.sleep(0.05)
    writer.kill()
    lines += writer.stdout.readlines()
    writer.wait()
    writer.stdout.close()
    blobs = open_blobs(url)
    complete = [line for line in lines if line.endswith("\n")]
    for address in " ".join(complete).split():
        assert hashlib.sha256(blobs.get(address)).hexdigest() == address
    for path in (tmp_path / "blobs").glob("??/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_files_a_killed_process_left_are_removed_a_day_later(tmp_path: Path) -> None:
    incoming = tmp_path / "blobs" / "incoming"
    incoming.mkdir(parents=True)
    old, fresh = incoming / "old", incoming / "fresh"
    old.write_bytes(b"half")
    fresh.write_bytes(b"half")
    os.utime(old, (0, 0))
    open_blobs((tmp_path / "blobs").as_uri())
    assert not old.exists()
    assert fresh.exists()
