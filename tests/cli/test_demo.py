"""What the demo imports: a user's folder of real digits, a fifth of each class held back as test images."""

from xvlab.cli.demo import write_digits
from xvlab.cli.lab import copy_tutorials


def test_digits_are_a_class_folder_import_with_test_images(tmp_path, workspace):
    folder = write_digits(tmp_path / "digits")
    assert sorted(path.name for path in folder.iterdir()) == ["test", "train"]
    per_class = [len(list((folder / "test" / str(digit)).iterdir())) for digit in range(10)]
    assert all(34 <= count <= 37 for count in per_class)
    assert sum(1 for _ in folder.rglob("*.png")) == 1797


def test_tutorials_are_copied_and_never_overwritten(tmp_path):
    folder = copy_tutorials(tmp_path / "notebooks")
    for path in folder.iterdir():
        path.write_text("mine")
    copy_tutorials(folder)
    assert {path.read_text() for path in folder.iterdir()} <= {"mine"}
