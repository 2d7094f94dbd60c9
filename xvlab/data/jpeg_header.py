"""The size of a plain JPEG straight from its frame header: far cheaper than a full parse, and enough for most files."""

from __future__ import annotations

_START = b"\xff\xd8"
_PLAIN_FRAMES = {0xC0, 0xC1, 0xC2}
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_START_OF_SCAN = 0xDA
_APP1, _APP2 = 0xE1, 0xE2
_GREY, _COLOUR = 1, 3


def plain_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of an 8-bit grey or colour JPEG without EXIF and further pictures; else ``None``.

    ``None`` means only that a full parser has to look: nothing is wrong with the file yet.
    """
    if data[:2] != _START:
        return None
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in _PLAIN_FRAMES:
            height = int.from_bytes(data[place + 5 : place + 7], "big")
            width = int.from_bytes(data[place + 7 : place + 9], "big")
            plain = data[place + 4] == 8 and data[place + 9] in (_GREY, _COLOUR) and width > 0 and height > 0
            return (width, height) if plain else None
        special = marker in {_APP1, _APP2} and data[place + 4 : place + 8] in (b"Exif", b"MPF\x00")
        if special or marker in _OTHER_FRAMES or marker == _START_OF_SCAN or marker < 0xC0 or length < 2:
            return None
        place += 2 + length
    return None
