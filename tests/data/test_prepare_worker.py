"""Preparing pictures in another process: the same answers, and a crash costs one picture at most."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from pictures import BAD, GOOD, jpeg, png

from xvlab.data.hashing import sha256_of
from xvlab.data.prepare_worker import PrepareWorker, serve
from xvlab.data.prepared import PreparedImage, prepare_image
from xvlab.errors import ConfigurationError, ImageRejectedError


@pytest.fixture(scope="module")
def worker() -> Iterator[PrepareWorker]:
    with PrepareWorker(max_pixels=1_000_000) as started:
        yield started


def _ask(worker: PrepareWorker, *pictures: bytes) -> list[PreparedImage | ImageRejectedError]:
    return worker.prepare(pictures, [sha256_of(data) for data in pictures])


def test_nothing_gives_nothing(worker: PrepareWorker) -> None:
    assert _ask(worker) == []


def test_answers_are_those_of_this_process(worker: PrepareWorker) -> None:
    pictures = [build() for build in GOOD.values()]
    assert _ask(worker, *pictures) == [prepare_image(data) for data in pictures]


def test_bad_pictures_come_back_with_their_reason(worker: PrepareWorker) -> None:
    cases = {name: (build(), reason) for name, (build, reason) in BAD.items() if reason != "*"}
    answers = _ask(worker, *(data for data, _ in cases.values()), png(1001, 1000))
    reasons = [answer.reason for answer in answers if isinstance(answer, ImageRejectedError)]
    assert reasons == [*(reason for _, reason in cases.values()), "too_many_pixels"]


def test_a_worker_that_was_killed_is_started_again() -> None:
    with PrepareWorker() as worker:
        first = _ask(worker, jpeg())
        process = worker._process
        assert process is not None
        process.kill()
        process.wait()
        assert _ask(worker, jpeg(), png()) == [*first, prepare_image(png())]


def test_a_picture_that_crashes_the_decoder_is_damaged_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = b"crash"
    with PrepareWorker() as worker:
        real = worker._ask

        def ask(pictures: list[bytes], addresses: list[str]) -> list[PreparedImage | ImageRejectedError]:
            answers = real(pictures, addresses)
            if crashing in pictures:
                raise EOFError("as when the process ends half way")
            return answers

        monkeypatch.setattr(worker, "_ask", ask)
        answers = _ask(worker, jpeg(), crashing, png())
    assert [isinstance(answer, PreparedImage) for answer in answers] == [True, False, True]
    assert isinstance(answers[1], ImageRejectedError)
    assert answers[1].reason == "damaged"
    assert "crashed" in answers[1].message


def test_a_worker_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(ConfigurationError, match="does not start"):
        _ask(PrepareWorker(), jpeg())


def test_a_worker_ends_with_its_input() -> None:
    answers = io.BytesIO()
    serve(io.BytesIO(b"\x00\x00"), answers)
    assert answers.getvalue() == b""
