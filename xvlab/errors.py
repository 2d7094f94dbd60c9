"""Every error xvlab raises on purpose, in one tree.

::

    XvlabError
    ├── ConfigurationError        a setting or the machine is not fit
    │   └── MissingDependencyError  an extra is not installed
    ├── InvalidInputError         a value from outside is wrong; carries the field path
    │   ├── ImageRejectedError    these bytes are not an image that is taken in; carries a reason
    │   └── UnsupportedFormatError
    ├── NotFoundError             nothing has this id or name
    ├── ConflictError             the state does not allow it now
    │   └── AlreadyExistsError
    ├── AuthenticationError       no or wrong credentials
    ├── PermissionDeniedError     known, but not allowed
    ├── StorageError              a blob or the database cannot be read or written
    ├── RateLimitedError          too many requests; come back later
    ├── NotProvidedError          the platform does not have this (yet)
    └── JobError                  a job's notebook failed
        ├── JobCancelledError
        ├── JobTimeoutError
        └── AttemptLostError      another attempt owns the job; this one must stop

Catch :class:`XvlabError` for "anything xvlab refused", a leaf for one case. Each message says what was expected, what
came, and ends with what to do next.
"""

from __future__ import annotations


class XvlabError(Exception):
    """Base of all errors of xvlab; ``code`` is stable and meant for machines."""

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(XvlabError):
    """A setting, a file of the home folder or the machine is not fit for what was asked."""

    code = "configuration"


class MissingDependencyError(ConfigurationError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""

    code = "missing_dependency"


class InvalidInputError(XvlabError):
    """A value from outside is wrong.

    Args:
        message: What was expected, what came, what to do.
        field: Dotted path of the value, for example ``records.0._base64``; empty when it is the whole input.
    """

    code = "invalid_input"

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ImageRejectedError(InvalidInputError):
    """The bytes are not an image that is taken in.

    Args:
        message: For people.
        reason: For machines: one of the names in ``xvlab.data.images.REJECTION_REASONS``.
        field: Dotted path of the value that held the bytes.
    """

    code = "image_rejected"

    def __init__(self, message: str, *, reason: str, field: str = "") -> None:
        super().__init__(message, field=field)
        self.reason = reason


class UnsupportedFormatError(InvalidInputError):
    """A file or archive has a format that is not read here."""

    code = "unsupported_format"


class NotFoundError(XvlabError):
    """Nothing has this id or name in the place where it was looked for."""

    code = "not_found"


class ConflictError(XvlabError):
    """The present state does not allow this; the message says which state would."""

    code = "conflict"


class AlreadyExistsError(ConflictError):
    """Something with this name or content is there already.

    Args:
        message: For people.
        existing_id: Id of what is there.
    """

    code = "already_exists"

    def __init__(self, message: str, *, existing_id: str = "") -> None:
        super().__init__(message)
        self.existing_id = existing_id


class AuthenticationError(XvlabError):
    """No credentials came, or they are wrong, expired or revoked."""

    code = "unauthenticated"


class PermissionDeniedError(XvlabError):
    """The account is known but may not do this."""

    code = "forbidden"


class StorageError(XvlabError):
    """A blob or the database cannot be read or written."""

    code = "storage"


class RateLimitedError(XvlabError):
    """Too many requests; the message says when to come back."""

    code = "rate_limited"


class NotProvidedError(XvlabError):
    """The platform does not offer this; the message says what does."""

    code = "not_provided"


class JobError(XvlabError):
    """A job's notebook failed; the message holds the last error of the notebook."""

    code = "job_failed"


class JobCancelledError(JobError):
    """Somebody cancelled the job."""

    code = "job_cancelled"


class JobTimeoutError(JobError):
    """The job ran longer than its limit."""

    code = "job_timeout"


class AttemptLostError(JobError):
    """Another attempt owns the job now; this process must stop without writing."""

    code = "attempt_lost"
