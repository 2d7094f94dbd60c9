"""The batcher: nobody's answer is mixed up, nobody waits without end, an idle model answers at once."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xvlab.errors import RateLimitedError
from xvlab.serving import Batcher


def image(value):
    return np.full((1, 1, 3), value, dtype=np.uint8)


def echo(images):
    """A model that answers with the value of the image, so that mixed-up answers show."""
    return np.array([[picture[0, 0, 0]] for picture in images], dtype=np.float32)


def in_threads(calls):
    results = [None] * len(calls)

    def run(place, call):
        try:
            results[place] = call()
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


def test_no_images_no_answers():
    assert Batcher(lambda images: np.zeros((len(images), 2), dtype=np.float32))([]).shape == (0, 2)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(1, 8))
def test_everybody_gets_their_own_answers(sizes, max_batch):
    batcher = Batcher(echo, max_batch=max_batch)
    calls = [
        lambda number=number, size=size: batcher([image(number * 10 + i) for i in range(size)])
        for number, size in enumerate(sizes)
    ]
    for number, (size, result) in enumerate(zip(sizes, in_threads(calls), strict=True)):
        assert result.ravel().tolist() == [number * 10 + i for i in range(size)]


def test_who_waits_is_taken_along_in_one_batch():
    entered, release, batches = threading.Event(), threading.Event(), []

    def slow(images):
        batches.append(len(images))
        entered.set()
        release.wait(20)
        return echo(images)

    batcher = Batcher(slow)
    first = threading.Thread(target=batcher, args=([image(0)],))
    first.start()
    entered.wait(20)
    others = [threading.Thread(target=batcher, args=([image(1)],)) for _ in range(5)]
    for thread in others:
        thread.start()
    while batcher.waiting < 5:
        pass
    release.set()
    for thread in [first, *others]:
        thread.join(20)
    assert batches == [1, 5]


def test_too_many_waiting_and_too_long_waiting_are_refused():
    entered, release = threading.Event(), threading.Event()

    def stuck(images):
        entered.set()
        release.wait(20)
        return echo(images)

    batcher = Batcher(stuck, max_waiting=1, timeout_seconds=0.2)
    first = threading.Thread(target=batcher, args=([image(0)],))
    first.start()
    entered.wait(20)
    results = in_threads([lambda: batcher([image(1)])] * 3)
    assert all(isinstance(result, RateLimitedError) for result in results)
    assert batcher.waiting == 0
    release.set()
    first.join(20)
    assert batcher([image(7)]).ravel().tolist() == [7]


def test_one_bad_image_fails_its_own_request_only():
    def picky(images):
        if any(picture[0, 0, 0] == 13 for picture in images):
            raise ValueError("unlucky")
        return echo(images)

    batcher = Batcher(picky)
    results = in_threads([lambda value=value: batcher([image(value)]) for value in (1, 13, 2)])
    assert [results[0].item(), results[2].item()] == [1, 2]
    assert isinstance(results[1], ValueError)
    with pytest.raises(ValueError, match="unlucky"):
        batcher([image(13)])
