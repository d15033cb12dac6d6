"""Sends one request to the API, and repeats it while that is safe and can help: after no answer, after 429, and after the 5xx
that mean "not now". Every call of the client uses it. Only requests that may be repeated come here with retries: reads,
idempotent changes, and submits with an idempotency key."""
from __future__ import annotations

import time
from typing import Any, Awaitable, Callable, Dict, Optional, TypeVar
from urllib.parse import urljoin

from .._wire.address import origin_of, split_address
from .._wire.answer_text import json_of, problem_of
from .._wire.patience import Broken, Patience
from .._wire.request import Request
from .._wire.retry_delay import retry_delay
from ..errors import ApiError, ConnectionError
from .connections import AsyncAnswer, AsyncConnections
from .pipe import in_thread, pause

T = TypeVar("T")

_TRY_AGAIN = (429, 502, 503, 504)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
# A last try is made so long before the caller's time is over. Seconds.
_LAST_TRY = 0.05


class OutOfTime(Exception):
    """The caller's time was over before the request succeeded."""


class AsyncSender:
    def __init__(
        self, url: str, *, api_key: Optional[str], retries: int, connections: AsyncConnections
    ) -> None:
        split_address(url)
        self.url = url.rstrip("/")
        self._authorization = None if api_key is None else f"Bearer {api_key}"
        self._retries = retries
        self._connections = connections

    async def json(self, request: Request) -> Any:
        """The JSON of the answer. Raises ApiError or ConnectionError."""
        return await self.send(request, _read_json)

    async def answer(self, request: Request) -> Any:
        """The JSON of the answer, if it has any."""
        return await self.send(request, _read_any)

    async def nothing(self, request: Request) -> None:
        """For an answer that says no more than that it was done."""
        await self.send(request, _read_all)

    async def send(self, request: Request, read: Callable[[AsyncAnswer], Awaitable[T]]) -> T:
        """What `read` makes of an answer that is not a refusal. If it raises Broken, the answer was not complete."""
        body = request.body
        if body is not None:
            await in_thread(body.check)
        tries = self._retries if request.retries is None else request.retries
        if body is not None and not body.replayable:
            tries = 0
        attempt = 0
        while True:
            request.resent = attempt > 0
            try:
                return await self._once(request, read)
            except ApiError as error:
                if error.status not in _TRY_AGAIN or attempt >= tries:
                    raise
                delay = retry_delay(attempt, error.retry_after)
                await self._pause(request, delay, error)
            except Broken as broken:
                failure = ConnectionError(self.url, broken.reason)
                if attempt >= tries:
                    raise failure from (broken.__cause__ or broken)
                await self._pause(request, retry_delay(attempt, None), failure)
            attempt += 1

    async def _once(self, request: Request, read: Callable[[AsyncAnswer], Awaitable[T]]) -> T:
        patience = Patience(within=request.within, silence=request.silence, until=request.until)
        answer = await self._follow(request, patience)
        try:
            if answer.status < 300 or answer.status == 304:
                return await read(answer)
            error = problem_of(answer.status, await answer.read())
            error.retry_after = answer.headers.get("retry-after")
            raise error
        except BaseException:
            answer.leave()
            raise

    async def _follow(self, request: Request, patience: Patience) -> AsyncAnswer:
        """The answer, behind redirects where a read has them: files may lie in an object store, which never gets the key."""
        to = split_address(f"{self.url}{request.path}")
        headers: Dict[str, str] = {} if self._authorization is None else {"authorization": self._authorization}
        for _ in range(_MOST_REDIRECTS):
            answer = await self._connections.exchange(to, request, headers, patience)
            place = answer.headers.get("location")
            if request.method != "GET" or answer.status not in _REDIRECTS or place is None:
                return answer
            await answer.read()
            there = split_address(urljoin(to.geturl(), place))
            if origin_of(there) != origin_of(to):
                headers = {}
            to = there
        raise Broken("one redirect leads to the next")

    async def _pause(self, request: Request, delay: float, failure: Exception) -> None:
        """Waits for the next try, so that one more fits into the caller's time."""
        if request.until is not None:
            left = request.until - time.monotonic() - _LAST_TRY
            if left <= 0:
                raise OutOfTime() from failure
            delay = min(delay, left)
        await pause(delay)


async def _read_json(answer: AsyncAnswer) -> Any:
    return json_of(answer.status, await answer.read())


async def _read_all(answer: AsyncAnswer) -> None:
    await answer.read()


async def _read_any(answer: AsyncAnswer) -> Any:
    body = await answer.read()
    return json_of(answer.status, body) if body else None
