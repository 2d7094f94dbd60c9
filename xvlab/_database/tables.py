"""All tables. A row of one workspace never refers to a row of another."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from xvlab._database.base import CreatedAt, JsonDict, JsonList, Moment, Sha256, Table, Uuid, UuidKey


class WorkspaceRow(Table):
    """The isolation boundary."""

    __tablename__ = "workspaces"

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[CreatedAt]
    meta_data: Mapped[JsonDict] = mapped_column(default=dict)


class UserRow(Table):
    """An account; the dashboards' login, the API's tokens and the CLI's ``--user`` are all this."""

    __tablename__ = "users"

    id: Mapped[UuidKey]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    password_hash: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[Moment | None]


class MemberRow(Table):
    """What a user may do in a workspace."""

    __tablename__ = "members"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[CreatedAt]


class TokenRow(Table):
    """An API token: only its HMAC is kept, and a prefix to recognise it by."""

    __tablename__ = "tokens"

    id: Mapped[UuidKey]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    prefix: Mapped[str] = mapped_column(String(12))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]


class LabelRow(Table):
    """A category, tag, value or box label; names need not be unique."""

    __tablename__ = "labels"
    __table_args__ = (Index(None, "workspace_id", "created_at", "id"), Index(None, "workspace_id", "name"))

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(20))
    output_name: Mapped[str] = mapped_column(String(500), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    color: Mapped[str] = mapped_column(String(20), default="")
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("labels.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class TaskRow(Table):
    """A problem: its labels and its training configuration. ``last_version`` is never lowered."""

    __tablename__ = "tasks"
    __table_args__ = (Index(None, "workspace_id", "created_at", "id"),)

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(20))
    description: Mapped[str] = mapped_column(Text, default="")
    configuration: Mapped[JsonDict] = mapped_column(default=dict)
    production_version: Mapped[int | None]
    last_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]


class TaskLabelRow(Table):
    """A label in a task, at a position that also is its number key."""

    __tablename__ = "task_labels"

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]


class ImageRow(Table):
    """One stored picture, addressed by the hash of its bytes. Sizes are those of the picture as seen (EXIF applied).

    ``perceptual_hash`` and ``signature`` (8 x 8 mean RGB colours) tell near-identical pictures apart from similar ones.
    """

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("workspace_id", "sha256"),
        Index(None, "workspace_id", "created_at", "id"),
        Index(None, "workspace_id", "is_test", "created_at", "id"),
    )

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    sha256: Mapped[Sha256]
    thumbnail_sha256: Mapped[Sha256]
    perceptual_hash: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary(192), deferred=True)
    name: Mapped[str] = mapped_column(String(1000), default="")
    format: Mapped[str] = mapped_column(String(20))
    byte_count: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    is_test: Mapped[bool] = mapped_column(default=False)
    is_real: Mapped[bool] = mapped_column(default=True)
    meta_data: Mapped[JsonDict] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]


class ImageLabelRow(Table):
    """A recognition label on a whole image. ``source`` is ``human``, ``import`` or ``model``."""

    __tablename__ = "image_labels"
    __table_args__ = (Index(None, "label_id", "image_id"),)

    image_id: Mapped[str] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(20))
    score: Mapped[float | None]
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class TaskExclusionRow(Table):
    """An image that must not be used by a task."""

    __tablename__ = "task_exclusions"

    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    image_id: Mapped[str] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True, index=True)
    author_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]


class ImportRow(Table):
    """One import: where from, how far, and every file that was not taken in, with its reason."""

    __tablename__ = "imports"

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    counts: Mapped[JsonDict] = mapped_column(default=dict)
    problems: Mapped[JsonList] = mapped_column(default=list)
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Moment | None]


class SnapshotRow(Table):
    """Exactly what a training run sees: the manifest lies in the blob store under its own hash."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("task_id", "sha256"),)

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    sha256: Mapped[Sha256]
    counts: Mapped[JsonDict] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]


class JobRow(Table):
    """One execution of one job notebook; the queue is this table.

    ``parameters`` reach the notebook; ``inputs`` (snapshot, model, what to do with the result) do not: the library
    reads them from the row.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "state", "priority", "created_at"),
        Index(None, "workspace_id", "created_at", "id"),
    )

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    notebook: Mapped[str] = mapped_column(String(100))
    parameters: Mapped[JsonDict] = mapped_column(default=dict)
    inputs: Mapped[JsonDict] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    timeout_seconds: Mapped[float]
    attempt_token: Mapped[str | None] = mapped_column(String(36))
    runner_pid: Mapped[int | None]
    runner_host: Mapped[str | None] = mapped_column(String(255))
    not_before: Mapped[Moment | None]
    lease_until: Mapped[Moment | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[JsonDict] = mapped_column(default=dict)
    result: Mapped[JsonDict] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]


class ModelRow(Table):
    """A trained version of a task. Artefacts are blobs: name of the file to sha256 of its bytes."""

    __tablename__ = "models"
    __table_args__ = (UniqueConstraint("task_id", "version"),)

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    version: Mapped[int]
    snapshot_id: Mapped[Uuid]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), unique=True)
    parameters: Mapped[JsonDict] = mapped_column(default=dict)
    metrics: Mapped[JsonDict] = mapped_column(default=dict)
    artifacts: Mapped[JsonDict] = mapped_column(default=dict)
    created_at: Mapped[CreatedAt]
    deleted_at: Mapped[Moment | None]


class PromotionRow(Table):
    """History of a task's production version, newest last; a rollback undoes the newest one that is not undone."""

    __tablename__ = "promotions"
    __table_args__ = (Index(None, "task_id", "created_at", "id"),)

    id: Mapped[UuidKey]
    task_id: Mapped[str] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    version: Mapped[int | None]
    previous_version: Mapped[int | None]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    undone_at: Mapped[Moment | None]


class EvaluationRow(Table):
    """A model measured on a snapshot: metrics and the stored predictions (a blob)."""

    __tablename__ = "evaluations"
    __table_args__ = (Index(None, "model_id", "created_at"),)

    id: Mapped[UuidKey]
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    model_id: Mapped[str] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"))
    snapshot_id: Mapped[Uuid]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), unique=True)
    metrics: Mapped[JsonDict] = mapped_column(default=dict)
    predictions_sha256: Mapped[Sha256]
    created_at: Mapped[CreatedAt]
