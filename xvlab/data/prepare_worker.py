"""A process that prepares pictures for another one: requests come on standard input, answers go to standard output.

``python -m xvlab.data.prepare_worker`` ends when its input ends, so it never outlives its master. A decoder that
crashes on hostile bytes takes this process down and nothing else.

A message is 4 bytes with the length of a JSON text, the text, and the bytes of the parts whose lengths the text names.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import IO, Any, Self

from xvlab.errors import ConfigurationError, ImageRejectedError

from .images import DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, ImageInfo
from .prepared import PreparedImage, prepare_image

Answer = PreparedImage | ImageRejectedError


class PrepareWorker:
    """The master's side of one worker process; used by one thread at a time, closed by ``with``."""

    def __init__(self, *, max_pixels: int = DEFAULT_MAX_PIXELS, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._limits = {"max_pixels": max_pixels, "max_bytes": max_bytes}
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, pictures: Sequence[bytes], addresses: Sequence[str]) -> list[Answer]:
        """Prepare pictures whose sha256 are known; one that crashes the decoder counts as damaged.

        Raises:
            ConfigurationError: No worker process can be started here.
        """
        try:
            return self._ask(pictures, addresses)
        except (OSError, EOFError):
            self.close()
        if len(pictures) > 1:
            return [self.prepare([data], [sha256])[0] for data, sha256 in zip(pictures, addresses, strict=True)]
        message = "The decoder crashed on these bytes. Give another file, or repair this one."
        return [ImageRejectedError(message, reason="damaged")] * len(pictures)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _ask(self, pictures: Sequence[bytes], addresses: Sequence[str]) -> list[Answer]:
        if self._process is None:
            self._process = self._started()
        return self._exchange(self._process, pictures, addresses)

    def _started(self) -> subprocess.Popen[bytes]:
        """Start a process and see that it answers, so that what happens later is the pictures' fault."""
        command = [sys.executable, "-m", "xvlab.data.prepare_worker"]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere)
        try:
            self._exchange(process, [], [])
        except (OSError, EOFError) as error:
            process.kill()
            process.communicate()
            message = f"`{' '.join(command)}` does not start. Run it by hand and see what it says."
            raise ConfigurationError(message) from error
        return process

    def _exchange(
        self, process: subprocess.Popen[bytes], pictures: Sequence[bytes], addresses: Sequence[str]
    ) -> list[Answer]:
        sink, source = process.stdin, process.stdout
        assert sink is not None and source is not None  # noqa: S101, PT018 - both were asked for as pipes
        _send(sink, {"limits": self._limits, "addresses": list(addresses)}, pictures)
        head, parts = _receive(source)
        return [_answer(*found) for found in zip(head["answers"], parts, pictures, strict=True)]


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until the input ends."""
    while True:
        try:
            head, pictures = _receive(source)
        except EOFError:
            return
        answers, parts = [], []
        for data, sha256 in zip(pictures, head["addresses"], strict=True):
            answer, part = _prepared(data, sha256, head["limits"])
            answers.append(answer)
            parts.append(part)
        _send(sink, {"answers": answers}, parts)


def _prepared(data: bytes, sha256: str, limits: dict[str, int]) -> tuple[dict[str, Any], bytes]:
    """Return one picture's answer and its thumbnail; empty when the picture is its own."""
    try:
        image = prepare_image(data, sha256=sha256, **limits)
    except ImageRejectedError as error:
        return {"reason": error.reason, "message": error.message}, b""
    fields = {
        "sha256": sha256,
        "info": asdict(image.info),
        "perceptual_hash": image.perceptual_hash,
        "signature": image.signature.hex(),
    }
    return fields, b"" if image.thumbnail is data else image.thumbnail


def _answer(fields: dict[str, Any], part: bytes, data: bytes) -> Answer:
    if "reason" in fields:
        return ImageRejectedError(fields["message"], reason=fields["reason"])
    return PreparedImage(
        data=data,
        sha256=fields["sha256"],
        info=ImageInfo(**fields["info"]),
        thumbnail=part or data,
        perceptual_hash=fields["perceptual_hash"],
        signature=bytes.fromhex(fields["signature"]),
    )


def _send(sink: IO[bytes], head: dict[str, Any], parts: Sequence[bytes]) -> None:
    text = json.dumps(head | {"lengths": [len(part) for part in parts]}).encode()
    sink.write(b"".join([struct.pack(">I", len(text)), text, *parts]))
    sink.flush()


def _receive(source: IO[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    (length,) = struct.unpack(">I", _exactly(source, 4))
    head: dict[str, Any] = json.loads(_exactly(source, length))
    return head, [_exactly(source, part) for part in head["lengths"]]


def _exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) < count:
        raise EOFError("the other process ended")
    return data


if __name__ == "__main__":
    import cv2

    cv2.setNumThreads(1)
    serve(sys.stdin.buffer, sys.stdout.buffer)
