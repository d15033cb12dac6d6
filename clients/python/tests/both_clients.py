"""Runs the same tests with both clients: the one for asyncio is called as the plain one is. Called by the tests beside it."""
from __future__ import annotations

import asyncio
import inspect
import time
import unittest
from typing import Any, Callable, Dict, Iterator, Type
from unittest import mock

import millrace
from fault_server import FaultServer
from millrace._wire import retry_delay


class FaultCase(unittest.TestCase):
    """A test against a server that plays faults, with short pauses between tries."""

    client_of: Any
    server: FaultServer

    def setUp(self) -> None:
        # One for each test: a request of the test before may still be on its way.
        self.server = FaultServer()
        self.addCleanup(self.server.stop)
        for name, seconds in {"FIRST": 0.005, "LONGEST": 0.05}.items():
            patch = mock.patch.object(retry_delay, name, seconds)
            patch.start()
            self.addCleanup(patch.stop)

    def until(self, is_so: Callable[[], Any]) -> None:
        """Waits for a fact."""
        deadline = time.monotonic() + 20
        while not is_so():
            self.assertLess(time.monotonic(), deadline, "it never came true")
            time.sleep(0.005)

    def connect(self, **options: Any) -> Any:
        client = self.client_of(options.pop("url", self.server.url), **{"retries": 3, **options})
        self.addCleanup(client.close)
        return client


def plain(url: str, **options: Any) -> millrace.Client:
    return millrace.Client(url, **options)


class Blocking:
    """The client for asyncio, called as the plain one is."""

    def __init__(self, target: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name == "files":
            return Blocking(found, self._loop)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            made = found(*given, **named)
            if hasattr(made, "__aiter__"):
                return self._iterate(made)
            return self._loop.run_until_complete(made) if inspect.isawaitable(made) else made

        return call

    def _iterate(self, items: Any) -> Iterator[Any]:
        try:
            while True:
                try:
                    yield self._loop.run_until_complete(items.__anext__())
                except StopAsyncIteration:
                    return
        finally:
            self._loop.run_until_complete(items.aclose())

    def close(self) -> None:
        self._loop.run_until_complete(self._target.aclose())
        # What was aborted is told so in the next round of the loop.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


def blocking(url: str, **options: Any) -> Blocking:
    return Blocking(millrace.AsyncClient(url, **options), asyncio.new_event_loop())


def for_both(names: Dict[str, Any], *cases: Type[FaultCase]) -> None:
    """Puts each case into a module twice: with the plain client, and with the one for asyncio."""
    for case in cases:
        for word, client_of in (("Plain", plain), ("Async", blocking)):
            name = f"{word}{case.__name__}"
            names[name] = type(name, (case,), {"client_of": staticmethod(client_of), "__module__": names["__name__"]})
        del names[case.__name__]
