"""Readers: what is found, what is ignored, and every problem with its reason."""

from __future__ import annotations

import gzip
import os
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pictures import jpeg, png

from xvlab.data.formats import Listing, open_zip, read_csv, read_folder, read_idx
from xvlab.data.formats.layout import find_layout
from xvlab.data.images import decode_rgb
from xvlab.errors import InvalidInputError, UnsupportedFormatError


def _write(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(seed=number))


def _found(listing: Listing) -> list[tuple[str, str | None, bool]]:
    return [(entry.path, entry.label, entry.is_test) for entry in listing.entries]


def _problems(listing: Listing) -> dict[str, str]:
    return {found.path: found.reason for found in listing.problems}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param([], [], id="empty"),
        pytest.param(["a.png"], [("a.png", None, False)], id="no label"),
        pytest.param(["b/1.png", "a/1.png"], [("a/1.png", "a", False), ("b/1.png", "b", False)], id="classes"),
        pytest.param(["a/x/y/1.png"], [("a/x/y/1.png", "a", False)], id="deeper folders"),
        pytest.param(
            ["train/a/1.png", "validation/a/2.png", "test/a/3.png"],
            [("test/a/3.png", "a", True), ("train/a/1.png", "a", False), ("validation/a/2.png", "a", False)],
            id="splits",
        ),
        pytest.param(["test/1.png", "train/2.png"], [("test/1.png", "test", False), ("train/2.png", "train", False)],
                     id="classes that are called train and test"),
        pytest.param(["test/a/1.png", "cat/b/1.png"], [("cat/b/1.png", "cat", False), ("test/a/1.png", "test", False)],
                     id="a class called test"),
        pytest.param([".git/x.png", "a/.hidden.png", "a/Thumbs.db", "a/1.png", "__MACOSX/a/1.png", "a/.DS_Store"],
                     [("a/1.png", "a", False)], id="the system's own files"),
        pytest.param(["Größe & Maß/ä b.png"], [("Größe & Maß/ä b.png", "Größe & Maß", False)], id="any letters"),
    ],
)  # fmt: skip
def test_class_folders(tmp_path: Path, names: list[str], expected: list[tuple[str, str | None, bool]]) -> None:
    _write(tmp_path, *names)
    listing = read_folder(tmp_path)
    assert _found(listing) == expected
    assert listing.problems == []
    assert all(decode_rgb(entry.read()).shape == (30, 40, 3) for entry in listing.entries)


def test_everything_may_be_test_images(tmp_path: Path) -> None:
    _write(tmp_path, "a/1.png")
    assert _found(read_folder(tmp_path, is_test=True)) == [("a/1.png", "a", True)]


def test_links_pipes_and_unreadable_names_are_problems(tmp_path: Path) -> None:
    _write(tmp_path / "outside", "secret.png")
    source = tmp_path / "source"
    _write(source, "a/1.png")
    (source / "a" / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (source / "b").symlink_to(tmp_path / "outside", target_is_directory=True)
    os.mkfifo(source / "a" / "pipe.png")
    (source / "a" / os.fsdecode(b"caf\xe9.png")).write_bytes(png())
    listing = read_folder(source)
    assert [entry.path for entry in listing.entries] == ["a/1.png"]
    assert _problems(listing) == {
        "a/link.png": "symlink",
        "b": "symlink",
        "a/pipe.png": "not_a_file",
        "a/caf\\udce9.png": "unreadable_name",
    }


def test_a_file_replaced_by_a_link_is_not_read(tmp_path: Path) -> None:
    _write(tmp_path, "a/1.png", "secret.png")
    entry = next(entry for entry in read_folder(tmp_path).entries if entry.path == "a/1.png")
    (tmp_path / "a/1.png").unlink()
    (tmp_path / "a/1.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(OSError):
        entry.read()


def test_a_wrapper_folder_of_an_archive_is_no_class() -> None:
    wrapped = [("data", "a", "1.png"), ("data", "b", "1.png")]
    assert [find_layout(wrapped, may_be_wrapped=True).label(parts) for parts in wrapped] == ["a", "b"]
    assert find_layout(wrapped, may_be_wrapped=False).label(wrapped[0]) == "data"
    splits = [("data", "train", "a", "1.png"), ("data", "test", "a", "1.png")]
    layout = find_layout(splits, may_be_wrapped=True)
    assert [(layout.label(parts), layout.is_test(parts)) for parts in splits] == [("a", False), ("a", True)]


def test_csv_with_labels_and_test_flags(tmp_path: Path) -> None:
    _write(tmp_path, "1.png", "deep/2.png", "3.png")
    (tmp_path / "t.csv").write_text("image;label;test\n1.png;cat;\ndeep/2.png; dog ;yes\n\n3.png;;0\n", "utf-8-sig")
    listing = read_csv(tmp_path / "t.csv")
    assert _found(listing) == [("1.png", "cat", False), ("deep/2.png", "dog", True), ("3.png", None, False)]


def test_csv_with_other_columns_and_quotes(tmp_path: Path) -> None:
    _write(tmp_path, "a, b.png")
    (tmp_path / "t.csv").write_text('id,Path,Class\n1,"a, b.png","x ""y"""\n')
    listing = read_csv(tmp_path / "t.csv", image_column="path", label_column="class")
    assert _found(listing) == [("a, b.png", 'x "y"', False)]


def test_csv_paths_never_lead_out(tmp_path: Path) -> None:
    _write(tmp_path, "secret.png", "table-sibling/1.png")
    table = tmp_path / "table"
    table.mkdir()
    (table / "in.png").write_bytes(png())
    (table / "link.png").symlink_to(tmp_path / "secret.png")
    (table / "inner.png").symlink_to(table / "in.png")
    (table / "out").symlink_to(tmp_path, target_is_directory=True)
    rows = ["../secret.png", str(tmp_path / "secret.png"), "../table-sibling/1.png", "link.png", "inner.png",
            "out/secret.png", "none.png", ".", "file:///etc/passwd", "a\\x00b"]  # fmt: skip
    (table / "t.csv").write_text("image,label,test\n" + "".join(f"{row},x,\n" for row in rows) + "in.png,x,maybe\n")
    listing = read_csv(table / "t.csv")
    assert listing.entries == []
    assert _problems(listing) == {
        "../secret.png": "outside_source",
        str(tmp_path / "secret.png"): "outside_source",
        "../table-sibling/1.png": "outside_source",
        "link.png": "symlink",
        "inner.png": "symlink",
        "out/secret.png": "outside_source",
        "none.png": "not_found",
        ".": "not_a_file",
        "file:///etc/passwd": "not_found",
        "a\\x00b": "not_found",
        "in.png": "wrong_value",
    }


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        pytest.param(b"", InvalidInputError, "Expected the column 'image'.*got an empty first line", id="empty"),
        pytest.param(b"a,b\n1,2\n", InvalidInputError, "Expected the column 'image'.*got 'a', 'b'", id="other columns"),
        pytest.param(b"image\n1.png\n", InvalidInputError, "Expected the column 'label'", id="no label"),
        pytest.param(b"image,label\n\xff\xfe,x\n", UnsupportedFormatError, "UTF-8", id="other encoding"),
        pytest.param(b'image,label\n"1.png,x\n', UnsupportedFormatError, "not a CSV", id="open quote"),
    ],
)
def test_csv_that_cannot_be_read(tmp_path: Path, content: bytes, error: type[Exception], message: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(error, match=message):
        read_csv(tmp_path / "t.csv")


def _zip(path: Path, members: dict[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_zip_of_class_folders(tmp_path: Path) -> None:
    file = _zip(tmp_path / "x.zip", {"d/a/1.png": png(), "d/b/2.jpg": jpeg(), "d/.DS_Store": b"x", "__MACOSX/d/a": b""})
    with open_zip(file, max_bytes=10_000) as listing:
        assert _found(listing) == [("d/a/1.png", "a", False), ("d/b/2.jpg", "b", False)]
        assert decode_rgb(listing.entries[0].read()).shape == (30, 40, 3)


def test_zip_members_that_are_not_read(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    members: dict[str | zipfile.ZipInfo, bytes] = {
        "../../evil.png": png(),
        "a/../../evil.png": png(),
        "/abs.png": png(),
        "C:/drive.png": png(),
        "a\\..\\evil.png": png(),
        link: b"/etc/passwd",
        "a/bomb.png": bytes(20_000_000),
        "a/line\nfeed.png": png(),
        "a/1.png": png(),
        "a/too late.png": png(200, 100),
    }
    file = _zip(tmp_path / "x.zip", members)
    with open_zip(file, max_bytes=100_000, max_total_bytes=10_000) as listing:
        assert [entry.path for entry in listing.entries] == ["a/1.png"]
        assert _problems(listing) == {
            "../../evil.png": "outside_source",
            "a/../../evil.png": "outside_source",
            "/abs.png": "outside_source",
            "C:/drive.png": "outside_source",
            "a\\..\\evil.png": "outside_source",
            "a/link.png": "symlink",
            "a/bomb.png": "suspicious_ratio",
            "a/line\\nfeed.png": "unreadable_name",
            "a/too late.png": "archive_too_large",
        }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip"]


def test_a_zip_member_is_never_unpacked_beyond_the_limit(tmp_path: Path) -> None:
    file = _zip(tmp_path / "x.zip", {"a/1.png": os.urandom(50_000)})
    with open_zip(file, max_bytes=1000) as listing:
        assert len(listing.entries[0].read()) == 1001


def test_a_damaged_zip_member_is_an_os_error(tmp_path: Path) -> None:
    file = _zip(tmp_path / "x.zip", {"a/1.png": os.urandom(5_000)})
    damaged = bytearray(file.read_bytes())
    damaged[1000:1010] = bytes(10)
    file.write_bytes(damaged)
    with open_zip(file, max_bytes=10_000) as listing, pytest.raises(OSError, match="damaged"):
        listing.entries[0].read()


@pytest.mark.parametrize("content", [pytest.param(b"", id="empty"), pytest.param(b"PK\x03\x04 and no more", id="cut")])
def test_a_file_that_is_no_zip(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(UnsupportedFormatError, match=r"Give a \.zip file"), open_zip(tmp_path / "x.zip", max_bytes=1):
        pass


def _idx(path: Path, array: np.ndarray, *, cut: int = 0) -> None:
    data = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    path.write_bytes(gzip.compress(data[: len(data) - cut]) if path.suffix == ".gz" else data[: len(data) - cut])


def test_idx_pairs(tmp_path: Path) -> None:
    pictures = np.arange(3 * 4 * 5).reshape(3, 4, 5)
    _idx(tmp_path / "train-images-idx3-ubyte.gz", pictures)
    _idx(tmp_path / "train-labels-idx1-ubyte.gz", np.array([1, 0, 1]))
    _idx(tmp_path / "t10k-images-idx3-ubyte", pictures[:1])
    _idx(tmp_path / "t10k-labels-idx1-ubyte", np.array([0]))
    listing = read_idx(tmp_path, label_names=["shirt", "shoe"])
    assert _found(listing) == [
        ("train/shoe/00000.png", "shoe", False),
        ("train/shirt/00001.png", "shirt", False),
        ("train/shoe/00002.png", "shoe", False),
        ("t10k/shirt/00000.png", "shirt", True),
    ]
    assert decode_rgb(listing.entries[1].read())[:, :, 0].tolist() == pictures[1].tolist()
    assert [entry.label for entry in read_idx(tmp_path).entries] == ["1", "0", "1", "0"]


@pytest.mark.parametrize(
    ("images", "labels", "cut", "message"),
    [
        pytest.param((2, 4, 5), (3,), 0, "2 images", id="different numbers"),
        pytest.param((2, 4, 5), (2,), 7, "damaged", id="cut off"),
        pytest.param((2, 20), (2,), 0, "not an IDX file", id="wrong dimensions"),
    ],
)
def test_idx_that_cannot_be_read(
    tmp_path: Path, images: tuple[int, ...], labels: tuple[int, ...], cut: int, message: str
) -> None:
    _idx(tmp_path / "train-images-idx3-ubyte.gz", np.zeros(images), cut=cut)
    _idx(tmp_path / "train-labels-idx1-ubyte.gz", np.zeros(labels))
    with pytest.raises(UnsupportedFormatError, match=message):
        read_idx(tmp_path)


@pytest.mark.parametrize("read", [read_folder, read_csv, read_idx], ids=lambda read: read.__name__)
def test_a_source_that_is_not_there(tmp_path: Path, read: object) -> None:
    with pytest.raises(InvalidInputError, match="Give"):
        read(tmp_path / "none")  # type: ignore[operator]
