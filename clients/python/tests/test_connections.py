"""Connections: TLS, proxies, many at once, and calls that are given up."""
from __future__ import annotations

import asyncio
import os
import ssl
import threading
import time
import unittest
from typing import Any, List
from unittest import mock

import millrace
from both_clients import FaultCase, for_both
from fault_server import Handler, answer, stay_silent, stream

JOB = {"id": "job_1", "status": "queued", "output": None, "error": None}
# A certificate for `localhost` and its key, in one file.
CERTIFICATE = os.environ.get("MILLRACE_TEST_CERTIFICATE")


def pass_on(handler: Handler) -> None:
    """Answers CONNECT, and speaks TLS as the server behind would."""
    handler.head(200, {})
    handler.wfile.flush()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(str(CERTIFICATE))
    with context.wrap_socket(handler.connection, server_side=True) as secure:
        data = b""
        while b"\r\n\r\n" not in data:
            data += secure.recv(65536)
        handler.server.seen.append(data)  # type: ignore[arg-type]
        secure.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 15\r\nconnection: close\r\n\r\n{"id": "job_1"}')
    handler.close_connection = True


class Connections(FaultCase):
    def test_a_proxy_is_asked_for_the_whole_address(self) -> None:
        self.server.play(answer(200, JOB))
        with mock.patch.dict("os.environ", {"http_proxy": self.server.url, "no_proxy": ""}):
            self.assertEqual(self.connect(url="http://mill.example/base").get("job_1")["id"], "job_1")
        [seen] = self.server.seen
        self.assertEqual([seen.path, seen.headers["host"]], ["http://mill.example/base/v1/jobs/job_1", "mill.example"])

    @unittest.skipIf(CERTIFICATE is None, "MILLRACE_TEST_CERTIFICATE names no certificate")
    def test_https_is_spoken_through_a_tunnel_and_only_with_whom_is_trusted(self) -> None:
        trusting = ssl.create_default_context(cafile=CERTIFICATE)
        with mock.patch.dict("os.environ", {"https_proxy": self.server.url, "no_proxy": ""}):
            self.server.play(pass_on)
            client = self.connect(url="https://localhost:4433", tls=trusting, api_key="secret", retries=0)
            self.assertEqual(client.get("job_1")["id"], "job_1")
            connect, inside = self.server.seen
            self.assertEqual([connect.method, connect.path], ["CONNECT", "localhost:4433"])
            self.assertIn(b"authorization: Bearer secret", inside)
            self.server.play(pass_on, pass_on, answer(407))
            for url, options in (("https://localhost:4433", {}), ("https://elsewhere:4433", {"tls": trusting})):
                with self.assertRaisesRegex(millrace.ConnectionError, "certificate verify failed"):
                    self.connect(url=url, retries=0, **options).get("job_1")
            with self.assertRaisesRegex(millrace.ConnectionError, "the proxy answered 407"):
                self.connect(url="https://localhost:4433", retries=0).get("job_1")

    def test_redirects_in_a_circle_are_told(self) -> None:
        self.server.play(*[answer(302, headers={"location": "/v1/jobs/job_1"})] * 5)
        with self.assertRaisesRegex(millrace.ConnectionError, "redirect"):
            self.connect(retries=0).get("job_1")


class Threads(FaultCase):
    client_of = staticmethod(millrace.Client)

    def test_many_use_one_client_at_once(self) -> None:
        client = self.connect(retries=0)
        self.server.play(*[answer(200, JOB)] * 80)
        found: List[Any] = []
        threads = [
            threading.Thread(target=lambda: found.extend(client.get("job_1")["id"] for _ in range(10))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, ["job_1"] * 80)
        self.assertLessEqual(len({seen.connection for seen in self.server.seen}), 8)

    @unittest.skipUnless(hasattr(os, "fork"), "there is no fork here")
    def test_a_process_that_was_forked_uses_connections_of_its_own(self) -> None:
        client = self.connect(retries=0)
        self.server.play(*[answer(200, JOB)] * 3)
        client.get("job_1")
        child = os.fork()
        if child == 0:
            os._exit(0 if client.get("job_1")["id"] == "job_1" else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        client.get("job_1")
        first, other, last = (seen.connection for seen in self.server.seen)
        self.assertEqual([first == other, first == last], [False, True])


class Tasks(FaultCase):
    def test_a_canceled_call_ends_its_connection_at_once(self) -> None:
        gone = threading.Event()

        def silent(handler: Handler) -> None:
            stay_silent(handler)
            gone.set()

        async def main() -> float:
            async with millrace.AsyncClient(self.server.url) as client:
                self.server.play(silent)
                task = asyncio.create_task(client.wait("job_1"))
                while not self.server.seen:
                    await asyncio.sleep(0.005)
                started = time.monotonic()
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task
                took = time.monotonic() - started
                self.assertTrue(await asyncio.to_thread(gone.wait, 5))
                return took

        self.assertLess(asyncio.run(main()), 10)

    def test_two_hundred_wait_at_once_in_one_thread(self) -> None:
        go = threading.Event()

        def held(handler: Handler) -> None:
            go.wait(10)
            answer(200, {**JOB, "status": "succeeded"})(handler)

        async def main() -> int:
            self.server.play(*[held] * 200)
            async with millrace.AsyncClient(self.server.url, retries=0) as client:
                waits = [asyncio.create_task(client.wait(f"job_{n}")) for n in range(200)]
                while len(self.server.seen) < 200:
                    await asyncio.sleep(0.01)
                go.set()
                return len([job for job in await asyncio.gather(*waits) if job["status"] == "succeeded"])

        self.assertEqual(asyncio.run(main()), 200)

    def test_one_client_outlives_the_loop_that_it_was_used_in(self) -> None:
        client = millrace.AsyncClient(self.server.url, retries=0)
        self.server.play(answer(200, JOB), answer(200, JOB), stream("event: done\nid: 1\ndata: {}\n\n"))

        async def twice() -> None:
            self.assertEqual((await client.get("job_1"))["id"], "job_1")
            await client.aclose()

        asyncio.run(twice())
        asyncio.run(twice())

        async def follow() -> None:
            self.assertEqual([event["type"] async for event in client.events("job_1")], ["done"])
            await client.aclose()

        asyncio.run(follow())


for_both(globals(), Connections)
