"""Follows one job, or one list, over as many requests as it takes: to its end, through its events, page by page. Called by the
client."""
from __future__ import annotations

import time
from typing import Any, AsyncGenerator, AsyncIterator, Dict, Optional, cast
from urllib.parse import quote, urlencode

from .._wire.event_reader import EventReader
from .._wire.filter_query import query_text
from .._wire.patience import Broken
from .._wire.request import Request
from .._wire.retry_delay import retry_delay
from ..errors import ApiError, ConnectionError, WaitTimeoutError
from ..types import Event, Job
from .connections import AsyncAnswer
from .pipe import pause
from .sender import AsyncSender, OutOfTime

# Seconds for an answer that does not wait for anything.
WITHIN = 30.0
# Seconds of one long poll: less than the silence that proxies usually allow.
_POLL = 30.0
# Seconds between two polls at least: a server that is stopping answers at once, and must not be asked without a pause.
_AT_LEAST = 0.25
# Seconds added to the caller's time, for an answer that is on its way.
_SLACK = 1.0
_PAGE = 50
# Seconds within which something must come. The server writes at once, so silence means that a proxy holds the stream back.
_FIRST = 10.0
# Seconds of silence after which a stream counts as dead: three heartbeats did not come.
_SILENT = 45.0


def is_final(job: Job) -> bool:
    """True when the job has ended. Only a retry can move such a job again."""
    return job["status"] in ("succeeded", "failed", "canceled")


def job_path(job_id: str, verb: str = "") -> str:
    return f"/v1/jobs/{quote(job_id, safe='')}{verb}"


async def wait_for_end(
    sender: AsyncSender, job_id: str, *, wait_seconds: Optional[float], retries: Optional[int], seen: Optional[Job] = None
) -> Job:
    """The job when it has ended. When the time is over, raises WaitTimeoutError, also while the server cannot be reached; or
    ConnectionError when nothing is known of the job. `seen` is the job as it was known before."""
    deadline = None if wait_seconds is None else time.monotonic() + max(0.0, wait_seconds)
    while True:
        started = time.monotonic()
        wait = _POLL if deadline is None else min(_POLL, max(0.0, deadline - started))
        request = Request(
            job_path(job_id, f"?wait={wait:.3f}"),
            retries=retries,
            within=WITHIN + wait,
            until=None if deadline is None else deadline + _SLACK,
        )
        try:
            seen = cast(Job, await sender.json(request))
        except (OutOfTime, ConnectionError) as error:
            is_over = deadline is not None and time.monotonic() >= deadline
            if not is_over and not isinstance(error, OutOfTime):
                raise
            if seen is None:
                raise ConnectionError(sender.url, f"nothing came in {wait_seconds:g} s") from error
            raise WaitTimeoutError(seen, wait_seconds or 0) from error
        if is_final(seen):
            return seen
        now = time.monotonic()
        if deadline is not None and now >= deadline:
            raise WaitTimeoutError(seen, wait_seconds or 0)
        if now - started < _AT_LEAST:
            await pause(_AT_LEAST)


async def follow_events(
    sender: AsyncSender, job_id: str, *, after: Optional[str], retries: int
) -> AsyncIterator[Event]:
    """Gives each event of a job once, over as many connections as it takes, and ends after `done`. Raises when the server
    refuses for good or has no place for a stream, and after `retries` connections in a row that brought nothing."""
    last = after
    failures = 0
    while True:
        fault: Optional[Exception] = None
        is_empty = True
        stream = _connect(sender, job_id, last)
        try:
            async for event in stream:
                if event["type"] == "bye":
                    break
                is_empty, failures = False, 0
                last = event.get("id", last)
                yield cast(Event, event)
                if event["type"] == "done":
                    return
            # There is nothing after the last event, and nothing will come.
            if is_empty and last is not None and last.endswith("-done"):
                return
        except (ApiError, ConnectionError) as error:
            if not _may_pass(error):
                raise
            fault = error
        finally:
            await stream.aclose()
        if failures >= retries:
            raise fault or ConnectionError(sender.url, "the event stream ends again and again")
        await pause(retry_delay(failures, None))
        failures += 1


def _may_pass(error: Exception) -> bool:
    """The server cannot be reached or restarts. `streams_full` is not repeated: it may last, and `wait` polls instead."""
    if isinstance(error, ApiError):
        return error.status in (502, 503, 504) and error.code != "streams_full"
    return True


async def _connect(sender: AsyncSender, job_id: str, after: Optional[str]) -> AsyncGenerator[Dict[str, Any], None]:
    """The events of one connection. Ends without one when nothing more will come. Raises ConnectionError when it breaks or is
    silent for too long."""
    query = "" if after is None else f"?{urlencode({'after': after})}"
    headers = {"accept": "text/event-stream"}
    request = Request(job_path(job_id, f"/events{query}"), headers=headers, retries=0, silence=_FIRST)
    answer = await sender.send(request, _head)
    try:
        if answer.status == 204:
            return
        kind = answer.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            detail = f"The answer is no event stream but {kind or 'of no type'}: is there a proxy in between?"
            raise ApiError({"title": "Unexpected answer", "detail": detail, "status": answer.status})
        reader = EventReader()
        while True:
            data = await answer.some()
            answer.patience.silence = _SILENT
            if not data:
                return
            for event in reader.feed(data):
                yield event
    except Broken as broken:
        raise ConnectionError(sender.url, f"the event stream broke: {broken.reason}") from broken
    finally:
        answer.leave()


async def _head(answer: AsyncAnswer) -> AsyncAnswer:
    return answer


async def pages_of(
    sender: AsyncSender, path: str, query: Dict[str, Optional[str]], *, limit: Optional[int], retries: Optional[int]
) -> AsyncIterator[Any]:
    """The items of a list. Page after page is read while the loop goes on."""
    left = limit
    cursor: Optional[str] = None
    while left is None or left > 0:
        asked = {"limit": str(_PAGE if left is None else min(_PAGE, left)), **query, "cursor": cursor}
        answer = await sender.json(Request(f"{path}?{query_text(asked)}", retries=retries, within=WITHIN))
        for item in answer["data"]:
            yield item
        left = None if left is None else left - len(answer["data"])
        cursor = answer["next_cursor"]
        if cursor is None:
            return
