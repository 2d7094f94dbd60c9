"""Imports: every bad file is reported and none stops them; nothing is lost, nothing comes twice."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from pictures import BAD, GOOD, jpeg, png

from xvlab.errors import InvalidInputError, NotFoundError
from xvlab.workspace import Home, Workspace, open_home
from xvlab.workspace.images import ImageFilter
from xvlab.workspace.imports import ImportProgress


def _class_folders(root: Path, count: int, *, classes: int = 2) -> Path:
    for number in range(count):
        path = root / f"class {number % classes}" / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(12, 9, seed=number))
    return root


def _labels(workspace: Workspace) -> dict[str, str]:
    page = workspace.images.page(limit=1000)
    return {image.name: " ".join(label.name for label in image.labels) for image in page.items}


def test_an_empty_folder_imports_nothing(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    report = workspace.imports.folder(tmp_path / "empty")
    assert (report.added, report.already_there, report.labelled, report.rejected) == (0, 0, 0, ())
    assert workspace.labels.list().count == 0


def test_class_folders_become_labels_of_the_task(store: Home, tmp_path: Path) -> None:
    workspace = store.workspace()
    task = workspace.tasks.create("Things")
    report = workspace.imports.folder(_class_folders(tmp_path / "x", 7), task=task)
    assert (report.added, report.already_there, report.labelled, report.rejected) == (7, 0, 7, ())
    assert [label.name for label in workspace.tasks.get(task.id).labels] == ["class 0", "class 1"]
    assert _labels(workspace)["class 1/0003.png"] == "class 1"
    image = workspace.images.page(limit=1).items[0]
    assert workspace.images.content(image.id) == png(12, 9, seed=0)
    assert (image.format, image.width, image.height, image.is_test, image.is_real) == ("PNG", 12, 9, False, True)


def test_a_second_run_adds_nothing(store: Home, tmp_path: Path) -> None:
    workspace = store.workspace()
    task = workspace.tasks.create("Things")
    source = _class_folders(tmp_path / "x", 7)
    workspace.imports.folder(source, task=task)
    before = workspace.images.page().items
    report = workspace.imports.folder(source, task=task)
    assert (report.added, report.already_there, report.labelled, report.rejected) == (0, 7, 0, ())
    assert workspace.images.page().items == before
    assert workspace.labels.list().count == 2


def test_every_bad_file_is_listed_and_every_good_one_taken(workspace: Workspace, tmp_path: Path) -> None:
    source = tmp_path / "x"
    (source / "good").mkdir(parents=True)
    (source / "bad").mkdir()
    good = {build() for build in GOOD.values()}
    for number, data in enumerate(good):
        (source / "good" / f"{number}.png").write_bytes(data)
    for name, (build, _) in BAD.items():
        (source / "bad" / f"{name}.jpg").write_bytes(build())
    (source / "bad" / "link.jpg").symlink_to("/etc/passwd")
    (source / "bad" / "archive.zip").write_bytes(_zipped(source.parent / "inner.zip", source / "good").read_bytes())
    (source / "bad" / "Thumbs.db").write_bytes(b"ignored")
    report = workspace.imports.folder(source)
    reasons = {Path(found.path).stem: found.reason for found in report.rejected}
    expected = {name: reason for name, (_, reason) in BAD.items()} | {"link": "symlink", "archive": "not_an_image"}
    assert {name: reasons[name] for name in reasons if expected[name] != "*"} == {
        name: reason for name, reason in expected.items() if reason != "*"
    }
    assert set(reasons) == set(expected)
    assert report.added == len(good)
    assert workspace.imports.get(report.id).rejected == report.rejected
    assert all(found.message.endswith(".") for found in report.rejected)


def _zipped(file: Path, folder: Path) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder).as_posix())
    return file


def test_a_zip_gives_the_same_as_its_folder(store: Home, tmp_path: Path) -> None:
    source = _class_folders(tmp_path / "x", 8)
    report = store.workspace().imports.path(_zipped(tmp_path / "x.zip", source))
    assert report.added == 8
    assert store.create_workspace("Other").imports.path(source).added == 8
    assert _labels(store.workspace()) == _labels(store.workspace("Other"))


def test_a_zip_with_a_lying_or_damaged_member_goes_on(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(3):
            archive.writestr(f"a/{number}.png", png(seed=number))
    damaged = bytearray(file.read_bytes())
    damaged[damaged.index(b"IDAT", 4000) + 10] ^= 0xFF
    file.write_bytes(damaged)
    report = workspace.imports.zip(file)
    assert report.added == 2
    assert [found.reason for found in report.rejected] == ["unreadable"]


def test_csv_rows_with_test_flags(workspace: Workspace, tmp_path: Path) -> None:
    _class_folders(tmp_path, 4)
    (tmp_path / "t.csv").write_text(
        "image,label,test\nclass 0/0000.png,cat,\nclass 1/0001.png,dog,1\nclass 0/0002.png,,\n../x.png,cat,\n"
    )
    report = workspace.imports.path(tmp_path / "t.csv")
    assert (report.added, report.labelled, [found.reason for found in report.rejected]) == (3, 2, ["outside_source"])
    assert workspace.images.count(ImageFilter(is_test=True)) == 1


def test_images_that_are_there_get_their_missing_labels(workspace: Workspace, tmp_path: Path) -> None:
    for number in range(3):
        workspace.images.add(png(12, 9, seed=number))
    report = workspace.imports.folder(_class_folders(tmp_path / "x", 4))
    assert (report.added, report.already_there, report.labelled) == (1, 3, 4)


def test_equal_bytes_under_two_labels_are_reported(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "x" / name).mkdir(parents=True)
        (tmp_path / "x" / name / "same.png").write_bytes(png())
    report = workspace.imports.folder(tmp_path / "x")
    assert (report.added, report.already_there, report.labelled) == (1, 1, 1)
    assert [(found.path, found.reason) for found in report.rejected] == [("b/same.png", "conflicting_label")]
    assert set(_labels(workspace).values()) == {"a"}


def test_a_training_image_in_the_test_folder_is_reported(workspace: Workspace, tmp_path: Path) -> None:
    for name in ("test", "train"):
        (tmp_path / "x" / name / "a").mkdir(parents=True)
        (tmp_path / "x" / name / "a" / "same.png").write_bytes(png())
    report = workspace.imports.folder(tmp_path / "x")
    assert [(found.path, found.reason) for found in report.rejected] == [("train/a/same.png", "conflicting_split")]
    assert workspace.images.count(ImageFilter(is_test=True)) == 1


def test_progress_reaches_the_end(workspace: Workspace, tmp_path: Path) -> None:
    seen: list[ImportProgress] = []
    workspace.imports.folder(_class_folders(tmp_path / "x", 1100), on_progress=seen.append)
    assert seen[0] == ImportProgress(0, 1100, 0, 0, 0)
    assert seen[-1] == ImportProgress(1100, 1100, 1100, 0, 0)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert len(seen) >= 3


def test_what_a_listener_raises_ends_the_import_and_keeps_what_was_done(workspace: Workspace, tmp_path: Path) -> None:
    source = _class_folders(tmp_path / "x", 1100)

    def stop(progress: ImportProgress) -> None:
        if progress.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workspace.imports.folder(source, on_progress=stop)
    done = workspace.images.count()
    assert 0 < done < 1100
    report = workspace.imports.folder(source)
    assert (report.added, report.already_there) == (1100 - done, done)


def test_a_killed_import_goes_on_where_it_was(home_folder: Path, tmp_path: Path) -> None:
    source = _class_folders(tmp_path / "x", 2200, classes=5)
    code = """
import sys
from xvlab.workspace import open_home
workspace = open_home(sys.argv[1]).workspace()
task = workspace.tasks.create("Things")
workspace.imports.folder(sys.argv[2], task=task, on_progress=lambda progress: print(progress.added, flush=True))
"""
    arguments = [sys.executable, "-c", code, str(home_folder), str(source)]
    running = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    acknowledged = 0
    while acknowledged == 0:
        acknowledged = int(running.stdout.readline())
    running.kill()
    running.wait()
    running.stdout.close()
    with open_home(home_folder) as home:
        workspace = home.workspace()
        survived = workspace.images.count()
        assert acknowledged <= survived < 2200
        report = workspace.imports.folder(source, task=workspace.tasks.resolve("Things"))
        assert (report.added, report.already_there, report.rejected) == (2200 - survived, survived, ())
        assert workspace.images.count() == 2200
        assert [(label.name, label.images_count) for label in workspace.labels.list().items] == [
            (f"class {number}", 440) for number in range(5)
        ]
        for image in workspace.images.page(limit=1000).items[::50]:
            assert workspace.images.content(image.id)
            assert workspace.images.thumbnail(image.id)


def test_people_label_while_an_import_runs(store: Home, tmp_path: Path) -> None:
    workspace = store.workspace()
    task = workspace.tasks.create("Mine", label_names=["yes", "no"])
    images = [workspace.images.add(jpeg(seed=1000 + number)) for number in range(4)]
    source = _class_folders(tmp_path / "x", 1200)
    failures: list[BaseException] = []
    waits: list[float] = []
    stop = threading.Event()

    def label(mine: int) -> None:
        own = store.workspace()
        try:
            turn = 0
            while not stop.is_set():
                started = time.monotonic()
                own.annotations.set_category(task.id, images[mine].id, task.labels[turn % 2].id)
                waits.append(time.monotonic() - started)
                turn += 1
                time.sleep(0.02)
        except BaseException as error:
            failures.append(error)

    people = [threading.Thread(target=label, args=(number,)) for number in range(2)]
    for person in people:
        person.start()
    report = workspace.imports.folder(source, task=workspace.tasks.create("Theirs"))
    stop.set()
    for person in people:
        person.join()
    assert failures == []
    assert report.added == 1200
    assert len(waits) > 5
    assert max(waits) < 15


def test_two_imports_of_one_folder_at_once_take_everything_once(store: Home, tmp_path: Path) -> None:
    source = _class_folders(tmp_path / "x", 300)
    task = store.workspace().tasks.create("Things")
    reports = []
    threads = [
        threading.Thread(target=lambda: reports.append(store.workspace().imports.folder(source, task=task)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.added for report in reports) == 300
    assert store.workspace().images.count() == 300
    assert [label.images_count for label in store.workspace().labels.list().items] == [150, 150]


@pytest.mark.parametrize("name", [pytest.param("none", id="not there"), pytest.param("notes.txt", id="other file")])
def test_a_path_that_is_no_source(workspace: Workspace, tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("text")
    with pytest.raises(InvalidInputError, match="Give one that is there"):
        workspace.imports.path(tmp_path / name)


def test_a_task_of_another_workspace_is_not_found(home: Home, tmp_path: Path) -> None:
    task = home.create_workspace("Other").tasks.create("Theirs")
    with pytest.raises(NotFoundError):
        home.workspace().imports.folder(_class_folders(tmp_path / "x", 1), task=task)


def test_the_digits_arrive(digits_workspace: Workspace) -> None:
    task = digits_workspace.tasks.resolve("Digits")
    progress = digits_workspace.annotations.progress(task.id)
    assert (progress.labelled, progress.total) == (1797, 1797)
    assert [label.name for label in task.labels] == [str(digit) for digit in range(10)]
