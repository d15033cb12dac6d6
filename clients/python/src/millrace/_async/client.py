"""The calls of the API, put together into one client. For users of the package, who make one for each server."""
from __future__ import annotations

import secrets
import ssl
from datetime import datetime
from types import TracebackType
from typing import Any, AsyncIterator, Dict, List, Mapping, Optional, Sequence, Type, Union, cast
from urllib.parse import quote

from .._wire.body import Body, JsonBody, MultipartBody, json_text
from .._wire.filter_query import filter_query, query_text
from .._wire.request import Request
from ..errors import ApiError, JobFailedError
from ..types import (
    DryRun, Event, Failures, Job, JobCounts, JobFilter, JobStatus, Kind, Model, Priority, WebhookEvent,
)
from ..uploads import split_uploads
from .connections import AsyncConnections
from .files import UPLOAD_SILENCE, AsyncFiles
from .follow import WITHIN, follow_events, job_path, pages_of, wait_for_end
from .sender import AsyncSender


class AsyncClient:
    """The client of one server. It opens no connection before the first call, and may be used by any number of calls at once.

    `url` is the address of the server, such as http://127.0.0.1:7070; a path before /v1 is kept. `retries`: how often a request
    is repeated when the server cannot be reached or asks to try later; 8 take about 25 s. `silence_seconds`: seconds without a
    byte, within an output or a download, after which the connection counts as broken. `tls`: how https is spoken; default:
    certificates that the system trusts.

    Every call may raise ApiError and ConnectionError. Proxies are those of the environment, as urllib has them.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: Optional[str] = None,
        retries: int = 8,
        silence_seconds: float = 60,
        tls: Optional[ssl.SSLContext] = None,
    ) -> None:
        context = tls
        if context is None and url.startswith("https:"):
            context = ssl.create_default_context()
        self._connections = AsyncConnections(context)
        self._sender = AsyncSender(url, api_key=api_key, retries=retries, connections=self._connections)
        self._retries = retries
        self._silence = silence_seconds
        #: Address of the server, without a slash at the end.
        self.url = self._sender.url
        self.files = AsyncFiles(self._sender, silence_seconds)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the connections that are kept for the next call."""
        self._connections.close()

    async def submit(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        kind: Optional[Kind] = None,
        version: Optional[str] = None,
        priority: Optional[Priority] = None,
        run_at: Union[str, datetime, None] = None,
        expires_in: Optional[float] = None,
        reject_if_late: Optional[bool] = None,
        timeout: Optional[float] = None,
        max_attempts: Optional[int] = None,
        webhook: Optional[str] = None,
        webhook_events: Optional[Sequence[WebhookEvent]] = None,
        keep_for: Optional[int] = None,
        metadata: Optional[Mapping[str, str]] = None,
        idempotency_key: Optional[str] = None,
        retries: Optional[int] = None,
    ) -> Job:
        """Submits a job. When it returns, the server keeps the job.

        At the place of a file in the input there may be a `pathlib.Path`, bytes, a file opened for reading bytes, an `Upload`,
        or a file as the API shows it; anywhere, also in lists. The options are those of the API. Same `idempotency_key`, same
        job, for 24 hours; by default each submit has a random one, so that a repeated request makes one job only.
        """
        return cast(Job, await self._submit(model, input, _options(locals()), idempotency_key, retries))

    async def dry_run(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        kind: Optional[Kind] = None,
        version: Optional[str] = None,
        priority: Optional[Priority] = None,
        run_at: Union[str, datetime, None] = None,
        expires_in: Optional[float] = None,
        reject_if_late: Optional[bool] = None,
        timeout: Optional[float] = None,
        max_attempts: Optional[int] = None,
        webhook: Optional[str] = None,
        webhook_events: Optional[Sequence[WebhookEvent]] = None,
        keep_for: Optional[int] = None,
        metadata: Optional[Mapping[str, str]] = None,
        idempotency_key: Optional[str] = None,
        retries: Optional[int] = None,
    ) -> DryRun:
        """Checks a submit, and says where its job would wait and when it would start. Nothing is kept, though the files of the
        input are sent. Raises what the submit would be refused with."""
        options = _options(locals())
        return cast(DryRun, await self._submit(model, input, options, idempotency_key, retries, "?dry_run=true"))

    async def run(
        self,
        model: str,
        input: Mapping[str, Any],
        *,
        wait_seconds: Optional[float] = None,
        kind: Optional[Kind] = None,
        version: Optional[str] = None,
        priority: Optional[Priority] = None,
        run_at: Union[str, datetime, None] = None,
        expires_in: Optional[float] = None,
        reject_if_late: Optional[bool] = None,
        timeout: Optional[float] = None,
        max_attempts: Optional[int] = None,
        webhook: Optional[str] = None,
        webhook_events: Optional[Sequence[WebhookEvent]] = None,
        keep_for: Optional[int] = None,
        metadata: Optional[Mapping[str, str]] = None,
        idempotency_key: Optional[str] = None,
        retries: Optional[int] = None,
    ) -> Job:
        """Submits as `submit` does, and waits. Returns the job with its output whole. Raises JobFailedError when the job fails
        or is canceled, and WaitTimeoutError after `wait_seconds`; the job goes on then."""
        job = cast(Job, await self._submit(model, input, _options(locals()), idempotency_key, retries))
        last = await wait_for_end(self._sender, job["id"], wait_seconds=wait_seconds, retries=retries, seen=job)
        if last["status"] != "succeeded":
            raise JobFailedError(last)
        if last["output"] is None:
            last["output"] = await self.output(last["id"], retries=retries)
        return last

    async def get(self, job_id: str, *, retries: Optional[int] = None) -> Job:
        """The job as it is now."""
        return cast(Job, await self._sender.json(Request(job_path(job_id), retries=retries, within=WITHIN)))

    async def wait(
        self, job_id: str, *, wait_seconds: Optional[float] = None, retries: Optional[int] = None
    ) -> Job:
        """Returns the job when it has ended, in whatever way. Waits for a server that restarts meanwhile. Raises
        WaitTimeoutError after `wait_seconds`; an answer on its way may take one second more."""
        return await wait_for_end(self._sender, job_id, wait_seconds=wait_seconds, retries=retries)

    def events(
        self, job_id: str, *, after: Optional[str] = None, retries: Optional[int] = None
    ) -> AsyncIterator[Event]:
        """All events of a job, each once, from the first that is kept to `done`, which carries the job. Connects again by
        itself. `after`: begin behind the event of this id, or with `latest`, with a `job` event and what happens from then on."""
        return follow_events(
            self._sender, job_id, after=after, retries=self._retries if retries is None else retries
        )

    async def output(self, job_id: str, *, retries: Optional[int] = None) -> Any:
        """The complete output. The job itself shows an output only up to 32 KB."""
        return await self._sender.json(Request(job_path(job_id, "/output"), retries=retries, silence=self._silence))

    async def cancel(self, job_id: str, *, retries: Optional[int] = None) -> Job:
        """Cancels a waiting job at once. A running job is asked to stop: wait for its end."""
        request = Request(job_path(job_id, "/cancel"), "POST", retries=retries, within=WITHIN)
        return cast(Job, await self._sender.json(request))

    async def retry(
        self,
        job_id: str,
        *,
        version: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        retries: Optional[int] = None,
    ) -> Job:
        """Runs a failed job again, under the same id; or, with a version, the input of any job that has ended as a new job."""
        request = Request(job_path(job_id, "/retry"), "POST", retries=retries, within=WITHIN)
        if version is not None:
            request.body = JsonBody({"version": version})
            if idempotency_key is not None:
                request.headers["idempotency-key"] = idempotency_key
            return cast(Job, await self._sender.json(request))
        try:
            return cast(Job, await self._sender.json(request))
        except ApiError as error:
            # The first of two sendings may have started the job again. The second is refused although all is well.
            if not request.resent or error.code != "job_not_retryable":
                raise
            return await self.get(job_id, retries=retries)

    def list(
        self,
        filter: Optional[JobFilter] = None,
        *,
        model: Optional[str] = None,
        status: Optional[JobStatus] = None,
        limit: Optional[int] = None,
        retries: Optional[int] = None,
    ) -> AsyncIterator[Job]:
        """Jobs, newest first; all that are kept, or `limit` of them. Pages are read while the loop goes on. `filter` has all
        conditions that there are; `model` and `status` are two of them."""
        query = {"model": model, "status": status, **filter_query(filter)}
        return pages_of(self._sender, "/v1/jobs", query, limit=limit, retries=retries)

    async def count(
        self, filter: Optional[JobFilter] = None, *, cursor: Optional[str] = None, retries: Optional[int] = None
    ) -> JobCounts:
        """How many jobs there are with each status. `cursor`: the `next_cursor` of an answer that did not see all."""
        return cast(JobCounts, await self._sender.json(_search("/v1/jobs/counts", filter, cursor, retries)))

    async def failures(
        self, filter: Optional[JobFilter] = None, *, cursor: Optional[str] = None, retries: Optional[int] = None
    ) -> Failures:
        """Failed jobs, by how and where they failed."""
        return cast(Failures, await self._sender.json(_search("/v1/failures", filter, cursor, retries)))

    async def delete(self, job_id: str, *, retries: Optional[int] = None) -> None:
        """Purges a job that does not run: the job, its events and its files."""
        await self._sender.nothing(Request(job_path(job_id), "DELETE", retries=retries, within=WITHIN))

    async def models(self, *, retries: Optional[int] = None) -> List[Model]:
        """The models that workers have published, load, or could not load."""
        answer = await self._sender.json(Request("/v1/models", retries=retries, within=WITHIN))
        return cast("List[Model]", answer["data"])

    async def model(self, name: str, *, version: Optional[str] = None, retries: Optional[int] = None) -> Model:
        """What one model takes and gives, and its state; with `version`, what that one takes and gives."""
        path = _model_path(name) if version is None else f"{_model_path(name)}?version={quote(version, safe='')}"
        return cast(Model, await self._sender.json(Request(path, retries=retries, within=WITHIN)))

    async def request(
        self, method: str, path: str, *, body: Any = None, headers: Optional[Mapping[str, str]] = None, retries: int = 0
    ) -> Any:
        """Any other call of the API, such as `request("GET", "/v1/workers")`: the JSON of its answer, None when it has none.
        It is sent once unless `retries` says that sending it again does no harm."""
        sent: Optional[Body] = None if body is None else JsonBody(body)
        return await self._sender.answer(
            Request(path, method.upper(), headers=dict(headers or {}), body=sent, retries=retries, within=WITHIN)
        )

    async def _submit(
        self,
        model: str,
        input: Mapping[str, Any],
        options: Dict[str, Any],
        idempotency_key: Optional[str],
        retries: Optional[int],
        query: str = "",
    ) -> Any:
        """JSON, or multipart if the input contains a file. Every try sends the same idempotency key."""
        value, uploads = split_uploads(dict(input))
        request = Request(f"{_model_path(model)}/jobs{query}", "POST", retries=retries)
        request.headers["idempotency-key"] = secrets.token_hex(16) if idempotency_key is None else idempotency_key
        if uploads:
            fields = {name: text if isinstance(text, str) else json_text(text) for name, text in options.items()}
            request.body = MultipartBody({"input": json_text(value), **fields}, uploads)
            request.silence = UPLOAD_SILENCE
        else:
            request.body = JsonBody({"input": value, **options})
            request.within = WITHIN
        return await self._sender.json(request)


# What a submit takes, beside its input.
_OPTIONS = (
    "kind", "version", "priority", "run_at", "expires_in", "reject_if_late", "timeout", "max_attempts", "webhook",
    "webhook_events", "keep_for", "metadata",
)


def _options(given: Mapping[str, Any]) -> Dict[str, Any]:
    """The options of a submit that were given, as the API takes them."""
    options = {name: given[name] for name in _OPTIONS if given[name] is not None}
    at = options.get("run_at")
    if isinstance(at, datetime):
        if at.tzinfo is None:
            raise ValueError("run_at has no time zone: give it one, such as datetime.timezone.utc")
        options["run_at"] = at.isoformat()
    return options


def _search(path: str, filter: Optional[JobFilter], cursor: Optional[str], retries: Optional[int]) -> Request:
    text = query_text({**filter_query(filter), "cursor": cursor})
    return Request(f"{path}?{text}" if text else path, retries=retries, within=WITHIN)


def _model_path(name: str) -> str:
    return f"/v1/models/{quote(name, safe='')}"
