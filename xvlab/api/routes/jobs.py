"""Jobs: follow, cancel, retry."""

from __future__ import annotations

from fastapi import APIRouter

from xvlab.api.answers import JobAnswer
from xvlab.api.paging import ListAnswer, PageNeeded, TextQuery
from xvlab.api.visitor import VisitorNeeded

router = APIRouter(prefix="/recognition/v2/job", tags=["jobs"])


@router.get("", summary="List jobs")
def list_jobs(visitor: VisitorNeeded, query: PageNeeded, task: TextQuery = None) -> ListAnswer[JobAnswer]:
    """List the jobs of a workspace, or of one task of it, newest first."""
    workspace = visitor.workspace(query.workspace, "read")
    page = query.fetch(lambda after, limit: workspace.jobs.list(task_id=task, after=after, limit=limit))
    return ListAnswer(
        count=page.count,
        next=query.next_path(page.next, workspace.id),
        results=[JobAnswer.of(job) for job in page.items],
    )


@router.get("/{job_id}", summary="Read a job")
def read_job(visitor: VisitorNeeded, job_id: str) -> JobAnswer:
    """Read one job with its progress and result."""
    return JobAnswer.of(visitor.locate("job", job_id, "read").jobs.get(job_id))


@router.post("/{job_id}/cancel", summary="Cancel a job")
def cancel_job(visitor: VisitorNeeded, job_id: str) -> JobAnswer:
    """Ask a job to stop; what its notebook has done until then is kept."""
    workspace = visitor.locate("job", job_id, "write")
    workspace.jobs.cancel(job_id)
    return JobAnswer.of(workspace.jobs.get(job_id))


@router.post("/{job_id}/retry", summary="Run a job again")
def retry_job(visitor: VisitorNeeded, job_id: str) -> JobAnswer:
    """Queue a finished job again."""
    return JobAnswer.of(visitor.locate("job", job_id, "write").jobs.retry(job_id))
