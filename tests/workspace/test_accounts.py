"""Users, passwords, tokens, roles, and the secret behind them."""

import stat
import threading

import pytest

from xvlab.errors import (
    AlreadyExistsError,
    AuthenticationError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
)
from xvlab.workspace import open_home
from xvlab.workspace.secret_key import load_secret_key
from xvlab.workspace.throttle import FailureThrottle

PASSWORD = "correct horse"


@pytest.fixture
def accounts(home):
    return home.accounts


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blank"),
        pytest.param("a\nb", id="line break"),
        pytest.param("x" * 201, id="too long"),
    ],
)
def test_unfit_names_are_refused(accounts, name):
    with pytest.raises(InvalidInputError):
        accounts.create_user(name, PASSWORD)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025], ids=["empty", "short", "endless"])
def test_unfit_passwords_are_refused(accounts, password):
    with pytest.raises(InvalidInputError) as caught:
        accounts.create_user("anna", password)
    assert caught.value.field == "password"
    assert accounts.list() == ()


def test_a_name_is_taken_once(accounts):
    anna = accounts.create_user("anna", PASSWORD)
    with pytest.raises(AlreadyExistsError) as caught:
        accounts.create_user("anna", PASSWORD)
    assert caught.value.existing_id == anna.id


def test_password_opens_the_account_and_nothing_else_does(accounts):
    anna = accounts.create_user("anna", PASSWORD)
    accounts.create_user("machine")
    assert accounts.verify_password("anna", PASSWORD) == anna
    assert accounts.verify_password("anna", PASSWORD + "x") is None
    assert accounts.verify_password("nobody", PASSWORD) is None
    assert accounts.verify_password("machine", "") is None


def test_new_password_replaces_the_old_one(accounts):
    accounts.create_user("anna", PASSWORD)
    accounts.set_password("anna", "another password")
    assert accounts.verify_password("anna", PASSWORD) is None
    assert accounts.verify_password("anna", "another password") is not None


def test_password_is_kept_as_argon2_hash(accounts, home):
    from sqlalchemy import text

    accounts.create_user("anna", PASSWORD)
    with home.database.read() as session:
        kept = session.execute(text("SELECT password_hash FROM users")).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_guessing_is_slowed_down_for_one_source_only(accounts):
    accounts.create_user("anna", PASSWORD)
    for _ in range(10):
        assert accounts.verify_password("anna", "wrong guess", source="10.0.0.1") is None
    with pytest.raises(RateLimitedError):
        accounts.verify_password("anna", PASSWORD, source="10.0.0.1")
    assert accounts.verify_password("anna", PASSWORD, source="10.0.0.2") is not None


def test_throttle_forgets_after_its_window():
    now = [0.0]
    throttle = FailureThrottle(2, 60.0, clock=lambda: now[0])
    throttle.failed("a")
    throttle.failed("a")
    with pytest.raises(RateLimitedError, match="60 seconds"):
        throttle.check("a")
    now[0] = 60.0
    throttle.check("a")


def test_token_leads_to_its_user(accounts):
    anna = accounts.create_user("anna", PASSWORD)
    token = accounts.create_token("anna", name="camera")
    assert accounts.authenticate(token) == anna
    assert len(token) < 70
    assert [(kept.name, token.startswith(kept.prefix)) for kept in accounts.tokens("anna")] == [("camera", True)]


def test_token_is_kept_as_keyed_hash_only(accounts, home_folder):
    accounts.create_user("anna", PASSWORD)
    token = accounts.create_token("anna")
    written = b"".join(path.read_bytes() for path in home_folder.iterdir() if path.is_file())
    assert token.encode() not in written


@pytest.mark.parametrize("token", ["", "xv_", "xv_" + "x" * 43, "ü"], ids=["empty", "start", "unknown", "not ascii"])
def test_unknown_tokens_are_refused(accounts, token):
    with pytest.raises(AuthenticationError):
        accounts.authenticate(token)


def test_ended_tokens_are_refused(accounts):
    accounts.create_user("anna", PASSWORD)
    expired = accounts.create_token("anna", expires_in_seconds=0)
    revoked = accounts.create_token("anna", name="revoked")
    accounts.revoke_token(next(token.id for token in accounts.tokens("anna") if token.name == "revoked"))
    for token in (expired, revoked):
        with pytest.raises(AuthenticationError):
            accounts.authenticate(token)
    with pytest.raises(NotFoundError):
        accounts.revoke_token("nothing")


def test_disabled_account_is_shut_out_until_enabled(accounts):
    accounts.create_user("anna", PASSWORD)
    token = accounts.create_token("anna")
    assert accounts.disable("anna").is_disabled
    assert accounts.verify_password("anna", PASSWORD) is None
    with pytest.raises(AuthenticationError):
        accounts.authenticate(token)
    accounts.enable("anna")
    assert accounts.authenticate(token).name == "anna"


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        pytest.param(None, set(), id="no member"),
        pytest.param("viewer", {"read"}, id="viewer"),
        pytest.param("editor", {"read", "write"}, id="editor"),
        pytest.param("owner", {"read", "write", "manage"}, id="owner"),
    ],
)
def test_roles_give_their_rights(accounts, workspace, role, rights):
    user = accounts.create_user("anna", PASSWORD)
    if role:
        accounts.add_member(workspace.id, "anna", role)
    assert {right for right in ("read", "write", "manage") if accounts.may(user, workspace.id, right)} == rights


def test_strangers_do_not_learn_that_a_workspace_exists(accounts, workspace):
    user = accounts.create_user("anna", PASSWORD)
    with pytest.raises(NotFoundError):
        accounts.require(user, workspace.id, "read")
    accounts.add_member(workspace.id, "anna", "viewer")
    with pytest.raises(PermissionDeniedError):
        accounts.require(user, workspace.id, "write")
    accounts.add_member(workspace.id, "anna", "editor")
    accounts.require(user, workspace.id, "write")
    accounts.remove_member(workspace.id, "anna")
    assert accounts.memberships(user.id) == {}


def test_members_need_a_known_role_user_and_workspace(accounts, workspace):
    accounts.create_user("anna", PASSWORD)
    with pytest.raises(InvalidInputError):
        accounts.add_member(workspace.id, "anna", "king")
    with pytest.raises(NotFoundError):
        accounts.add_member(workspace.id, "nobody", "owner")
    with pytest.raises(NotFoundError):
        accounts.add_member("nowhere", "anna", "owner")


def test_secret_is_private_and_differs_between_homes(tmp_path):
    keys = []
    for name in ("one", "two"):
        with open_home(tmp_path / name) as home:
            home.accounts.create_user("anna")
            home.accounts.create_token("anna")
        path = tmp_path / name / "secret.key"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        keys.append(path.read_bytes())
    assert keys[0] != keys[1]
    assert len(keys[0]) >= 32


def test_secret_is_the_same_for_everybody_who_starts_at_once(tmp_path):
    digests = []
    threads = [
        threading.Thread(target=lambda: digests.append(load_secret_key(tmp_path).digest("p", "t"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(digests) == 8
    assert len(set(digests)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_digests_of_different_purposes_differ(tmp_path):
    key = load_secret_key(tmp_path)
    assert key.digest("token", "a") != key.digest("media", "a")
    assert key.matches("media", "a", key.digest("media", "a"))
    assert not key.matches("media", "b", key.digest("media", "a"))
