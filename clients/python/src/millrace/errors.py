"""The errors of the client. Branch on the class and on `code`, never on the text. Raised by every call, and for users to
catch."""
from __future__ import annotations

import builtins
from typing import Any, List, Mapping, Optional

from .types import Fault, Job, JobError


class MillraceError(Exception):
    """Any error of this package."""


class ApiError(MillraceError):
    """The server refused the request. `code` is one of docs/errors.md, or `unexpected_answer` when the answer does not come
    from Millrace."""

    code: str
    status: int
    title: str
    detail: str
    #: The faults that the server lists, each with its path. Empty when the refusal is not about a field.
    errors: List[Fault]
    #: Number of all faults. It can be higher than the number of `errors`.
    errors_total: int
    #: The job that the refusal is about, when the call did not name it: the purged job of an idempotency key.
    job_id: Optional[str]
    #: Id of the request. The server's log has it too; give it to the operator with a question.
    request_id: Optional[str]
    #: What the server said about when to try again, as it said it.
    retry_after: Optional[str] = None

    def __init__(self, problem: Mapping[str, Any]) -> None:
        errors = problem.get("errors") or []
        places = "".join(f"\n  {fault.get('path')}: {fault.get('message')}" for fault in errors)
        super().__init__(f"{problem['title']}: {problem['detail']}{places}")
        self.code = problem.get("code", "unexpected_answer")
        self.status = problem["status"]
        self.title = problem["title"]
        self.detail = problem["detail"]
        self.errors = errors
        self.errors_total = problem.get("errors_total", len(errors))
        self.job_id = problem.get("job_id")
        self.request_id = problem.get("request_id")

    def __reduce__(self) -> Any:
        return (type(self)._again, (self.__dict__, self.args))

    @classmethod
    def _again(cls, facts: Mapping[str, Any], args: Any) -> ApiError:
        error = cls.__new__(cls)
        error.args = args
        error.__dict__.update(facts)
        return error


class ConnectionError(MillraceError, builtins.ConnectionError):
    """No complete answer came: the server cannot be reached, or the connection broke. The request may have been carried out
    or not."""

    #: Address of the server, as given to the client.
    url: str

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"No answer from {url}: {reason}")
        self.url = url
        self.reason = reason

    def __reduce__(self) -> Any:
        return (type(self), (self.url, self.reason))


class JobFailedError(MillraceError):
    """The job ended without an output."""

    job: Job
    #: The job's error. None when the job was canceled.
    error: Optional[JobError]
    #: Code of the job's error, or `canceled`.
    code: str

    def __init__(self, job: Job) -> None:
        error = job["error"] if job["status"] == "failed" else None
        told = f"failed: {error['message']} ({error['code']})" if error else "was canceled"
        super().__init__(f"Job {job['id']} {told}")
        self.job = job
        self.error = error
        self.code = error["code"] if error else "canceled"

    def __reduce__(self) -> Any:
        return (type(self), (self.job,))


class WaitTimeoutError(MillraceError, TimeoutError):
    """The job did not end within the time given to `wait` or `run`. The job goes on."""

    #: The job as it was last seen.
    job: Job

    def __init__(self, job: Job, seconds: float) -> None:
        super().__init__(f"Job {job['id']} is {job['status']} after {seconds:g} s")
        self.job = job
        self.seconds = seconds

    def __reduce__(self) -> Any:
        return (type(self), (self.job, self.seconds))


class WebhookVerificationError(MillraceError):
    """The webhook is not from your Millrace, or is too old. Do not act on it: answer 400. `invalid_secret` is an error in
    your own settings."""

    #: `missing_header`, `invalid_header`, `too_old`, `too_new`, `no_match`, `invalid_body` or `invalid_secret`.
    code: str

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> Any:
        return (type(self), (self.code, str(self)))
