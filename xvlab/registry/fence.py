"""The fence: what a job writes is taken only while its attempt owns the job, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from xvlab._database.tables import JobRow
from xvlab.errors import AttemptLostError


@dataclass(frozen=True, slots=True)
class JobFence:
    """A job and the token of the attempt that writes for it."""

    job_id: str
    token: str

    def owned_row(self, session: Session) -> JobRow:
        """Return and lock the job's row inside a write transaction.

        Raises:
            AttemptLostError: The attempt does not own the job any more.
        """
        mine = JobRow.id == self.job_id, JobRow.attempt_token == self.token, JobRow.state == "running"
        row = session.scalars(select(JobRow).where(*mine).with_for_update()).one_or_none()
        if row is None:
            raise AttemptLostError(f"This attempt does not own job {self.job_id} any more. Nothing was written.")
        return row
