"""The commands as a person or a script runs them: output, JSON, exit codes."""

import json
import shutil
import subprocess
import sys
import time

import pytest

from xvlab.workspace import open_home


def test_help_is_quick_and_loads_nothing_heavy():
    started = time.perf_counter()
    code = "import sys, xvlab.cli; print(*[m for m in ('torch', 'sqlalchemy', 'fastapi', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""
    assert time.perf_counter() - started < 30


def test_without_a_command_the_help_is_shown():
    done = subprocess.run([sys.executable, "-m", "xvlab.cli"], capture_output=True, text=True, timeout=60, check=False)
    assert "xvlab" in done.stdout + done.stderr


def test_init_makes_the_owner_once(xvlab, home_folder):
    first = xvlab("init")
    password = next(line.split()[1] for line in first.stdout.splitlines() if line.startswith("Password:"))
    assert "Password" not in xvlab("init").stdout.replace("new password", "")
    with open_home(home_folder) as home:
        assert home.accounts.verify_password("owner", password).name == "owner"
        assert set(home.accounts.memberships(home.accounts.get("owner").id).values()) == {"owner"}


def test_init_takes_a_password_and_another_workspace(xvlab, home_folder):
    assert "Password" not in xvlab("init", "--password-stdin", "--workspace", "Lab", typed="my own password\n").stdout
    with open_home(home_folder) as home:
        assert home.accounts.verify_password("owner", "my own password")
        assert {info.name for info in home.workspaces()} == {"Default", "Lab"}


def test_token_prints_a_token_and_nothing_else(xvlab, home_folder):
    xvlab("init")
    printed = xvlab("users", "token", "owner", "--purpose", "camera").stdout
    assert printed == printed.strip() + "\n"
    with open_home(home_folder) as home:
        assert home.accounts.authenticate(printed.strip()).name == "owner"
    kept = json.loads(xvlab("users", "tokens", "owner", "--json").stdout)
    assert [(token["purpose"], token["revoked_at"]) for token in kept] == [("camera", None)]
    xvlab("users", "revoke", kept[0]["id"])
    assert json.loads(xvlab("users", "tokens", "owner", "--json").stdout)[0]["revoked_at"] is not None


def test_accounts_come_change_and_are_shut_out(xvlab):
    xvlab("init")
    assert "Password" in xvlab("users", "create", "anna", "--role", "viewer").stdout
    xvlab("users", "role", "anna", "editor")
    xvlab("users", "disable", "anna")
    rows = {row["name"]: row for row in json.loads(xvlab("users", "--json").stdout)}
    assert (rows["anna"]["roles"], rows["anna"]["disabled"]) == ("Default: editor", True)
    xvlab("users", "enable", "anna")
    xvlab("users", "role", "anna", "none")
    rows = {row["name"]: row for row in json.loads(xvlab("users", "list", "--json").stdout)}
    assert (rows["anna"]["roles"], rows["anna"]["disabled"]) == ("", False)
    assert "Password" in xvlab("users", "password", "anna").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("users", "token", "nobody"), id="unknown user"),
        pytest.param(("users", "create", "anna", "--role", "king"), id="unknown role"),
        pytest.param(("task", "show", "nothing"), id="unknown task"),
        pytest.param(("task", "create", "a", "--kind", "nothing"), id="unknown kind"),
        pytest.param(("task", "list", "--workspace", "nowhere"), id="unknown workspace"),
        pytest.param(("import", "nowhere"), id="unknown source"),
        pytest.param(("models", "nothing"), id="models of nothing"),
        pytest.param(("train", "nothing"), id="train nothing"),
        pytest.param(("predict", "nothing", "nowhere.png"), id="no file"),
        pytest.param(("promote", "nothing", "1"), id="promote nothing"),
        pytest.param(("promote", "nothing"), id="promote without version"),
        pytest.param(("reproduce", "nothing@x"), id="version is no number"),
        pytest.param(("export-model", "nothing", "--out", "x"), id="export nothing"),
        pytest.param(("jobs", "cancel", "nothing"), id="cancel nothing"),
    ],
)
def test_what_a_person_can_correct_is_one_line_and_exit_code_2(xvlab, arguments):
    result = xvlab(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith(("error: ", "Usage: "))


def test_listing_nothing(xvlab):
    for command in (("task",), ("task", "list"), ("jobs",), ("users",)):
        assert xvlab(*command).exit_code == 0
        assert json.loads(xvlab(*command, "--json").stdout) == []


def test_import_says_what_happened_and_adds_nothing_twice(xvlab, digits_folder, tmp_path):
    few = tmp_path / "few"
    for label in ("0", "1"):
        (few / label).mkdir(parents=True)
        for path in sorted((digits_folder / label).iterdir())[:5]:
            shutil.copyfile(path, few / label / path.name)
    (few / "0" / "broken.png").write_bytes(b"nothing")
    report = json.loads(xvlab("import", few, "--task", "digits", "--json").stdout)
    assert (report["added"], report["labelled"], len(report["rejected"])) == (10, 10, 1)
    again = xvlab("import", few, "--task", "digits")
    assert again.stdout.startswith("0 added, 10 already there")
    assert "broken.png" in again.stdout
    shown = json.loads(xvlab("task", "show", "digits", "--json").stdout)
    assert sorted(shown["progress"]["per_label"].values()) == [5, 5]
    assert [row["labels"] for row in json.loads(xvlab("task", "--json").stdout)] == [2]


def test_training_what_cannot_be_trained_and_wrong_options(xvlab):
    xvlab("task", "create", "empty", "--label", "a", "--label", "b")
    assert "Label more images" in xvlab("train", "empty").stderr
    assert "epochs" in xvlab("train", "empty", "--option", "epochs=many").stderr
    assert xvlab("train", "empty", "--option", "nothing").exit_code == 2
    assert xvlab("task", "delete", "empty", "--yes").exit_code == 0


def test_a_trained_task_from_versions_to_prediction(xvlab, trained_folder, tmp_path, digits_folder):
    home = shutil.copytree(trained_folder, tmp_path / "copy")
    picture = next((digits_folder / "0").iterdir())
    rows = json.loads(xvlab("models", "Digits", "--json", home=home).stdout)
    assert [(row["version"], row["production"]) for row in rows] == [(2, False), (1, True)]
    assert "version 2 in production" in xvlab("promote", "Digits", "2", home=home).stdout
    assert "version 1 in production" in xvlab("promote", "Digits", "--rollback", home=home).stdout
    answer = json.loads(xvlab("predict", "Digits", picture, "--json", home=home).stdout)[0]
    assert answer["label"] in {"0", "1", "2"}
    assert answer["label"] in xvlab("predict", "Digits", picture, home=home).stdout
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"nothing")
    assert xvlab("predict", "Digits", bad, home=home).exit_code == 2
    xvlab("export-model", "Digits@2", "--out", tmp_path / "exported", home=home)
    assert (tmp_path / "exported" / "model.safetensors").stat().st_size > 0


def test_jobs_are_listed_shown_and_logged(xvlab, trained_folder):
    jobs = json.loads(xvlab("jobs", "--json", home=trained_folder).stdout)
    assert [job["state"] for job in jobs] == ["succeeded"] * 2
    shown = json.loads(xvlab("jobs", "show", jobs[0]["id"], "--json", home=trained_folder).stdout)
    assert shown["result"]["version"] == 2
    assert "succeeded" in xvlab("jobs", "show", jobs[0]["id"], home=trained_folder).stdout
    assert xvlab("jobs", "log", jobs[0]["id"], home=trained_folder).stdout
    assert xvlab("jobs", "cancel", jobs[0]["id"], home=trained_folder).exit_code == 0


def test_doctor_names_what_is_there_and_what_to_do(xvlab):
    rows = {row["what"]: row for row in json.loads(xvlab("doctor", "--json").stdout)}
    assert {name: rows[name]["state"] for name in ("python", "disk", "database", "blobs")} == dict.fromkeys(
        ("python", "disk", "database", "blobs"), "ok"
    )
    assert rows["accounts"]["advice"] == "Run: xvlab init"
    assert rows["worker"]["advice"] == "xvlab up"


def test_doctor_finds_a_broken_setting(xvlab, monkeypatch):
    monkeypatch.setenv("XVLAB_DATABASE_URL", "oracle://nowhere")
    result = xvlab("doctor", "--json")
    assert result.exit_code == 1
    assert {row["what"]: row["state"] for row in json.loads(result.stdout)}["home"] == "bad"
